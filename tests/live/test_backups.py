"""Backups that make themselves: when they are due, which of them stay, what is said of them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_batches import batch, priced, session, usage

from moonlock.live import backups, clock
from moonlock.live.backups import (
    BY_HAND,
    DAYS,
    DUE,
    LATE,
    OLD,
    QUIET,
    WEEKS,
    Kind,
    Made,
    back_up,
    backups_health,
    is_due,
    made,
    name_of,
    superfluous,
)
from moonlock.live.health import Condition
from moonlock.live.vault import Vault
from moonlock.model.instant import DAY, HOUR, Instant, moment
from moonlock.model.portable import Imported
from moonlock.store import Store
from moonlock.store.errors import StoreFull

START: Instant = 1_795_161_600_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.write(tmp_path / "moon.db", priced)
    store.append([batch("a.jsonl", [usage("m1")], session("a"))])
    written(tmp_path / "moon.db", START)
    yield store
    store.close()


def written(path: Path, at: Instant) -> None:
    """Let the store seem to have been written then."""
    for part in (path, path.with_name(path.name + "-wal")):
        os.utime(part, ns=(at * 1_000_000, at * 1_000_000))


def test_a_backup_is_due_once_a_day_in_a_pause_and_only_after_a_change(store: Store) -> None:
    path = store.path
    assert not is_due(path, START + QUIET - 1)
    assert is_due(path, START + QUIET)
    back_up(path, START + QUIET, "daily")
    assert not is_due(path, START + 9 * DAY)
    later = START + QUIET + DUE
    written(path, later - 1)
    assert not is_due(path, later)
    assert is_due(path, later + QUIET)
    written(path, START + QUIET + LATE)
    assert is_due(path, START + QUIET + LATE)  # it never was quiet: then without a pause


def test_a_clock_that_was_wrong_does_not_end_backups(store: Store) -> None:
    back_up(store.path, START + 900 * DAY, "daily")
    assert is_due(store.path, START + DAY)


def test_a_store_that_is_not_there_needs_no_backup(tmp_path: Path) -> None:
    assert not is_due(tmp_path / "moon.db", START)
    assert backups_health(tmp_path / "moon.db", START).status == "healthy"


def test_a_backup_has_the_time_in_its_name_and_is_whole(store: Store) -> None:
    done = back_up(store.path, START + 7)
    assert Path(done.path).name == "by-hand-2026-11-20T080000007Z.db"
    (found,) = made(store.path)
    assert (found.at, found.kind) == (START + 7, "by-hand")
    copy = Store.read(done.path)
    assert copy.totals().usage == store.totals().usage
    copy.close()


def test_files_of_other_names_are_left_alone(store: Store) -> None:
    folder = store.path.parent / "backups"
    back_up(store.path, START)
    for name in ("mine.db", "daily-2026.db", "daily-2026-99-99T000000000Z.db", "daily-2026-11-20T080000.db", "x.txt"):
        (folder / name).write_text("mine")
    for number in range(BY_HAND + 3):
        back_up(store.path, START + number)
    assert len(made(store.path)) == BY_HAND
    assert len(list(folder.iterdir())) == BY_HAND + 5


def test_no_backup_is_made_where_it_would_fill_the_disk(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backups, "ROOM", 1 << 60)
    with pytest.raises(StoreFull):
        back_up(store.path, START)
    assert made(store.path) == []


def line(spans: list[tuple[int, Kind]]) -> list[Made]:
    found, at = [], START
    for span, kind in spans:
        at += span
        found.append(Made(at, kind, Path(name_of(at, kind))))
    return found[::-1]


@given(st.lists(st.tuples(st.integers(1, 3 * DAY), st.sampled_from(["daily", "by-hand"])), max_size=80))
def test_seven_days_and_four_weeks_stay(spans: list[tuple[int, Kind]]) -> None:
    found = line(spans)
    gone = superfluous(found)
    stay = [one for one in found if one not in gone]
    daily = [one for one in stay if one.kind == "daily"]
    all_daily = [one for one in found if one.kind == "daily"]
    newest = {f"{moment(one.at):%Y-%m-%d}": one for one in reversed(all_daily)}
    assert list(newest.values())[::-1][:DAYS] == [one for one in daily if one in list(newest.values())[::-1][:DAYS]]
    assert len({f"{moment(one.at):%G-%V}" for one in daily}) >= min(
        WEEKS, len({f"{moment(one.at):%G-%V}" for one in all_daily})
    )
    assert len(daily) <= DAYS + WEEKS
    assert [one for one in stay if one.kind == "by-hand"] == [one for one in found if one.kind == "by-hand"][:BY_HAND]
    assert superfluous(stay) == []


def test_an_old_backup_is_told_only_when_the_store_has_changed_since(store: Store) -> None:
    back_up(store.path, START + QUIET, "daily")
    assert backups_health(store.path, START + 9 * DAY).status == "healthy"
    written(store.path, START + HOUR)
    assert backups_health(store.path, START + OLD).status == "healthy"
    told = backups_health(store.path, START + QUIET + OLD + 1)
    assert (told.status, told.findings[0].code) == ("degraded", "backup-old")
    assert "2 days old" in told.findings[0].message and "moonlock backup" in told.findings[0].hint


def vault_of(store: Store) -> Vault:
    async def ask(work: object) -> Imported:
        raise AssertionError

    async def anew() -> None:
        raise AssertionError

    return Vault(store, "0", ask, anew)


async def looked(vault: Vault, condition: Condition) -> None:
    """Let the watch look once."""
    task = asyncio.create_task(vault.watch(condition))
    async with asyncio.timeout(10):
        while "backups" not in condition.read().components:
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_a_house_makes_its_backup_by_itself_and_says_so(store: Store) -> None:
    written(store.path, clock.now() - 2 * QUIET)
    condition = Condition()

    async def live() -> None:
        await looked(vault_of(store), condition)

    asyncio.run(live())
    (found,) = made(store.path)
    assert found.kind == "daily"
    part = condition.read().components["backups"]
    assert part.status == "healthy" and "1 backup in" in part.summary


def test_a_backup_that_cannot_be_made_is_told_and_harms_nothing(store: Store) -> None:
    (store.path.parent / "backups").write_text("in the way")
    written(store.path, clock.now() - 2 * QUIET)
    condition = Condition()

    async def live() -> None:
        await looked(vault_of(store), condition)

    asyncio.run(live())
    part = condition.read().components["backups"]
    assert (part.status, part.findings[0].code) == ("degraded", "backup-failed")
