"""What a session did with its tools over HTTP: tools, MCP servers and skills, files, commands."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import msgspec
from litestar import Response, get
from litestar.params import QueryParameter

from moonlock.live import chronicle, toolwork
from moonlock.live.toolwork import After
from moonlock.model.shapes import SessionShape
from moonlock.model.toolwork_shapes import CommandList, FileList, ToolUseList
from moonlock.server.cursors import opened, sealed
from moonlock.server.errors import refusals
from moonlock.server.finding import observed
from moonlock.server.house import House
from moonlock.server.manual import PATH
from moonlock.server.query import Limit, SessionId, Whole
from moonlock.store import Store

Cursor = Annotated[str | None, QueryParameter(max_length=3_000, description="nextCursor of the part before")]
"""It holds a path."""
_AFTER: msgspec.json.Decoder[After] = msgspec.json.Decoder(tuple[Whole, Whole, Whole, str])
_encode = msgspec.json.Encoder().encode
Listing = Callable[[Store, SessionShape, After | None, int], tuple[FileList | CommandList, After | None]]


def tools(house: House) -> Any:
    @get(f"{PATH}/tools", responses=refusals(400, 404, 409))
    async def called(session_id: SessionId) -> Response[ToolUseList]:
        """The tools of a session, dearest first, counted and shared as in the report by tool; and its skills."""
        session = await observed(house, session_id)
        told = partial(chronicle.tools, session=session)
        return _json(await house.readers.told(("tools", session.id), lambda store: _encode(told(store))))

    return called


def files(house: House) -> Any:
    @get(f"{PATH}/files", responses=refusals(400, 404, 409))
    async def touched(session_id: SessionId, limit: Limit = 100, cursor: Cursor = None) -> Response[FileList]:
        """The files that a session read and changed, most changed first; nothing of what is in them is known."""
        return await _part(house, session_id, toolwork.files, limit, cursor)

    return touched


def commands(house: House) -> Any:
    @get(f"{PATH}/commands", responses=refusals(400, 404, 409))
    async def ran(session_id: SessionId, limit: Limit = 100, cursor: Cursor = None) -> Response[CommandList]:
        """The commands that a session ran, by the words that name the program, most run first."""
        return await _part(house, session_id, toolwork.commands, limit, cursor)

    return ran


async def _part(house: House, session_id: str, list_of: Listing, limit: int, cursor: str | None) -> Response[Any]:
    session = await observed(house, session_id)
    after = None if cursor is None else opened(cursor, _AFTER)

    def asked(store: Store) -> bytes:
        found, last = list_of(store, session, after, limit)
        return _encode(msgspec.structs.replace(found, next_cursor=None if last is None else sealed(last)))

    return _json(await house.readers.told((list_of.__name__, session.id, after, limit), asked))


def _json(body: bytes) -> Response[Any]:
    return Response(body, media_type="application/json")
