"""Runaways, against a plain account of the rule."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moonlock.analytics.anomaly import COOLDOWN, EMPTY, FEW, Habit, add, read
from moonlock.model.instant import MINUTE

START = 29_919_360 * MINUTE


def folded(amounts: list[float]) -> Habit:
    """Every minute told, also the quiet ones."""
    habit = EMPTY
    for place, amount in enumerate(amounts):
        habit = add(habit, START + place * MINUTE, amount)
    return habit


def plainly(amounts: list[float]) -> tuple[float, int, float, list[int]]:
    """The rule word for word: rate, active minutes, their mean, and the minutes that raise an alarm."""
    rate = mean = 0.0
    n = taught = seen = 0
    raised = list[int]()
    for minute, x in enumerate(amounts):
        rate = sum(amounts[max(0, minute - 5) : minute + 1]) / 6
        if x > 0:
            seen += 1
            for old in amounts[taught : max(0, minute - 5)]:
                n += old > 0
                mean += (old - mean) / min(n, 1000) if old > 0 else 0
            taught = max(0, minute - 5)
            if seen > 60 and rate > 3.9 * mean and (not raised or minute - raised[-1] >= 30):
                raised.append(minute)
    return rate, seen, mean, raised


@given(st.lists(st.sampled_from([0.0, 0.0, 1.0, 3.0, 40.0]), max_size=250))
def test_the_fold_is_the_rule(amounts: list[float]) -> None:
    habit, (rate, minutes, mean, raised) = folded(amounts), plainly(amounts)
    found = read(habit, START + max(0, len(amounts) - 1) * MINUTE)
    assert (found.rate, found.usual) == pytest.approx((rate, mean))
    assert found.minutes == minutes
    assert habit.raised_at == (START + raised[-1] * MINUTE if raised else None)


@given(st.lists(st.sampled_from([0.0, 0.0, 0.0, 2.0]), min_size=1, max_size=120))
def test_quiet_minutes_need_not_be_told(amounts: list[float]) -> None:
    told, sparse = folded([*amounts, 5.0]), EMPTY
    for place, amount in enumerate([*amounts, 5.0]):
        if amount:
            sparse = add(sparse, START + place * MINUTE, amount)
    assert sparse == told


def ordinary(count: int) -> list[float]:
    chance = Random(1)
    return [chance.uniform(0.5, 1.5) for _ in range(count)]


def test_a_runaway_is_high_for_half_an_hour_and_says_since_when() -> None:
    amounts = [*ordinary(300), *[4.5] * 6]
    now = START + len(amounts) * MINUTE - 1
    found = read(folded(amounts), now)
    assert found.state == "high" and found.since is not None
    assert found.since == START + 304 * MINUTE  # the fifth minute of it
    assert found.rate > found.high > found.usual
    assert read(folded(amounts), found.since + COOLDOWN).state == "usual"


def test_a_runaway_does_not_teach_its_own_habit_before_it_is_found() -> None:
    before, during = folded(ordinary(70)), folded([*ordinary(70), *[100.0] * 6])
    assert during.mean < 1.5 < during.high < 6 < before.high * 2


def test_who_has_few_active_minutes_is_still_learning() -> None:
    assert read(folded([1.0] * FEW), START).state == "learning"
    assert read(folded([1.0] * (FEW + 1)), START).state != "learning"
    assert read(EMPTY, START).rate == 0


def test_a_rate_falls_while_nothing_happens() -> None:
    habit = folded([8.0])
    assert [read(habit, START + minutes * MINUTE).rate for minutes in (0, 5, 6)] == [8 / 6, 8 / 6, 0]
    assert read(habit, START - MINUTE).rate == 8 / 6  # a clock that was set back
