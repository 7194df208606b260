"""What waits for one client, and what that client wants to hear."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from moonlock.live.ring import Kept
from moonlock.model.wire import Skip

DEPTH = 256
_encode = msgspec.json.Encoder().encode


class TooSlow(Exception):
    """More came than may wait: the client must connect again and resume."""


def message(frames: Sequence[bytes]) -> bytes:
    """Frames as one WebSocket message: one alone, or several as an array in order."""
    return frames[0] if len(frames) == 1 else b"[" + b",".join(frames) + b"]"


class Listener:
    """Hears frames in order, or learns by a skip that it did not want them; nobody waits for it."""

    def __init__(self, depth: int = DEPTH) -> None:
        self._depth = depth
        self._waiting: deque[bytes] = deque()
        self._awake = asyncio.Event()
        self._sessions: frozenset[str] | None = None
        self._kinds: frozenset[str] | None = None
        self._skipped = 0
        self.too_slow = False
        self.anew = False

    def want(self, sessions: Iterable[str] | None = None, kinds: Iterable[str] | None = None) -> None:
        """Only these sessions and types from now on; None is all. Frames about no session are always wanted."""
        self._sessions = None if sessions is None else frozenset(sessions)
        self._kinds = None if kinds is None else frozenset(kinds)

    def put(self, frames: Sequence[Kept]) -> None:
        """Frames that left together; where nothing waits they find room, so a burst alone makes nobody slow."""
        if self.too_slow:
            return
        bodies = list(self._wanted(frames))
        room = self._depth - len(self._waiting) if self._waiting else len(bodies)
        self.too_slow = len(bodies) > room
        self._waiting.extend(bodies[:room])
        if bodies:
            self._awake.set()

    async def waits(self) -> None:
        """Until a frame waits; TooSlow when the rest is lost."""
        while not (self._waiting or self.anew):
            if self.too_slow:
                raise TooSlow
            self._awake.clear()
            await self._awake.wait()

    def take(self) -> list[bytes]:
        """All that waits now: up to the newest frame of the hub, but for a skip that is owed."""
        frames = list(self._waiting)
        self._waiting.clear()
        return frames

    def begin_again(self) -> None:
        """What was told no longer holds: what waits is dropped, and a hello is owed until ``again``."""
        self.again()
        self.anew = True
        self._awake.set()

    async def next(self) -> list[bytes]:
        """All that waits, at least one frame; TooSlow when the rest is lost."""
        await self.waits()
        return self.take()

    def skip(self) -> bytes | None:
        """The skip that is owed while nothing waits: to be sent before a heartbeat names a newer ``seq``."""
        if self._waiting or not self._skipped:
            return None
        owed, self._skipped = self._skipped, 0
        return _encode(Skip(to=owed))

    def again(self, frames: Sequence[Kept] = ()) -> list[bytes]:
        """Begin anew: what waited is dropped, and these frames are what was missed instead."""
        self._waiting.clear()
        self._skipped, self.anew = 0, False
        missed = list(self._wanted(frames))
        owed = self.skip()
        return missed if owed is None else [*missed, owed]

    def _wanted(self, frames: Sequence[Kept]) -> Iterator[bytes]:
        for frame in frames:
            if self._wants(frame):
                if self._skipped:
                    yield _encode(Skip(to=self._skipped))
                    self._skipped = 0
                yield frame.body
            else:
                self._skipped = frame.seq

    def _wants(self, frame: Kept) -> bool:
        if self._kinds is not None and frame.kind not in self._kinds:
            return False
        return self._sessions is None or frame.session is None or frame.session in self._sessions
