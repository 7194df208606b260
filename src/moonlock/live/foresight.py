"""Keeps the forecast of the open window up to date, beside the line of data: no new line ever waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import partial

import msgspec

from moonlock.analytics import blocks, burn
from moonlock.live import clock, log
from moonlock.live.foreseen import NOTHING, forecast_shape, limit_shape
from moonlock.live.outlook import Before, Memory, Outlook, before, look, memory, within
from moonlock.live.state import State
from moonlock.live.turns import Ask
from moonlock.model.instant import MINUTE, SECOND, Instant, iso
from moonlock.model.limits import Block
from moonlock.model.manual import Budget
from moonlock.model.shapes import ForecastShape
from moonlock.model.wire import ForecastUpdate, Frame
from moonlock.store import Store

PAUSE = 3 * SECOND
"""At least between two looks, however much is used."""
Publish = Callable[[Iterable[Frame]], None]
Mark = tuple[int, Block | None, Instant]


class Foresight:
    """Looks when something was used, a minute went by, or another window began. ``looks`` lets tests count work.

    ``memory`` is what the window was compared with last.
    """

    def __init__(self, limit: Budget) -> None:
        self.limit = limit
        self.forecast: ForecastShape | None = None
        self.looks = 0
        self.memory: Memory | None = None
        self._past: Before | None = None
        self._place = (0, 0, 0)
        self._raised_at: Instant = 0

    def answer(self, now: Instant) -> ForecastShape:
        """What ``GET /api/forecast`` says, also while no window is open."""
        return self.forecast or msgspec.structs.replace(NOTHING, at=iso(now), limit=limit_shape(self.limit))

    async def follow(self, state: State, store: Store, ask: Ask, publish: Publish, ready: asyncio.Event) -> None:
        """Go on for ever, once history is read. The store is asked in turn with new lines; the rest is done aside."""
        await ready.wait()
        self._raised_at = self._raised_at or clock.now() - MINUTE  # what was high before is in an older log
        looked: Mark | None = None
        while True:
            now = clock.now()
            block = blocks.read(state.window, now)
            mark = (state.begun, block, now // MINUTE if block is not None else 0)
            if mark == looked:
                await asyncio.sleep(1)
                continue
            found = None if block is None else await self._look(state, store, ask, block)
            self._tell(found, now, publish)
            looked = mark
            await asyncio.sleep(PAUSE / SECOND)

    async def _look(self, state: State, store: Store, ask: Ask, block: Block) -> Outlook:
        now, place = clock.now(), (state.begun, block.start, block.end)
        if self._place != place:
            past = await ask(partial(before, store, block))
            if self.memory is None or past != self._past:
                self.memory, self._past = await asyncio.to_thread(memory, past, self.limit), past
            self._place = place
        assert self.memory is not None
        self.looks += 1
        spent = await ask(partial(within, store, block, now))
        return await asyncio.to_thread(look, self.memory, spent, block, burn.read(state.pace, now), now)

    def _tell(self, found: Outlook | None, now: Instant, publish: Publish) -> None:
        """What is new; that time went by is not."""
        told, self.forecast = self.forecast, None if found is None else forecast_shape(found)
        if _timeless(told) != _timeless(self.forecast):
            publish([ForecastUpdate(seq=0, at=iso(now), sent_at="", data=self.forecast)])
        since = None if found is None else found.anomaly.since
        if found is not None and since is not None and since > self._raised_at:
            self._raised_at = since
            log.anomaly(found.anomaly, found.unit)


def _timeless(shape: ForecastShape | None) -> ForecastShape | None:
    return shape and msgspec.structs.replace(shape, at="")
