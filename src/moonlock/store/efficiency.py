"""What efficiency is read from: responses with what their prices depend on, and what happened beside them.

A look costs what the days in question hold. The response before the first of each line is looked for among those of
the same line alone.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import apsw
import msgspec

from moonlock.model.efficiency import Facts, Paid
from moonlock.model.instant import Instant
from moonlock.model.tokens import Tokens
from moonlock.store.callfacts import CallFacts, call_facts
from moonlock.store.connection import rows
from moonlock.store.labels import but_hidden, labels
from moonlock.store.places import signed, uid_of
from moonlock.store.projects import projects
from moonlock.store.schema import REPLAY

Span = tuple[Instant, Instant]
"""Inclusive, exclusive."""
Line = tuple[int, str]
"""A session, and the sub-agent; "" for its own line."""

_PAID = "r.key, r.chain, r.model, r.at, r.marks, r.input, r.output, r.write_5m, r.write_1h, r.cache_read, r.cost"
_OF_ALL = f"select {_PAID} from request r where r.side < {REPLAY} and r.at >= ? and r.at < ?"
_OF_ONE = f"""
select {_PAID} from carray(?) line cross join request r on r.chain = line.value
where r.side < {REPLAY} order by r.at, r.key
"""
_BEFORE = f"""
select {_PAID}, max(r.at) from carray(?) line cross join request r on r.chain = line.value
where r.side < {REPLAY} and r.at < ? group by r.chain
"""
_LINES = "select id, session, agent_id from chain where session in carray(?)"
_OWNERS = "select id, session, agent_id from chain where id in carray(?)"
_COUNTED = """
select kind, count(*) from carray(?) of cross join event e on e.session = of.value
where e.at >= ? and e.at < ? and e.kind in ('prompt', 'commit') group by kind
"""
_COMPACTED = """
select e.session, e.at from carray(?) of cross join event e on e.session = of.value
where e.kind = 'compaction' and e.at < ? order by e.at
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
        found = rows(self._db, sql, span)
        lines = _lines(self._db, _OWNERS, {row[1] for row in found})
        wanted, sessions = set(lines.values()), {session for session, _ in lines.values()}
        lines = _lines(self._db, _LINES, sessions)
        own = array("q", [chain for chain, line in lines.items() if line in wanted])
        before = rows(self._db, _BEFORE, (apsw.carray(own), span[0])) if own else []
        calls = call_facts(self._db, array("q", lines), span)
        told = _Told(_models(self._db, [*before, *found]), lines, calls.looked)
        facts = _facts(self._db, array("q", sorted(sessions)), calls, span)
        return Story(sorted(map(told.paid, before), key=lambda one: one.at), [*map(told.paid, found)], facts)

    def of_session(self, uid: str) -> Story:
        """Of one session, from its beginning."""
        number = signed(int(uid, 16))
        lines = _lines(self._db, _LINES, {number})
        chains = array("q", lines)
        found = rows(self._db, _OF_ONE, (apsw.carray(chains),)) if chains else []
        calls = call_facts(self._db, chains, _EVER)
        told = _Told(_models(self._db, found), lines, calls.looked)
        return Story([], [*map(told.paid, found)], _facts(self._db, array("q", [number]), calls, _EVER))

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


class _Told:
    """What the numbers of a row stand for."""

    def __init__(self, models: dict[int, str], lines: dict[int, Line], looked: frozenset[int]) -> None:
        self._models, self._lines, self._looked = models, lines, looked

    def paid(self, row: Sequence[Any]) -> Paid:
        key, chain, model, at, marks, new, output, short, hour, read, cost = row[:11]
        tokens = Tokens(new, output, short, hour, read)
        return Paid(*self._lines[chain], at, self._models[model], marks, tokens, cost, key in self._looked)


def _models(db: apsw.Connection, found: Iterable[Sequence[Any]]) -> dict[int, str]:
    """Their names by number, of those that these rows name: the table has the paths of all files too."""
    wanted = array("q", sorted({row[2] for row in found}))
    return dict(rows(db, "select id, text from name where id in carray(?)", (apsw.carray(wanted),))) if wanted else {}


def _lines(db: apsw.Connection, sql: str, numbers: Collection[int]) -> dict[int, Line]:
    found = rows(db, sql, (apsw.carray(array("q", sorted(numbers))),)) if numbers else []
    return {chain: (session, agent_id) for chain, session, agent_id in found}


def _facts(db: apsw.Connection, sessions: Sequence[int], calls: CallFacts, span: Span) -> Facts:
    if not sessions:
        return Facts()
    counted = dict(rows(db, _COUNTED, (apsw.carray(sessions), *span)))
    return Facts(
        counted.get("prompt", 0),
        counted.get("commit", 0),
        rows(db, _COMPACTED, (apsw.carray(sessions), span[1])),
        calls.tools,
        calls.changed,
        calls.repeats,
    )
