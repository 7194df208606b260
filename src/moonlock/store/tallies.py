"""Reports as plain rows, added up by SQLite. Loads nothing but the driver, for commands that have 60 ms in all.

Every report adds up the same sums, so no two can disagree. A span or a zone that cuts a quarter hour is added up from
the requests themselves.
"""

from __future__ import annotations

from collections.abc import Sequence

import apsw

from moonlock.store.connection import rows
from moonlock.store.schema import COUNTS, SLOT, SUMS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Tally = tuple[Any, ...]
    """A key, a model's name, and the columns of ``SUMS``."""

Segments = Sequence[tuple[int, int]]
"""A zone: (from this instant on, offset to UTC in ms), in time order; the first holds for all time before it too."""
Span = tuple[int | None, int | None]
"""since (inclusive) and until (exclusive); None is open."""
WIDTH = SUMS.count(",") + 1

_DAY = 86_400_000
_ISO = "date(min(max(part, -719162), 2932896) * 86400, 'unixepoch')"
"""SQL for the name of a day; of a damaged time the nearest that has one, from 0001-01-01 to 9999-12-31."""
_REPLAY = 2
_SPENT = "input + output + write_5m + write_1h + cache_read"
FROM_REQUESTS = f"""
select key, at as moment, chain, model, input, output, write_5m, write_1h, cache_read, 1 as requests,
    ifnull(cost, 0) as cost, cost is null as unpriced_requests, iif(cost is null, {_SPENT}, 0) as unpriced_tokens,
    marks >> 4 & 1 as understated
from request where side < {_REPLAY}
"""
"""Requests under the names of the sums."""
_FROM_ROLLUP = f"select slot, slot * {SLOT} as moment, chain, model, {SUMS} from rollup"
_ADDED = ", ".join(f"sum({name})" for name in SUMS.split(", "))
_ADDED_AS = ", ".join(f"sum({name}) as {name}" for name in SUMS.split(", "))
_ADDED_OF_USED = ", ".join(f"sum(used.{name})" for name in SUMS.split(", "))
_WHOSE = "as used join chain on chain.id = used.chain join session on session.id = chain.session"


def by_day(db: apsw.Connection, segments: Segments, span: Span = (None, None)) -> list[Tally]:
    """(day since 1970 in the zone, the same as YYYY-MM-DD, model, sums), oldest first."""
    sql = f"select {_day(segments)} as part, model, {_ADDED} from ({_source(span, segments)}) group by 1, 2"
    return _named(db, sql, span, f"part, {_ISO}")


def sessions_by_day(db: apsw.Connection, segments: Segments, span: Span = (None, None)) -> list[tuple[int, int]]:
    """(day since 1970 in the zone, number of a session that has usage on it)."""
    source = _source(span, segments)
    sql = f"select distinct {_day(segments)}, session from ({source}) as used join chain on chain.id = used.chain"
    return rows(db, sql, _bindings(span))


def agents(db: apsw.Connection) -> dict[int, str]:
    """Whose each session is."""
    return dict(rows(db, "select id, agent from session"))


def by_session(db: apsw.Connection, span: Span = (None, None)) -> list[Tally]:
    """(session's number, model, sums)."""
    inner = f"select chain, model, {_ADDED_AS} from ({_source(span)}) group by 1, 2"
    return _named(
        db, f"select chain.session as part, used.model, {_ADDED_OF_USED} from ({inner}) {_WHOSE} group by 1, 2", span
    )


def by_model(db: apsw.Connection, span: Span = (None, None)) -> list[Tally]:
    """(None, model, sums)."""
    return _named(db, f"select null as part, model, {_ADDED} from ({_source(span)}) group by 2", span)


def people_by_model(db: apsw.Connection, span: Span = (None, None)) -> list[Tally]:
    """(model, agent, sessions that used it)."""
    pairs = f"select distinct model, chain from ({_source(span)})"
    counted = (
        f"select used.model as model, agent, count(distinct session) as sessions from ({pairs}) {_WHOSE} group by 1, 2"
    )
    sql = f"select n.text, agent, sessions from ({counted}) c join name n on n.id = c.model order by 1, 2"
    return rows(db, sql, _bindings(span))


def people(db: apsw.Connection, span: Span = (None, None)) -> list[Tally]:
    """(agent, sessions that have usage)."""
    pairs = f"select distinct chain from ({_source(span)})"
    return rows(
        db, f"select agent, count(distinct session) from ({pairs}) {_WHOSE} group by 1 order by 1", _bindings(span)
    )


def session_names(db: apsw.Connection) -> dict[int, tuple[str, str, str]]:
    """Agent, folder and native id of every session."""
    found = rows(db, "select id, agent, folder, native_id from session")
    return {number: (agent, folder, native_id) for number, agent, folder, native_id in found}


def reading(db: apsw.Connection) -> tuple[Tally, tuple[int, int], tuple[str, ...]]:
    """Behind the numbers: (files, pending, counts of lines), (requests, understated), models without a price."""
    lines = ", ".join(f"ifnull(sum({name} + tail_{name}), 0)" for name in COUNTS.split(", "))
    files = rows(db, f"select count(*), ifnull(sum(pending), 0), {lines} from file")[0]
    billed = rows(db, "select ifnull(sum(requests), 0), ifnull(sum(understated), 0) from chain")[0]
    return files, (billed[0], billed[1]), unpriced(db)


def unpriced(db: apsw.Connection) -> tuple[str, ...]:
    """Models in use that have no price."""
    sql = "select distinct n.text from rollup r join name n on n.id = r.model where r.unpriced_requests > 0 order by 1"
    return tuple(name for (name,) in rows(db, sql))


def _source(span: Span, segments: Segments = ()) -> str:
    """The sums where they are fine enough, else the requests; within the span."""
    edges = (*span, *(number for segment in segments for number in segment))
    aligned = all(edge is None or edge % SLOT == 0 for edge in edges)
    column, edge = ("slot", f"? / {SLOT}") if aligned else ("at", "?")
    tests = [f"{column} {sign} {edge}" for sign, given in zip((">=", "<"), span, strict=True) if given is not None]
    if aligned:
        return _FROM_ROLLUP + (f" where {' and '.join(tests)}" if tests else "")
    return " and ".join([FROM_REQUESTS, *tests])


def _bindings(span: Span) -> list[int]:
    return [edge for edge in span if edge is not None]


def _day(segments: Segments) -> str:
    """SQL for the day of a moment: whole numbers alone are put into the text."""
    offset = int(segments[0][1]) if segments else 0
    shift = str(offset)
    if len(segments) > 1:
        later = "".join(f" when moment >= {int(start)} then {int(moved)}" for start, moved in reversed([*segments][1:]))
        shift = f"case{later} else {offset} end"
    return f"(moment + {shift}) / {_DAY}"


def _named(db: apsw.Connection, sql: str, span: Span, part: str = "part") -> list[Tally]:
    names = ", ".join(f"c{index}" for index in range(WIDTH))
    tally = f"with tally (part, model, {names}) as ({sql}) select {part}, n.text, {names} from tally t"
    return rows(db, f"{tally} join name n on n.id = t.model order by part, 2", _bindings(span))
