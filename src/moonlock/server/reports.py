"""Reports over HTTP: the same rows, sums and keys as ``moonlock usage --json``, in parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Any, Literal, Protocol, cast

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter

from moonlock.live import reports, usage_json
from moonlock.live.chronicle_shapes import server_shapes, skill_shape
from moonlock.live.report_shapes import project_shape, shared, tool_shape
from moonlock.live.reports import How
from moonlock.model.instant import DAY, SECOND, Instant
from moonlock.model.report_shapes import BlockReport, ProjectList, ToolList, UsageReport
from moonlock.model.rows import Row
from moonlock.server.errors import refusals
from moonlock.server.house import House
from moonlock.server.spans import After, Stretch, When, Whose, behind, days, page, question, stretch, unfit, when, whose
from moonlock.store import Store
from moonlock.store.skilluse import NO_SKILL

PERIODS = {"hour": "hourly", "day": "daily", "week": "weekly", "month": "monthly"}
LIVE = 5 * SECOND
"""So long an answer holds that depends on what time it is: what runs, runs now."""
OF_NOW = frozenset({"session", "blocks"})
Shown = Literal["all", "active", "recent"]
SPANS = {"when": Provide(when), "whose": Provide(whose), "stretch": Provide(stretch)}
_encode = msgspec.json.Encoder().encode

Period = Annotated[
    Literal["hour", "day", "week", "month"] | None,
    QueryParameter(description="rows by time; `day` when neither this nor `groupBy` is said"),
]
GroupBy = Annotated[
    Literal["model", "project", "agent", "branch", "tool", "skill", "session"] | None,
    QueryParameter(
        name="groupBy", description="rows by what, dearest first; with `period` only `model`: each row's `breakdown`"
    ),
]
TokenLimit = Annotated[
    int | None, QueryParameter(name="tokenLimit", ge=1, lt=10**15, description="tokens that blocks are held against")
]


class _Put(msgspec.Struct, frozen=True):
    """All that an answer depends on besides the store."""

    report: str
    when: When
    whose: Whose
    limit: int
    after: After | None
    now: Instant
    shown: Shown = "all"
    ceiling: int | None = None


async def shown(
    active: Annotated[bool, QueryParameter(description="the one that runs alone")] = False,
    recent: Annotated[bool, QueryParameter(description="those of the last three days")] = False,
) -> Shown:
    """Which blocks, from the query."""
    return "active" if active else "recent" if recent else "all"


class Putting(Protocol):
    """What is asked, as of now."""

    def __call__(self, report: str, when: When, whose: Whose, stretch: Stretch) -> _Put: ...


def routes(house: House, clock: Callable[[], Instant]) -> list[Any]:
    """Every route that answers with a report."""

    def put(report: str, when: When, whose: Whose, stretch: Stretch) -> _Put:
        after = behind(stretch.cursor, report)
        return _Put(report, when, whose, stretch.limit, after, _until(report, clock()))

    return [*_documents(house, put), *_lists(house, put)]


def _documents(house: House, put: Putting) -> list[Any]:
    """Those that answer as the command line does."""

    @get("/api/analytics/usage", dependencies=SPANS, responses=refusals(400, 503))
    async def usage(
        when: NamedDependency[When],
        whose: NamedDependency[Whose],
        stretch: NamedDependency[Stretch],
        period: Period = None,
        group_by: GroupBy = None,
    ) -> Response[UsageReport]:
        """Tokens and money by time or by what is named, as `moonlock usage --json` has them.

        `totals` are of all rows, whichever part of them is asked for. Reports over the same days and filters add up to
        the same totals.
        """
        if period is not None and group_by not in (None, "model"):
            raise unfit("groupBy", "Rows are by time or by something; with period there is groupBy=model alone.")
        report = PERIODS[period or "day"] if period is not None or group_by is None else group_by
        return cast("Response[UsageReport]", await _told(house, put(report, when, whose, stretch), _written))

    @get("/api/blocks", dependencies=SPANS | {"shown": Provide(shown)}, responses=refusals(400, 503))
    async def blocks(
        when: NamedDependency[When],
        whose: NamedDependency[Whose],
        stretch: NamedDependency[Stretch],
        shown: NamedDependency[Shown],
        token_limit: TokenLimit = None,
    ) -> Response[BlockReport]:
        """Windows of five hours, oldest first, as `moonlock usage blocks --json` has them."""
        asked = msgspec.structs.replace(put("blocks", when, whose, stretch), shown=shown, ceiling=token_limit)
        return cast("Response[BlockReport]", await _told(house, asked, _written))

    return [usage, blocks]


def _lists(house: House, put: Putting) -> list[Any]:
    @get("/api/projects", dependencies=SPANS, responses=refusals(400, 503))
    async def projects(
        when: NamedDependency[When], whose: NamedDependency[Whose], stretch: NamedDependency[Stretch]
    ) -> Response[ProjectList]:
        """Projects that have usage, dearest first."""
        return cast("Response[ProjectList]", await _told(house, put("project", when, whose, stretch), _projects))

    @get("/api/tools", dependencies=SPANS, responses=refusals(400, 503))
    async def tools(
        when: NamedDependency[When], whose: NamedDependency[Whose], stretch: NamedDependency[Stretch]
    ) -> Response[ToolList]:
        """Tools that were called, dearest first; a response's tokens and money are shared among its calls.

        Beside them the MCP servers that they belong to, and the skills by which responses worked.
        """
        return cast("Response[ToolList]", await _told(house, put("tool", when, whose, stretch), _tools))

    return [projects, tools]


def _until(report: str, now: Instant) -> Instant:
    """Of what time an answer is: until this moves on, the same question has the same answer."""
    return now - now % (LIVE if report in OF_NOW else DAY)


_Write = Callable[[House, _Put, Store], bytes]


async def _told(house: House, put: _Put, write: _Write) -> Response[bytes]:
    body = await house.readers.told((write, put), partial(write, house, put))
    return Response(body, media_type="application/json")


def _written(house: House, put: _Put, store: Store) -> bytes:
    span = days(put.when, house.setup, put.now)
    how = How(shown=put.shown, ceiling=put.ceiling)
    about = question(put.report, put.whose, span, house.setup.week_start)
    rows, totals, reading, extra = reports.found(store, about, how)
    part, cursor = page(put.report, rows, put.limit, put.after)
    head = put.report, span.name, span.since, span.until
    return usage_json.written(head, part, totals, reading, (*extra, ("nextCursor", cursor)))


def _projects(house: House, put: _Put, store: Store) -> bytes:
    part, cursor = _part(house, put, store)
    return _encode(ProjectList(projects=[project_shape(row) for row in part], next_cursor=cursor))


def _tools(house: House, put: _Put, store: Store) -> bytes:
    with store.still():
        rows, skills = (_rows(house, put, report, store) for report in ("tool", "skill"))
    part, cursor = page(put.report, rows, put.limit, put.after)
    return _encode(
        ToolList(
            tools=[tool_shape(row) for row in part],
            servers=server_shapes([shared(row) for row in rows]),
            skills=[skill_shape(shared(row)) for row in skills if row[0] != NO_SKILL],
            next_cursor=cursor,
        )
    )


def _part(house: House, put: _Put, store: Store) -> tuple[Sequence[Row], str | None]:
    return page(put.report, _rows(house, put, put.report, store), put.limit, put.after)


def _rows(house: House, put: _Put, report: str, store: Store) -> Sequence[Row]:
    span = days(put.when, house.setup, put.now)
    return reports.found(store, question(report, put.whose, span, 0), How())[0]
