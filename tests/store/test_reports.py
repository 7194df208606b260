"""Every report adds up the same requests, in any zone and any span."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_batches import DAY, HOUR, MINUTE, NOON, batch, call, key, priced, session, usage

from moonlock.model.events import LimitHit
from moonlock.model.session import SessionKey
from moonlock.model.tokens import Tokens, Usage
from moonlock.store import Store
from moonlock.store.errors import AmbiguousSession, StoreDamaged, StoreUnavailable
from moonlock.store.paths import folder_name, project_root

UTC = ((0, 0),)
SUMMER_THEN_WINTER = ((0, 2 * HOUR), (NOON + 17 * DAY - 11 * HOUR, HOUR))
"""Central European time around 2025-10-26T01:00Z."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.write(tmp_path / "moon.db", priced)
    yield store
    store.close()


def test_a_report_of_nothing_is_empty(store: Store) -> None:
    assert [*store.daily(UTC), *store.by_session(), *store.by_model()] == []
    assert (store.totals().usage, store.totals().sessions) == (Usage(), 0)
    assert [*store.sessions(), *store.minutes(0, NOON), *store.marks(0)] == []


def test_days_are_those_of_the_zone_also_when_its_clock_changes(store: Store) -> None:
    late = NOON + 17 * DAY - 12 * HOUR  # midnight in UTC, 02:00 of the 26th in the zone
    times = [late - 2 * HOUR - 1, late - 2 * HOUR, late + 23 * HOUR - 1, late + 23 * HOUR]
    store.append([batch("a.jsonl", [usage(f"m{at}", at) for at in times])])
    found = {row.key: row.usage.requests for row in store.daily(SUMMER_THEN_WINTER)}
    assert found == {"2025-10-25": 1, "2025-10-26": 2, "2025-10-27": 1}


def test_a_day_names_its_models_dearest_first_and_counts_each_session_once(store: Store) -> None:
    store.append(
        [
            batch("a.jsonl", [usage("m1"), usage("m2", model="haiku", output=9), usage("m3", NOON + HOUR)]),
            batch("a/agent-x.jsonl", [usage("m4", sidechain=True, agent_id="x")], session("a", agent_id="x")),
            batch("b.jsonl", [usage("m5", NOON + DAY)]),
            batch("c.jsonl", [usage("m6")]),
        ]
    )
    today, tomorrow = store.daily(UTC)
    assert ([share.model for share in today.models], today.agents, today.sessions) == (
        ["opus", "haiku"],
        ("claude-code",),
        2,
    )
    assert sum((share.usage for share in today.models), Usage()) == today.usage
    assert (tomorrow.key, tomorrow.usage.requests, store.totals().sessions) == ("2025-10-10", 1, 3)
    assert [(row.key, row.sessions) for row in store.by_model()] == [("opus", 3), ("haiku", 1)]


