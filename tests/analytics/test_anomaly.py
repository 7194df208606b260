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


def plainly(amounts: list[float]) -> tuple[float, int, float, float, list[int]]:
    """The rule word for word: rate, active minutes, mean, variance, and the minutes that raise an alarm."""
    a = 1 - 0.5 ** (1 / 10)
    rate = mean = variance = 0.0
    n, raised = 0, list[int]()
    for minute, x in enumerate(amounts):
        rate = (1 - a) * rate + a * x
        if x > 0:
            n += 1
            if n > 60 and rate > mean + 3 * variance**0.5 and (not raised or minute - raised[-1] >= 30):
                raised.append(minute)
            g = 1 / min(n, 1000)
            d = rate - mean
            mean += g * d
            variance = (1 - g) * (variance + g * d * d)
    return rate, n, mean, variance, raised


@given(st.lists(st.sampled_from([0.0, 0.0, 1.0, 3.0, 40.0]), max_size=250))
def test_the_fold_is_the_rule(amounts: list[float]) -> None:
    habit, (rate, minutes, mean, variance, raised) = folded(amounts), plainly(amounts)
    assert (habit.rate, habit.mean, habit.variance) == pytest.approx((rate, mean, variance))
    assert habit.minutes == minutes
    assert habit.raised_at == (START + raised[-1] * MINUTE if raised else None)


@given(st.lists(st.sampled_from([0.0, 0.0, 0.0, 2.0]), min_size=1, max_size=120))
def test_quiet_minutes_need_not_be_told(amounts: list[float]) -> None:
    told, sparse = folded([*amounts, 5.0]), EMPTY
    for place, amount in enumerate([*amounts, 5.0]):
        if amount:
            sparse = add(sparse, START + place * MINUTE, amount)
    assert (sparse.rate, sparse.mean, sparse.variance) == pytest.approx((told.rate, told.mean, told.variance))
    assert (sparse.at, sparse.minutes, sparse.raised_at) == (told.at, told.minutes, told.raised_at)


def ordinary(count: int) -> list[float]:
    chance = Random(1)
    return [chance.uniform(0.5, 1.5) for _ in range(count)]


def test_a_runaway_is_high_for_half_an_hour_and_says_since_when() -> None:
    amounts = [*ordinary(300), *[4.0] * 6]
    now = START + len(amounts) * MINUTE
    found = read(folded(amounts), now)
    assert found.state == "high" and found.since is not None
    assert now - found.since <= 6 * MINUTE
    assert found.rate > found.high > found.usual
    assert read(folded(amounts), found.since + COOLDOWN).state == "usual"


def test_who_has_few_active_minutes_is_still_learning() -> None:
    assert read(folded([1.0] * FEW), START).state == "learning"
    assert read(folded([*[1.0] * FEW, 1.0]), START).state != "learning"
    assert read(EMPTY, START).rate == 0


def test_a_rate_falls_while_nothing_happens() -> None:
    habit = folded([8.0])
    later = read(habit, START + 10 * MINUTE)
    assert later.rate == pytest.approx(habit.rate / 2)
    assert read(habit, START - MINUTE).rate == habit.rate
