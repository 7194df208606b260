"""The course of a session: turns, level of detail, and sums that only grow."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from moonlock.analytics.timeline import Mark, Span, Sums, gathered, merged, turns, used
from moonlock.model.chronicle import Billed, Lane
from moonlock.model.events import ToolCall
from moonlock.model.tokens import Tokens, Usage


def billed(at: int, output: int = 10, cost: int | None = 5, agent: str = "", span: int = 0) -> Billed:
    return Billed(at, at, at + span, "opus", Tokens(1, output, 0, 0, 100), cost, agent)


def call(at: int, duration: int | None, outcome: str | None = "ok", agent: str = "") -> ToolCall:
    return ToolCall(at, at, "Bash", 0, duration, outcome, agent)  # type: ignore[arg-type]


lanes: st.SearchStrategy[Lane] = st.sampled_from(("turn", "tool", "agent"))
spans = st.builds(
    lambda lane, start, length, name: Span(lane, start, None if length is None else start + length, name),
    lanes,
    st.integers(0, 1000),
    st.none() | st.integers(0, 50),
    st.sampled_from("ab"),
)
requests = st.lists(
    st.builds(
        billed, st.integers(0, 500), st.integers(0, 9), st.none() | st.integers(0, 9), st.sampled_from(("", "x"))
    ),
    max_size=40,
)


def test_a_turn_lasts_from_its_prompt_to_the_last_that_was_done_for_it() -> None:
    done = [billed(110, span=5), billed(200), billed(310)]
    found = turns([100, 300], [call(150, 40), call(320, 30)], done)
    assert [(turn.start, turn.end) for turn in found] == [(100, 200), (300, 350)]


def test_a_turn_is_over_when_the_next_prompt_comes() -> None:
    found = turns([100, 300], [call(150, 900)], [billed(310)])
    assert [(turn.start, turn.end) for turn in found] == [(100, 300), (300, 310)]


def test_a_turn_that_waits_for_a_sub_agent_goes_on_as_long_as_that_works() -> None:
    calls = [call(110, None), call(310, None), call(350, 40, agent="x")]
    found = turns([100, 300], calls, [billed(110), billed(310), billed(340, agent="x", span=60)])
    assert [(turn.start, turn.end) for turn in found] == [(100, 110), (300, 400)], "the first was broken off"


def test_what_was_done_before_the_first_prompt_is_a_turn_too() -> None:
    found = turns([100], [], [billed(40), billed(60), billed(120)])
    assert [(turn.start, turn.end) for turn in found] == [(40, 60), (100, 120)]


def test_a_prompt_that_nobody_answered_is_a_turn_without_length_and_sub_agents_make_none() -> None:
    assert [(turn.start, turn.end) for turn in turns([100], [], [billed(150, agent="x")])] == [(100, 100)]
    assert turns([], [], []) == []


def test_a_call_that_was_denied_or_failed_says_so_and_an_open_one_has_no_end() -> None:
    assert [(used(one).end, used(one).failed) for one in (call(5, 3, "failed"), call(5, None, None))] == [
        (8, 1),
        (None, 0),
    ]


@given(st.lists(spans, max_size=60), st.integers(10, 30))
def test_merging_leaves_nothing_out_and_keeps_to_the_bound(many: list[Span], most: int) -> None:
    found = merged(many, most)
    assert len(found) <= most
    assert sum(span.count for span in found) == len(many)
    for lane in {span.lane for span in many}:
        ends = [span.start if span.end is None else span.end for span in many if span.lane == lane]
        assert min(span.start for span in found if span.lane == lane) == min(s.start for s in many if s.lane == lane)
        known = [span.end for span in found if span.lane == lane and span.end is not None]
        assert max(known, default=max(ends)) <= max(ends)


def test_the_nearest_neighbours_become_one_and_forget_what_they_do_not_share() -> None:
    near = [Span("tool", 0, 1, "Read"), Span("tool", 2, 3, "Edit", "failed", failed=1), Span("tool", 90, 91, "Read")]
    together, apart = merged(near, 2)
    assert (together.start, together.end, together.name, together.outcome) == (0, 3, "", None)
    assert (together.count, together.failed, apart) == (2, 1, near[2])
    assert merged(near, 3) == near


@given(st.lists(st.builds(Mark, st.sampled_from(("prompt", "error")), st.integers(0, 99)), max_size=50))
def test_marks_are_gathered_by_their_kind(many: list[Mark]) -> None:
    found = gathered(many, 10)
    assert len(found) <= 10 and [mark.at for mark in found] == sorted(mark.at for mark in found)
    for kind in ("prompt", "error"):
        assert sum(mark.count for mark in found if mark.kind == kind) == sum(mark.kind == kind for mark in many)


@given(requests, st.lists(st.tuples(st.integers(0, 500), st.integers(0, 9)), max_size=5), st.integers(-1, 501))
def test_the_sums_of_a_moment_are_those_of_all_that_began_by_then(
    many: list[Billed], posted: list[tuple[int, int]], moment: int
) -> None:
    base = Usage(Tokens(7), 1, 3)
    point = Sums(many, base, None, posted).at(moment)
    before = [one for one in many if one.at <= moment]
    assert point.usage.requests == 1 + len(before)
    assert point.usage.tokens.total == 7 + sum(one.tokens.total for one in before)
    assert point.usage.cost == 3 + sum(one.cost or 0 for one in before)
    assert point.usage.unpriced_requests == sum(one.cost is None for one in before)
    assert point.posted == sum(count for at, count in posted if at <= moment)


@given(requests, st.integers(0, 500), st.integers(0, 500))
def test_what_lies_between_two_moments_is_the_difference_of_their_sums(
    many: list[Billed], one: int, other: int
) -> None:
    start, end = sorted((one, other))
    sums = Sums(many)
    inside = [request for request in many if start <= request.at < end]
    assert sums.between(start, end).tokens.total == sum(request.tokens.total for request in inside)
    assert sums.between(start, end) + sums.between(end, None) == sums.between(start, None)


@given(requests, st.integers(1, 20), st.integers(0, 500))
def test_points_grow_end_with_everything_and_are_not_too_many(many: list[Billed], most: int, start: int) -> None:
    sums = Sums(many)
    points = sums.points(most, start)
    assert len(points) <= most
    totals = [point.usage.tokens.total for point in points]
    assert totals == sorted(totals)
    assert (not points) is (sums.since(start) == 0)
    if points:
        assert points[-1].usage.requests == len(many)


def test_the_context_is_that_of_the_sessions_own_line() -> None:
    sums = Sums([billed(10), billed(20, agent="x")])
    assert (sums.at(5).context, sums.at(30).context, sums.last) == (None, 101, 20)
    assert Sums([], before=billed(1)).at(5).context == 101
    assert Sums([]).last == 0
