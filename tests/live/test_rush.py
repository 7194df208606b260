"""Much that comes at once is dealt with together; little is never held up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from moonlock.live.rush import QUIET, RUSH_MS, Rush

NOON = 1_795_000_000_000


def turns(steps: list[int], wait: int) -> tuple[list[int], list[int]]:
    """When things came, and when their turns were, of somebody who takes all that waits at each turn."""
    rush, now, came, took = Rush(wait), NOON, list[int](), list[int]()
    due = None
    for step in steps:
        now += step
        if due is not None and due <= now:
            rush.took(due)
            took.append(due)
            due = None
        rush.came(now)
        came.append(now)
        if due is None:
            rest = rush.rest(now)
            if rest:
                due = now + rest
            else:
                rush.took(now)
                took.append(now)
    return came, took if due is None else [*took, due]


def test_what_comes_now_and_then_waits_for_nothing() -> None:
    came, took = turns([30] * 100, wait=50)
    assert took == came


def test_a_thousand_a_second_have_twenty_turns() -> None:
    _, took = turns([1] * 1_000, wait=50)
    assert len(took) <= QUIET + 1_000 / 50 + 1


def test_the_first_of_a_rush_after_a_rest_leaves_at_once() -> None:
    rush = Rush(50)
    rush.took(NOON)
    for _ in range(100):
        rush.came(NOON + 5_000)
    assert rush.rest(NOON + 5_000) == 0


def test_a_clock_that_is_set_back_holds_nothing_up_for_long() -> None:
    rush = Rush(50)
    rush.took(NOON)
    for _ in range(100):
        rush.came(NOON - 3_600_000)
    assert rush.rest(NOON - 3_600_000) == 50


@given(st.lists(st.integers(0, 2 * RUSH_MS), max_size=200), st.integers(0, 500))
def test_nothing_waits_longer_than_the_setting_and_no_turn_is_without_reason(steps: list[int], wait: int) -> None:
    came, took = turns(steps, wait)
    for moment in came:
        assert any(moment <= turn <= moment + wait for turn in took)
    assert len(took) <= len(came)
