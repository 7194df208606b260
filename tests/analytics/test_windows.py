"""What the report of blocks tells beside its sums (rules B5-B9)."""

from __future__ import annotations

from statistics import quantiles
from typing import Any

import pytest
from analytics.samples import at, expected, limit, requests
from hypothesis import given
from hypothesis import strategies as st

from moonlock.analytics import anchor, blocks, burn, windows
from moonlock.model.events import LimitHit
from moonlock.model.instant import HOUR, MINUTE, SECOND, Instant, iso
from moonlock.model.rows import Fields, Row
from moonlock.model.tokens import Tokens, Usage

START = at("2026-11-20T04:00")
UNTOLD: Fields = tuple((name, None) for name in ("burnRate", "burnRateCcusage", "projection", "window", "limit"))
Mark = tuple[Instant, int, int]


def block(start: Instant, tokens: int = 0, last: Instant | None = None, **told: object) -> Row:
    """A row as the store gives it; ``cost`` and ``unpriced`` are those of its one request."""
    sums = [tokens, 0, 0, 0, 0, int(tokens > 0), told.pop("cost", 0), told.pop("unpriced", 0), 0, 0]
    end = told.pop("end", start + 5 * HOUR)
    facts: dict[str, object] = {
        **{"startAt": iso(start), "endAt": iso(int(str(end)))},
        **{"actualEndAt": None if last is None else iso(last), "isActive": False, "isGap": False},
    }
    return iso(start), (), sums, 1, [], (*(facts | told).items(), *UNTOLD)  # type: ignore[return-value]


def facts(row: Row) -> dict[str, Any]:
    return {name: dict(value) if isinstance(value, tuple) else value for name, value in row[5]}


def running(row: Row, used: list[Mark], now: Instant, window: tuple[Instant, Instant, Any] | None = None) -> Row:
    before = block(START - 20 * HOUR, 7, START - 20 * HOUR)
    first, found = windows.running([before, row], used, now, window)
    assert first == before
    return found


def test_the_rates_and_the_projection_of_the_suite() -> None:
    target = expected("50_active_block")["target"]
    now, events = at("2026-11-20T06:18:15"), [*requests("50_active_block")]
    cost = round(target["blocks"][-1]["costUsd"] * 1_000_000)
    used = [(event.at, event.tokens.total, round(cost * event.tokens.total / 99_000)) for event in events]
    sums = [2500, 6500, 10_000, 0, 80_000, 3, cost, 0, 0, 0]
    row = block(START, last=events[-1].at, isActive=True)
    told = facts(running((*row[:2], sums, *row[3:]), used, now, (START, START + 5 * HOUR, "estimated")))
    rate, tolerance = told["burnRate"], target["burnRate"]["tolerance"]
    assert rate["tokensPerMinute"] == pytest.approx(target["burnRate"]["tokensPerMinute"], rel=tolerance)
    assert told["burnRateCcusage"] == pytest.approx(target["burnRateCcusage"])
    assert told["projection"] == {**target["projectionCcusage"], "method": "linear"}
    assert told["window"] == {"startAt": iso(START), "endAt": iso(START + 5 * HOUR), "anchor": "estimated"}
    assert told["limit"] is None


def test_only_the_block_that_runs_has_rates() -> None:
    row = block(START, 100, START, isActive=False)
    assert running(row, [(START, 100, 100)], START + MINUTE) == row


def test_requests_that_span_no_time_have_no_average() -> None:
    told = facts(running(block(START, 100, START, isActive=True), [(START, 100, 100)], START + MINUTE))
    assert (told["burnRateCcusage"], told["projection"], told["window"]) == (None, None, None)
    assert told["burnRate"]["tokensPerMinute"] > 0


def test_a_request_at_the_end_of_the_block_before_is_not_the_first_of_this_one() -> None:
    """Rule B2: one at exactly five hours belongs to the block before."""
    before = block(START - 5 * HOUR, 5, START)
    row = block(START, 60, START + 4 * MINUTE, isActive=True)
    used = [(START, 5, 5), (START + MINUTE, 30, 0), (START + 4 * MINUTE, 30, 0)]
    told = facts(windows.running([before, row], used, START + 5 * MINUTE, None)[1])
    assert told["burnRateCcusage"]["tokensPerMinute"] == 20


def test_the_money_of_models_without_a_price_is_unknown() -> None:
    row = block(START, 100, START + MINUTE, isActive=True, unpriced=1)
    told = facts(running(row, [(START, 50, 0), (START + MINUTE, 50, 0)], START + MINUTE))
    assert told["burnRate"]["costPerHour"] is told["burnRateCcusage"]["costPerHour"] is None
    assert told["projection"]["totalCost"] is None
    assert told["projection"]["totalTokens"] == 100 * 300


def test_a_window_that_was_opened_elsewhere_has_a_rate_of_nothing() -> None:
    told = facts(running(block(START, isActive=True), [], START + MINUTE))
    assert told["burnRate"] == {"tokensPerMinute": 0.0, "costPerHour": 0.0}
    assert told["burnRateCcusage"] is None


