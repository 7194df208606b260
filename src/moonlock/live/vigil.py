"""Looks at what is now, for the rules: soon after anything new, and every two seconds. No line of a log waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial

import msgspec

from moonlock.analytics import blocks, timer
from moonlock.analytics.limit_rules import limits
from moonlock.analytics.rules import LOGS, Picture, Planned, Prospect, Seen, Window
from moonlock.live import clock
from moonlock.live.alarms import Alarms
from moonlock.live.catchup import Searched
from moonlock.live.state import State
from moonlock.live.turns import Ask
from moonlock.model.health import Health
from moonlock.model.instant import MINUTE, SECOND, Instant, instant
from moonlock.model.limits import QuotaWindow
from moonlock.model.manual import Hand
from moonlock.model.session import Session
from moonlock.model.shapes import ForecastShape, SessionForecastShape
from moonlock.model.wire import Frame
from moonlock.store import Store

PAUSE = SECOND // 4
"""At least between two looks, however much happens."""
QUIET = 2 * SECOND
"""At most between two: a look costs a millisecond with 50 live sessions, and all day long nothing happens."""
ACTIVE = 5 * MINUTE
"""So long after the last sign of life a forecast still speaks of somebody who works."""


def _no_limits(_: Instant) -> Sequence[QuotaWindow]:
    """Where nothing is known of any."""
    return ()


class Surroundings(msgspec.Struct, frozen=True):
    """What the state does not know of now; each is asked when somebody looks."""

    forecast: Callable[[], ForecastShape | None]
    places: Callable[[], Sequence[Searched]]
    health: Callable[[], Health]
    limits: Callable[[Instant], Sequence[QuotaWindow]] = _no_limits


class Vigil:
    """Lives in the event loop's thread. ``looks`` lets tests count work."""

    def __init__(self, alarms: Alarms, state: State, env: Mapping[str, str], around: Surroundings) -> None:
        self._alarms, self._state, self._env, self._around = alarms, state, env, around
        self._read: dict[str, bool] = {}
        self._places: dict[str, Searched] = {}
        self._awake = asyncio.Event()
        self._begun = False
        self.looks = 0

    def heard(self, publish: Callable[[Iterable[Frame]], None], frames: Iterable[Frame]) -> None:
        """Tell listeners, and look soon."""
        publish(frames)
        self._awake.set()

    async def follow(self, store: Store, ask: Ask, ready: asyncio.Event) -> None:
        """Go on for ever, once history is read: what is in it already raises nothing."""
        await ready.wait()
        if not self._begun:
            await self._alarms.begin()
            self._begun = True
        while True:
            await self._know_places(store, ask)
            ended = dict(self._state.hands.ended)
            await self._alarms.look(self.picture(clock.now(), ended.values()))
            for uid in ended:
                self._state.hands.ended.pop(uid, None)
            self.looks += 1
            await asyncio.sleep(PAUSE / SECOND)
            await self._until_something()

    def picture(self, now: Instant, ended: Iterable[Hand] = ()) -> Picture:
        """What the rules are to see; ``ended`` are sessions by hand that were open until now."""
        health = self._around.health().components
        silent = {place.path: not place.found for place in self._around.places() if self._read.get(place.path)}
        return Picture(
            now=now,
            sessions=[self._seen(session, now) for session in self._state.live(now)],
            hands=[self._planned(hand, now) for hand in (*self._state.hands.open(), *ended)],
            window=self._window(now),
            limits=limits(self._around.limits(now)),
            silent={**silent, LOGS: health["sources"].status != "healthy"},
            store=health["store"].status,
        )

    async def _until_something(self) -> None:
        """Till somebody wakes us, or two seconds are over."""
        try:
            async with asyncio.timeout(QUIET / SECOND):
                await self._awake.wait()
        except TimeoutError:
            return
        self._awake.clear()

    async def _know_places(self, store: Store, ask: Ask) -> None:
        """Which places were read at any time: of the others it is no news that they are not there.

        The store knows, also of what was read since the last search; it is asked when a search finds another state.
        """
        for place in self._around.places():
            if place.found and place.files:
                self._read[place.path] = True
            elif self._places.get(place.path) != place and not self._read.get(place.path):
                self._read[place.path] = await ask(partial(store.alerts().was_read, place.path))
            self._places[place.path] = place

    def _seen(self, session: Session, now: Instant) -> Seen:
        return Seen(
            uid=session.uid,
            name=session.label.name or session.project,
            status=self._state.witnesses.status(session, now),
            context=self._state.contexts.of(session),
            cache=self._state.caches.of(session.uid),
        )

    def _window(self, now: Instant) -> Window | None:
        block = blocks.read(self._state.window, now)
        if block is None:
            return None
        found = self._around.forecast()
        if found is None or found.window is None:
            return Window(active=now - block.last_at < ACTIVE)
        pace = None if found.anomaly is None else found.anomaly.state
        return Window(now - block.last_at < ACTIVE, _prospect(found), pace)

    def _planned(self, hand: Hand, now: Instant) -> Planned:
        read = timer.read(timer.fold(hand.marks), hand.plan.duration, now)
        bounds, found = hand.plan.budget, self._state.hands.forecasts.get(hand.uid)
        return Planned(
            uid=hand.uid,
            name=hand.plan.name,
            running=read.state == "running",
            tokens=hand.tokens / bounds.tokens if bounds.tokens else None,
            cost=hand.usage.cost / bounds.cost if bounds.cost else None,
            prospect=None if found is None else _prospect(found),
        )


def _prospect(found: ForecastShape | SessionForecastShape) -> Prospect:
    near = None if found.limit_at is None else instant(datetime.fromisoformat(found.limit_at.expected))
    return Prospect(found.overrun_probability, near)
