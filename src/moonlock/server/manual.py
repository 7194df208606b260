"""Sessions by hand over HTTP: start, end, tokens, checkpoints, the final report. Decides nothing: translates."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import get, post
from litestar.params import HeaderParameter, JSONBody, QueryParameter, RawBody
from msgspec import Meta

from moonlock.live.hand_shapes import entry_shape
from moonlock.model.hand_shapes import CheckpointList, CheckpointShape, EntryShape, FinalShape, TokenList
from moonlock.model.label import LONGEST_NAME, line
from moonlock.model.manual import (
    LONGEST_KEY,
    LONGEST_METADATA,
    LONGEST_PHASE,
    LONGEST_WORD,
    MOST_MONEY,
    MOST_TOKENS,
    Budget,
    Follow,
    Milestone,
    Plan,
    Posting,
)
from moonlock.model.shapes import SessionShape
from moonlock.model.timer import LONGEST, SHORTEST, USUAL
from moonlock.server.bodies import decoded, micro, moment_of, readable, unfit
from moonlock.server.cursors import opened, sealed
from moonlock.server.errors import NO_FOLLOWED, TOO_MUCH, Problem, refusals
from moonlock.server.finding import by_hand, named, said_of
from moonlock.server.house import House
from moonlock.server.methods import methods
from moonlock.server.query import AFTER, SessionId
from moonlock.store.errors import UnknownName

ALL = "/api/sessions"
PATH = f"{ALL}/{{session_id:str}}"
Key = Annotated[
    str,
    HeaderParameter(
        name="Idempotency-Key",
        max_length=LONGEST_KEY,
        description="sent again with the same body it gives the same answer and changes nothing",
    ),
]
Duration = Annotated[int, Meta(ge=SHORTEST, le=LONGEST, description="milliseconds")]
Tokens = Annotated[int, Meta(ge=1, le=MOST_TOKENS)]
Money = Annotated[float, Meta(ge=0.000001, le=MOST_MONEY / 1_000_000, description="dollars")]
Word = Annotated[str, Meta(min_length=1, max_length=LONGEST_WORD)]


class FollowProject(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Whose usage is gathered: one of them."""

    project: Word | None = None
    """Its name, or the folder where it lies."""
    session: Word | None = None
    """Its id or name; the beginning is enough."""


class SessionStart(msgspec.Struct, frozen=True, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """A session by hand that is to start now."""

    name: Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME)]
    duration: Duration = USUAL
    token_budget: Tokens | None = None
    cost_budget: Money | None = None
    project: Word | None = None
    follow: Literal["none", "all"] | FollowProject = "none"


