"""The report of blocks from a real store: the same as a fold over single requests, and as every other report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from analytics.samples import at, expected, requests
from hypothesis import example, given, settings
from hypothesis import strategies as st
from store_batches import HOUR, MINUTE, NOON, batch, key, priced, session, usage

from moonlock.model.events import Event, LimitHit, UsageEvent
from moonlock.model.instant import Instant, iso
from moonlock.model.label import Relabel
from moonlock.model.question import Answer, Question
from moonlock.model.rows import Row
from moonlock.model.window import LENGTH, named_end
from moonlock.store import Store
from moonlock.store.cutting import cut, named

KEYS = [
    *("startAt", "endAt", "actualEndAt", "isActive", "isGap", "entries", "anchor", "limitResetAt"),
    *("burnRate", "burnRateCcusage", "projection", "window", "limit"),
]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.write(tmp_path / "moon.db", priced)
    yield store
    store.close()


def used(store: Store, *moments: Instant, name: str = "a", model: str = "opus") -> None:
    """One request at each of these moments."""
    store.append([batch(f"{name}.jsonl", [usage(f"{name}{moment}", moment, model=model) for moment in moments])])


def said(store: Store, seen: Instant, resets: Instant | None, kind: str = "session", name: str = "a") -> None:
    store.append([batch(f"{name}.jsonl", [LimitHit(key(f"{name}{seen}"), seen, kind, resets)])])  # type: ignore[arg-type]


def facts(row: Row) -> dict[str, Any]:
    return dict(row[5])


def spans(answer: Answer) -> list[tuple[str, str, str | None, int]]:
    told = [facts(row) for row in answer.rows]
    return [(one["startAt"][11:16], one["endAt"][11:16], one["anchor"], one["entries"]) for one in told]


def test_nothing_has_no_blocks(store: Store) -> None:
    answer = store.rows(Question("blocks", now=NOON))
    assert (answer.rows, answer.totals[2][5], answer.extra) == ([], 0, (("limitEvents", []),))


@pytest.mark.parametrize("report", ["blocks", "blocks-hourly"])
@pytest.mark.parametrize("case", ["20_blocks", "29_p90", "50_active_block"])
def test_the_blocks_of_the_suite(store: Store, case: str, report: str) -> None:
    store.append([batch("a.jsonl", [*requests(case)])])
    now = expected(case).get("now", "2026-11-20T00:00:00.000Z")
    rows = store.rows(Question(report, now=at(now))).rows
    for row, target in zip(rows, expected(case)["target"]["blocks"], strict=True):
        told = facts(row)
        assert list(told) == KEYS
        assert row[0] == told["startAt"]
        assert {name: told[name] for name in target if name in told} == {
            name: value for name, value in target.items() if name in told
        }
        assert sum(row[2][:5]) == target.get("totalTokens", 0)
        assert told["isGap"] == (told["anchor"] is None) == (told["actualEndAt"] is None)


def test_the_provider_s_word_moves_the_block_and_is_kept_with_the_one_of_other_tools(store: Store) -> None:
    """Case 12: a reset at 13:00 proves a window from 08:00 on; by full hours it begins at 10:00, and has the word."""
    used(store, NOON - 2 * HOUR)
    said(store, NOON - 90 * MINUTE, NOON + HOUR)
    (ours,) = store.rows(Question("blocks", now=NOON)).rows
    (theirs,) = store.rows(Question("blocks-hourly", now=NOON)).rows
    assert [facts(ours)[name][11:16] for name in ("startAt", "endAt", "limitResetAt")] == ["08:00", "13:00", "13:00"]
    assert [facts(theirs)[name][11:16] for name in ("startAt", "endAt", "limitResetAt")] == ["10:00", "15:00", "13:00"]
    assert (facts(ours)["anchor"], facts(theirs)["anchor"]) == ("official", "estimated")


def test_estimated_windows_stop_where_the_provider_s_begin_and_go_on_where_they_end(store: Store) -> None:
    used(store, NOON, NOON + 130 * MINUTE, NOON + 430 * MINUTE, NOON + 480 * MINUTE)
    said(store, NOON + 150 * MINUTE, NOON + 430 * MINUTE)
    assert spans(store.rows(Question("blocks"))) == [
        ("12:00", "14:10", "estimated", 1),
        ("14:10", "19:10", "official", 1),
        ("19:10", "00:00", "estimated", 2),
    ]


def test_of_two_words_within_five_hours_the_latest_has_the_time_that_they_share(store: Store) -> None:
    used(store, NOON - 3 * HOUR, NOON - HOUR, NOON + HOUR)
    said(store, NOON - 90 * MINUTE, NOON + HOUR)
    said(store, NOON - 30 * MINUTE, NOON + 3 * HOUR)
    answer = store.rows(Question("blocks"))
    assert spans(answer) == [("08:00", "10:00", "official", 1), ("10:00", "15:00", "official", 2)]
    assert [facts(row)["limitResetAt"][11:16] for row in answer.rows] == ["13:00", "15:00"]


def test_a_window_of_the_provider_s_that_was_not_used_here_is_a_row_only_while_it_is_open(store: Store) -> None:
    used(store, NOON - 30 * HOUR, NOON + 9 * HOUR)
    said(store, NOON, NOON + 2 * HOUR)
    open_now, later = (store.rows(Question("blocks", now=now)) for now in (NOON + HOUR, NOON + 2 * HOUR))
    assert ("09:00", "14:00", "official", 0) in spans(open_now)
    (empty,) = (row for row in open_now.rows if facts(row)["isActive"])
    assert (sum(empty[2]), empty[3], empty[4], facts(empty)["actualEndAt"]) == (0, 0, [], None)
    assert len(later.rows) == len(open_now.rows) - 1
    assert open_now.totals == later.totals


@pytest.mark.parametrize(
    ("now", "runs"), [(-1, False), (0, True), (3 * HOUR, True), (5 * HOUR - 1, True), (5 * HOUR, False)]
)
def test_a_block_runs_from_its_start_until_its_end(store: Store, now: int, runs: bool) -> None:
    used(store, NOON + 20 * MINUTE)
    (row,) = store.rows(Question("blocks", now=NOON + now)).rows
    assert facts(row)["isActive"] is runs


def test_a_request_at_the_very_end_stays_and_shares_its_quarter_hour(store: Store) -> None:
    used(store, NOON, NOON + LENGTH, NOON + LENGTH + 1, NOON + LENGTH + 2)
    answer = store.rows(Question("blocks"))
    assert spans(answer) == [("12:00", "17:00", "estimated", 2), ("17:00", "22:00", "estimated", 2)]
    late = store.rows(Question("blocks", start=NOON + LENGTH))
    assert (spans(late), late.totals[2][5]) == (spans(answer)[1:], 2)
    early = store.rows(Question("blocks", end=NOON + LENGTH))
    assert (spans(early), early.totals[2][5]) == (spans(answer)[:1], 2)


@pytest.mark.parametrize("pause", [LENGTH + 1, LENGTH + 7 * MINUTE + 3, LENGTH + 40 * MINUTE])
def test_a_pause_of_little_more_than_five_hours_is_told_to_the_millisecond(store: Store, pause: int) -> None:
    first = NOON + 52 * MINUTE + 5
    used(store, first, first + pause, first + pause + 30 * MINUTE)
    _, gap, _ = store.rows(Question("blocks")).rows
    assert [facts(gap)[name] for name in ("startAt", "endAt")] == [iso(first + LENGTH), iso(first + pause)]


def test_times_before_1970_are_cut_like_any_other(store: Store) -> None:
    used(store, -LENGTH - 1, -LENGTH, -1, 0, 1)
    assert spans(store.rows(Question("blocks"))) == [
        ("18:00", "23:00", "estimated", 2),
        ("23:00", "04:00", "estimated", 3),
    ]


def test_a_span_holds_the_blocks_that_begin_in_it_and_the_words_that_were_said_in_it(store: Store) -> None:
    used(store, NOON, NOON + 4 * HOUR, NOON + 20 * HOUR)
    said(store, NOON + 5 * MINUTE, None, "weekly")
    said(store, NOON + 90 * HOUR, NOON + 200 * HOUR, "weekly", "b")
    answer = store.rows(Question("blocks", start=NOON, end=NOON + 10 * HOUR))
    assert spans(answer) == [("12:00", "17:00", "estimated", 2), ("21:00", "08:00", None, 0)]
    assert answer.totals[2][5] == 2
    assert answer.extra == (
        ("limitEvents", [(("at", iso(NOON + 5 * MINUTE)), ("kind", "weekly"), ("resetsAt", None))]),
    )


def test_filters_choose_requests_and_then_they_are_cut(store: Store) -> None:
    used(store, NOON + 30 * MINUTE, NOON + 4 * HOUR)
    used(store, NOON + 3 * HOUR, NOON + 6 * HOUR, name="b", model="haiku")
    assert spans(store.rows(Question("blocks", models=["haiku"]))) == [("15:00", "20:00", "estimated", 2)]
    store.relabel("b", Relabel(hidden=True), NOON)
    said(store, NOON + 3 * HOUR, NOON + 7 * HOUR, name="b")
    hidden = store.rows(Question("blocks"))
    assert spans(hidden) == [("12:00", "17:00", "estimated", 2)]
    assert (hidden.reading[-1], hidden.extra) == (1, (("limitEvents", []),))
    store.relabel("b", Relabel(hidden=False), NOON)
    by_agent = store.rows(Question("blocks", agents=["Claude-Code"]))
    assert [one for _, _, one, _ in spans(by_agent)] == ["estimated", "official"]
    assert len(dict(by_agent.extra)["limitEvents"]) == 1  # type: ignore[arg-type]


def test_other_prices_change_the_money_and_nothing_else(store: Store) -> None:
    used(store, NOON, NOON + LENGTH, NOON + LENGTH + 1)
    usual, dearer = store.rows(Question("blocks")), store.rows(Question("blocks"), lambda event: 1_000_000)
    assert [row[5] for row in dearer.rows] == [row[5] for row in usual.rows]
    assert [row[2][6] for row in dearer.rows] == [2_000_000, 1_000_000]
    assert store.pulse(Question("blocks", start=NOON + 1), lambda event: 7)[0][2] == 7


def test_the_requests_of_a_span_one_by_one_and_the_ends_that_were_named_in_it(store: Store) -> None:
    used(store, NOON + 2, NOON, NOON + 1)
    said(store, NOON, NOON + HOUR)
    said(store, NOON + 1, NOON + 2 * HOUR)
    said(store, NOON + 2, NOON + HOUR, "weekly")
    said(store, NOON + 3, NOON + 3 * HOUR)
    assert store.pulse(Question("blocks", start=NOON, end=NOON + 2)) == [
        (NOON, 6110, 6110),
        (NOON + 1, 6110, 6110),
    ]
    assert store.named_ends(NOON, NOON + 2) == [NOON + HOUR, NOON + 2 * HOUR]


MOMENTS = st.builds(
    lambda hours, minutes, off: NOON + hours * HOUR + minutes * MINUTE + off,
    st.integers(0, 44),
    st.sampled_from((0, 0, 0, 10, 15, 20, 45)),
    st.sampled_from((0, 0, 0, 1, -1, 2, 123_456)),
)
WORDS = st.lists(st.tuples(MOMENTS, st.integers(1, 30).map(lambda tens: tens * 10 * MINUTE)), max_size=4)
MODELS = ("opus", "haiku", "mystery")


def one_by_one(
    events: Sequence[UsageEvent], ends: Sequence[Instant]
) -> list[tuple[str, str, str | None, int, int, int]]:
    """Start, end, last request, entries, tokens, micro-dollars of all windows and gaps, from single requests."""
    ordered = sorted(events, key=lambda event: event.at)
    found: list[tuple[str, str, str | None, int, int, int]] = []
    last: int | None = None
    for window in cut([event.at for event in ordered], named(ends)):
        own = ordered[window.first : window.last + 1]
        if last is not None and own[0].at - last > LENGTH:
            found.append((iso(last + LENGTH), iso(own[0].at), None, 0, 0, 0))
        last = own[-1].at
        tokens = sum(event.tokens.total for event in own)
        cost = sum(priced(event) or 0 for event in own)
        found.append((iso(window.start), iso(window.end), iso(last), len(own), tokens, cost))
    return found


def told(answer: Answer) -> list[tuple[str, str, str | None, int, int, int]]:
    return [
        (one["startAt"], one["endAt"], one["actualEndAt"], one["entries"], sum(row[2][:5]), row[2][6])
        for row in answer.rows
        for one in [facts(row)]
    ]


def full(moments: Sequence[Instant], words: Sequence[tuple[Instant, int]]) -> tuple[list[UsageEvent], list[LimitHit]]:
    events = [
        usage(f"m{number}", moment, output=number + 1, model=MODELS[number % 3])
        for number, moment in enumerate(moments)
    ]
    hits = [LimitHit(number + 1, seen, "session", seen + ahead) for number, (seen, ahead) in enumerate(words)]
    return events, hits


@settings(max_examples=150, deadline=None)
@given(st.lists(MOMENTS, max_size=25), WORDS, st.sampled_from(((), ("haiku",), ("opus", "mystery"))), st.booleans())
@example([NOON, NOON + LENGTH, NOON + LENGTH + 1, NOON + 2 * LENGTH + 2], [(NOON, 130 * MINUTE)], (), False)
def test_blocks_are_what_a_fold_over_single_requests_gives(
    tmp_path_factory: pytest.TempPathFactory,
    moments: list[Instant],
    words: list[tuple[Instant, int]],
    models: tuple[str, ...],
    watched: bool,
) -> None:
    events, hits = full(moments, words)
    kept = [event for event in events if not models or event.model in models]
    store = Store.write(tmp_path_factory.mktemp("cut") / "moon.db", priced)
    try:
        halves: list[Sequence[Event]] = [events[::2], [*events[1::2], *hits]]
        store.append([batch(f"{name}.jsonl", half, session(name)) for name, half in zip("ab", halves, strict=True)])
        if watched:
            store.settle()
        known = tuple(name for name in models if any(event.model == name for event in events))
        if models and len(known) < len(models):
            return
        ends = [hit.resets_at for hit in sorted(hits, key=lambda hit: (hit.at, hit.key)) if hit.resets_at is not None]
        for report, named_ends in (("blocks", ends), ("blocks-hourly", [])):
            answer = store.rows(Question(report, models=models))
            assert told(answer) == one_by_one(kept, named_ends)
            assert answer.totals == store.rows(Question("model", models=models)).totals
            for row in answer.rows:
                assert [sum(column) for column in zip(*(sums for _, sums in row[4]), strict=True)] == (
                    [*row[2]] if row[4] else []
                )
    finally:
        store.close()


@settings(max_examples=60, deadline=None)
@given(st.lists(MOMENTS, max_size=25), WORDS, MOMENTS, MOMENTS)
def test_a_span_is_the_part_of_all_blocks_that_begins_in_it(
    tmp_path_factory: pytest.TempPathFactory,
    moments: list[Instant],
    words: list[tuple[Instant, int]],
    start: Instant,
    end: Instant,
) -> None:
    events, hits = full(moments, words)
    store = Store.write(tmp_path_factory.mktemp("span") / "moon.db", priced)
    try:
        store.append([batch("a.jsonl", [*events, *hits])])
        everything = store.rows(Question("blocks", now=start)).rows
        answer = store.rows(Question("blocks", start=start, end=end, now=start))
        assert answer.rows == [row for row in everything if iso(start) <= row[0] < iso(end)]
        assert [*answer.totals[2]] == [sum(row[2][column] for row in answer.rows) for column in range(10)]
    finally:
        store.close()


@settings(max_examples=40, deadline=None)
@given(WORDS)
def test_a_word_is_kept_with_the_block_of_the_hour_in_which_it_was_said(
    tmp_path_factory: pytest.TempPathFactory, words: list[tuple[Instant, int]]
) -> None:
    moments = [NOON + hours * HOUR + 1 for hours in (0, 3, 4, 9, 30, 33)]
    _, hits = full((), words)
    store = Store.write(tmp_path_factory.mktemp("word") / "moon.db", priced)
    try:
        store.append([batch("a.jsonl", [*(usage(f"m{at}", at) for at in moments), *hits])])
        for row in store.rows(Question("blocks-hourly")).rows:
            one = facts(row)
            inside = [
                hit
                for hit in sorted(hits, key=lambda hit: (hit.at, hit.key))
                if one["startAt"] <= iso(hit.at) <= one["endAt"] and named_end(hit.kind, hit.at, hit.resets_at)
            ]
            clear = [hit for hit in inside if iso(hit.at) < one["endAt"]]
            if one["isGap"]:
                assert one["limitResetAt"] is None
            elif clear == inside:
                assert one["limitResetAt"] == (iso(inside[-1].resets_at or 0) if inside else None)
    finally:
        store.close()
