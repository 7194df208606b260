"""What is left in the store of the sessions of now, for a prompt that is drawn when no server runs any more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from moonlock.live.contexts import Contexts, recalled
from moonlock.live.preferences import Preferences
from moonlock.live.shapes import context_shape, objectives_shape
from moonlock.live.state import State
from moonlock.live.turns import Ask
from moonlock.model.context_shapes import ContextShape
from moonlock.model.instant import Instant
from moonlock.model.session import Session
from moonlock.model.shape import Shape
from moonlock.model.shapes import ObjectivesShape
from moonlock.model.wire import Frame
from moonlock.sources.base import Source
from moonlock.store import Store
from moonlock.store.glimpses import MOST

if TYPE_CHECKING:
    from moonlock.store.glimpses import Glimpse

Publish = Callable[[Iterable[Frame]], None]
PAUSE = 5.0
"""Seconds between two times that something is left; a stop leaves it at once."""


class Glimpsed(Shape, frozen=True, rename="camel", kw_only=True):
    """Of one session, as the picture of now has it."""

    context: ContextShape | None
    objectives: ObjectivesShape | None


class Glimpses:
    """Lives in the event loop's thread."""

    def __init__(self) -> None:
        self._left: dict[str, Glimpse] = {}

    async def follow(self, state: State, store: Store, ask: Ask, _publish: Publish, _ready: asyncio.Event) -> None:
        """Leave what is new of the sessions that were heard of last, for ever."""
        try:
            while True:
                await self._leave(state, store, ask)
                await asyncio.sleep(PAUSE)
        finally:
            await self._leave(state, store, ask)

    async def _leave(self, state: State, store: Store, ask: Ask) -> None:
        fresh = [one for one in _glimpses(state) if self._left.get(one[0]) != one]
        if fresh:
            await ask(partial(store.glimpses().keep, fresh))
            self._left.update((one[0], one) for one in fresh)


def leave(store: Store, sources: Sequence[Source], around: tuple[Mapping[str, str], Path], now: Instant) -> None:
    """The same of the newest session alone, for who reads logs without a server: nothing when it is there already."""
    session = store.glimpses().lacking()
    if session is None:
        return
    preferences = Preferences(sources, *around)
    preferences.look([session.cwd] if session.cwd else [])
    contexts = Contexts(around[0])
    contexts.heed(preferences.of)
    contexts.begin(recalled(store, {session.uid: session}, now))
    for sample in store.status_samples().all():
        contexts.hear(sample)
    aims = objectives_shape(store.objectives(session.uid))
    store.glimpses().keep([_glimpse(session, contexts, aims)])


def _glimpses(state: State) -> Iterator[Glimpse]:
    newest = sorted(state.sessions.values(), key=lambda one: one.last_at or 0)[-MOST:]
    return (_glimpse(one, state.contexts, state.aims(one.uid)) for one in newest)


def _glimpse(session: Session, contexts: Contexts, aims: ObjectivesShape | None) -> Glimpse:
    window = contexts.of(session)
    told = Glimpsed(context=None if window is None else context_shape(window), objectives=aims)
    return session.uid, session.last_at or 0, msgspec.json.encode(told).decode()
