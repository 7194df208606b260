"""How the store is opened: rights, lock, schema, damage, and what happens when it cannot be written."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import apsw
import pytest
from store_batches import NOON, batch, priced, usage

from moonlock.store import Store, connection
from moonlock.store.errors import (
    StoreBusy,
    StoreDamaged,
    StoreForeign,
    StoreFull,
    StoreLocked,
    StoreReadOnly,
    StoreTooNew,
    StoreUnavailable,
    in_our_words,
)
from moonlock.store.lock import WriterLock
from moonlock.store.repair import open_checked
from moonlock.store.schema import VERSION
from moonlock.store.steps import STEPS, migrate

needs_root = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="mounting a small file system needs root"
)


def filled(path: Path, requests: int = 1) -> None:
    store = Store.write(path, priced)
    store.append([batch("a.jsonl", [usage(f"m{index}") for index in range(requests)])])
    store.close()


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
@pytest.mark.parametrize("umask", [0o000, 0o022])
def test_the_files_belong_to_their_owner_alone(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        store = Store.write(tmp_path / "data" / "moon.db", priced)
        store.append([batch("a.jsonl", [usage("m1")])])
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "data").iterdir()}
        store.backup(tmp_path / "data" / "copy.db")
        assert stat.S_IMODE((tmp_path / "data" / "copy.db").stat().st_mode) == 0o600
        store.close()
    finally:
        os.umask(before)
    assert set(modes) == {"moon.db", "moon.db-wal", "moon.db-shm", "moon.db.lock"}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


def test_a_second_writer_is_told_who_writes(tmp_path: Path) -> None:
    store = Store.write(tmp_path / "moon.db", priced)
    with pytest.raises(StoreLocked, match=str(os.getpid())) as told:
        Store.write(tmp_path / "moon.db", priced)
    assert told.value.pid == os.getpid()
    store.close()
    Store.write(tmp_path / "moon.db", priced).close()


def test_a_lock_that_names_nobody_still_locks(tmp_path: Path) -> None:
    lock = WriterLock(tmp_path / "lock")
    (tmp_path / "lock").write_text("")
    with pytest.raises(StoreLocked, match="unknown"):
        WriterLock(tmp_path / "lock")
    lock.free()


def test_a_store_that_could_not_be_opened_leaves_no_lock(tmp_path: Path) -> None:
    apsw.Connection(str(tmp_path / "moon.db")).execute("create table theirs (a)")
    for _ in range(2):
        with pytest.raises(StoreForeign):
            Store.write(tmp_path / "moon.db", priced)
    assert not (tmp_path / "quarantine").exists()


def test_readers_see_what_the_writer_keeps_and_cannot_write(tmp_path: Path) -> None:
    writer = Store.write(tmp_path / "moon.db", priced)
    reader = Store.read(tmp_path / "moon.db")
    writer.append([batch("a.jsonl", [usage("m1")])])
    assert reader.totals() == writer.totals()
    with pytest.raises(StoreReadOnly):
        reader.append([batch("b.jsonl", [usage("m2")])])
    reader.close()
    writer.close()


def test_a_reader_makes_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="no store"):
        Store.read(tmp_path / "moon.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("how", [Store.read, lambda path: Store.write(path, priced)])
def test_a_store_of_a_newer_moonlock_is_left_alone(tmp_path: Path, how: object) -> None:
    filled(tmp_path / "moon.db")
    newer = len(STEPS) + 1
    apsw.Connection(str(tmp_path / "moon.db")).execute(f"pragma user_version = {newer}")
    with pytest.raises(StoreTooNew) as told:
        how(tmp_path / "moon.db")  # type: ignore[operator]
    assert (told.value.found, told.value.known) == (newer, newer - 1)


def test_the_pragmas_are_those_that_were_decided(tmp_path: Path) -> None:
    db = open_checked(tmp_path / "moon.db", 0, True)
    wanted = {
        "journal_mode": "wal", "synchronous": 1, "busy_timeout": 5000, "foreign_keys": 1, "trusted_schema": 0,
        "cell_size_check": 1, "mmap_size": 0, "journal_size_limit": 64 << 20, "application_id": 0x4D6F6F6E,
    }  # fmt: skip
    found = {name: db.execute(f"pragma {name}").fetchall() for name in wanted if name != "mmap_size"}
    assert {name: rows[0][0] for name, rows in found.items()} == {k: v for k, v in wanted.items() if k != "mmap_size"}
    assert db.execute("select number, name from migration").fetchall() == [
        (number, name) for number, (name, _) in enumerate(STEPS, 1)
    ]
    db.close()


def test_a_transaction_for_what_people_made_is_durable_and_the_next_is_not(tmp_path: Path) -> None:
    db = open_checked(tmp_path / "moon.db", 0, True)
    with connection.transaction(db, durable=True):
        assert db.execute("pragma synchronous").fetchall() == [(2,)]
    assert db.execute("pragma synchronous").fetchall() == [(1,)]
    db.close()


def test_a_step_and_its_record_are_taken_together_or_not_at_all(tmp_path: Path) -> None:
    db = connection.open_writer(tmp_path / "moon.db")

    def second(db: apsw.Connection) -> None:
        db.execute("create table more (a)")

    def third(db: apsw.Connection) -> None:
        db.execute("create table even_more (a)")
        raise KeyboardInterrupt

    known = len(STEPS)
    steps = [*STEPS, ("one more", second), ("another", third)]
    with pytest.raises(KeyboardInterrupt):
        migrate(db, steps)
    assert db.execute("pragma user_version").fetchall() == [(known + 1,)]
    assert db.execute("select name from sqlite_schema where name like '%more'").fetchall() == [("more",)]
    assert migrate(db, steps[: known + 1]) == []
    db.close()


def test_readers_know_how_many_steps_there_are() -> None:
    assert len(STEPS) == VERSION


def test_an_older_store_is_backed_up_before_it_is_changed(tmp_path: Path) -> None:
    filled(tmp_path / "moon.db")
    steps = (*STEPS, ("more", lambda db: db.execute("create table more (a)")))
    open_checked(tmp_path / "moon.db", 0, True, steps).close()
    assert Store.read(tmp_path / f"moon-schema-{len(STEPS)}.db").totals().usage.requests == 1
    with pytest.raises(StoreTooNew):
        Store.write(tmp_path / "moon.db", priced)


@pytest.mark.parametrize("harm", ["header", "zeroed page", "cut", "not a database"])
def test_a_damaged_store_is_set_aside_whole_and_said_so(tmp_path: Path, harm: str) -> None:
    path = tmp_path / "moon.db"
    filled(path, 2000)
    data = bytearray(path.read_bytes())
    if harm == "header":
        data[:100] = bytes(100)
    elif harm == "zeroed page":
        data[20 * 4096 : 60 * 4096] = bytes(40 * 4096)
    elif harm == "cut":
        del data[len(data) // 2 :]
    else:
        data[:] = b"{}\n" * 5000
    path.write_bytes(data)
    store = Store.write(path, priced, now=NOON)
    folder = tmp_path / "quarantine" / "2025-10-09T120000000Z"
    assert (folder / "moon.db").read_bytes() == data
    health = store.health()
    assert health.status == "degraded"
    (finding,) = health.findings
    assert (finding.code, str(folder) in finding.hint) == ("store-repaired", True)
    store.append([batch("a.jsonl", [usage("m1")])])
    assert store.totals().usage.requests == 1
    store.close()


def test_two_damages_of_one_moment_have_two_folders(tmp_path: Path) -> None:
    for _ in range(2):
        (tmp_path / "moon.db").write_bytes(b"x" * 5000)
        Store.write(tmp_path / "moon.db", priced).close()
    assert len(list((tmp_path / "quarantine").iterdir())) == 2


def test_damage_that_shows_later_is_named(tmp_path: Path) -> None:
    filled(tmp_path / "moon.db", 2000)
    data = bytearray((tmp_path / "moon.db").read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    (tmp_path / "moon.db").write_bytes(data)
    with pytest.raises(StoreDamaged):
        Store.read(tmp_path / "moon.db").totals()


def test_a_reader_of_a_damaged_store_says_that_it_is_unhealthy(tmp_path: Path) -> None:
    filled(tmp_path / "moon.db", 2000)
    reader = Store.read(tmp_path / "moon.db")
    with (tmp_path / "moon.db").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 400_000)
    health = reader.health()
    assert (health.status, health.findings[0].code) == ("unhealthy", "StoreDamaged")
    reader.close()


def test_a_store_held_by_another_program_is_waited_for_and_then_named(tmp_path: Path) -> None:
    store = Store.write(tmp_path / "moon.db", priced)
    store._db.set_busy_timeout(10)
    other = apsw.Connection(str(tmp_path / "moon.db"))
    other.execute("begin immediate")
    with pytest.raises(StoreBusy):
        store.append([batch("a.jsonl", [usage("m1")])])
    other.execute("rollback")
    other.close()
    assert store.append([batch("a.jsonl", [usage("m1")])]).usage
    store.close()


def test_our_own_mistakes_are_not_renamed() -> None:
    with pytest.raises(apsw.SQLError), in_our_words():
        apsw.Connection(":memory:").execute("select nonsense")


def test_a_failed_append_leaves_nothing_behind(tmp_path: Path) -> None:
    def broken(_: object) -> int:
        raise ZeroDivisionError

    store = Store.write(tmp_path / "moon.db", broken)
    with pytest.raises(ZeroDivisionError):
        store.append([batch("a.jsonl", [usage("m1")])])
    assert (store.cursors(), store.sessions()) == ({}, [])
    store.reprice(priced, "")
    assert store.append([batch("a.jsonl", [usage("m1")])]).usage
    store.close()


def mounted(folder: Path, *options: str) -> None:
    folder.mkdir(exist_ok=True)
    done = subprocess.run(["mount", *options, str(folder)], capture_output=True)
    if done.returncode:
        pytest.skip(f"no mount here: {done.stderr.decode().strip()}")


@needs_root
def test_a_full_disk_loses_nothing_and_the_same_store_goes_on(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    mounted(disk, "-t", "tmpfs", "-o", "size=2m", "tmpfs")
    try:
        store = Store.write(disk / "moon.db", priced)
        (disk / "ballast").write_bytes(bytes(1_000_000))
        kept = 0
        with pytest.raises(StoreFull):
            for kept in range(100):
                events = [usage(f"m{kept}-{index}") for index in range(400)]
                store.append([batch("a.jsonl", events, offset=kept + 1)])
        assert store.totals().usage.requests == kept * 400
        assert store.cursor("a.jsonl").offset == kept
        (disk / "ballast").unlink()
        store.append([batch("a.jsonl", events, offset=kept + 1)])
        assert store.totals().usage.requests == (kept + 1) * 400
        store.close()
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


@needs_root
def test_a_read_only_disk_is_read_and_its_left_over_log_is_not_forgotten(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    mounted(disk, "-t", "tmpfs", "-o", "size=9m", "tmpfs")
    try:
        filled(disk / "moon.db")
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        reader = Store.read(disk / "moon.db")
        assert reader.totals().usage.requests == 1
        reader.close()
        with pytest.raises((StoreReadOnly, StoreUnavailable, OSError)):
            Store.write(disk / "moon.db", priced)
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        (disk / "moon.db-wal").write_bytes(b"what was not moved over yet")
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with pytest.raises(StoreUnavailable):
            Store.read(disk / "moon.db")
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_reader_that_came_last_leaves_no_trace_of_an_unclean_stop(tmp_path: Path) -> None:
    path = tmp_path / "moon.db"
    filled(path, 2000)
    Store.read(path).close()
    assert (tmp_path / "moon.db-wal").stat().st_size == 0
    with path.open("r+b") as file:  # only a check would notice
        file.seek(path.stat().st_size - 4096)
        file.write(bytes(4096))
    Store.write(path, priced, now=NOON, checked=False).close()
    assert not (tmp_path / "quarantine").exists()
