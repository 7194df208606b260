"""Whether it goes faster than one's own habit: six minutes far above the mean of one's active minutes.

The habit is learned from about the last thousand minutes with usage, from none before it is older than those six; below
sixty of them nothing is said. Why not a fading rate and its deviations, and what this finds and costs: decision 0012.
"""

from __future__ import annotations

import msgspec

from moonlock.model.instant import MINUTE, Instant
from moonlock.model.outlook import Anomaly, AnomalyState

FEW, MEMORY, COOLDOWN = 60, 1_000, 30 * MINUTE
SPAN, TIMES = 6, 3.9
"""Minutes that are looked at together, and how many times the habit their mean must be."""


class Habit(msgspec.Struct, frozen=True):
    """What is known after the newest of ``recent``."""

    recent: tuple[tuple[Instant, float], ...] = ()
    """The minutes with usage among the last six, oldest first; they are tested together before any of them teaches."""
    taught: int = 0
    """So many minutes with usage made the mean."""
    mean: float = 0.0
    raised_at: Instant | None = None
    """The last minute that raised an alarm; none is raised for half an hour after it."""

    @property
    def minutes(self) -> int:
        """All with usage."""
        return self.taught + len(self.recent)

    @property
    def high(self) -> float:
        """Where high begins."""
        return TIMES * self.mean


EMPTY = Habit()


def add(acc: Habit, minute: Instant, amount: float) -> Habit:
    """One more minute, in time order; those that are left out were quiet."""
    if amount <= 0:
        return acc
    recent = (*_recent(acc, minute), (minute, amount))
    count, mean = acc.taught, acc.mean
    for _, old in acc.recent[: len(acc.recent) + 1 - len(recent)]:
        count += 1
        mean += (old - mean) / min(count, MEMORY)
    rested = acc.raised_at is None or minute - acc.raised_at >= COOLDOWN
    alarm = count + len(recent) > FEW and _rate(recent) > TIMES * mean and rested
    return Habit(recent, count, mean, minute if alarm else acc.raised_at)


def read(acc: Habit, now: Instant) -> Anomaly:
    """How fast it goes at ``now``; high from an alarm on until its half hour is over."""
    raised = acc.raised_at is not None and now - acc.raised_at < COOLDOWN
    state: AnomalyState = "learning" if acc.minutes <= FEW else "high" if raised else "usual"
    rate = _rate(_recent(acc, now - now % MINUTE))
    return Anomaly(state, acc.raised_at if raised else None, rate, acc.mean, acc.high, acc.minutes)


def _recent(acc: Habit, minute: Instant) -> tuple[tuple[Instant, float], ...]:
    return tuple(each for each in acc.recent if each[0] > minute - SPAN * MINUTE)


def _rate(recent: tuple[tuple[Instant, float], ...]) -> float:
    return sum(amount for _, amount in recent) / SPAN
