"""What listeners are told of contexts: each percent further on the way, and each level once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import get_args

import msgspec

from moonlock.model.context_shapes import ContextData, ContextShape
from moonlock.model.instant import Instant, iso
from moonlock.model.limits import ContextLevel
from moonlock.model.shapes import SessionShape, SubagentShape
from moonlock.model.wire import ContextUpdate, ContextWarning, Frame

_RANKS: dict[ContextLevel, int] = {level: rank for rank, level in enumerate(get_args(ContextLevel))}


class Told(msgspec.Struct, frozen=True):
    """What listeners know of one context; ``rank`` is the highest level that they were warned of."""

    mark: tuple[int, int, int | None]
    rank: int


class ContextNews:
    """Begins with what listeners know. A session that appears brings its context with it."""

    def __init__(self, known: Iterable[SessionShape]) -> None:
        self._told: dict[str, dict[str, Told]] = {}
        for session in known:
            self.know(session)

    def know(self, session: SessionShape) -> None:
        """Listeners were told of the whole session."""
        self._told[session.id] = {name: Told(_mark(each), _RANKS[each.level]) for name, each in _contexts(session)}

    def of(self, session: SessionShape, at: Instant) -> Iterator[Frame]:
        """What listeners do not know yet of the contexts of a session."""
        known = self._told.setdefault(session.id, {})
        for name, context in _contexts(session):
            before, mark, rank = known.get(name, _NEW), _mark(context), _RANKS[context.level]
            known[name] = Told(mark, max(rank, before.rank) if rank else 0)
            data = ContextData(subagent=name or None, context=context)
            if mark != before.mark:
                yield ContextUpdate(seq=0, at=iso(at), sent_at="", session_id=session.id, data=data)
            if rank > before.rank:
                yield ContextWarning(seq=0, at=iso(at), sent_at="", session_id=session.id, data=data)

    def forget(self, uid: str) -> None:
        """The session left those that are live."""
        self._told.pop(uid, None)


_NEW = Told((-1, 0, None), 0)


def _contexts(session: SessionShape) -> Iterator[tuple[str, ContextShape]]:
    if session.context is not None:
        yield "", session.context
    yield from _of_helpers(session.subagents)


def _of_helpers(helpers: Iterable[SubagentShape]) -> Iterator[tuple[str, ContextShape]]:
    for helper in helpers:
        if helper.context is not None:
            yield helper.id, helper.context
        yield from _of_helpers(helper.subagents)


def _mark(context: ContextShape) -> tuple[int, int, int | None]:
    return 100 * context.used // (context.compacts_at or context.limit), context.limit, context.compacts_at
