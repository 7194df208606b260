"""Which usage a report is about, from the query: days of a zone, and filters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, tzinfo
from typing import Annotated

import msgspec
from litestar.params import QueryParameter

from moonlock.config.values import Unfit
from moonlock.config.values import zone as known_zone
from moonlock.config.zone import zone_of
from moonlock.live.days import Days, Span
from moonlock.live.setup import Setup
from moonlock.model.instant import Instant
from moonlock.model.question import Question
from moonlock.model.rows import COST, KINDS, Row
from moonlock.server.cursors import opened, sealed
from moonlock.server.errors import BAD_CURSOR, Problem, Refusal

MOST_NAMES = 50
FIRST, LAST = 1970, 9998
"""Years: before and after, a zone's first or last day would begin outside of all time."""
Names = Annotated[
    list[Annotated[str, msgspec.Meta(min_length=1, max_length=400)]] | None,
    QueryParameter(max_items=MOST_NAMES, description="repeat it for several"),
]
Since = Annotated[date | None, QueryParameter(description="the first day, such as 2026-11-01")]
Until = Annotated[date | None, QueryParameter(description="the last day, which is included")]
Zone = Annotated[
    str | None, QueryParameter(max_length=100, description="IANA zone that days are cut by; the server's when left out")
]
Limit = Annotated[int, QueryParameter(ge=1, le=1000)]
Cursor = Annotated[str | None, QueryParameter(max_length=2000, description="nextCursor of the part before")]
After = tuple[str, str, int, int]
"""Report, key, micro-dollars and tokens of the last row."""
_AFTER: msgspec.json.Decoder[After] = msgspec.json.Decoder(After)


class When(msgspec.Struct, frozen=True):
    """Days, both included, of a zone; None is open, or the server's zone."""

    since: date | None = None
    until: date | None = None
    timezone: str | None = None


class Whose(msgspec.Struct, frozen=True):
    """Names as a person wrote them: any of one kind, and of every kind that is named."""

    agents: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()


class Stretch(msgspec.Struct, frozen=True):
    """So many rows, behind what the cursor says."""

    limit: int
    cursor: str | None


async def when(since: Since = None, until: Until = None, timezone: Zone = None) -> When:
    """The days, from the query."""
    for name, day in (("since", since), ("until", until)):
        if day is not None and not FIRST <= day.year <= LAST:
            raise unfit(name, f"A day is from {FIRST}-01-01 to {LAST}-12-31.")
    if since is not None and until is not None and since > until:
        raise unfit("since", "It cannot be after until.")
    if timezone is not None:
        checked(timezone)
    return When(since, until, timezone or None)


async def whose(agent: Names = None, project: Names = None, model: Names = None, branch: Names = None) -> Whose:
    """The filters, from the query."""
    return Whose(*(tuple(dict.fromkeys(names or ())) for names in (agent, project, model, branch)))


async def stretch(limit: Limit = 100, cursor: Cursor = None) -> Stretch:
    """Which part of the list, from the query."""
    return Stretch(limit, cursor)


def days(when: When, setup: Setup, now: Instant) -> Days:
    """The days in the zone that was asked for, else in the server's."""
    zone: tzinfo = zone_of(when.timezone) if when.timezone else setup.zone
    return Days(when.timezone or setup.timezone, zone, Span(when.since, when.until, zone), now)


def question(report: str, whose: Whose, days: Days, week_start: int) -> Question:
    return Question(
        report,
        segments=days.segments,
        start=days.start,
        end=days.end,
        week_start=week_start,
        agents=whose.agents,
        projects=whose.projects,
        models=whose.models,
        branches=whose.branches,
        now=days.now,
    )


def page(report: str, rows: Sequence[Row], limit: int, after: After | None) -> tuple[Sequence[Row], str | None]:
    """The rows of one part, and the cursor of the next one. ``rows`` are those of time, or dearest first."""
    begin = 0 if after is None else _place(rows, after)
    found = rows[begin : begin + limit]
    return found, sealed((report, *_rank(found[-1]))) if begin + limit < len(rows) else None


def behind(cursor: str | None, report: str) -> After | None:
    """Behind which row a part begins; a refusal where the cursor is of another report."""
    if cursor is None:
        return None
    found = opened(cursor, _AFTER)
    if found[0] != report:
        raise Problem(BAD_CURSOR)
    return found


def unfit(name: str, hint: str) -> Problem:
    return Problem(Refusal(400, "bad_parameter", f"This request has an unfit value: {name}.", hint))


def checked(zone: str) -> None:
    """Refuse a zone that this machine does not know."""
    try:
        known_zone(zone)
    except Unfit:
        raise unfit("timezone", "It is an IANA time zone such as Europe/Berlin.") from None


def _rank(row: Row) -> tuple[str, int, int]:
    return row[0], row[2][COST], sum(row[2][:KINDS])


def _place(rows: Sequence[Row], after: After) -> int:
    """Behind the row that was the last one; where it would stand if it is gone."""
    report, key, cost, tokens = after
    for place, row in enumerate(rows):
        if row[0] == key:
            return place + 1
    if report in BY_TIME:
        return sum(row[0] <= key for row in rows)
    return sum((-row[2][COST], -sum(row[2][:KINDS]), row[0]) < (-cost, -tokens, key) for row in rows)


BY_TIME = frozenset({"hourly", "daily", "weekly", "monthly", "blocks"})
