"""Every case of the suite: its sessions and models, and what must hold however its logs are met."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import tzinfo
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from moonlock.analytics.cost import price_of
from moonlock.analytics.periods import segments
from moonlock.analytics.prices import PriceTable
from moonlock.live.catchup import sync
from moonlock.model.reading import Counts, Cursor
from moonlock.model.report import ReportRow
from moonlock.model.session import SessionKey
from moonlock.model.tokens import Usage
from moonlock.sources import ALL
from moonlock.sources.base import walk
from moonlock.sources.claude_code import ClaudeCode
from moonlock.store import Store

SUITE = Path(__file__).parent
LATER = {"40_codex"}
"""Sources that are built later."""
CASES = [case.name for case in sorted((SUITE / "cases").iterdir()) if case.name not in LATER]
TABLE = PriceTable.parse((SUITE / "prices.json").read_bytes())
EPOCH, FUTURE = 0, 4_102_444_800_000
ZONES = ("Pacific/Kiritimati", "America/Los_Angeles", "Asia/Kathmandu")
Rows = list[ReportRow]


class Case(NamedTuple):
    """A copy of a case, and what it must give."""

    home: Path
    target: dict[str, Any]

    def logs(self) -> list[Path]:
        """The files of the case by their real names, each once."""
        return [Path(seen.path) for seen in walk(ClaudeCode().roots({}, self.home), ClaudeCode().claims).found]


class Answer(NamedTuple):
    """All that a store says."""

    totals: ReportRow
    days: Rows
    sessions: list[tuple[SessionKey, ReportRow]]
    models: Rows


@pytest.fixture(params=CASES)
def suite_case(request: pytest.FixtureRequest, tmp_path: Path) -> Case:
    here = tmp_path / "case"
    shutil.copytree(SUITE / "cases" / request.param, here)
    expected = json.loads((here / "expected.json").read_text("utf-8"))
    for link in expected.get("setup", {}).get("links", []):
        (here / link["at"]).symlink_to(here / link["to"])
    return Case(here / "home", expected["target"])


@contextmanager
def stored(folder: Path) -> Iterator[Store]:
    store = Store.write(folder / "moon.db", price_of(TABLE))
    try:
        yield store
    finally:
        store.close()


def answered(store: Store, zone: tzinfo | None = None) -> Answer:
    cut = segments(zone, EPOCH, FUTURE) if zone else ((0, 0),)
    return Answer(store.totals(), store.daily(cut), store.by_session(), store.by_model())


def read_at_once(case: Case, folder: Path) -> Answer:
    with stored(folder) as store:
        sync(store, ALL, {}, case.home)
        return answered(store)


def shape(row: ReportRow) -> dict[str, Any]:
    """A row in the words of ``expected.json``."""
    usage, tokens = row.usage, row.usage.tokens
    unpriced = usage.requests > 0 and usage.unpriced_requests == usage.requests
    return {
        "inputTokens": tokens.input,
        "outputTokens": tokens.output,
        "cacheCreationTokens": tokens.cache_creation,
        "cacheReadTokens": tokens.cache_read,
        "totalTokens": tokens.total,
        "costUsd": None if unpriced else usage.cost / 1e6,
        "requests": usage.requests,
        "unpricedTokens": usage.unpriced_tokens,
    }


def matches(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Every number that the case names; money within a micro-dollar a request."""
    for name in found.keys() & expected.keys():
        if name == "costUsd" and expected[name] is not None and found[name] is not None:
            assert found[name] == pytest.approx(expected[name], abs=1e-6 * max(1, expected["requests"]))
        else:
            assert found[name] == expected[name], name


def test_sessions_are_those_of_the_case(suite_case: Case, tmp_path: Path) -> None:
    found = {(key.folder, key.native_id): row for key, row in read_at_once(suite_case, tmp_path).sessions}
    expected = {(row["folder"], row["sessionId"]): row for row in suite_case.target["session"]}
    assert found.keys() == expected.keys()
    for key, row in found.items():
        matches(shape(row), expected[key])


def test_models_are_those_of_the_case(suite_case: Case, tmp_path: Path) -> None:
    found = {row.key: row for row in read_at_once(suite_case, tmp_path).models}
    expected = {row["key"]: row for row in suite_case.target["model"]}
    assert found.keys() == expected.keys()
    for key, row in found.items():
        matches(shape(row), expected[key])


def summed(rows: Iterable[ReportRow]) -> Usage:
    return reduce(add, (row.usage for row in rows), Usage())


def test_all_reports_add_up_to_the_same_totals(suite_case: Case, tmp_path: Path) -> None:
    said = read_at_once(suite_case, tmp_path)
    people = [row for _, row in said.sessions]
    assert summed(said.days) == summed(people) == summed(said.models) == said.totals.usage
    for row in (said.totals, *said.days, *people, *said.models):
        assert reduce(add, (share.usage for share in row.models), Usage()) == row.usage


