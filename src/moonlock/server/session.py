"""One session over HTTP: what is known of it, what a person says of it, and taking it out of sight."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import delete, get, patch
from litestar.params import JSONBody, RawBody
from msgspec import UNSET, Meta, UnsetType

from moonlock.model.label import LONGEST_DESCRIPTION, LONGEST_NAME, LONGEST_TAG, MOST_TAGS, Relabel, UnfitLabel, fit
from moonlock.model.manual import Amend
from moonlock.model.shapes import SessionShape
from moonlock.server.bodies import decoded, micro, readable
from moonlock.server.errors import AMBIGUOUS, NAME_TAKEN, NO_NAME, NOT_BY_HAND, UNFIT_LABEL, Problem, refusals
from moonlock.server.finding import named, said_of
from moonlock.server.house import House
from moonlock.server.manual import PATH, Duration, Money, Tokens
from moonlock.server.methods import methods
from moonlock.server.query import SessionId
from moonlock.store.errors import AmbiguousSession, NameTaken

Name = Annotated[str, Meta(max_length=LONGEST_NAME)]
Tag = Annotated[str, Meta(min_length=1, max_length=LONGEST_TAG)]
Tags = Annotated[list[Tag], Meta(max_length=MOST_TAGS)]
Description = Annotated[str, Meta(max_length=LONGEST_DESCRIPTION)]


class SessionPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """What is to change; what is not named stays, null and "" take away. All but words is of sessions by hand alone."""

    name: Name | UnsetType | None = UNSET
    tags: Tags | UnsetType | None = UNSET
    description: Description | UnsetType | None = UNSET
    hidden: bool | UnsetType = UNSET
    """False brings a deleted session back."""
    status: Literal["running", "paused", "completed"] | UnsetType = UNSET
    """Resume, pause or complete."""
    duration: Duration | UnsetType = UNSET
    token_budget: Tokens | UnsetType | None = UNSET
    cost_budget: Money | UnsetType | None = UNSET

    @property
    def plans(self) -> bool:
        """Whether it is about what only a session by hand has."""
        asked = self.status, self.duration, self.token_budget, self.cost_budget
        return any(one is not UNSET for one in asked)


def routes(house: House) -> list[Any]:
    """Every route that all sessions have."""

    @get(PATH, responses=refusals(400, 404))
    async def session(session_id: SessionId) -> SessionShape:
        """One session."""
        return await named(house, session_id)

    @patch(PATH, before_request=readable, responses=refusals(400, 404, 408, 409, 413, 415))
    async def change(session_id: SessionId, data: JSONBody[SessionPatch], body: RawBody) -> SessionShape:
        """Name, tags and description of a session; `hidden` false brings a deleted one back.

        Of a session by hand also its status, which pauses, resumes or completes it, its duration and its budget.
        """
        return await _changed(house, session_id, decoded(body, SessionPatch))

    @delete(PATH, responses=refusals(400, 404))
    async def hide(session_id: SessionId) -> None:
        """Leave a session out of every list, report and sum. Nothing is erased: PATCH brings it back.

        A session by hand that is not over is completed by it.
        """
        await _changed(house, session_id, SessionPatch(hidden=True))

    return [methods(PATH, "GET", "PATCH", "DELETE"), session, change, hide]


async def _changed(house: House, session_id: str, said: SessionPatch) -> SessionShape:
    words = _words(said)
    uid = await _by_hand(house, session_id, back=said.hidden is False)
    if uid is not None:
        if words.name == "":
            raise Problem(NO_NAME)
        return said_of(await house.by_hand.amend(uid, _amend(said, words)))
    if said.plans:
        raise Problem(NOT_BY_HAND)
    try:
        return said_of(await house.relabel(session_id, words) if session_id.isprintable() else None)
    except AmbiguousSession:
        raise Problem(AMBIGUOUS) from None
    except NameTaken:
        raise Problem(NAME_TAKEN) from None


async def _by_hand(house: House, session_id: str, back: bool) -> str | None:
    """The id of the session by hand that is meant; one that is to come back is looked for among the deleted first."""
    if back and session_id.isprintable():
        deleted = await house.by_hand.deleted(session_id)
        if deleted is not None:
            return deleted.id
        if await house.by_hand.find(session_id) is None:
            return None  # an agent's session, which only the store finds while it is deleted
    found = await named(house, session_id)
    return found.id if found.origin == "manual" else None


def _words(said: SessionPatch) -> Relabel:
    try:
        return fit(
            Relabel(
                name=None if said.name is UNSET else said.name or "",
                tags=None if said.tags is UNSET else tuple(said.tags or ()),
                description=None if said.description is UNSET else said.description or "",
                hidden=None if said.hidden is UNSET else said.hidden,
            )
        )
    except UnfitLabel:
        raise Problem(UNFIT_LABEL) from None


def _amend(said: SessionPatch, words: Relabel) -> Amend:
    return Amend(
        status=None if said.status is UNSET else said.status,
        name=words.name,
        description=words.description,
        tags=words.tags,
        hidden=words.hidden,
        duration=None if said.duration is UNSET else said.duration,
        token_budget=said.token_budget,
        cost_budget=UNSET if said.cost_budget is UNSET else micro(said.cost_budget),
    )
