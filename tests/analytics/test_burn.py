"""The rate that is shown: it follows work within minutes and falls when work stops (rule B7)."""

from __future__ import annotations

from random import Random

import pytest
from analytics.samples import PRICES, at, expected, requests, spent
from hypothesis import given
from hypothesis import strategies as st

from moonlock.analytics.burn import EMPTY, Pace, add, read, straight
from moonlock.analytics.cost import price_of
from moonlock.analytics.fading import HALF_LIFE
from moonlock.analytics.prices import PriceTable
from moonlock.model.instant import DAY, HOUR, MINUTE, Instant
from moonlock.model.limits import Block, BurnRate
from moonlock.model.tokens import Tokens, Usage

Mark = tuple[Instant, Usage]


def added(marks: list[Mark]) -> Pace:
    acc = EMPTY
    for moment, usage in marks:
        acc = add(acc, moment, usage)
    return acc


def test_nothing_burns_before_the_first_request() -> None:
    assert read(EMPTY, at("2026-10-05")) == BurnRate(0.0, 0.0)


def test_the_active_block_of_the_suite_burns_as_it_must() -> None:
    case = expected("50_active_block")
    price, target = price_of(PriceTable.parse(PRICES)), case["target"]["burnRate"]
    assert target["halfLifeMinutes"] * MINUTE == HALF_LIFE
    acc = added([(event.at, Usage(event.tokens, 1, price(event) or 0)) for event in requests("50_active_block")])
    rate = read(acc, at(case["now"]))
    assert rate.tokens_per_minute == pytest.approx(target["tokensPerMinute"], rel=target["tolerance"])
    assert rate.cost_per_hour / 10**6 == pytest.approx(target["usdPerHour"], rel=target["tolerance"])
    later = read(acc, at(case["now"]) + 10 * MINUTE)
    assert later.tokens_per_minute == pytest.approx(589.4, rel=target["tolerance"])


def test_steady_work_burns_at_its_own_pace() -> None:
    start = at("2026-10-05")
    for minutes in (3, 20, 300):
        acc = added([(start + number * MINUTE, spent(1000, 50)) for number in range(minutes)])
        rate = read(acc, start + minutes * MINUTE - MINUTE // 2)
        assert rate.tokens_per_minute == pytest.approx(1000, rel=0.25 if minutes == 3 else 0.05)
        assert rate.cost_per_hour == pytest.approx(3000, rel=0.25 if minutes == 3 else 0.05)


def test_the_very_first_request_does_not_explode() -> None:
    acc = add(EMPTY, at("2026-10-05"), spent(1000))
    assert 900 < read(acc, at("2026-10-05")).tokens_per_minute < 1100


def test_a_rate_halves_in_ten_idle_minutes_and_is_gone_the_next_day() -> None:
    start = at("2026-10-05")
    acc = added([(start - DAY, spent(1)), (start, spent(1000))])
    now, later = read(acc, start), read(acc, start + 10 * MINUTE)
    assert later.tokens_per_minute == pytest.approx(now.tokens_per_minute / 2)
    assert read(acc, start + DAY).tokens_per_minute < 1e-30
    assert read(acc, start + 900 * DAY).tokens_per_minute == 0


def test_a_clock_that_runs_behind_the_log_does_not_raise_the_rate() -> None:
    acc = add(EMPTY, at("2026-10-05"), spent(1000))
    assert read(acc, at("2026-10-05") - HOUR) == read(acc, at("2026-10-05"))


def test_a_request_that_is_taken_back_leaves_nothing() -> None:
    acc = added([(at("2026-10-05"), spent(1000, 9)), (at("2026-10-05"), Usage() - spent(1000, 9))])
    assert read(acc, at("2026-10-05")) == BurnRate(0.0, 0.0)


@given(st.lists(st.tuples(st.integers(1, 5 * HOUR), st.integers(1, 10**6).map(spent)), min_size=1), st.integers(0, 99))
def test_requests_may_come_in_any_order(marks: list[Mark], seed: int) -> None:
    shuffled = list(marks)
    Random(seed).shuffle(shuffled)
    one, other = read(added(marks), 5 * HOUR), read(added(shuffled), 5 * HOUR)
    assert one.tokens_per_minute == pytest.approx(other.tokens_per_minute)


def test_the_straight_rule_goes_on_at_the_average_until_the_end() -> None:
    spent_so_far = Usage(tokens=Tokens(output=600), requests=2, cost=1_200)
    window = Block(0, 300 * MINUTE, "estimated", spent_so_far, 0, 60 * MINUTE)
    found = straight(window, 100 * MINUTE)
    assert found is not None
    assert (found.rate.tokens_per_minute, found.rate.cost_per_hour) == (10, 1_200)
    assert (found.tokens, found.cost) == pytest.approx((600 + 200 * 10, 1_200 + 200 * 20))


def test_the_straight_rule_has_nothing_to_say_of_a_single_moment() -> None:
    assert straight(Block(0, 300 * MINUTE, "official", Usage(), 5, 5), 10) is None
