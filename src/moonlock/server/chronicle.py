"""One session in its details over HTTP: events, timeline, objectives, tools, transcript, report."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Annotated, Any

import msgspec
from litestar import Response, get
from litestar.params import QueryParameter

from moonlock.live import chronicle
from moonlock.live.chronicle import Window
from moonlock.live.chronicle_shapes import said_shape
from moonlock.live.context_report import context_report
from moonlock.live.transcript import LogGone, NoSuchPlace, Place, transcript
from moonlock.model.chronicle import FACT_KINDS, FactKind
from moonlock.model.chronicle_shapes import (
    EventList,
    ObjectiveList,
    ReportShape,
    TimelineShape,
    TranscriptShape,
)
from moonlock.model.context_shapes import ContextReport
from moonlock.model.hand_shapes import FinalShape
from moonlock.model.instant import MINUTE, Instant, instant
from moonlock.server.bodies import unfit
from moonlock.server.cursors import opened, sealed
from moonlock.server.errors import BAD_CURSOR, Problem, Refusal, refusals
from moonlock.server.finding import named, observed, said_of
from moonlock.server.house import House
from moonlock.server.manual import PATH
from moonlock.server.query import AFTER, Limit, SessionId, moment
from moonlock.server.toolwork import commands, files, tools
from moonlock.sources import ALL
from moonlock.store import Store

LOG_GONE = Refusal(
    410,
    "log_gone",
    "The agent's log of this is gone, or cannot be read.",
    "What was counted stays: see the events, the tokens and the report of this session.",
)
Cursor = Annotated[str | None, QueryParameter(max_length=200, description="nextCursor of the part before")]
MOMENT = "ISO-8601 moment, or a day in UTC"
Moment = Annotated[str | None, QueryParameter(max_length=40, description=MOMENT)]
_Whole = Annotated[int, msgspec.Meta(ge=0, le=1 << 62)]
_PLACE: msgspec.json.Decoder[Place] = msgspec.json.Decoder(tuple[_Whole, _Whole, _Whole])
_encode = msgspec.json.Encoder().encode


def routes(house: House, clock: Callable[[], Instant]) -> list[Any]:
    """Every route about the details of one session."""
    told = [events(house), timeline(house, clock), objectives(house), tools(house), said(house), report(house, clock)]
    return [*told, context(house), files(house), commands(house)]


def events(house: House) -> Any:
    @get(f"{PATH}/events", responses=refusals(400, 404))
    async def happened(
        session_id: SessionId,
        kind: Annotated[list[FactKind] | None, QueryParameter(description="repeat it for more than one")] = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response[EventList]:
        """What happened in a session, in time order. Of a prompt only the time is told.

        Of a session by hand these are its checkpoints and what happened to its timer.
        """
        session = await named(house, session_id)
        kinds = tuple(sorted(set(kind or FACT_KINDS)))
        after = None if cursor is None else opened(cursor, AFTER)

        def asked(store: Store) -> bytes:
            found, last = chronicle.events(store, session, kinds, after, limit)
            return _encode(EventList(events=found, next_cursor=None if last is None else sealed(last)))

        return _json(await house.readers.told(("events", session.id, kinds, after, limit), asked))

    return happened


def timeline(house: House, clock: Callable[[], Instant]) -> Any:
    @get(f"{PATH}/timeline", responses=refusals(400, 404))
    async def course(
        session_id: SessionId,
        from_: Annotated[str | None, QueryParameter(name="from", max_length=40, description=MOMENT)] = None,
        to: Moment = None,
        max_spans: Annotated[
            int, QueryParameter(name="maxSpans", ge=10, le=10_000, description="of spans, of marks and of points each")
        ] = 2_000,
    ) -> Response[TimelineShape]:
        """Turns, tool calls and sub-agents as spans, what happened as marks, and sums that only grow.

        Where there are more than `maxSpans`, the nearest neighbours become one that says how many it stands for.
        """
        session = await named(house, session_id)
        window = Window(_instant("from", from_), _instant("to", to, whole_day=True), max_spans)
        if window.start is not None and window.end is not None and window.start >= window.end:
            raise unfit("to")
        told = partial(chronicle.timeline, session=session, window=window, now=clock())
        if session.origin == "manual":
            return _json(_encode(await house.readers.ask(told)))
        about = "timeline", session.id, session.status, session.last_activity_at, window.start, window.end, max_spans
        return _json(await house.readers.told(about, lambda store: _encode(told(store))))

    return course


def objectives(house: House) -> Any:
    @get(f"{PATH}/objectives", responses=refusals(400, 404, 409))
    async def set_out(session_id: SessionId, limit: Limit = 100, cursor: Cursor = None) -> Response[ObjectiveList]:
        """What a session set out to do, in the order in which it came up, and what was used for it."""
        session = await observed(house, session_id)
        after = None if cursor is None else opened(cursor, AFTER)

        def asked(store: Store) -> bytes:
            found, last = chronicle.objectives(store, session, after, limit)
            return _encode(ObjectiveList(objectives=found, next_cursor=None if last is None else sealed(last)))

        return _json(await house.readers.told(("objectives", session.id, after, limit), asked))

    return set_out


def context(house: House) -> Any:
    @get(f"{PATH}/context", responses=refusals(400, 404, 409))
    async def fullness(session_id: SessionId) -> Response[ContextReport]:
        """How full the context of a session is, what fills it, and its compactions; the same of its sub-agents."""
        session = await observed(house, session_id)
        around = partial(house.preferences.environment, session.agent, session.cwd or "")
        made = partial(context_report, session=session, environment=around)
        about = "context", session.id, _encode(session.context)
        return _json(await house.readers.told(about, lambda store: _encode(made(store))))

    return fullness


def said(house: House) -> Any:
    @get(f"{PATH}/transcript", responses=refusals(400, 404, 409, 410))
    async def excerpt(
        session_id: SessionId,
        subagent: Annotated[str, QueryParameter(max_length=200, description="the id of one; else the session")] = "",
        limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
        cursor: Cursor = None,
    ) -> TranscriptShape:
        """What was said in a session: prompts, answers, thoughts, tool calls and their results.

        Read from the agent's own log, which is looked through in parts of 4 MiB, so a part may be empty before the end.
        """
        session = await observed(house, session_id)
        start = None if cursor is None else opened(cursor, _PLACE)
        logs = await house.readers.ask(lambda store: store.chronicle(session.id).logs())
        try:
            found = await asyncio.to_thread(transcript, logs, ALL, subagent, start, limit)
        except LogGone:
            raise Problem(LOG_GONE) from None
        except NoSuchPlace:
            raise Problem(BAD_CURSOR) from None
        return TranscriptShape(
            session_id=session.id,
            said=[said_shape(one) for one in found.said],
            next_cursor=None if found.next is None else sealed(found.next),
        )

    return excerpt


def report(house: House, clock: Callable[[], Instant]) -> Any:
    @get(f"{PATH}/report", responses=refusals(400, 404))
    async def told(session_id: SessionId) -> Response[FinalShape | ReportShape]:
        """The report on a session; of one that is not over, as it stands.

        Of one by hand: phases, budget and comparison. Of one that was found in a log: time, models, tools, objectives,
        and where its money went: caches that were written anew, large contexts, sub-agents, other models' prices.
        """
        session = await named(house, session_id)
        if session.origin == "manual":
            return _json(_encode(said_of(await house.by_hand.report(session.id))))
        now = clock() // MINUTE * MINUTE  # what telemetry told of waits for the log, so the answer gets old
        made = partial(chronicle.report, session=session, table=house.setup.table, now=now)
        return _json(await house.readers.told(("report", now, _encode(session)), lambda store: _encode(made(store))))

    return told


def _instant(name: str, said: str | None, *, whole_day: bool = False) -> Instant | None:
    told = moment(name, said, whole_day=whole_day)
    return None if told is None else instant(datetime.fromisoformat(told))


def _json(body: bytes) -> Response[Any]:
    return Response(body, media_type="application/json")
