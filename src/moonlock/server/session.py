"""One session over HTTP: what is known of it, what a person says of it, and taking it out of sight."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, get, patch, route
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, RawBody
from msgspec import UNSET, Meta, UnsetType

from moonlock.model.label import LONGEST_DESCRIPTION, LONGEST_NAME, LONGEST_TAG, MOST_TAGS, Relabel, UnfitLabel, fit
from moonlock.model.shapes import SessionShape
from moonlock.server.errors import AMBIGUOUS, BAD_BODY, NAME_TAKEN, NO_SESSION, UNFIT_LABEL, Problem, refusals
from moonlock.server.house import House
from moonlock.server.query import SessionId
from moonlock.store.errors import AmbiguousSession, NameTaken

PATH = "/api/sessions/{session_id:str}"
Name = Annotated[str, Meta(max_length=LONGEST_NAME)]
Tag = Annotated[str, Meta(min_length=1, max_length=LONGEST_TAG)]
Tags = Annotated[list[Tag], Meta(max_length=MOST_TAGS)]
Description = Annotated[str, Meta(max_length=LONGEST_DESCRIPTION)]


class SessionPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to change; what is not named stays, null and "" take away."""

    name: Name | UnsetType | None = UNSET
    tags: Tags | UnsetType | None = UNSET
    description: Description | UnsetType | None = UNSET
    hidden: bool | UnsetType = UNSET
    """False brings a deleted session back."""


_decode = msgspec.json.Decoder(SessionPatch).decode


def routes(house: House) -> list[Any]:
    """Every route of one session."""

    @get(PATH, responses=refusals(400, 404))
    async def session(session_id: SessionId) -> SessionShape:
        """One session."""
        try:
            found = await house.session(session_id) if session_id.isprintable() else None
        except AmbiguousSession:
            raise Problem(AMBIGUOUS) from None
        return _there(found)

    @patch(PATH, before_request=_readable, responses=refusals(400, 404, 408, 409, 413, 415))
    async def change(session_id: SessionId, data: JSONBody[SessionPatch], body: RawBody) -> SessionShape:
        """Name, tags and description of a session; `hidden` false brings a deleted one back."""
        return await _changed(house, session_id, _asked(body))

    @delete(PATH, responses=refusals(400, 404))
    async def hide(session_id: SessionId) -> None:
        """Leave a session out of every list, report and sum. Nothing is erased: PATCH brings it back."""
        await _changed(house, session_id, Relabel(hidden=True))

    return [_methods(PATH, session, change, hide), session, change, hide]


def _methods(path: str, *handlers: HTTPRouteHandler) -> HTTPRouteHandler:
    """Says which methods an address has; the framework's own answer knows those of the first handler alone.

    It must be registered before them, else that answer is there already.
    """
    allowed = ", ".join(sorted({"OPTIONS", *(method for each in handlers for method in each.http_methods)}))

    @route(path, http_method="OPTIONS", include_in_schema=False, sync_to_thread=False)
    def methods(session_id: SessionId) -> Response[None]:
        return Response(None, status_code=204, headers={"allow": allowed})

    return methods


async def _readable(request: Request[Any, Any, Any]) -> None:
    """Refuse a body that is no JSON: some of that the framework takes for a failure of ours."""
    try:
        msgspec.json.decode(await request.body())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Problem(BAD_BODY) from None


def _asked(body: bytes) -> Relabel:
    """The change as it was sent: ``data``, which describes it, takes 0 and "true" for a truth value."""
    try:
        said = _decode(body)
        return fit(
            Relabel(
                name=None if said.name is UNSET else said.name or "",
                tags=None if said.tags is UNSET else tuple(said.tags or ()),
                description=None if said.description is UNSET else said.description or "",
                hidden=None if said.hidden is UNSET else said.hidden,
            )
        )
    except (UnfitLabel, msgspec.DecodeError):
        raise Problem(UNFIT_LABEL) from None


async def _changed(house: House, session_id: str, change: Relabel) -> SessionShape:
    try:
        return _there(await house.relabel(session_id, change) if session_id.isprintable() else None)
    except AmbiguousSession:
        raise Problem(AMBIGUOUS) from None
    except NameTaken:
        raise Problem(NAME_TAKEN) from None


def _there(found: SessionShape | None) -> SessionShape:
    if found is None:
        raise Problem(NO_SESSION)
    return found
