"""How a rate fades: every request weighs less the older it is (rule B7). Loads nothing but logarithms."""

from __future__ import annotations

from math import log

MINUTE = 60_000
HALF_LIFE = 10 * MINUTE
WEIGHT = log(2) * MINUTE / HALF_LIFE
"""What a request weighs at its own moment, in a rate for each minute."""


def faded(age: int) -> float:
    """What an age leaves of a weight."""
    return float(2.0 ** (-age / HALF_LIFE))


def known(age: int) -> float:
    """The share of all weights that lies after the first request, whose age this is; of one minute at least."""
    return 1 - faded(max(MINUTE, age))
