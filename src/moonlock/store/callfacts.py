"""What tool calls of some days tell of efficiency. The calls are looked up once, whatever is asked of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import apsw
import msgspec

from moonlock.model.efficiency import LOOKING, Changed, Evidence, Failing, Repeat
from moonlock.model.instant import Instant
from moonlock.model.toolnames import CHANGING
from moonlock.store.connection import rows
from moonlock.store.subjects import LINES
from moonlock.store.tooluse import resolved

ROW = 3
"""So many failures of one command, and no success in between, are a row."""

_WHICH = "chain in carray(?1) and at >= ?2 and at < ?3"
_FOUND = """
with looking(id) as (
    select id from name where text in (select value from carray(?4))
), changing(id) as (
    select id from name where text in (select value from carray(?5))
), found(key, chain, name, request, at, outcome, target, mark, added, removed) as materialized (
    select tool.key, chain, name, {request}, at, outcome, target, mark, {lines}
    from tool left join subject s on s.call = tool.key where {which}
), vain(chain, name, request, times, first, last) as (
    select chain, name, request, count(*), min(at), max(at) from found where outcome = 1 group by 1, 2, 3
), command(session, mark, target, request, at, key, failed) as materialized (
    select c.session, mark, target, request, at, f.key, outcome from found f join chain c on c.id = f.chain
    where mark <> 0 and outcome in (0, 1)
), numbered(session, mark, target, request, at, failed, part) as (
    select session, mark, target, request, at, failed,
        sum(not failed) over (partition by session, mark order by at, key)
    from command where (session, mark) in (select session, mark from command group by 1, 2 having sum(failed) >= {row})
), again(session, mark, target, part, request, times, first, last) as (
    select session, mark, max(target), part, request, count(*), min(at), max(at)
    from numbered where failed group by 1, 2, 4, 5
), rowed(session, mark, target, part, request, times, first, last, whole) as (
    select *, sum(times) over (partition by session, mark, part) from again
), paid(session, mark, target, part, request, times, first, last, among) as (
    select session, mark, target, part, request, times, first, last, sum(times) over (partition by request)
    from rowed where whole >= {row}
)
"""
_TOLD = """
select 'calls', (select text from name where id = f.name), count(*), null, null, null, null from found f group by f.name
union all
select 'failed', (select text from name where id = v.name), c.session, sum(v.times), sum(r.cost), min(v.first),
    max(v.last)
from vain v join chain c on c.id = v.chain left join request r on r.key = v.request group by v.name, c.session
union all
select 'again', (select text from name where id = p.target), p.session, sum(p.times), sum(r.cost * p.times / p.among),
    min(p.first), max(p.last)
from paid p left join request r on r.key = p.request group by p.session, p.mark, p.part
union all
select 'changed', null, sum(added), sum(removed),
    count(distinct iif(target <> 0 and mark = 0 and outcome = 0 and name in changing, target, null)), null, null
from found where added is not null or removed is not null or name in changing
union all
select 'looked', null, request, null, null, null, null
from found group by request having min(name in looking)
"""


class CallFacts(msgspec.Struct):
    """What was found; ``looked`` has the keys of the responses whose calls all read or searched."""

    tools: tuple[Failing, ...] = ()
    changed: Changed = Changed()
    repeats: tuple[Repeat, ...] = ()
    looked: frozenset[int] = frozenset()


def call_facts(db: apsw.Connection, chains: Sequence[int], span: tuple[Instant, Instant]) -> CallFacts:
    """Of the calls of these chains in this span."""
    if not chains:
        return CallFacts()
    told: dict[str, list[tuple[Any, ...]]] = {}
    names = apsw.carray(tuple(sorted(LOOKING))), apsw.carray(tuple(sorted(CHANGING)))
    sql = _FOUND.format(request=resolved(db), lines=LINES, which=_WHICH, row=ROW) + _TOLD
    for what, *found in rows(db, sql, (apsw.carray(chains), *span, *names)):
        told.setdefault(what, []).append(tuple(found))
    failed: dict[str, list[Evidence]] = {}
    for tool, *evidence in told.get("failed", ()):
        failed.setdefault(tool, []).append(Evidence(*evidence))
    calls = sorted((tool, count) for tool, count, *_ in told.get("calls", ()))
    return CallFacts(
        tuple(Failing(tool, count, tuple(failed.get(tool, ()))) for tool, count in calls),
        next((Changed(added, removed, files) for _, added, removed, files, *_ in told["changed"]), Changed()),
        tuple(Repeat(label or "", Evidence(*evidence)) for label, *evidence in told.get("again", ())),
        frozenset(key for _, key, *_ in told.get("looked", ())),
    )
