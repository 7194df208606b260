"""What the sessions of now have in the cache, as far as their newest requests tell."""

from __future__ import annotations

from collections.abc import Iterable

from moonlock.analytics.caching import EMPTY, Cache, add
from moonlock.model.gain import UsageGain
from moonlock.model.session import Session


class Caches:
    """Lives in the event loop's thread, beside the state. Of a helper's cache nothing is said."""

    def __init__(self) -> None:
        self._known: dict[str, Cache] = {}

    def begin(self, sessions: Iterable[Session]) -> None:
        """What is newer than what is known here was read while nobody looked: it says how much the next one had."""
        for session in sessions:
            tail, known = session.tail, self.of(session.uid)
            if tail.context is not None and tail.context_at >= known.at and tail.context != known.prompt:
                self._known[session.uid] = Cache(tail.context_at, tail.context)

    def use(self, used: UsageGain) -> None:
        """A request. What it gains later is its answer alone."""
        if used.usage.requests == 1 and not used.agent_id:
            self._known[used.uid] = add(self.of(used.uid), used.at, used.usage.tokens)

    def of(self, uid: str) -> Cache:
        """The cache of one session."""
        return self._known.get(uid, EMPTY)

    def forget(self, uid: str) -> None:
        """The session is over."""
        self._known.pop(uid, None)
