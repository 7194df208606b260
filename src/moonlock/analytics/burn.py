"""How fast tokens and money go now: a rate that falls when work stops (rule B7).

The limit of the one-minute average with a half-life of ten minutes: every request weighs (ln 2 / h) * 2^(-age / h), so
its share fades from the moment it happened, whatever order requests come in. The average is corrected for the time
before the first request, counted as one minute at least: a minute is the bin in which a rate begins to mean something.
"""

from __future__ import annotations

import msgspec

from moonlock.analytics.fading import WEIGHT, faded, known
from moonlock.model.instant import HOUR, MINUTE, Instant
from moonlock.model.limits import Block, BurnRate
from moonlock.model.outlook import Straight
from moonlock.model.tokens import Usage


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
    left, fresh = faded(newest - acc.at), faded(newest - at)
    return Pace(
        newest,
        min(acc.first, at),
        acc.tokens * left + usage.tokens.total * fresh * WEIGHT,
        acc.cost * left + usage.cost * fresh * WEIGHT,
    )


def read(acc: Pace, now: Instant) -> BurnRate:
    """The rate at ``now``; zero when nothing was ever added."""
    if acc.at == 0:
        return BurnRate(0.0, 0.0)
    share = faded(max(0, now - acc.at)) / known(now - acc.first)
    return BurnRate(max(0.0, acc.tokens * share), max(0.0, acc.cost * share * HOUR / MINUTE))


def straight(block: Block, now: Instant) -> Straight | None:
    """ccusage's rule (B9): the average between first and last request, going on until the end; None for one moment."""
    minutes, left = (block.last_at - block.first_at) / MINUTE, max(0, block.end - now) / MINUTE
    if minutes <= 0:
        return None
    tokens, cost = block.usage.tokens.total, block.usage.cost
    rate = BurnRate(tokens / minutes, cost / minutes * HOUR / MINUTE)
    return Straight(rate, tokens * (1 + left / minutes), cost * (1 + left / minutes))
