"""Where a limit leads: what a percent is worth is learned, what is still to come is foreseen, both uncertain."""

from __future__ import annotations

from itertools import pairwise

import pytest

from moonlock.analytics import quota_pace
from moonlock.analytics.forecast import analogs, beside, seen
from moonlock.analytics.prior import prior
from moonlock.analytics.quota_pace import WEEK_HOURS, Worth, habit, past_weeks, worth
from moonlock.model.instant import HOUR, MINUTE
from moonlock.model.limits import Rise

NOON = 1_795_161_600_000


def spent(*each: tuple[int, float]) -> list[tuple[int, float]]:
    return [(NOON + minute * MINUTE, amount) for minute, amount in each]


def rise(minute: int, used: float) -> Rise:
    return Rise(NOON + minute * MINUTE, used)


def test_a_percent_is_worth_what_was_spent_between_the_rises() -> None:
    found = worth([rise(0, 10.0), rise(20, 12.0), rise(30, 15.0)], spent((-5, 900.0), (10, 4.0), (30, 6.0), (31, 50.0)))
    assert found is not None
    assert (found.percent, found.rises) == (0.5, 2)
    less, more = found.guesses()[1:]
    assert less < 0.5 < more and less * more == pytest.approx(0.25)


def test_it_is_surer_with_every_rise() -> None:
    few = worth([rise(0, 10.0), rise(9, 20.0)], spent((5, 1.0)))
    many = worth([rise(minute, 10.0 + minute) for minute in range(10)], spent((5, 1.0)))
    assert few is not None and many is not None and many.factor < few.factor


def test_steps_of_less_than_a_percent_are_none_of_their_own() -> None:
    small = [rise(minute, 10.0 + minute / 10) for minute in range(36)]
    found = worth(small, spent((5, 3.0), (15, 1.0), (33, 9.0)))
    assert found is not None and (found.percent, found.rises) == (0.75, 3)
    assert worth(small[:10], spent((5, 3.0))) is None


@pytest.mark.parametrize(
    "rises",
    [
        [],
        [rise(0, 10.0)],
        [rise(0, 10.0), rise(9, 10.0)],
        [rise(20, 10.0), rise(30, 20.0)],
        [rise(9, 5.0), rise(0, 6.0)],
    ],
)
def test_too_little_teaches_nothing(rises: list[Rise]) -> None:
    assert worth(rises, spent((5, 1.0))) is None


def test_a_window_that_is_nearly_used_up_at_work_runs_out_and_one_that_has_begun_likely_does_not() -> None:
    bins = [1.0 if minute < 120 else 0.0 for minute in range(300)]
    known = beside(analogs([bins] * 10, 120.0), prior(), 120.0)
    now = seen(bins, 60)
    full = quota_pace.five_hours(90.0, Worth(1.5, 1.1, 30), known, now, NOON)
    empty = quota_pace.five_hours(5.0, Worth(0.05, 1.1, 30), known, now, NOON)
    assert full.overrun > 0.6 > 0.1 > empty.overrun
    assert full.runs_out_at is not None and NOON < full.runs_out_at < NOON + 60 * MINUTE
    assert full.end[1] <= full.end[0] <= full.end[2] and full.end[1] >= 90.0
    assert empty.end[2] < 60.0


def test_when_it_runs_out_is_told_only_where_it_is_likely_enough_and_does_not_leap() -> None:
    bins = [1.0 if minute < 200 or number > 7 else 0.0 for number in range(10) for minute in range(300)]
    known = beside(analogs([bins[at : at + 300] for at in range(0, 3_000, 300)], 200.0), prior(), 200.0)
    fates = [
        quota_pace.five_hours(used, Worth(0.3, 1.5, 5), known, seen([1.0] * 100, 100), NOON)
        for used in range(20, 90, 6)
    ]
    assert [fate.runs_out_at is None for fate in fates] == [fate.overrun < quota_pace.RARE for fate in fates]
    told = [(fate.runs_out_at - NOON) / MINUTE for fate in fates if fate.runs_out_at is not None]
    assert len(told) > 4 and max(abs(one - other) for one, other in pairwise(told)) < 60


def test_the_less_is_known_of_a_percent_the_wider_is_the_band() -> None:
    bins = [1.0] * 300
    known = beside(analogs([bins] * 10, 300.0), prior(), 300.0)
    sure, unsure = (
        quota_pace.five_hours(20.0, Worth(0.1, factor, 3), known, seen(bins, 100), NOON) for factor in (1.05, 2.2)
    )
    assert unsure.end[2] - unsure.end[1] > sure.end[2] - sure.end[1]


WORKING = [2.0 if hour % 24 in (9, 10, 11, 14, 15) and hour < 120 else 0.0 for hour in range(WEEK_HOURS)]


def test_a_week_is_foreseen_by_ones_own_weeks_from_the_same_hour_on() -> None:
    fate = quota_pace.weeks(60.0, Worth(1.0, 1.001, 900), [WORKING] * 4, 72, NOON)
    assert fate is not None
    assert fate.end == pytest.approx((80.0, 80.0, 80.0), abs=0.1) and fate.overrun == 0.0 and fate.runs_out_at is None
    over = quota_pace.weeks(85.0, Worth(1.0, 1.001, 900), [WORKING] * 4, 72, NOON)
    assert over is not None and over.overrun == 1.0
    assert over.runs_out_at is not None and NOON + 24 * HOUR < over.runs_out_at < NOON + 48 * HOUR


def test_weeks_that_differ_make_a_probability_and_the_newest_weighs_most() -> None:
    quiet = [0.0] * 80 + [0.1] * 88
    fate = quota_pace.weeks(85.0, Worth(1.0, 1.001, 900), [WORKING, quiet, quiet], 72, NOON)
    assert fate is not None and 1 / 3 < fate.overrun < 0.5
    assert quota_pace.weeks(85.0, Worth(1.0, 1.001, 900), [WORKING, quiet, [0.0] * WEEK_HOURS], 72, NOON) is None


def test_a_habit_is_what_nine_of_ten_windows_stay_below_and_it_takes_three() -> None:
    found = habit(5.0, [float(number) for number in range(11)] + [0.0], "tokens")
    assert found is not None
    assert found.usual == pytest.approx(9.1)
    assert (found.most, found.windows, found.used) == (10.0, 10, 5.0)
    assert habit(5.0, [1.0, 2.0, 0.0], "tokens") is None


def test_weeks_of_before_the_first_usage_are_left_out() -> None:
    start = NOON // HOUR * HOUR
    hours = {start // HOUR - 1: 3.0, start // HOUR - 2 * WEEK_HOURS: 4.0}
    last, before = past_weeks(hours, start)
    assert (last[-1], before[0], sum(last), sum(before)) == (3.0, 4.0, 3.0, 4.0)
    assert past_weeks({}, start) == []
