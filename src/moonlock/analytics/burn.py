"""How fast tokens and money go now: a rate that falls when work stops (rule B7).

The limit of the one-minute average with a half-life of ten minutes: every request weighs (ln 2 / h) * 2^(-age / h), so
its share fades from the moment it happened, whatever order requests come in. The average is corrected for the time
before the first request, counted as one minute at least: a minute is the bin in which a rate begins to mean something.
"""

from __future__ import annotations

from math import log

import msgspec

from moonlock.model.instant import HOUR, MINUTE, Instant
from moonlock.model.limits import BurnRate
from moonlock.model.tokens import Usage

HALF_LIFE = 10 * MINUTE
_WEIGHT = log(2) * MINUTE / HALF_LIFE


class Pace(msgspec.Struct, frozen=True):
    """Weighted sums as of ``at``."""

    at: Instant = 0
    first: Instant = 0
    tokens: float = 0.0
    cost: float = 0.0


EMPTY = Pace()


def add(acc: Pace, at: Instant, usage: Usage) -> Pace:
    """One request, or a difference to one; late ones weigh what their age leaves."""
    if acc.at == 0:
        acc = Pace(at, at)
    newest = max(acc.at, at)
    faded, fresh = _faded(newest - acc.at), _faded(newest - at)
    return Pace(
        newest,
        min(acc.first, at),
        acc.tokens * faded + usage.tokens.total * fresh * _WEIGHT,
        acc.cost * faded + usage.cost * fresh * _WEIGHT,
    )


def read(acc: Pace, now: Instant) -> BurnRate:
    """The rate at ``now``; zero when nothing was ever added."""
    if acc.at == 0:
        return BurnRate(0.0, 0.0)
    share = _faded(max(0, now - acc.at)) / (1 - _faded(max(MINUTE, now - acc.first)))
    return BurnRate(max(0.0, acc.tokens * share), max(0.0, acc.cost * share * HOUR / MINUTE))


def _faded(age: int) -> float:
    return float(2.0 ** (-age / HALF_LIFE))