def read_in_order(case: Case, folder: Path, order: Callable[[list[Any]], None]) -> Answer:
    """Each file in a transaction of its own, in any order of the files."""
    source = ClaudeCode()
    found = walk(source.roots({}, case.home), source.claims).found
    order(found)
    with stored(folder) as store:
        for seen in found:
            store.append(list(source.read(seen, Cursor(), 1 << 20)))
        return answered(store)


def test_the_order_of_files_does_not_matter(suite_case: Case, tmp_path: Path) -> None:
    whole = read_at_once(suite_case, tmp_path)
    orders: list[Callable[[list[Any]], None]] = [list.reverse, *(random.Random(seed).shuffle for seed in range(3))]
    for number, order in enumerate(orders):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert read_in_order(suite_case, folder, order) == whole


def test_growth_in_two_cuts_does_not_matter(suite_case: Case, tmp_path: Path) -> None:
    whole, chance = read_at_once(suite_case, tmp_path), random.Random(5)
    finished = {log: log.read_bytes() for log in suite_case.logs()}
    for number in range(4):
        cuts = {log: sorted(chance.randrange(len(data) + 1) for _ in range(2)) for log, data in finished.items()}
        folder = tmp_path / str(number)
        folder.mkdir()
        with stored(folder) as store:
            for part in (0, 1, None):
                for log, data in finished.items():
                    log.write_bytes(data if part is None else data[: cuts[log][part]])
                sync(store, ALL, {}, suite_case.home)
            assert answered(store) == whole
            assert [each.reason for each in store.restarts()] == []


def test_reading_everything_twice_does_not_matter(suite_case: Case, tmp_path: Path) -> None:
    source = ClaudeCode()
    with stored(tmp_path) as store:
        sync(store, ALL, {}, suite_case.home)
        whole = answered(store)
        for seen in walk(source.roots({}, suite_case.home), source.claims).found:
            store.append(list(source.read(seen, Cursor(), 1 << 20)))
        assert answered(store) == whole
        assert sync(store, ALL, {}, suite_case.home).rows == 0


def test_a_second_copy_of_a_file_changes_no_total_no_day_and_no_model(suite_case: Case, tmp_path: Path) -> None:
    whole = read_at_once(suite_case, tmp_path)
    for number, log in enumerate(suite_case.logs()):
        copy = log.with_name(f"zz-{log.name}")
        shutil.copyfile(log, copy)
        folder = tmp_path / str(number)
        folder.mkdir()
        again = read_at_once(suite_case, folder)
        copy.unlink()
        assert numbers([again.totals]) == numbers([whole.totals])
        assert numbers(again.days) == numbers(whole.days)
        assert numbers(again.models) == numbers(whole.models)


def numbers(rows: Rows) -> list[tuple[str, Usage]]:
    return [(row.key, row.usage) for row in rows]


@pytest.mark.parametrize("zone", ZONES)
def test_zones_move_the_borders_of_days_alone(suite_case: Case, zone: str, tmp_path: Path) -> None:
    with stored(tmp_path) as store:
        sync(store, ALL, {}, suite_case.home)
        whole, elsewhere = answered(store), answered(store, ZoneInfo(zone))
        assert elsewhere._replace(days=[]) == whole._replace(days=[])
        assert summed(elsewhere.days) == whole.totals.usage
        assert [row.key for row in elsewhere.days] == sorted(row.key for row in elsewhere.days)
        assert store.totals(EPOCH, FUTURE).usage == whole.totals.usage


def test_nothing_is_silent(suite_case: Case, tmp_path: Path) -> None:
    source = ClaudeCode()
    read = [
        batch
        for seen in walk(source.roots({}, suite_case.home), source.claims).found
        for batch in source.read(seen, Cursor(), 1 << 20)
    ]
    counts = reduce(add, (part for batch in read for part in (batch.counts, batch.tail_counts)), Counts())
    with stored(tmp_path) as store:
        sync(store, ALL, {}, suite_case.home)
        reading, requests = store.reading(), store.totals().usage.requests
    assert reading.records - reading.duplicates + counts.iterations == requests
    assert (reading.records, reading.skipped) == (counts.records, counts.skipped)
    whole = [line for log in suite_case.logs() for line in log.read_bytes().split(b"\n")[:-1] if line.strip()]
    tails = sum(batch.tail_counts.lines for batch in read)
    assert counts.lines == len(whole) + tails
    assert reading.pending_tail == sum(batch.tail_pending for batch in read)
    expected = suite_case.target.get("reading", {})
    for name, found in (("records", reading.records), ("duplicates", reading.duplicates), ("skipped", reading.skipped)):
        assert found == expected.get(name, found), name
