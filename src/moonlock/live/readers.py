"""Questions to the store while lines come in: they have a thread and a connection of their own (decision 0013).

Nobody waits here for a catch-up, and no new line waits for a question.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from moonlock.live.explainer import Explainer
from moonlock.store import Store
from moonlock.store.errors import StorePacked

MOST_KEPT, MOST_BYTES = 64, 16_000_000
T = TypeVar("T")
_Kept = OrderedDict[Hashable, tuple[tuple[int, int], bytes]]


class Readers:
    """One thread that only reads. ``asked`` lets tests count work."""

    def __init__(self, opened: Callable[[], Store], unpack: Callable[[], Awaitable[object]]) -> None:
        self._opened, self._unpack = opened, unpack
        self._thread = ThreadPoolExecutor(1, "moonlock-reader")
        self._store: Store | None = None
        self._kept: _Kept = OrderedDict()
        self.asked = 0
        self.explainer = Explainer()

    async def ask(self, work: Callable[[Store], T]) -> T:
        """What the store answers, all of it about one moment."""
        return await self._done(partial(self._ask, work))

    async def told(self, about: Hashable, work: Callable[[Store], bytes]) -> bytes:
        """The same for an answer as it is sent; until the store changes, it is not made again.

        ``about`` names the question, and all that its answer depends on besides the store.
        """
        return await self._done(partial(self._tell, about, work))

    def close(self) -> None:
        """Wait for the last answer, and let go of the store."""
        self._thread.submit(self._leave)
        self._thread.shutdown()

    async def _done(self, work: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, work)
        except StorePacked:  # history is being read for the first time; who writes sorts it in
            await self._unpack()
            return await loop.run_in_executor(self._thread, work)

    def _ask(self, work: Callable[[Store], T]) -> T:
        store = self._store = self._store or self._opened()
        self.asked += 1
        with store.still():
            return work(store)

    def _tell(self, about: Hashable, work: Callable[[Store], bytes]) -> bytes:
        store = self._store = self._store or self._opened()
        version = store.changes()
        known = self._kept.pop(about, None)
        if known is None or known[0] != version:
            known = version, self._ask(work)
        self._kept[about] = known
        while len(self._kept) > MOST_KEPT or sum(len(body) for _, body in self._kept.values()) > MOST_BYTES:
            self._kept.popitem(last=False)
        return known[1]

    def _leave(self) -> None:
        if self._store is not None:
            self._store.close()
