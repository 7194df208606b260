"""Forecasts against a plain account of the method, and what must hold of every one of them."""

from __future__ import annotations

import math
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moonlock.analytics.forecast import WINDOW, Analogs, Seen, analogs, beside, foresee, moments, quantiles, scale, seen
from moonlock.analytics.prior import SAMPLED, people, prior

BINS = st.lists(st.tuples(st.integers(0, WINDOW - 1), st.integers(1, 10**9)), max_size=40)


def bins(used: list[tuple[int, int]]) -> list[float]:
    made = [0.0] * WINDOW
    for minute, amount in used:
        made[minute] += amount
    return made


def library(windows: list[list[float]]) -> Analogs:
    usual = scale(map(sum, windows), 1.0)
    return beside(analogs(windows, usual), prior(), usual)


def plainly(windows: list[list[float]], others: list[list[float]], now: list[float], minute: int) -> list[float]:
    """The 10th, 50th and 90th percentile of the end, word for word as the method is described."""
    usual = sorted(sum(each) for each in windows)
    middle = (usual[(len(usual) - 1) // 2] + usual[len(usual) // 2]) / 2

    def features(each: list[float], at: int, unit: float) -> tuple[float, ...]:
        idle = next((gap for gap in range(at) if each[at - 1 - gap] > 0), at)
        spent, lately = sum(each[:at]) / unit, sum(each[max(0, at - 30) : at]) / unit
        return at / 60, math.log(spent + 0.02), math.log(lately + 0.01), math.log(1 + idle)

    wanted = features(now, minute, middle)
    parts: list[list[tuple[float, float]]] = []
    for known, unit in ((windows, middle), (others, 1.0)):
        rows = []
        for each in known:
            for at in range(10, 300, 10):
                apart = zip(wanted, features(each, at, unit), (0.6, 1.0, 1.0, 0.9), strict=True)
                weight = math.exp(-0.5 * sum(((one - other) / width) ** 2 for one, other, width in apart))
                rows.append((sum(each[at:]) / unit, weight))
        parts.append(rows)
    lam = 8 / (8 + len(windows))
    own, rest = (sum(weight for _, weight in rows) for rows in parts)
    weighed = [(left, weight / own * (1 - lam)) for left, weight in parts[0]]
    weighed += [(left, weight / rest * lam) for left, weight in parts[1]]
    weighed.sort()
    found = []
    for share in (0.1, 0.5, 0.9):
        total = below = 0.0
        before = weighed[0][0]
        for left, weight in weighed:
            if total + weight >= share:
                below = before + (left - before) * (share - total) / weight if total else left
                break
            total, before = total + weight, left
        found.append(sum(now[:minute]) + below * middle)
    return found


@pytest.mark.parametrize("minute", [15, 75, 150, 290])
def test_a_forecast_is_what_the_described_method_gives(minute: int) -> None:
    *own, now = people(7, 1, 13)[0]
    others = [[after - before for before, after in pairwise(sums)] for sums in prior().sums]
    found = foresee(library(own), seen(now, minute)).end
    # Moments with the same rest come in any order, which moves the line to the next value a little.
    assert [found.low, found.expected, found.high] == pytest.approx(plainly(own, others, now, minute), rel=1e-3)


@settings(deadline=None, max_examples=25)
@given(st.lists(BINS, max_size=6), BINS, st.integers(1, WINDOW))
def test_a_band_is_in_order_and_never_below_what_is_spent(
    windows: list[list[tuple[int, int]]], now: list[tuple[int, int]], minute: int
) -> None:
    so_far = seen(bins(now), minute)
    outcome = foresee(library([bins(each) for each in windows]), so_far, 10**9)
    assert so_far.spent <= outcome.end.low <= outcome.end.expected <= outcome.end.high
    assert outcome.overrun is not None and 0 <= outcome.overrun <= 1 + 1e-9
    assert outcome.effective >= 1 and 0 <= sum(outcome.shares) < 1 and len(outcome.shares) == len(windows)
    if outcome.reached is not None:
        assert 1 <= outcome.reached.low <= outcome.reached.expected <= outcome.reached.high <= WINDOW


def test_a_window_seen_so_far_says_how_much_and_how_long_ago() -> None:
    assert seen(bins([(0, 5), (40, 7)]), 50) == Seen(50, 12, 7, 9)
    assert seen(bins([(0, 5), (40, 7)]), 41) == Seen(41, 12, 7, 0)
    assert seen(bins([]), 30) == Seen(30, 0, 0, 30)


def test_a_scale_is_the_median_of_three_used_windows_or_the_one_that_is_given() -> None:
    assert scale([5, 0, 9], 7.5) == 7.5
    assert scale([5, 0, 9, 100], 7.5) == 9


def test_without_own_windows_the_prior_alone_speaks_and_with_them_its_share_falls() -> None:
    now = seen(bins([(0, 1)]), 60)
    assert foresee(library([]), now).shares == ()
    steady = [[0.01] * WINDOW for _ in range(8)]
    outcome = foresee(library(steady), seen(steady[0], 60))
    assert sum(outcome.shares) == pytest.approx(0.5)
    assert outcome.shares == pytest.approx([0.5 / 8] * 8)


def test_own_windows_that_are_nothing_like_now_leave_it_to_the_prior() -> None:
    own = library([bins([(299, 1)])] * 3)
    outcome = foresee(own, seen([10.0**6] * WINDOW, 150))
    assert sum(outcome.shares) == 0


def test_who_always_goes_on_evenly_is_expected_to_go_on() -> None:
    even = [[1.0] * WINDOW for _ in range(40)]
    outcome = foresee(library(even), seen(even[0], 150), limit=250)
    assert outcome.end.expected == pytest.approx(300, rel=0.15)
    assert outcome.overrun is not None and outcome.overrun > 0.7
    assert outcome.reached is not None and outcome.reached.expected == pytest.approx(100, abs=15)


def test_a_limit_that_is_passed_is_overrun_and_one_out_of_reach_is_not() -> None:
    known, now = library([]), seen(bins([(0, 1)]), 100)
    passed, far = foresee(known, now, limit=1), foresee(known, now, limit=1e9)
    assert (passed.overrun, passed.reached) == (1.0, None)
    assert (far.overrun, far.reached) == (0, None)
    assert (foresee(known, now).overrun, foresee(known, now).reached) == (None, None)


def held(person: list[list[float]], times: float, minute: int) -> float:
    """Windows so many times as big as they were, each foreseen from those before it: how many end within the band."""
    inside = []
    for number in range(8, len(person)):
        known, bigger = library(person[:number]), [times * each for each in person[number]]
        end = foresee(known, seen(bigger, minute)).end
        inside.append(end.low <= sum(bigger) <= end.high)
    return sum(inside) / len(inside)


def test_a_window_that_outgrew_all_others_is_not_taken_for_one_that_is_over() -> None:
    """Without the growth of the library not one in five of these bands held; ordinary ones hold four of five."""
    person = people(77, 1, 40)[0]
    assert held(person, 30, 75) > 0.4
    assert held(person, 30, 225) > 0.6


def test_a_library_grows_with_its_window_without_a_jump() -> None:
    even = library([[1.0] * WINDOW for _ in range(10)])
    ends = [foresee(even, Seen(150, spent, spent / 5, 0)).end.high for spent in (299.9, 300.1)]
    assert ends[1] == pytest.approx(ends[0], rel=0.01)


def test_a_window_far_beyond_all_others_is_foreseen_in_their_shape() -> None:
    even = [[1.0] * WINDOW for _ in range(40)]
    end = foresee(library(even), seen([50.0] * WINDOW, 150)).end
    assert end.low > 1.05 * 50 * 150 and end.high == pytest.approx(50 * 300, rel=0.3)


@pytest.mark.parametrize("length", [10, 45, 120])
def test_the_beginnings_of_windows_tell_how_a_shorter_stretch_ends(length: int) -> None:
    even = [[1.0] * WINDOW for _ in range(40)]
    known = beside(analogs(even, 300.0, length), prior(length), 300.0)
    assert known.length == length and max(known.moment) < length
    end = foresee(known, seen([1.0] * WINDOW, length // 2)).end
    assert end.expected == pytest.approx(length, rel=0.2) and end.low >= length // 2


def test_usage_beyond_all_that_was_ever_seen_still_has_a_forecast() -> None:
    outcome = foresee(library([bins([(0, 1)])] * 5), seen([10**15] * WINDOW, 299))
    assert math.isfinite(outcome.end.high) and outcome.end.low >= 299 * 10**15


def test_quantiles_lie_on_lines_between_the_values() -> None:
    assert quantiles([1.0, 2.0, 4.0], [1.0, 2.0, 4.0], (0.0, 0.25, 0.375, 0.75, 1.0)) == [1.0, 1.0, 1.5, 3.0, 4.0]


def test_the_prior_is_the_same_for_everybody_and_of_its_full_size() -> None:
    known = prior()
    assert len(known.sums) == SAMPLED and len(known.left) == SAMPLED * len(moments(WINDOW))
    assert prior() is known
    assert people(3, 2, 4) == people(3, 2, 4) != people(4, 2, 4)
    usual = sorted(sums[-1] for sums in known.sums)
    assert usual[SAMPLED // 2] == pytest.approx(1, rel=0.2)


def test_the_made_up_people_pause_as_real_ones_do() -> None:
    """In about two of five real windows nothing more happens after a quarter of the time."""
    windows = [each for known in people(5, 12, 40) for each in known]
    over = sum(not any(each[150:]) for each in windows) / len(windows)
    assert 0.05 < over < 0.6
    assert len(windows) <= 480 and all(any(each) for each in windows)


def test_order_does_not_matter_to_what_is_remembered() -> None:
    windows = people(9, 1, 10)[0]
    mixed = windows[:]
    Random(1).shuffle(mixed)
    now = seen(windows[0], 100)
    assert foresee(library(mixed), now).end == foresee(library(windows), now).end
