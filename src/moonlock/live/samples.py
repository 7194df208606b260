"""What status lines say, from the door to whoever listens: the door only hands it in, all work is done afterwards."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from moonlock.live import clock
from moonlock.live.spool import done, take
from moonlock.model.instant import Instant
from moonlock.model.statusline import StatusSample
from moonlock.sources.base import Reporter, Source
from moonlock.store import Store

T = TypeVar("T")
Heard = Callable[[StatusSample], None]
WAITING = 256
"""Bodies that may wait; more at once push out the oldest, and their sessions speak again soon."""
SESSIONS = 200
"""Sessions whose newest sample is at hand."""
LOOK = 30.0
"""Seconds between two looks for what was left by a status line that could not reach us."""


class Ask(Protocol):
    """Has something done in the writer's thread."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]: ...


class Samples:
    """Lives in the event loop. ``latest`` is the newest sample of each session by the agent's own id."""

    def __init__(self, store: Store, sources: Sequence[Source], ask: Ask, spool: Path | None = None) -> None:
        self._store, self._ask, self._spool = store, ask, spool
        self._reporters = [source for source in sources if isinstance(source, Reporter)]
        self._waiting: deque[tuple[bytes, Instant]] = deque(maxlen=WAITING)
        self._come = asyncio.Event()
        self._listeners: list[Heard] = []
        self.latest: dict[str, StatusSample] = {}

    def listen(self, heard: Heard) -> None:
        """Hear every sample from now on, and at the beginning those that are remembered; they may repeat themselves."""
        self._listeners.append(heard)

    def offer(self, body: bytes, now: Instant) -> None:
        """Take what an agent said; it is looked at later."""
        self._waiting.append((body, now))
        self._come.set()

    async def follow(self) -> None:
        """Go on for ever: first what is remembered, then what was left for us, then what comes."""
        for sample in await self._ask(self._store.status_samples().all):
            self.take(sample)
        while True:
            await self._take_spooled()
            await self._wait()
            read = [self._decoded(body, at) for body, at in self._drained()]
            await self._keep(sample for sample in read if sample is not None)

    def take(self, sample: StatusSample) -> None:
        """Tell everybody what a session said; what is older than what it said last is told too, but not the latest."""
        session = sample.key.native_id
        known = self.latest.get(session)
        if known is None or known.at <= sample.at:
            self.latest.pop(session, None)  # the one that spoke last stands last
            self.latest[session] = sample
        while len(self.latest) > SESSIONS:
            del self.latest[next(iter(self.latest))]
        for heard in self._listeners:
            heard(sample)

    def _decoded(self, body: bytes, at: Instant) -> StatusSample | None:
        try:
            return self._read(msgspec.json.decode(body), at)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return None

    def _read(self, said: object, at: Instant) -> StatusSample | None:
        """What the first source makes of it that can."""
        found = (reporter.status_line(said, at) for reporter in self._reporters)
        return next((sample for sample in found if sample is not None), None)

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(LOOK):
                await self._come.wait()
        except TimeoutError:
            return
        self._come.clear()

    def _drained(self) -> list[tuple[bytes, Instant]]:
        found = [*self._waiting]
        self._waiting.clear()
        return found

    async def _take_spooled(self) -> None:
        if self._spool is None:
            return
        samples = await self._ask(partial(take, self._spool, self._read, clock.now()))
        if samples is not None:
            await self._keep(samples)
            await self._ask(partial(done, self._spool))

    async def _keep(self, samples: Iterable[StatusSample]) -> None:
        found = [*samples]
        for sample in found:
            self.take(sample)
        if found:
            await self._ask(partial(self._store.status_samples().keep, found))
