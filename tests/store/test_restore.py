"""Backups that become the store again, by hand or because the store was damaged."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import apsw
import pytest
from store_batches import DAY, NOON, batch, priced, usage

from moonlock.model.label import Relabel
from moonlock.store import Store
from moonlock.store.errors import (
    StoreDamaged,
    StoreError,
    StoreForeign,
    StoreLocked,
    StoreTooNew,
    StoreUnavailable,
    StoreUnfit,
)
from moonlock.store.repair import open_checked
from moonlock.store.steps import STEPS


def kept(path: Path, *messages: str) -> Store:
    store = Store.write(path, priced)
    store.append([batch("a.jsonl", [usage(message) for message in messages], offset=len(messages))])
    return store


def requests(path: Path) -> int:
    store = Store.read(path)
    try:
        return store.totals().usage.requests
    finally:
        store.close()


def hurt(path: Path) -> None:
    path.write_bytes(b"\xff" * path.stat().st_size)


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """One of two requests; the store has gone on to three."""
    store = kept(tmp_path / "moon.db", "m1", "m2")
    store.relabel("a", Relabel(name="Door"), NOON)
    made = store.backup(tmp_path / "kept" / "one.db", NOON)
    assert (made.requests, made.sessions, made.at, made.size) == (2, 1, NOON, Path(made.path).stat().st_size)
    store.append([batch("a.jsonl", [usage("m3")], offset=9)])
    store.close()
    return tmp_path / "kept" / "one.db"


def test_a_backup_becomes_the_store_and_the_one_of_before_is_set_aside(tmp_path: Path, backup: Path) -> None:
    before = (tmp_path / "moon.db").read_bytes()
    done = Store.restore(tmp_path / "moon.db", backup, NOON + DAY)
    assert (done.backup.path, done.backup.at, done.backup.requests) == (str(backup), NOON, 2)
    assert done.aside == str(tmp_path / "quarantine" / "2025-10-10T120000000Z")
    assert (Path(done.aside) / "moon.db").read_bytes() == before
    store = Store.write(tmp_path / "moon.db", priced)
    found = store.session("Door")
    assert found is not None and found.usage.requests == 2
    assert store.health().status == "healthy"
    store.append([batch("a.jsonl", [usage("m3")], offset=9)])
    assert store.totals().usage.requests == 3
    store.close()


def test_the_store_of_before_can_be_had_back(tmp_path: Path, backup: Path) -> None:
    aside = Store.restore(tmp_path / "moon.db", backup, NOON).aside
    Store.restore(tmp_path / "moon.db", Path(aside) / "moon.db", NOON)
    assert requests(tmp_path / "moon.db") == 3


def test_a_backup_is_restored_where_there_is_no_store(tmp_path: Path, backup: Path) -> None:
    done = Store.restore(tmp_path / "new" / "moon.db", backup, NOON)
    assert done.aside == "" and requests(tmp_path / "new" / "moon.db") == 2
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
        assert stat.S_IMODE((tmp_path / "new" / "moon.db").stat().st_mode) == 0o600


def test_a_backup_is_a_whole_store_that_can_be_read(backup: Path) -> None:
    assert requests(backup) == 2
    assert [each.name for each in backup.parent.iterdir()] == ["one.db"]


def test_nothing_is_restored_while_somebody_writes(tmp_path: Path, backup: Path) -> None:
    store = Store.write(tmp_path / "moon.db", priced)
    with pytest.raises(StoreLocked):
        Store.restore(tmp_path / "moon.db", backup, NOON)
    store.close()
    assert requests(tmp_path / "moon.db") == 3


def text(path: Path) -> None:
    path.write_text("not a database at all")


def foreign(path: Path) -> None:
    path.unlink()
    apsw.Connection(str(path)).execute("create table theirs (a)")


def empty(path: Path) -> None:
    path.unlink()
    apsw.Connection(str(path)).execute("pragma user_version = 0; vacuum")


def newer(path: Path) -> None:
    apsw.Connection(str(path)).execute("pragma user_version = 99")


def triggered(path: Path) -> None:
    apsw.Connection(str(path)).execute("create trigger theirs after insert on session begin delete from request; end")


def stripped(path: Path) -> None:
    apsw.Connection(str(path)).execute("drop table label")


def changed(path: Path) -> None:
    apsw.Connection(str(path)).execute("update request set output = output + 1")


def shortened(path: Path) -> None:
    apsw.Connection(str(path)).execute("delete from rollup; delete from request; delete from chain").fetchall()


def misnamed(path: Path) -> None:
    apsw.Connection(str(path)).execute("update meta set value = 'x' where name = 'backup'")


def zeroed(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[8192:12288] = bytes(4096)
    path.write_bytes(data)


def in_use(path: Path) -> None:
    path.with_name(path.name + "-wal").write_bytes(b"more of it")


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (text, StoreForeign),
        (foreign, StoreForeign),
        (empty, StoreForeign),
        (newer, StoreTooNew),
        (triggered, StoreForeign),
        (stripped, StoreForeign),
        (changed, StoreDamaged),
        (shortened, StoreDamaged),
        (misnamed, StoreForeign),
        (zeroed, StoreDamaged),
        (in_use, StoreUnfit),
        (Path.unlink, StoreUnavailable),
    ],
)
def test_what_is_no_good_backup_is_refused_and_the_store_stays(
    harm: object, said: type[StoreError], tmp_path: Path, backup: Path
) -> None:
    harm(backup)  # type: ignore[operator]
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    with pytest.raises(said) as told:
        Store.restore(tmp_path / "moon.db", backup, NOON)
    assert told.value.hint
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before
    assert not (tmp_path / "quarantine").exists()


def test_a_backup_of_an_older_moonlock_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    open_checked(path, NOON, True, STEPS[:1]).close()
    Store.restore(tmp_path / "moon.db", path, NOON)
    Store.write(tmp_path / "moon.db", priced).close()
    assert requests(tmp_path / "moon.db") == 0


def test_the_newest_good_backup_takes_the_place_of_a_damaged_store(tmp_path: Path) -> None:
    path, folder = tmp_path / "moon.db", tmp_path / "backups"
    store = kept(path, "m1")
    store.backup(folder / "older.db", NOON)
    store.append([batch("a.jsonl", [usage("m2")], offset=5)])
    store.backup(folder / "newer.db", NOON + DAY)
    store.append([batch("a.jsonl", [usage("m3")], offset=9)])
    store.backup(folder / "newest.db", NOON + 2 * DAY)
    store.close()
    for number, name in enumerate(("older", "newer", "newest")):
        os.utime(folder / f"{name}.db", (number, number))
    hurt(path)
    hurt(folder / "newest.db")
    store = Store.write(path, priced, now=NOON + 3 * DAY)
    assert store.totals().usage.requests == 2
    assert store.cursor("a.jsonl").offset == 5  # the log is read on from where the backup was
    health = store.health()
    (finding,) = health.findings
    assert (health.status, finding.code) == ("degraded", "store-repaired")
    assert "backup of 2025-10-10T12:00:00.000Z with 2 requests" in finding.message
    assert str(folder / "newer.db") in finding.message and "quarantine" in finding.hint
    store.close()


def test_a_copy_from_before_a_migration_is_a_backup_too(tmp_path: Path) -> None:
    path = tmp_path / "moon.db"
    kept(path, "m1").close()
    more = (*STEPS, ("more", lambda db: db.execute("create table more (a)")))
    open_checked(path, NOON, True, more).close()
    hurt(path)
    assert open_checked(path, NOON, True, more).execute("select count(*) from request").fetchall() == [(1,)]


def test_a_damaged_store_without_a_good_backup_begins_anew_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "moon.db"
    kept(path, "m1").close()
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / "bad.db").write_bytes(b"nothing")
    hurt(path)
    store = Store.write(path, priced, now=NOON)
    assert store.totals().usage.requests == 0
    assert "no good backup" in store.health().findings[0].message
    store.close()


def test_a_backup_says_of_itself_what_it_holds(backup: Path) -> None:
    said = apsw.Connection(str(backup)).execute("select value from meta where name = 'backup'").fetchall()[0][0]
    assert json.loads(str(said)) == {"at": NOON, "requests": 2, "sessions": 1}