class TokensPosted(msgspec.Struct, frozen=True, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """Tokens that a program counted by itself."""

    tokens_used: Annotated[int, Meta(ge=0, le=MOST_TOKENS)]
    operation: Word | None = None
    model: Word | None = None
    at: (
        Annotated[str, Meta(max_length=40, description="ISO-8601 moment since the start; now when it is left out")]
        | None
    ) = None


class CheckpointReached(msgspec.Struct, frozen=True, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """A phase that was reached."""

    phase: Annotated[str, Meta(min_length=1, max_length=LONGEST_PHASE)]
    prompt_count: Annotated[int, Meta(ge=0, le=MOST_TOKENS)] | None = None
    metadata: dict[str, object] | None = None


def routes(house: House) -> list[Any]:
    """Every route of sessions by hand, but for those that all sessions have."""
    return [methods(ALL, "GET", "POST"), start(house), end(house), *tokens(house), *checkpoints(house)]


def start(house: House) -> Any:
    @post(ALL, before_request=readable, responses=refusals(400, 408, 409, 413, 415))
    async def begin(data: JSONBody[SessionStart], body: RawBody, key: Key = "") -> SessionShape:
        """Start a session by hand: it runs from now on, and gathers the usage of what it follows."""
        try:
            return await house.by_hand.start(_plan(decoded(body, SessionStart)), key)
        except UnknownName:
            raise Problem(NO_FOLLOWED) from None

    return begin


def end(house: House) -> Any:
    @post(f"{PATH}/end", status_code=200, responses=refusals(400, 404, 409))
    async def over(session_id: SessionId) -> FinalShape:
        """Complete a session by hand; its final report."""
        uid = await by_hand(house, session_id)
        return said_of(await house.by_hand.end(uid))

    return over


def tokens(house: House) -> list[Any]:
    path = f"{PATH}/tokens"

    @post(path, before_request=readable, responses=refusals(400, 404, 408, 409, 413, 415))
    async def add(session_id: SessionId, data: JSONBody[TokensPosted], body: RawBody, key: Key = "") -> EntryShape:
        """Add tokens to a session by hand that is not over."""
        uid, asked = await by_hand(house, session_id), _posting(decoded(body, TokensPosted))
        return said_of(await house.by_hand.post(uid, asked, key))

    @get(path, responses=refusals(400, 404))
    async def reconcile(
        session_id: SessionId,
        limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
        cursor: Annotated[
            str | None, QueryParameter(max_length=200, description="nextCursor of the part before")
        ] = None,
    ) -> TokenList:
        """Every count of tokens of a session, from logs and posted, oldest first, and what all of them make."""
        session = await named(house, session_id)
        after = None if cursor is None else opened(cursor, AFTER)
        ledger = said_of(await house.by_hand.tokens(session.id, after, limit))
        entries = [entry_shape(entry) for entry in ledger.entries]
        last = ledger.entries[-1] if ledger.more else None
        return TokenList(
            total=ledger.by_source.log + ledger.by_source.api,
            by_source=ledger.by_source,
            entries=entries,
            next_cursor=None if last is None else sealed((last.at, last.source, last.number)),
        )

    return [methods(path, "GET", "POST"), add, reconcile]


def checkpoints(house: House) -> list[Any]:
    path = f"{PATH}/checkpoints"

    @post(path, before_request=readable, responses=refusals(400, 404, 408, 409, 413, 415))
    async def reach(
        session_id: SessionId, data: JSONBody[CheckpointReached], body: RawBody, key: Key = ""
    ) -> CheckpointShape:
        """Mark a checkpoint of a session by hand: the phase that was reached by now."""
        uid, asked = await by_hand(house, session_id), _milestone(decoded(body, CheckpointReached))
        return said_of(await house.by_hand.reach(uid, asked, key))

    @get(path, responses=refusals(400, 404, 409))
    async def reached(session_id: SessionId) -> CheckpointList:
        """The checkpoints of a session by hand as they were reached; `suggested` ones are none yet."""
        uid = await by_hand(house, session_id)
        return said_of(await house.by_hand.checkpoints(uid))

    return [methods(path, "GET", "POST"), reach, reached]


def _plan(said: SessionStart) -> Plan:
    follow = said.follow
    if isinstance(follow, str):
        kind = Follow(follow)
    elif (follow.project is None) is (follow.session is None):
        raise unfit("follow")
    else:
        kind = (
            Follow("project", follow.project) if follow.project is not None else Follow("session", follow.session or "")
        )
    return Plan(
        name=line(said.name, LONGEST_NAME, "a name"),
        duration=said.duration,
        budget=Budget(said.token_budget, micro(said.cost_budget)),
        project="" if said.project is None else line(said.project, LONGEST_WORD, "a project"),
        follow=kind,
    )


def _posting(said: TokensPosted) -> Posting:
    return Posting(
        tokens=said.tokens_used,
        operation=None if said.operation is None else line(said.operation, LONGEST_WORD, "an operation"),
        model=None if said.model is None else line(said.model, LONGEST_WORD, "a model"),
        at=moment_of(said.at),
    )


def _milestone(said: CheckpointReached) -> Milestone:
    metadata = "" if said.metadata is None else msgspec.json.encode(said.metadata).decode()
    if len(metadata) > LONGEST_METADATA:
        raise Problem(TOO_MUCH)
    return Milestone(line(said.phase, LONGEST_PHASE, "a phase"), said.prompt_count, metadata)