def test_a_session_report_names_folder_and_native_id(store: Store) -> None:
    store.append([batch("a.jsonl", [usage("m1"), usage("m2")]), batch("b.jsonl", [usage("m3")])])
    assert [(key, row.usage.requests) for key, row in store.by_session()] == [
        (SessionKey("claude-code", "-home-ann-app", "a"), 2),
        (SessionKey("claude-code", "-home-ann-app", "b"), 1),
    ]
    assert {row.key for _, row in store.by_session()} == {told.uid for told in store.sessions()}


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.integers(0, 3 * DAY), max_size=12, unique=True),
    st.integers(0, 3 * DAY),
    st.integers(0, 3 * DAY),
    st.sampled_from((0, 5 * HOUR + 45 * MINUTE, -9 * HOUR - 30 * MINUTE, 28_372_000)),
)
def test_all_reports_of_a_span_agree(
    tmp_path_factory: pytest.TempPathFactory, offsets: list[int], start: int, end: int, zone: int
) -> None:
    store = Store.write(tmp_path_factory.mktemp("span") / "moon.db", priced)
    store.append([batch("a.jsonl", [usage(f"m{offset}", NOON + offset) for offset in offsets])])
    for since, until in ((NOON + start, NOON + end), (NOON + start // HOUR * HOUR, NOON + end // HOUR * HOUR)):
        truth = sum(since <= NOON + offset < until for offset in offsets)
        days = store.daily(((0, zone),), since, until)
        assert sum(row.usage.requests for row in days) == truth
        assert sum(row.usage.requests for row in store.by_model(since, until)) == truth
        assert sum(row.usage.requests for _, row in store.by_session(since, until)) == truth
        assert store.totals(since, until).usage == store.usage_between(since, until)
        assert store.usage_between(since, until).requests == truth
    assert [at for at, _ in store.marks(NOON + start)] == sorted(NOON + one for one in offsets if one >= start)
    store.close()


def test_minutes_are_those_with_tokens(store: Store) -> None:
    events = [usage("m1", NOON + 1), usage("m2", NOON + 59_999), usage("m3", NOON + 5 * MINUTE)]
    store.append([batch("a.jsonl", events)])
    assert store.minutes(NOON, NOON + 5 * MINUTE) == [(NOON, Tokens(20, 200, 0, 2000, 10_000))]


def test_limits_are_told_since_a_moment(store: Store) -> None:
    hits = [LimitHit(index, NOON + index, "weekly") for index in (1, 2, 3)]
    store.append([batch("a.jsonl", hits)])
    assert store.limits(NOON + 2) == hits[1:]


def test_sessions_come_newest_first_page_by_page(store: Store) -> None:
    names = [f"s{index}" for index in range(7)]
    store.append(
        [batch(f"{name}.jsonl", [], session(name, last_at=NOON + index // 2)) for index, name in enumerate(names)]
    )
    found, before = [], None
    while page := store.sessions(NOON + 1, limit=2, before=before):
        found += page
        before = page[-1].last_at or 0, page[-1].uid
    assert {told.key.native_id for told in found} == set(names[2:])
    assert [told.last_at for told in found] == sorted((told.last_at for told in found), reverse=True)  # type: ignore[type-var]


def test_a_session_is_found_by_the_beginning_of_either_id(store: Store) -> None:
    store.append([batch("abc-1.jsonl"), batch("abc-2.jsonl"), batch("xyz_%.jsonl")])
    one = store.session("abc-1")
    assert one is not None
    assert store.session(one.uid) == store.session(one.uid[:12]) == store.session(one.uid.upper()) == one
    assert store.session("xyz_") is not None
    assert store.session("") is store.session("nobody") is store.session("x_z") is None
    with pytest.raises(AmbiguousSession) as told:
        store.session("abc-")
    assert len(told.value.uids) == 2


def test_a_backup_is_whole_and_appears_only_when_it_is(store: Store, tmp_path: Path) -> None:
    store.append([batch("a.jsonl", [usage("m1")])])
    store.backup(tmp_path / "copies" / "one.db")
    copy = Store.read(tmp_path / "copies" / "one.db")
    assert copy.daily(UTC) == store.daily(UTC)
    copy.close()
    assert [file.name for file in (tmp_path / "copies").iterdir()] == ["one.db"]
    (tmp_path / "copies" / "blocked.db").mkdir()
    with pytest.raises(OSError, match=r"blocked\.db"):
        store.backup(tmp_path / "copies" / "blocked.db")
    assert not (tmp_path / "copies" / "blocked.db.unfinished").exists()


def test_a_backup_that_has_no_room_to_be_made_says_so(store: Store, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises((StoreUnavailable, StoreDamaged, OSError)):
        store.backup(tmp_path / "file" / "copy.db")


def test_health_counts_what_the_store_holds(store: Store) -> None:
    store.append([batch("a.jsonl", [usage("m1")]), batch("a.jsonl", offset=7, modified=2, restarted="shrank")])
    health = store.health()
    assert health.status == "healthy"
    assert health.summary.startswith("1 request of 1 session, read from 1 file;")
    assert [finding.code for finding in health.findings] == ["logs-shrank"]


def test_a_write_ahead_log_that_grows_is_seen(tmp_path: Path) -> None:
    store = Store.write(tmp_path / "moon.db", priced)
    with (tmp_path / "moon.db-wal").open("r+b") as wal:
        wal.truncate(65 << 20)
    assert [finding.code for finding in store.health().findings] == ["wal-large"]
    store.close()


@pytest.mark.parametrize(
    ("cwd", "root"),
    [
        ("/home/ann/code/app", "/home/ann/code/app"),
        ("/home/ann/app/", "/home/ann/app"),
        ("C:\\work\\app", "C:/work/app"),
        ("/home/ann/app/.claude/worktrees/fix-1/src", "/home/ann/app"),
        ("/home/ann/app/.worktrees/fix-1", "/home/ann/app"),
        ("/", ""),
        ("", ""),
    ],
)
def test_a_working_directory_leads_to_the_folder_of_its_project(cwd: str, root: str) -> None:
    assert project_root(cwd) == root


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("-Users-ann-code-my-app", "code-my-app"),
        ("C--Users-ann-app", "app"),
        ("-work-app--claude-worktrees-fix-1", "work-app"),
        ("-", "-"),
        ("", ""),
    ],
)
def test_an_agents_folder_has_a_readable_name(folder: str, name: str) -> None:
    assert folder_name(folder) == name


def test_a_note_is_kept_until_the_prices_change(store: Store) -> None:
    assert store.note() == ""
    store.keep_note("so it was")
    store.append([batch("a.jsonl", [usage("m1")])])
    assert store.note() == "so it was"
    store.reprice(priced, "other prices")
    assert store.note() == ""


@pytest.mark.parametrize(
    "report", ["daily", "hourly", "session", "project", "branch", "model", "agent", "tool", "skill", "blocks"]
)
def test_a_warm_report_loads_the_driver_and_little_else(tmp_path: Path, report: str) -> None:
    store = Store.write(tmp_path / "moon.db", priced)
    store.append([batch("a.jsonl", [usage("m1"), call("t1", request=key("m1"))])])
    store.close()
    script = (
        "import sys; from moonlock.store import Store; from moonlock.model.question import Question;"
        f"store = Store.read({str(tmp_path / 'moon.db')!r});"
        f"assert len(store.rows(Question({report!r}, projects=('app',))).rows) == 1;"
        "print(*sorted(name for name in sys.modules if name.partition('.')[0] in ("
        "'moonlock', 'msgspec', 'asyncio', 're', 'typing', 'pathlib', 'datetime', 'json', 'contextlib')))"
    )
    bare = [sys.executable, "-IS", "-c", f"import sys; sys.path[:] = {sys.path!r}; {script}"]
    done = subprocess.run(bare, capture_output=True, text=True, check=True)
    loaded = {name.removeprefix("moonlock.store.") for name in done.stdout.split()}
    always = {"moonlock", "moonlock.store", "moonlock.model", "moonlock.model.question", "moonlock.model.rows"}
    always |= {"answers", "connection", "errors", "filters", "labels", "paths", "periods", "pricing", "projects"}
    always |= {"calling", "glancing", "portable", "recall", "reporting", "schema", "tallies", "upkeep"}
    of_blocks = {"blocks", "cutting", "limitwords", "moments", "quotaends", "moonlock.model.window"}
    assert loaded - always <= {"owners", "instants", "tooluse", "tooltimes", "skilluse"} | (
        of_blocks if report == "blocks" else set()
    )
