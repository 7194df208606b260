"""All sessions that were ever known, for lists and searches: what is over is shaped once, what is recent each time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from moonlock.live.shapes import Setting, session_shape
from moonlock.model.instant import HOUR, Instant
from moonlock.model.session import Session
from moonlock.model.shapes import SessionShape
from moonlock.store import Store

ALL = 1_000_000
Older = dict[str, SessionShape]


def recall_all(store: Store, env: Mapping[str, str], now: Instant) -> Older:
    """Every session by uid; its objectives are asked for one by one, where somebody looks."""
    return {each.uid: session_shape(each, Setting(now, env)) for each in store.sessions(None, ALL)}


def recall_one(store: Store, prefix: str, env: Mapping[str, str], now: Instant) -> SessionShape | None:
    """The one session whose uid, or the agent's own id, begins like that; AmbiguousSession when more do."""
    session = store.session(prefix)
    if session is None:
        return None
    return session_shape(session, Setting(now, env, store.objectives(session.uid)))


class Archive:
    """What was shaped before. It is good for an hour, because nothing is recent for less than a day."""

    def __init__(self) -> None:
        self._older: Older | None = None
        self._at: Instant = 0

    def forget(self) -> None:
        """History came in: everything may look different."""
        self._older = None

    def missing(self, now: Instant) -> bool:
        return self._older is None or not 0 <= now - self._at < HOUR

    def keep(self, older: Older, now: Instant) -> None:
        self._older, self._at = older, now

    def with_recent(self, recent: Iterable[Session], shape: Callable[[Session], SessionShape]) -> list[SessionShape]:
        """All of them; those that may have changed are shaped anew."""
        older = self._older if self._older is not None else {}
        older.update((session.uid, shape(session)) for session in recent)
        return list(older.values())
