"""Keeps the forecasts of sessions by hand up to date, beside the line of data: no new line ever waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import partial

import msgspec

from moonlock.analytics import timer
from moonlock.live import clock
from moonlock.live.hand_outlook import Likes, foreseeable, foreseen, likes, minutes_of, remembered, spent_in
from moonlock.live.outlook import Before
from moonlock.live.state import State
from moonlock.live.turns import Ask
from moonlock.model.instant import MINUTE, SECOND, Instant, iso
from moonlock.model.manual import Hand
from moonlock.model.shapes import SessionForecastShape
from moonlock.model.wire import Frame, SessionStatusChanged
from moonlock.store import Store

PAUSE = 3 * SECOND
"""At least between two looks at the same session, however much it gathers."""


class Known(msgspec.Struct, frozen=True):
    """What a session is compared with, and how often the state had begun when the store was asked for it."""

    begun: int
    length: int
    before: Before
    likes: Likes


class HandForesight:
    """Looks when a session gathered something, a minute of its timer went by, or it was changed.

    ``looks`` lets tests count work.
    """

    def __init__(self) -> None:
        self.looks = 0
        self._known: dict[str, Known] = {}
        self._looked: dict[str, tuple[object, ...]] = {}

    async def follow(
        self,
        state: State,
        store: Store,
        ask: Ask,
        publish: Callable[[Iterable[Frame]], None],
        ready: asyncio.Event,
    ) -> None:
        """Go on for ever, once history is read. The store is asked in turn with new lines; the rest is done aside."""
        await ready.wait()
        while True:
            hands = state.hands.open()
            self._forget(hand.uid for hand in hands)
            for hand in hands:
                now = clock.now()
                mark = _mark(hand, state.begun, now)
                if self._looked.get(hand.uid) == mark:
                    continue
                found = await self._look(store, ask, hand, state.begun) if foreseeable(hand) else None
                self._looked[hand.uid] = mark
                told = state.hands.foresee(hand.uid, found)
                if told is not None:
                    data = state.hands.shape(told, now)
                    publish([SessionStatusChanged(seq=0, at=iso(now), sent_at="", session_id=hand.uid, data=data)])
            await asyncio.sleep(PAUSE / SECOND)

    async def _look(self, store: Store, ask: Ask, hand: Hand, begun: int) -> SessionForecastShape | None:
        now, length = clock.now(), minutes_of(hand)
        known = self._known.get(hand.uid)
        if known is None or (known.begun, known.length) != (begun, length):
            before = await ask(partial(remembered, store, hand))
            if known is None or (known.before, known.length) != (before, length):
                known = Known(begun, length, before, await asyncio.to_thread(likes, before, length))
            known = self._known[hand.uid] = msgspec.structs.replace(known, begun=begun)
        self.looks += 1
        spent = await ask(partial(spent_in, store, hand, now))
        return await asyncio.to_thread(foreseen, known.likes, hand, spent, now)

    def _forget(self, but: Iterable[str]) -> None:
        """What is known of sessions that are over."""
        kept = set(but)
        for uid in self._looked.keys() - kept:
            del self._looked[uid]
        for uid in self._known.keys() - kept:
            del self._known[uid]


def _mark(hand: Hand, begun: int, now: Instant) -> tuple[object, ...]:
    """What a forecast follows from, to the minute of the timer."""
    elapsed = timer.read(timer.fold(hand.marks), hand.plan.duration, now).elapsed
    return begun, hand.plan, hand.marks, hand.usage, hand.posted, elapsed // MINUTE
