"""The frames of the last minutes, kept so that a client that was away learns what it missed and nothing twice."""

from __future__ import annotations

from collections import deque
from itertools import islice

import msgspec

from moonlock.model.instant import MINUTE, Instant


class Kept(msgspec.Struct, frozen=True, gc=False):
    """One frame as it goes out, and what a subscription must know of it."""

    seq: int
    at: Instant
    kind: str
    session: str | None
    body: bytes


class Ring:
    """Forgets what is older than ``age`` or further back than ``size``: a reconnecting page was away for less."""

    def __init__(self, size: int = 10_000, age: int = 10 * MINUTE, first: int = 1) -> None:
        self._size, self._age = size, age
        self._frames: deque[Kept] = deque()
        self._first = first

    def add(self, frame: Kept) -> None:
        frames = self._frames
        frames.append(frame)
        while len(frames) > self._size or frames[0].at < frame.at - self._age:
            frames.popleft()
        self._first = frames[0].seq

    def since(self, seq: int) -> list[Kept] | None:
        """All after ``seq``, or None when some of them are forgotten."""
        return list(islice(self._frames, seq + 1 - self._first, None)) if seq + 1 >= self._first else None
