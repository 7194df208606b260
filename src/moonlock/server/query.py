"""Choosing among sessions: filters, order, and a cursor that names the last one seen instead of counting rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal

import msgspec
from litestar.params import PathParameter, QueryParameter

from moonlock.model.instant import instant as instant_of
from moonlock.model.instant import iso
from moonlock.model.session import SessionStatus
from moonlock.model.shapes import SessionList, SessionShape
from moonlock.server.cursors import opened, sealed
from moonlock.server.errors import BAD_CURSOR, Problem, Refusal

SortKey = str | float
Origin = Annotated[
    Literal["observed", "manual"] | None,
    QueryParameter(description="found in a log, or started by hand; both when left out"),
]
Whole = Annotated[int, msgspec.Meta(ge=-(1 << 63), le=(1 << 63) - 1)]
AFTER: msgspec.json.Decoder[tuple[int, str, int]] = msgspec.json.Decoder(tuple[Whole, str, Whole])
"""Moment, source and number of the last one in a list of what happened."""
_SHOWN: msgspec.json.Decoder[tuple[str, SortKey, str]] = msgspec.json.Decoder(tuple[str, SortKey, str])
Sort = Literal[
    "-lastActivityAt",
    "lastActivityAt",
    "-startedAt",
    "startedAt",
    "-tokens",
    "tokens",
    "-costUsd",
    "costUsd",
    "-project",
    "project",
]
SORTS: dict[str, Callable[[SessionShape], SortKey]] = {
    "lastActivityAt": lambda session: session.last_activity_at or "",
    "startedAt": lambda session: session.started_at or "",
    "tokens": lambda session: session.tokens.total,
    "costUsd": lambda session: -1.0 if session.cost_usd is None else session.cost_usd,
    "project": lambda session: session.project.lower(),
}
Word = Annotated[str | None, QueryParameter(max_length=200)]
Limit = Annotated[int, QueryParameter(ge=1, le=500)]
SessionId = Annotated[
    str, PathParameter(description="uid, the agent's own id, or the name; the beginning is enough", max_length=400)
]


class Which(msgspec.Struct, frozen=True):
    """What a session must be like."""

    status: frozenset[SessionStatus] = frozenset()
    agent: str | None = None
    project: str | None = None
    tag: str | None = None
    q: str | None = None

    def fits(self, session: SessionShape) -> bool:
        return (
            (not self.status or session.status in self.status)
            and self.agent in (None, session.agent)
            and (self.project is None or self.project.lower() == session.project.lower())
            and (self.tag is None or self.tag in session.tags)
            and (self.q is None or self.q.lower() in text_of(session))
        )


class Part(msgspec.Struct, frozen=True):
    """Which stretch of the list; ``since`` and ``until`` are as on the wire, so that they compare as text."""

    since: str | None = None
    until: str | None = None
    sort: str = "-lastActivityAt"
    limit: int = 50
    after: tuple[SortKey, str] | None = None

    def fits(self, session: SessionShape) -> bool:
        """Whether the session was active in this time."""
        seen, begun = session.last_activity_at or "", session.started_at or ""
        return (self.since is None or seen >= self.since) and (self.until is None or begun < self.until)


async def which(
    status: Annotated[list[SessionStatus] | None, QueryParameter(description="repeat it for more than one")] = None,
    agent: Word = None,
    project: Word = None,
    tag: Word = None,
    q: Annotated[
        str | None, QueryParameter(max_length=200, description="part of name, title, project, branch, model or id")
    ] = None,
) -> Which:
    """The filters, from the query."""
    return Which(frozenset(status or ()), agent, project, tag, q or None)


async def part(
    since: Annotated[str | None, QueryParameter(max_length=40, description="ISO-8601 moment, or a day in UTC")] = None,
    until: Annotated[
        str | None, QueryParameter(max_length=40, description="ISO-8601 moment, or a whole day in UTC")
    ] = None,
    sort: Annotated[Sort, QueryParameter(description="a leading - is descending")] = "-lastActivityAt",
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 50,
    cursor: Annotated[str | None, QueryParameter(max_length=600, description="nextCursor of the part before")] = None,
) -> Part:
    """The stretch, from the query."""
    after = None if cursor is None else behind(cursor, sort)
    return Part(moment("since", since), moment("until", until, whole_day=True), sort, limit, after)


def chosen(sessions: Iterable[SessionShape], which: Which, part: Part) -> SessionList:
    """The sessions that fit, in order, and where to go on."""
    key, down = SORTS[part.sort.removeprefix("-")], part.sort.startswith("-")
    rows = [(key(session), session.id, session) for session in sessions if which.fits(session) and part.fits(session)]
    if part.after is not None:
        rows = [row for row in rows if ((row[:2] < part.after) if down else (row[:2] > part.after))]
    rows.sort(key=lambda row: row[:2], reverse=down)
    page = rows[: part.limit]
    more = len(rows) > part.limit
    cursor = sealed((part.sort, *page[-1][:2])) if more else None
    return SessionList(sessions=[session for _, _, session in page], next_cursor=cursor)


def text_of(session: SessionShape) -> str:
    """All in which a person would search for it."""
    words = (
        session.title,
        session.name,
        session.project,
        session.branch,
        session.model,
        session.cwd,
        session.id,
        session.agent_session_id,
    )
    return "\n".join(word.lower() for word in words if word)


def behind(cursor: str, sort: str) -> tuple[SortKey, str]:
    """Behind which session a part begins; a refusal where the cursor is of another order."""
    made_for, value, last = opened(cursor, _SHOWN)
    numeric = sort.removeprefix("-") in ("tokens", "costUsd")
    if made_for != sort or isinstance(value, str) is numeric:
        raise Problem(BAD_CURSOR)
    return value, last


def moment(name: str, said: str | None, *, whole_day: bool = False) -> str | None:
    """A point in time as it stands on the wire; without a zone it is UTC, a day is its beginning or its end."""
    if said is None:
        return None
    try:
        if len(said) == 10:
            day = date.fromisoformat(said) + timedelta(days=1 if whole_day else 0)
            found = datetime(day.year, day.month, day.day, tzinfo=UTC)
        else:
            # A plus sign in a query arrives as a blank.
            found = datetime.fromisoformat(said.replace(" ", "+") if said.count(" ") == 1 and "T" in said else said)
        return iso(instant_of(found if found.tzinfo else found.replace(tzinfo=UTC)))
    except (ValueError, OverflowError):
        hint = "Write it like 2026-11-19 or 2026-11-19T08:00:00Z."
        raise Problem(Refusal(400, "bad_parameter", f"This request has an unfit value: {name}.", hint)) from None
