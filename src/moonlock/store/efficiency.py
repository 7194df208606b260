"""What efficiency is read from: responses with what their prices depend on, and what happened beside them.

A look costs what the days in question hold. The response before the first of each line is looked for among those of
the same line alone.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import apsw
import msgspec

from moonlock.model.efficiency import Evidence, Facts, Failing, Paid
from moonlock.model.instant import Instant
from moonlock.model.tokens import Tokens
from moonlock.store.connection import rows
from moonlock.store.labels import but_hidden, labels
from moonlock.store.places import signed, uid_of
from moonlock.store.projects import projects
from moonlock.store.schema import REPLAY

Span = tuple[Instant, Instant]
"""Inclusive, exclusive."""

_PAID = """
c.session, c.agent_id, r.at, (select text from name where id = r.model), r.marks,
r.input, r.output, r.write_5m, r.write_1h, r.cache_read, r.cost
"""
_OF_ALL = f"""
select {_PAID} from request r join chain c on c.id = r.chain
where r.side < {REPLAY} and r.at >= ? and r.at < ?
"""
_OF_ONE = f"""
select {_PAID} from chain c cross join request r on r.chain = c.id
where c.session = ? and r.side < {REPLAY} order by r.at, r.key
"""
_LINES = "select id, session, agent_id from chain where session in carray(?)"
_BEFORE = f"""
select {_PAID}, max(r.at) from carray(?) line cross join request r on r.chain = line.value
join chain c on c.id = r.chain where r.side < {REPLAY} and r.at < ? group by r.chain
"""
_COUNTED = """
select kind, count(*) from carray(?) of cross join event e on e.session = of.value
where e.at >= ? and e.at < ? and e.kind in ('prompt', 'commit') group by kind
"""
_COMPACTED = """
select e.session, e.at from carray(?) of cross join event e on e.session = of.value
where e.kind = 'compaction' and e.at < ? order by e.at
"""
_CALLS = """
select (select text from name where id = tool.name), count(*) from tool
where chain in carray(?) and at >= ? and at < ? group by tool.name
"""
_FAILED = """
select (select text from name where id = f.name), c.session, sum(f.times), sum(r.cost), min(f.first), max(f.last)
from (
    select chain, name, request, count(*) as times, min(at) as first, max(at) as last from tool
    where chain in carray(?) and at >= ? and at < ? and outcome = 1 group by 1, 2, 3
) f join chain c on c.id = f.chain left join request r on r.key = f.request group by f.name, c.session
"""


_EVER = -(1 << 62), 1 << 62


class Story(msgspec.Struct, frozen=True):
    """All that efficiency is read from."""

    before: list[Paid]
    paid: list[Paid]
    facts: Facts


class Words(msgspec.Struct, frozen=True):
    """What a session is called."""

    uid: str
    name: str
    title: str
    project: str


class Economy:
    """Questions about where money went."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db

    def of_days(self, span: Span) -> Story:
        """Of the sessions that are not hidden, in these days."""
        sql = f"{_OF_ALL}{but_hidden(self._db, 'r.chain')} order by r.at, r.key"
        paid = [_paid(row) for row in rows(self._db, sql, span)]
        sessions = array("q", sorted({one.session for one in paid}))
        wanted = {(one.session, one.agent_id) for one in paid}
        lines = rows(self._db, _LINES, (apsw.carray(sessions),)) if sessions else []
        own = array("q", [chain for chain, *line in lines if tuple(line) in wanted])
        found = rows(self._db, _BEFORE, (apsw.carray(own), span[0])) if own else []
        before = sorted((_paid(row[:-1]) for row in found), key=lambda one: one.at)
        return Story(before, paid, _facts(self._db, sessions, array("q", [chain for chain, *_ in lines]), span))

    def of_session(self, uid: str) -> Story:
        """Of one session, from its beginning."""
        number = signed(int(uid, 16))
        paid = [_paid(row) for row in rows(self._db, _OF_ONE, (number,))]
        chains = rows(self._db, "select id from chain where session = ?", (number,))
        return Story([], paid, _facts(self._db, array("q", [number]), array("q", [line for (line,) in chains]), _EVER))

    def called(self, numbers: Sequence[int]) -> dict[int, Words]:
        """What these sessions are called, by their numbers."""
        if not numbers:
            return {}
        wanted = array("q", numbers)
        own, places = labels(self._db, apsw.carray(wanted)), projects(self._db)
        titles = rows(self._db, "select id, title from session where id in carray(?)", (apsw.carray(wanted),))
        return {
            number: Words(uid_of(number), own[number][0] if number in own else "", title, places[number][0])
            for number, title in titles
        }


def _facts(db: apsw.Connection, sessions: Sequence[int], chains: Sequence[int], span: Span) -> Facts:
    if not sessions:
        return Facts()
    counted = dict(rows(db, _COUNTED, (apsw.carray(sessions), *span)))
    failed: dict[str, list[Evidence]] = {}
    calls: list[tuple[str, int]] = []
    if chains:
        calls = rows(db, _CALLS, (apsw.carray(chains), *span))
        for tool, *found in rows(db, _FAILED, (apsw.carray(chains), *span)):
            failed.setdefault(tool, []).append(Evidence(*found))
    return Facts(
        counted.get("prompt", 0),
        counted.get("commit", 0),
        rows(db, _COMPACTED, (apsw.carray(sessions), span[1])),
        tuple(Failing(tool, count, tuple(failed.get(tool, ()))) for tool, count in sorted(calls)),
    )


def _paid(row: Sequence[object]) -> Paid:
    session, agent_id, at, model, marks, *counts, cost = row
    return Paid(session, agent_id, at, model, marks, Tokens(*counts), cost)  # type: ignore[arg-type]