TIMES = st.integers(0, 30 * HOUR // SECOND).map(lambda second: START + second * SECOND)
USED = st.lists(st.tuples(TIMES, st.integers(0, 10**6), st.integers(0, 10**7)), max_size=20)


@given(USED, TIMES)
def test_the_rate_is_that_of_the_live_page(used: list[Mark], now: Instant) -> None:
    pace = burn.EMPTY
    for moment, tokens, cost in used:
        pace = burn.add(pace, moment, Usage(Tokens(tokens), 1, cost))
    rate = burn.read(pace, now)
    assert windows.burn_rate(used, now) == pytest.approx((rate.tokens_per_minute, rate.cost_per_hour), rel=1e-9)


WORDS = st.lists(st.tuples(st.integers(0, 180), st.integers(1, 30)), max_size=3)


@given(st.lists(TIMES, max_size=20), WORDS, TIMES)
def test_the_window_is_that_of_the_live_page(
    moments: list[Instant], words: list[tuple[int, int]], now: Instant
) -> None:
    tens = 10 * MINUTE
    hits = [LimitHit(1, START + seen * tens, "session", START + (seen + ahead) * tens) for seen, ahead in words]
    live = blocks.read(blocks.fold([(moment, Usage(requests=1)) for moment in moments], hits), now)
    ends = [hit.resets_at for hit in sorted(hits, key=lambda hit: hit.at) if hit.resets_at is not None]
    named = [
        end for end, hit in zip(ends, sorted(hits, key=lambda hit: hit.at), strict=True) if end - hit.at <= 5 * HOUR
    ]
    found = anchor.window(sorted(moments), named, now)
    assert found == (None if live is None else (live.start, live.end, live.anchor))


def test_no_window_is_open_where_nothing_happened() -> None:
    assert anchor.window([], [], START) is None
    assert anchor.window([START], [], START + 5 * HOUR) is None
    assert limit("2026-11-20T04:00", None).resets_at is None


def test_marks_are_the_biggest_block_and_the_heaviest_tenth() -> None:
    """Case 29."""
    target = expected("29_p90")["target"]
    rows = [block(START + number * 10 * HOUR, number * 10_000, START) for number in range(1, 11)]
    rows += [block(START, isGap=True), block(START, 10**9, START, isActive=True)]
    assert dict(windows.marks(windows.finished(rows))) == target["marks"]


def test_marks_need_blocks() -> None:
    assert dict(windows.marks([])) == {"maxBlockTokens": None, "p90BlockTokens": None}
    assert dict(windows.marks([5])) == {"maxBlockTokens": 5, "p90BlockTokens": None}


@given(st.lists(st.integers(0, 10**12), min_size=2, max_size=60))
def test_the_heaviest_tenth_is_that_of_the_standard_library(sizes: list[int]) -> None:
    assert dict(windows.marks(sizes))["p90BlockTokens"] == pytest.approx(quantiles(sizes, n=10)[8], rel=1e-12)


def test_the_block_that_runs_and_those_of_the_last_days_can_be_had_alone() -> None:
    rows = [block(START), block(START + 10 * HOUR, isGap=True), block(START + 20 * HOUR, isActive=True)]
    assert windows.active(rows) == rows[2:]
    assert windows.recent(rows, iso(START + 1)) == rows[1:]
    assert windows.recent(rows, iso(START)) == rows


@pytest.mark.parametrize(
    ("tokens", "status"), [(79, "ok"), (80, "ok"), (81, "warning"), (100, "warning"), (101, "exceeds")]
)
def test_a_limit_is_a_warning_above_four_fifths(tokens: int, status: str) -> None:
    (row,) = windows.held([block(START, tokens)], 100, "configured")
    assert facts(row)["limit"] == {
        "tokens": 100,
        "source": "configured",
        "usedShare": tokens / 100,
        "projectedShare": None,
        "status": status,
    }


def test_what_runs_is_judged_by_where_it_would_end_and_a_gap_not_at_all() -> None:
    ahead = ("remainingMinutes", 1), ("totalTokens", 150), ("totalCost", None), ("method", "linear")
    row = block(START, 50, START, isActive=True)
    row = (*row[:5], tuple((name, ahead if name == "projection" else value) for name, value in row[5]))
    gap = block(START, isGap=True)
    told, same = windows.held([row, gap], 100, "history")
    assert same == gap
    assert facts(told)["limit"] == {
        "tokens": 100,
        "source": "history",
        "usedShare": 0.5,
        "projectedShare": 1.5,
        "status": "exceeds",
    }


@pytest.mark.parametrize(("half", "rounded"), [(0.5, 1), (1.5, 2), (2.4999, 2), (161.75, 162)])
def test_minutes_are_rounded_as_ccusage_rounds_them(half: float, rounded: int) -> None:
    row = block(START, 100, START + MINUTE, isActive=True, end=START + 2 * HOUR + round(half * MINUTE))
    told = facts(running(row, [(START, 1, 1), (START + MINUTE, 1, 1)], START + 2 * HOUR))
    assert told["projection"]["remainingMinutes"] == rounded
