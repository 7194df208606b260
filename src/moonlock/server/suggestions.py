"""Suggested checkpoints over HTTP: what agents did that may be a phase, for a person to accept or dismiss."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import get, post
from litestar.params import PathParameter, QueryParameter

from moonlock.model.hand_shapes import CheckpointShape, SuggestionList
from moonlock.server.cursors import opened, sealed
from moonlock.server.errors import refusals
from moonlock.server.finding import by_hand, said_of
from moonlock.server.house import House
from moonlock.server.manual import PATH
from moonlock.server.query import AFTER, SessionId
from moonlock.store.places import signed

Key = Annotated[str, PathParameter(pattern="^[0-9a-f]{16}$", description="id of the suggestion")]


def routes(house: House) -> list[Any]:
    """Every route of suggestions, but for the list of one session, which its checkpoints are in too."""

    @get("/api/checkpoints/suggested", responses=refusals(400))
    async def all_open(
        limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
        cursor: Annotated[
            str | None, QueryParameter(max_length=200, description="nextCursor of the part before")
        ] = None,
    ) -> SuggestionList:
        """What waits for a decision in sessions by hand that are not over, newest first.

        Suggested are accepted plans, commits, pull requests and compactions of those whom a session follows, while its
        timer ran.
        """
        found = await house.by_hand.suggestions(None if cursor is None else opened(cursor, AFTER), limit)
        last = None if found.last is None else sealed(found.last)
        return SuggestionList(suggestions=found.suggestions, next_cursor=last)

    @post(f"{PATH}/checkpoints/{{key:str}}/accept", status_code=200, responses=refusals(400, 404, 409))
    async def accept(session_id: SessionId, key: Key) -> CheckpointShape:
        """Make a checkpoint of what was suggested: a phase that was reached when it happened. Again changes nothing."""
        uid = await by_hand(house, session_id)
        return said_of(await house.by_hand.accept(uid, signed(int(key, 16))))

    @post(f"{PATH}/checkpoints/{{key:str}}/dismiss", status_code=204, responses=refusals(400, 404, 409))
    async def dismiss(session_id: SessionId, key: Key) -> None:
        """Suggest this no more; what was accepted stays. One that was dismissed may still be accepted by its id."""
        uid = await by_hand(house, session_id)
        said_of(await house.by_hand.dismiss(uid, signed(int(key, 16))))

    return [all_open, accept, dismiss]
