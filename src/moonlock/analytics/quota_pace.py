"""Where a limit leads, in percent of it: what is still to come is foreseen in dollars or tokens, and converted.

How many percent a dollar is worth is learned within the open window, from each rise of the percentage and from what was
spent here meanwhile. It is uncertain: in ten windows that were measured (domain.md, 1.6) what one percent was worth
varied by a factor of e^0.8, because of use that these logs do not show. So three worths are tried, the learned one and
one to each side; the sides come closer with every rise by a point. Nothing is said before the first.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from math import exp, sqrt

import msgspec

from moonlock.analytics.forecast import BAND, KNOWN, Analogs, Seen, foresee, quantiles
from moonlock.model.instant import HOUR, MINUTE, Instant
from moonlock.model.limits import QuotaHabit, Rise
from moonlock.model.outlook import Band, Outcome, Unit

VARIES = 0.8
"""The logarithm of how much a percent is worth varies so much from one rise to the next."""
FULL = 100.0
USUAL = 0.9
WEEKS, OLDER = 8, 0.8
"""So many past weeks are looked at; each weighs so much of the one after it."""
WEEK_HOURS = 168
STEP = 1.0
"""Percent; a rise by less is not one of its own: one response may tell a window in ten small steps."""
RARE = 0.1
"""When a limit runs out is not told where fewer than so many futures reach it: it would hang on one or two of them."""


class Worth(msgspec.Struct, frozen=True):
    """Percent for each unit that is spent; it may be more or less by ``factor``."""

    percent: float
    factor: float
    rises: int
    """So many rises taught it."""

    def guesses(self) -> tuple[float, float, float]:
        """The middle one, then less and more."""
        return self.percent, self.percent / self.factor, self.percent * self.factor


class Fate(msgspec.Struct, frozen=True):
    """How a window ends, in percent of its limit."""

    end: tuple[float, float, float]
    overrun: float
    runs_out_at: Instant | None


def worth(rises: Sequence[Rise], spent: Iterable[tuple[Instant, float]]) -> Worth | None:
    """Learned from what was spent between the first and the last rise; None when that is too little to learn from."""
    known = [*_steps(sorted(rises, key=lambda rise: (rise.at, rise.used)))]
    if len(known) < 2:
        return None
    first, last = known[0], known[-1]
    between = sum(amount for at, amount in spent if first.at < at <= last.at)
    if between <= 0 or last.used <= first.used:
        return None
    return Worth((last.used - first.used) / between, exp(VARIES / sqrt(len(known) - 1)), len(known) - 1)


def _steps(rises: Iterable[Rise]) -> Iterator[Rise]:
    """The first, and each that is a step above the one before."""
    reached: float | None = None
    for rise in rises:
        if reached is None or rise.used >= reached + STEP:
            reached = rise.used
            yield rise


def five_hours(used: float, value: Worth, known: Analogs, seen: Seen, now: Instant) -> Fate:
    """The end of a window of five hours, by past windows that were like it."""

    def outcome(percent: float) -> Outcome:
        return foresee(known, seen, seen.spent + (FULL - used) / percent)

    return _fate(used, value, outcome, lambda found: _left(found.end, seen.spent), now)


def weeks(used: float, value: Worth, past: Sequence[Sequence[float]], elapsed: int, now: Instant) -> Fate | None:
    """The end of a week, by what came next in one's own past weeks, cut at the same hours; newest first.

    None with fewer than three of them.
    """
    taught = [(OLDER**age, bins) for age, bins in enumerate(past) if sum(bins) > 0]
    if len(taught) < KNOWN:
        return None

    def outcome(percent: float) -> Outcome:
        return _replayed(taught, elapsed, (FULL - used) / percent)

    return _fate(used, value, outcome, lambda found: found.end, now)


def habit(used: float, past: Iterable[float], unit: Unit) -> QuotaHabit | None:
    """What nine of ten past windows stayed below, and the most; None with fewer than three that have usage."""
    known = sorted(total for total in past if total > 0)
    if len(known) < KNOWN:
        return None
    place = USUAL * (len(known) - 1)
    low = int(place)
    high = min(low + 1, len(known) - 1)
    usual = known[low] + (known[high] - known[low]) * (place - low)
    return QuotaHabit(unit, used, usual, known[-1], len(known))


def past_weeks(hours: Mapping[int, float], start: Instant) -> list[list[float]]:
    """The weeks before a moment, hour by hour, newest first; those before the first usage are left out."""
    begin, earliest = start // HOUR, min(hours, default=0)
    starts = [begin - WEEK_HOURS * (age + 1) for age in range(WEEKS)] if hours else []
    return [[hours.get(hour, 0) for hour in range(at, at + WEEK_HOURS)] for at in starts if at >= earliest]


def _fate(
    used: float, value: Worth, outcome: Callable[[float], Outcome], left: Callable[[Outcome], Band], now: Instant
) -> Fate:
    middle, less, more = (outcome(percent) for percent in value.guesses())
    likely, lower, higher = value.guesses()
    end = used + likely * left(middle).expected, used + lower * left(less).low, used + higher * left(more).high
    overrun = sum(each.overrun or 0 for each in (middle, less, more)) / 3
    runs_out = None if overrun < RARE else _runs_out((middle, less, more))
    return Fate(end, overrun, None if runs_out is None else now + round(runs_out) * MINUTE)


def _runs_out(outcomes: Iterable[Outcome]) -> float | None:
    """In so many minutes: every outcome has a say by how likely it gets there."""
    found = [(each.overrun or 0, each.reached.expected) for each in outcomes if each.reached is not None]
    weight = sum(likely for likely, _ in found)
    return sum(likely * minutes for likely, minutes in found) / weight if weight else None


def _left(end: Band, spent: float) -> Band:
    return Band(end.expected - spent, end.low - spent, end.high - spent)


def _replayed(taught: Sequence[tuple[float, Sequence[float]]], elapsed: int, need: float) -> Outcome:
    """What was still to come in each week, and when it passed what is needed."""
    total = sum(weight for weight, _ in taught)
    left = sorted((sum(bins[elapsed:]), weight) for weight, bins in taught)
    amounts, weights = zip(*left, strict=True)
    low, middle, high = quantiles(amounts, [*accumulate(weights)], BAND)
    hits = []
    for weight, bins in taught:
        sums = [*accumulate(bins[elapsed:])]
        place = bisect_left(sums, need)
        if place < len(sums):
            hits.append((60.0 * (place + 1), weight))
    overrun = sum(weight for _, weight in hits) / total
    reached = None
    if hits:
        minutes, shares = zip(*sorted(hits), strict=True)
        first, usual, last = quantiles(minutes, [*accumulate(shares)], BAND)
        reached = Band(usual, first, last)
    return Outcome(Band(middle, low, high), overrun, reached, float(len(taught)), ())
