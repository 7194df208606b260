"""Days that only an agent's own statistics tell of: kept once, shown apart, given up for the first log of the day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_batches import batch, priced, usage

from moonlock.model.instant import DAY, HOUR
from moonlock.model.question import Question
from moonlock.model.seeds import Seed
from moonlock.store import Store
from moonlock.store.connection import open_reader
from moonlock.store.seeds import approximate

OPUS, SONNET = "claude-opus-4-8", "claude-sonnet-5"
OCTOBER = 1_790_812_800_000
"""2026-10-01T00:00:00Z, a Thursday."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.write(tmp_path / "m.db", priced)
    yield opened
    opened.close()


def seed(day: str, tokens: int = 5, model: str = OPUS, sessions: int = 1) -> Seed:
    return Seed("claude-code", day, model, tokens, sessions)


def told(store: Store, report: str = "daily", **more: Any) -> list[dict[str, Any]]:
    reader = open_reader(store._path)
    try:
        found = approximate(reader, Question(report, **more))
    finally:
        reader.close()
    if found is None:
        return []
    named: Any = dict(found)
    assert named["source"] == "stats-cache.json" and "not part of any total" in named["note"]
    return [dict(row) for row in named["rows"]]


def keys(rows: list[dict[str, Any]]) -> list[str]:
    return [row["key"] for row in rows]


def used(store: Store, at: int) -> None:
    """A log that tells of this instant."""
    store.append([batch(f"s{at}.jsonl", [usage(f"m{at}", at)])])


def test_a_store_without_statistics_tells_nothing(store: Store) -> None:
    assert told(store) == []


def test_a_day_has_the_tokens_models_and_sessions_of_all_its_seeds(store: Store) -> None:
    assert store.seed([seed("2026-09-01", 5, OPUS, 3), seed("2026-09-01", 7, SONNET, 3)], 1) == 2
    assert told(store) == [
        {"key": "2026-09-01", "agents": ["claude-code"], "tokens": 12, "models": [OPUS, SONNET], "sessions": 3}
    ]


def test_what_was_kept_once_stays_as_it_was(store: Store) -> None:
    store.seed([seed("2026-09-01", 5)], 1)
    assert store.seed([seed("2026-09-01", 99), seed("2026-09-02", 1)], 2) == 1
    assert [row["tokens"] for row in told(store)] == [5, 1]


def test_only_days_before_the_first_usage_are_kept(store: Store) -> None:
    used(store, OCTOBER + 30 * HOUR)
    assert store.seed([seed(f"2026-10-{day:02}") for day in range(1, 5)], 1) == 1
    assert keys(told(store)) == ["2026-10-01"]


def test_logs_that_come_in_later_win(store: Store) -> None:
    store.seed([seed("2026-09-29"), seed("2026-09-30"), seed("2026-10-01"), seed("2026-10-02")], 1)
    used(store, OCTOBER + 3 * HOUR)
    assert keys(told(store)) == ["2026-09-29", "2026-09-30", "2026-10-02"]


def test_which_day_a_log_tells_of_depends_on_the_zone(store: Store) -> None:
    store.seed([seed("2026-09-30"), seed("2026-10-01")], 1)
    used(store, OCTOBER + 3 * HOUR)
    assert keys(told(store, segments=((0, -5 * HOUR),))) == ["2026-10-01"]
    assert keys(told(store, segments=((0, 5 * HOUR),))) == ["2026-09-30"]


def test_weeks_and_months_add_their_days_up(store: Store) -> None:
    store.seed([seed("2026-08-30", 1), seed("2026-08-31", 2), seed("2026-09-06", 4), seed("2026-09-07", 8)], 1)
    weeks = told(store, "weekly")
    assert [(row["key"], row["tokens"]) for row in weeks] == [("2026-08-24", 1), ("2026-08-31", 6), ("2026-09-07", 8)]
    sundays = told(store, "weekly", week_start=6)
    assert [(row["key"], row["tokens"]) for row in sundays] == [("2026-08-30", 3), ("2026-09-06", 12)]
    assert [(row["key"], row["tokens"]) for row in told(store, "monthly")] == [("2026-08", 3), ("2026-09", 12)]


@given(day=st.dates(date(2025, 1, 1), date(2026, 12, 31)), start=st.integers(0, 6))
@settings(max_examples=40, deadline=None)
def test_a_week_begins_on_its_first_day_at_or_before(
    tmp_path_factory: pytest.TempPathFactory, day: date, start: int
) -> None:
    opened = Store.write(tmp_path_factory.mktemp("week") / "m.db", priced)
    try:
        opened.seed([seed(day.isoformat())], 1)
        (found,) = keys(told(opened, "weekly", week_start=start))
    finally:
        opened.close()
    assert date.fromisoformat(found) == day - timedelta(days=(day.weekday() - start) % 7)


def test_a_span_holds_whole_days_of_its_zone(store: Store) -> None:
    store.seed([seed(f"2026-09-{day:02}") for day in range(1, 6)], 1)
    start = int(datetime(2026, 9, 2, tzinfo=UTC).timestamp()) * 1000
    for offset in (0, 5 * HOUR, -5 * HOUR):
        span: dict[str, Any] = {"start": start - offset, "end": start - offset + 2 * DAY, "segments": ((0, offset),)}
        assert keys(told(store, **span)) == ["2026-09-02", "2026-09-03"]


def test_filters_that_statistics_cannot_answer_leave_them_out(store: Store) -> None:
    store.seed([seed("2026-09-01", 5, OPUS), seed("2026-09-01", 7, SONNET)], 1)
    assert [row["tokens"] for row in told(store, models=[SONNET])] == [7]
    assert [row["tokens"] for row in told(store, models=["anthropic/Opus-4.8"])] == [5]
    assert [row["tokens"] for row in told(store, agents=["Claude-Code"])] == [12]
    assert told(store, agents=["codex"]) == []
    assert told(store, projects=["app"]) == [] and told(store, branches=["main"]) == []
    assert told(store, "session") == [] and told(store, "hourly") == []
