"""How far history has been read, told to listeners now and then."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from moonlock.live import clock
from moonlock.model.instant import iso
from moonlock.model.shapes import ProgressShape
from moonlock.model.wire import Frame, ProgressUpdate

TOLD = 200
"""Milliseconds between two words about progress."""
RENEWED = 1_000
"""While history is read: milliseconds between two pictures of it."""
UNKNOWN = ProgressShape(files=0, files_done=0, bytes=0, bytes_done=0)


class Progress:
    """``now`` is None once everything was read."""

    def __init__(self, publish: Callable[[Iterable[Frame]], None]) -> None:
        self.now: ProgressShape | None = UNKNOWN
        self._publish, self._told_at = publish, 0

    def tell(self, progress: ProgressShape | None) -> None:
        """At most five times a second, but for the last word."""
        at, told = clock.monotonic(), self.now
        if progress == told or (progress is not None and at - self._told_at < TOLD):
            return
        self.now, self._told_at = progress, at
        self._publish([ProgressUpdate(seq=0, at=iso(clock.now()), sent_at="", data=progress)])
