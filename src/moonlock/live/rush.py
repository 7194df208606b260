"""When much comes at once it is dealt with together, some times a second; little is never held up."""

from __future__ import annotations

from collections import deque

from moonlock.model.instant import Instant

QUIET, RUSH_MS = 20, 100
"""More than so many things within so many milliseconds are a rush."""
WAIT_MS = 50
"""Milliseconds between two turns in a rush, unless the setting batch_interval says otherwise.

At 1,000 lines a second each line read alone took half as much time again, and 50 clients waited behind the readers.
"""


class Rush:
    """Tells how long to wait before the next turn. Knows no clock: moments are passed in."""

    def __init__(self, wait: Instant = WAIT_MS) -> None:
        self._wait = wait
        self._came: deque[Instant] = deque(maxlen=QUIET + 1)
        self._turn: Instant = 0

    def came(self, now: Instant) -> None:
        """One more thing that is to be dealt with."""
        self._came.append(now)

    def took(self, now: Instant) -> None:
        """All that came is dealt with now."""
        self._turn = now

    def rest(self, now: Instant) -> Instant:
        """Milliseconds until the next turn: none when it is quiet, and never more than ``wait``, whatever clocks do."""
        came = self._came
        busy = len(came) == came.maxlen and now - came[0] < RUSH_MS
        return min(self._wait, max(0, self._turn + self._wait - now)) if busy else 0
