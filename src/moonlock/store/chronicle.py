"""Everything that is known of one session, in time order. A look costs what it gives, not what is remembered of others.

A session has a line of its own and one for each sub-agent and branch. Each line is looked up by itself, as far as the
page that is asked for can reach into it; only then are they brought in order.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Sequence
from heapq import merge
from itertools import islice
from typing import Any

import apsw

from moonlock.model.chronicle import FACT_KINDS, After, Billed, Chapter, FactKind, Shared, Told
from moonlock.model.events import UNDERSTATED, ToolCall
from moonlock.model.instant import Instant
from moonlock.model.tokens import Tokens, Usage
from moonlock.store import lineage
from moonlock.store.calls import SUBJECT, call_of
from moonlock.store.connection import rows
from moonlock.store.facts import Happening, decode, titled
from moonlock.store.paths import real_path
from moonlock.store.schema import REPLAY, SUMS
from moonlock.store.sessions import usage_from
from moonlock.store.sessiontools import of_session
from moonlock.store.tallies import FROM_REQUESTS
from moonlock.store.work import Work

_NEVER = 1 << 62
_BILLED = """
select r.key, r.at, r.at + r.span, (select text from name where id = r.model), r.cost, c.agent_id, r.marks,
    r.input, r.output, r.write_5m, r.write_1h, r.cache_read
"""
_REQUEST = f"{_BILLED} from carray(?1) line cross join chain c on c.id = line.value cross join request r on"
_OF_ANYBODY = f"""{_BILLED} from request r join chain c on c.id = r.chain
where r.side < {REPLAY} and r.at >= ? and r.at < ?
"""
_CALL = """
select t.key, t.at, (select text from name where id = t.name), t.request, t.duration, t.outcome, c.agent_id
from carray(?1) line cross join chain c on c.id = line.value cross join tool t on
"""
_PAGE_OF_REQUESTS = f"""{_REQUEST} r.key in (
    select key from request where chain = line.value and side < {REPLAY} and at >= ?2
        and (at, 'request', key) > (?2, ?3, ?4) order by at, key limit ?5)
order by r.at, r.key limit ?5
"""
_PAGE_OF_CALLS = f"""
select told.*, {SUBJECT} from (
    {_CALL} t.key in (
        select key from tool where chain = line.value and at >= ?2
            and (at, 'tool', key) > (?2, ?3, ?4) order by at, key limit ?5)
    order by t.at, t.key limit ?5
) as told left join subject s on s.call = told.key order by told.at, told.key
"""
_PAGE_OF_EVENTS = """
select at, kind, key, body from event
where session = ? and kind in (select value from carray(?)) and at >= ? and (at, kind, key) > (?, ?, ?)
order by at, kind, key limit ?
"""
_LAST_BEFORE = f"""{_REQUEST} r.key in (
    select key from request where chain = line.value and side < {REPLAY} and at < ?2 order by at desc, key desc limit 1)
