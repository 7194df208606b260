"""Which session an address means: one by hand or one that was found in a log."""

from __future__ import annotations

from typing import TypeVar

from moonlock.model.shapes import SessionShape
from moonlock.server.errors import AMBIGUOUS, NO_SESSION, NOT_BY_HAND, Problem, Refusal
from moonlock.server.house import House
from moonlock.store.errors import AmbiguousSession

T = TypeVar("T")
NOT_FROM_LOG = Refusal(
    409,
    "not_from_log",
    "This session was started by hand: no agent wrote a log of it.",
    "Ask for a session that it follows; its own events, timeline and report are at hand.",
)


async def named(house: House, said: str) -> SessionShape:
    """The one session of either kind that is called so; a whole id or name before the beginning of one."""
    try:
        hand = await house.by_hand.find(said) if said.isprintable() else None
        if hand is not None and _wholly(hand, said):
            return hand
        found = await house.session(said) if said.isprintable() else None
    except AmbiguousSession:
        raise Problem(AMBIGUOUS) from None
    if hand is not None and found is not None and not _wholly(found, said):
        raise Problem(AMBIGUOUS)
    return said_of(found or hand)


async def observed(house: House, said: str) -> SessionShape:
    """The session that is called so, which must be one that was found in a log."""
    session = await named(house, said)
    if session.origin == "manual":
        raise Problem(NOT_FROM_LOG)
    return session


async def by_hand(house: House, said: str) -> str:
    """The id of the session by hand that is called so."""
    found = await named(house, said)
    if found.origin != "manual":
        raise Problem(NOT_BY_HAND)
    return found.id


def said_of(found: T | None) -> T:
    """What was found; it is not there when nothing was."""
    if found is None:
        raise Problem(NO_SESSION)
    return found


def _wholly(session: SessionShape, said: str) -> bool:
    known = session.id, session.agent_session_id, session.name or ""
    return said.strip().casefold() in {word.casefold() for word in known}
