"""What the clocks tell of the machine: whether it slept, and whether somebody set the wall clock."""

from __future__ import annotations

from moonlock.model.instant import SECOND
from moonlock.model.timer import Clocks, Jump

SLEPT, STEPPED = SECOND, 2 * SECOND
"""Less than that is how long it takes to look at three clocks, and what time servers correct bit by bit."""


def add(acc: Clocks, now: Clocks) -> tuple[Clocks, tuple[Jump, ...]]:
    """What happened since ``acc``, and what to compare with from now on.

    That stays where it is while nothing happens, so that many small steps are noticed together. A sleep comes first,
    at the time as it was before the clock was set.
    """
    slept = (now.boot - now.awake) - (acc.boot - acc.awake)
    stepped = (now.wall - now.boot) - (acc.wall - acc.boot)
    jumps: list[Jump] = []
    if slept > SLEPT:
        jumps.append(Jump("suspend", now.wall - (stepped if abs(stepped) > STEPPED else 0), slept))
        acc = Clocks(acc.wall, acc.awake - slept, acc.boot)
    if abs(stepped) > STEPPED:
        jumps.append(Jump("clock", now.wall, stepped))
        acc = Clocks(acc.wall + stepped, acc.awake, acc.boot)
    return acc, tuple(jumps)