where c.agent_id = '' order by r.at desc, r.key desc limit 1
"""
_SPAN_OF_REQUESTS = f"""{_REQUEST} r.chain = line.value and r.side < {REPLAY} and r.at >= ?2 and r.at < ?3
order by r.at, r.key
"""
_SPAN_OF_CALLS = f"""{_CALL} t.chain = line.value and t.at < ?3 and t.at + ifnull(max(t.duration, 0), 0) >= ?2
order by t.at, t.key
"""
_SPAN_OF_EVENTS = "select body from event where session = ? and at < ? order by at, key"
_HELPERS = """
select agent_id, min(first_at), max(last_at) from chain
where session = ? and agent_id <> '' and first_at > 0 group by 1 order by 2, 1
"""
_ADDED = ", ".join(f"ifnull(sum({name}), 0)" for name in SUMS.split(", "))
_BEFORE = f"select {_ADDED} from ({FROM_REQUESTS} and chain in carray(?) and at < ?)"
_LOGGED = frozenset(FACT_KINDS) - {"request", "tool", "checkpoint", "status"}


class Chronicle:
    """Questions about the session with this number."""

    def __init__(self, db: apsw.Connection, number: int) -> None:
        self._db, self._number = db, number
        found = rows(db, "select id, agent_id from chain where session = ?", (number,))
        self._lines = array("q", sorted(line for line, _ in found))

    def page(self, kinds: Collection[FactKind], after: After | None, limit: int) -> list[Told]:
        """The first facts of these kinds behind that one, in time order."""
        began = after or (-_NEVER, "", 0)
        found = [self._events(tuple(_LOGGED.intersection(kinds)), began, limit)]
        if "request" in kinds and self._lines:
            found.append(self._billed(began, limit))
        if "tool" in kinds and self._lines:
            found.append(self._calls(began, limit))
        return list(islice(merge(*found, key=lambda told: told.order), limit))

    def requests(self, start: Instant = -_NEVER, end: Instant = _NEVER) -> list[Billed]:
        """The responses that began in [start, end), in time order."""
        return [_billed(row) for row in self._of_lines(_SPAN_OF_REQUESTS, start, end)]

    def last_before(self, moment: Instant) -> Billed | None:
        """The newest response of its own line that began before this moment."""
        found = rows(self._db, _LAST_BEFORE, (apsw.carray(self._lines), moment)) if self._lines else []
        return _billed(found[0]) if found else None

    def calls(self, start: Instant = -_NEVER, end: Instant = _NEVER) -> list[ToolCall]:
        """The tool calls that began before ``end`` and were not over before ``start``, in time order."""
        return [call_of(row) for row in self._of_lines(_SPAN_OF_CALLS, start, end)]

    def helpers(self) -> list[tuple[str, Instant, Instant]]:
        """Its sub-agents, and when each was first and last heard of, in that order."""
        return rows(self._db, _HELPERS, (self._number,))

    def happened(self, end: Instant = _NEVER) -> list[Happening]:
        """Everything else that happened before ``end``, in time order."""
        told = [(self._number, decode(body)) for (body,) in rows(self._db, _SPAN_OF_EVENTS, (self._number, end))]
        return lineage.happened(self._db, self._number, [event for _, event in titled(self._db, told)])

    def before(self, moment: Instant) -> Usage:
        """What it had used before this moment."""
        return usage_from(rows(self._db, _BEFORE, (apsw.carray(self._lines), moment))[0]) if self._lines else Usage()

    def tools(self) -> list[Shared]:
        """Its tools, and what the responses that called them used; dearest first."""
        return of_session(self._db, self._number)

    def work(self) -> Work:
        """What its tool calls were about."""
        return Work(self._db, self._number)

    def logs(self) -> list[Chapter]:
        """The files that tell of it, by path."""
        sql = "select path, source from file where session = ? order by path"
        return [Chapter(real_path(path), source) for path, source in rows(self._db, sql, (self._number,))]

    def _of_lines(self, sql: str, start: Instant, end: Instant) -> list[tuple[Any, ...]]:
        return rows(self._db, sql, (apsw.carray(self._lines), start, end)) if self._lines else []

    def _billed(self, began: After, limit: int) -> Iterable[Told]:
        found = rows(self._db, _PAGE_OF_REQUESTS, (apsw.carray(self._lines), *began, limit))
        return [Told(row[1], "request", row[0], _billed(row)) for row in found]

    def _calls(self, began: After, limit: int) -> Iterable[Told]:
        found = rows(self._db, _PAGE_OF_CALLS, (apsw.carray(self._lines), *began, limit))
        return [Told(row[1], "tool", row[0], call_of(row)) for row in found]

    def _events(self, kinds: tuple[str, ...], began: After, limit: int) -> Iterable[Told]:
        if not kinds:
            return []
        bound = self._number, apsw.carray(kinds), began[0], *began, limit
        found = rows(self._db, _PAGE_OF_EVENTS, bound)
        events = titled(self._db, [(self._number, decode(body)) for *_, body in found])
        return [Told(at, kind, key, event) for (at, kind, key, _), (_, event) in zip(found, events, strict=True)]


def billed(
    db: apsw.Connection, span: tuple[Instant, Instant | None], test: str, bound: Sequence[object]
) -> list[Billed]:
    """The responses of many sessions that began in a span; ``test`` goes on a ``where`` with a column ``chain``."""
    start, end = span
    found = rows(db, f"{_OF_ANYBODY}{test} order by r.at, r.key", (start, _NEVER if end is None else end, *bound))
    return [_billed(row) for row in found]


def _billed(row: tuple[Any, ...]) -> Billed:
    key, at, last_at, model, cost, agent_id, marks, *counts = row
    return Billed(key, at, last_at, model, Tokens(*counts), cost, agent_id, 1 if marks & UNDERSTATED else 0)
