"""Whether it goes faster than one's own habit: a fading rate above mean and three deviations of one's active minutes.

The rate has a half-life of ten minutes. The habit is learned from about the last thousand minutes with usage, each
tested before it teaches; below sixty of them nothing is said. What it finds and what it costs: docs/numbers.md.
"""

from __future__ import annotations

from math import sqrt

import msgspec

from moonlock.analytics.fading import HALF_LIFE
from moonlock.model.instant import MINUTE, Instant
from moonlock.model.outlook import Anomaly, AnomalyState

FEW, MEMORY, DEVIATIONS, COOLDOWN = 60, 1_000, 3, 30 * MINUTE
KEPT = float(0.5 ** (MINUTE / HALF_LIFE))
"""What a minute leaves of a rate."""


class Habit(msgspec.Struct, frozen=True):
    """What is known after the minute ``at``."""

    at: Instant = 0
    rate: float = 0.0
    minutes: int = 0
    mean: float = 0.0
    variance: float = 0.0
    raised_at: Instant | None = None
    """The last minute that raised an alarm; none is raised for half an hour after it."""

    @property
    def high(self) -> float:
        """Where high begins."""
        return self.mean + DEVIATIONS * sqrt(self.variance)


EMPTY = Habit()


def add(acc: Habit, minute: Instant, amount: float) -> Habit:
    """One more minute, in time order; those between that are left out were quiet."""
    rate = _faded(acc, minute) + (1 - KEPT) * amount
    if amount <= 0:
        return msgspec.structs.replace(acc, at=minute, rate=rate)
    count = acc.minutes + 1
    rested = acc.raised_at is None or minute - acc.raised_at >= COOLDOWN
    alarm = count > FEW and rate > acc.high and rested
    step, off = 1 / min(count, MEMORY), rate - acc.mean
    return Habit(
        minute,
        rate,
        count,
        acc.mean + step * off,
        (1 - step) * (acc.variance + step * off * off),
        minute if alarm else acc.raised_at,
    )


def read(acc: Habit, now: Instant) -> Anomaly:
    """How fast it goes at ``now``; high from an alarm on until its half hour is over."""
    raised = acc.raised_at is not None and now - acc.raised_at < COOLDOWN
    state: AnomalyState = "learning" if acc.minutes <= FEW else "high" if raised else "usual"
    rate = acc.rate * KEPT ** (max(0, now - now % MINUTE - acc.at) // MINUTE) if acc.at else 0.0
    return Anomaly(state, acc.raised_at if raised else None, rate, acc.mean, acc.high, acc.minutes)


def _faded(acc: Habit, minute: Instant) -> float:
    return acc.rate * KEPT ** ((minute - acc.at) // MINUTE) if acc.at else 0.0
