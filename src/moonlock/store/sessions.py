"""Sessions as they are told to the rest of the house: what is remembered, with sums, helpers and running tools."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import apsw
from msgspec.structs import asdict, replace

from moonlock.model.instant import Instant
from moonlock.model.label import Label
from moonlock.model.session import PendingTool, Session, SessionKey, Subagent, Tail
from moonlock.model.tokens import Tokens, Usage
from moonlock.store.connection import rows
from moonlock.store.labels import HIDDEN, labels
from moonlock.store.lineage import Called, helpers
from moonlock.store.memory import Memory
from moonlock.store.places import signed, uid_of
from moonlock.store.projects import projects
from moonlock.store.schema import SUMS

if TYPE_CHECKING:
    from moonlock.store.projects import Project

_FIELDS = ", ".join(Memory.__struct_fields__)
_CHAINS = f"""
select c.session, c.agent_id, ifnull(n.text, ''), c.model_at, c.first_at, c.last_at, {SUMS}
from chain c left join name n on n.id = c.model where c.session in carray(?) order by c.branch
"""
_OPEN = """
select c.session, t.key, n.text, t.at, ifnull((select text from name where id = b.target), '')
from carray(?) s cross join chain c on c.session = s.value and c.agent_id = ''
join tool t on t.chain = c.id and t.outcome is null join name n on n.id = t.name
left join subject b on b.call = t.key join session on session.id = c.session
where t.at > session.settled_at order by t.at, t.key
"""
_PAGE = f"""
select {_FIELDS} from session where last_at >= ? and (last_at, id) < (?, ?) and id not in ({HIDDEN})
order by last_at desc, id desc limit ?
"""
_Chain = tuple[str, str, Instant, Instant, Instant, Usage]
_Found = Sequence[tuple[Any, ...]]


def usage_from(sums: Sequence[int]) -> Usage:
    """A Usage from the columns of ``SUMS``."""
    return Usage(Tokens(*sums[:5]), *sums[5:])


def by_number(
    db: apsw.Connection, numbers: Collection[int], named: Mapping[int, Project] | None = None
) -> list[Session]:
    """The sessions with these numbers, newest activity first. ``named`` spares looking at all the others."""
    if not numbers:
        return []
    sql = f"select {_FIELDS} from session where id in carray(?) order by last_at desc, id desc"
    return _whole(db, rows(db, sql, (apsw.carray(array("q", sorted(numbers))),)), named)


def page(db: apsw.Connection, since: Instant, limit: int, before: tuple[Instant, str] | None) -> list[Session]:
    """Sessions with activity since then, newest first; ``before`` is (last_at, uid) of the last one of another page."""
    last_at, number = (before[0], signed(int(before[1], 16))) if before else (1 << 62, 0)
    return _whole(db, rows(db, _PAGE, (since, last_at, number, limit)))


def _whole(db: apsw.Connection, found: _Found, named: Mapping[int, Project] | None = None) -> list[Session]:
    if not found:
        return []
    numbers = array("q", sorted(row[0] for row in found))
    chains: dict[int, list[_Chain]] = {}
    for session, agent_id, model, model_at, first_at, last_at, *sums in rows(db, _CHAINS, (apsw.carray(numbers),)):
        chain = agent_id, model, model_at, first_at, last_at, usage_from(sums)
        chains.setdefault(session, []).append(chain)
    pending: dict[int, list[PendingTool]] = {}
    for session, *call in rows(db, _OPEN, (apsw.carray(numbers),)):
        pending.setdefault(session, []).append(PendingTool(*call))
    calls = helpers(db, {number for number, each in chains.items() if any(chain[0] for chain in each)})
    named, words = projects(db) if named is None else named, labels(db, apsw.carray(numbers))
    told = {row[0]: (*named[row[0]], Label(*words.get(row[0], ()))) for row in found}
    whole = (_session(Memory(*row), chains.get(row[0], []), pending.get(row[0], ()), told[row[0]]) for row in found)
    return [_linked(session, calls.get(row[0], {})) for row, session in zip(found, whole, strict=True)]


def _lines(chains: Iterable[_Chain]) -> list[_Chain]:
    """The branches of each line put together, in the order in which the lines began."""
    lines: dict[str, _Chain] = {}
    for chain in chains:
        known = lines.get(chain[0])
        lines[chain[0]] = chain if known is None else _together(known, chain)
    return sorted(lines.values(), key=lambda line: (line[3], line[0]))


def _together(one: _Chain, other: _Chain) -> _Chain:
    agent_id, model, model_at, first_at, last_at, usage = one
    _, newer, newer_at, began, ended, more = other
    model_at, model = max((model_at, model), (newer_at, newer))
    first = min(filter(None, (first_at, began)), default=0)
    return agent_id, model, model_at, first, max(last_at, ended), usage + more


def _session(
    memory: Memory, chains: Iterable[_Chain], pending: Iterable[PendingTool], told: tuple[str, str, Label]
) -> Session:
    project, root, label = told
    total, aside = Usage(), Usage()
    helpers: list[Subagent] = []
    newest: tuple[bool, Instant, str] = False, 0, ""
    for agent_id, model, model_at, first_at, last_at, usage in _lines(chains):
        total += usage
        newest = max(newest, (not agent_id and bool(model), model_at, model))
        if agent_id and usage.requests:
            aside += usage
            helpers.append(Subagent(agent_id, model, first_at, last_at, usage))
    return Session(
        uid=uid_of(memory.id),
        key=SessionKey(memory.agent, memory.folder, memory.native_id),
        title=memory.title,
        project=project,
        cwd=memory.cwd,
        branch=memory.branch,
        version=memory.version,
        first_at=memory.first_at or None,
        last_at=memory.last_at or None,
        model=memory.model or newest[2],
        tail=_tail(memory, pending),
        usage=total,
        subagents=aside,
        agents=tuple(helpers),
        root=root,
        label=label,
    )


def _linked(session: Session, calls: Mapping[str, Called]) -> Session:
    """The same, with what is known of the calls that led to its sub-agents."""
    if not calls:
        return session
    agents = (
        replace(each, **asdict(calls[each.agent_id])) if each.agent_id in calls else each for each in session.agents
    )
    return replace(session, agents=tuple(agents))


def _tail(memory: Memory, pending: Iterable[PendingTool]) -> Tail:
    return Tail(
        at=memory.tail_at,
        phase=memory.phase,
        pending=tuple(pending),
        context=memory.context,
        context_at=memory.context_at,
        model=memory.model,
        limit_resets_at=memory.limit_resets_at,
        largest_prompt=memory.largest_prompt,
    )
