"""All sessions that were ever known, for lists and searches: what is over is shaped once, what goes on each time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from moonlock.live import clock
from moonlock.live.shapes import Setting, session_shape
from moonlock.live.state import State
from moonlock.live.turns import Ask
from moonlock.model.events import ObjectiveSet
from moonlock.model.instant import HOUR, Instant
from moonlock.model.session import Session
from moonlock.model.shapes import SessionShape
from moonlock.store import Store

PAGE = 100
"""Sessions that are asked for at once: 9 ms of the writer's time, so that no new line waits for the whole archive."""
Page = list[tuple[Session, SessionShape]]


def recall_one(store: Store, prefix: str) -> tuple[Session, Sequence[ObjectiveSet]] | None:
    """The one session whose uid, or the agent's own id, begins like that; AmbiguousSession when more do."""
    session = store.session(prefix)
    return None if session is None else (session, store.objectives(session.uid))


class Archive:
    """What was shaped before. It is made again every hour, because nothing is recent for less than a day."""

    def __init__(self, store: Store, env: Mapping[str, str]) -> None:
        self._store, self._env = store, env
        self._shapes: dict[str, SessionShape] = {}
        self._shaped: dict[str, Session] = {}
        self._touched: dict[str, Session] = {}
        self._history, self._known_history = 1, 0
        self._at: Instant = 0
        self._filling = asyncio.Lock()

    def forget(self, uid: str = "") -> None:
        """History came in, or the session ``uid`` was hidden or came back: everything may look different."""
        self._shapes.pop(uid, None)
        self._shaped.pop(uid, None)
        self._touched.pop(uid, None)
        self._history += 1

    def learn(self, sessions: Iterable[Session]) -> None:
        """Sessions that something new was heard of."""
        self._touched.update((session.uid, session) for session in sessions)

    async def fill(self, now: Instant, ask: Ask, age: Instant = HOUR) -> None:
        """Have all at hand, none older than ``age``; the store is asked only when it must be."""
        async with self._filling:
            while self._known_history != self._history or not 0 <= now - self._at < age:
                history = self._history
                await self._fill(now, ask)
                self._known_history, self._at = history, now

    def sessions(self, recent: Iterable[Session], shape: Callable[[Session], SessionShape]) -> list[SessionShape]:
        """All of them; those that may have changed are shaped anew."""
        shaped, self._shaped = self._shaped, {session.uid: session for session in recent}
        for uid, session in self._shaped.items():
            touched = self._touched.pop(uid, None) is not None
            known = self._shapes.get(uid)
            if touched or known is None or known.status != "completed" or shaped.get(uid) is not session:
                self._shapes[uid] = shape(session)
        self._shapes.update((uid, shape(session)) for uid, session in self._touched.items())
        self._touched.clear()
        return list(self._shapes.values())

    async def one(self, prefix: str, state: State, ask: Ask) -> SessionShape | None:
        """The one session whose uid, or the agent's own id, begins like that; AmbiguousSession when more do."""
        now = clock.now()
        found = None
        if prefix not in state.sessions:
            found = await ask(partial(recall_one, self._store, prefix))
            if found is None:
                return None
        recent = state.sessions.get(prefix if found is None else found[0].uid)
        if recent is not None or found is None:
            return None if recent is None else state.shape(recent, now)
        session, objectives = found
        return session_shape(session, Setting(now, self._env, objectives))

    async def _fill(self, now: Instant, ask: Ask) -> None:
        before: tuple[Instant, str] | None = None
        while page := await ask(partial(self._page, now, before)):
            for session, shape in page:
                self._shapes[session.uid] = shape
                self._shaped.pop(session.uid, None)
                self._touched.pop(session.uid, None)  # the store was asked after that
            last = page[-1][0]
            before = last.last_at or 0, last.uid

    def _page(self, now: Instant, before: tuple[Instant, str] | None) -> Page:
        """Without objectives, which are asked for one by one, where somebody looks."""
        found = self._store.sessions(None, PAGE, before)
        return [(session, session_shape(session, Setting(now, self._env))) for session in found]
