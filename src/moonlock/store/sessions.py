"""Sessions as they are told to the rest of the house: what is remembered, with sums, helpers and running tools."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import apsw

from moonlock.model.instant import Instant
from moonlock.model.session import PendingTool, Session, SessionKey, Subagent, Tail
from moonlock.model.tokens import Tokens, Usage
from moonlock.store.connection import rows
from moonlock.store.errors import AmbiguousSession
from moonlock.store.memory import Memory
from moonlock.store.paths import project_name
from moonlock.store.places import signed, uid_of
from moonlock.store.schema import SUMS

_FIELDS = ", ".join(Memory.__struct_fields__)
_CHAINS = f"""
select c.session, c.agent_id, ifnull(n.text, ''), c.model_at, c.first_at, c.last_at, {SUMS}
from chain c left join name n on n.id = c.model where c.session in carray(?) order by c.first_at, c.agent_id
"""
_OPEN = """
select c.session, t.key, n.text, t.at from carray(?) s cross join chain c on c.session = s.value and c.agent_id = ''
join tool t on t.chain = c.id and t.outcome is null join name n on n.id = t.name
join session on session.id = c.session where t.at > session.settled_at order by t.at, t.key
"""
_PAGE = f"""
select {_FIELDS} from session where last_at >= ? and (last_at, id) < (?, ?) order by last_at desc, id desc limit ?
"""
_NATIVE_END = "\U0010ffff"
_HEX = frozenset("0123456789abcdef")
_Chain = tuple[str, str, Instant, Instant, Instant, Usage]
_Found = Sequence[tuple[Any, ...]]


def usage_from(sums: Sequence[int]) -> Usage:
    """A Usage from the columns of ``SUMS``."""
    return Usage(Tokens(*sums[:5]), *sums[5:])


def by_number(db: apsw.Connection, numbers: Collection[int]) -> list[Session]:
    """The sessions with these numbers, newest activity first."""
    if not numbers:
        return []
    sql = f"select {_FIELDS} from session where id in carray(?) order by last_at desc, id desc"
    return _whole(db, rows(db, sql, (apsw.carray(array("q", sorted(numbers))),)))


def page(db: apsw.Connection, since: Instant, limit: int, before: tuple[Instant, str] | None) -> list[Session]:
    """Sessions with activity since then, newest first; ``before`` is (last_at, uid) of the last one of another page."""
    last_at, number = (before[0], signed(int(before[1], 16))) if before else (1 << 62, 0)
    return _whole(db, rows(db, _PAGE, (since, last_at, number, limit)))


def find(db: apsw.Connection, prefix: str) -> int | None:
    """The number of the one session whose uid, or whose agent's own id, begins like that."""
    if not prefix:
        return None
    sql = "select id from session where native_id >= ?1 and native_id < ?1 || ?2 limit 10"
    found = {number for (number,) in rows(db, sql, (prefix, _NATIVE_END))}
    low = prefix.lower()
    if len(low) <= 16 and _HEX.issuperset(low):
        span = signed(int(low.ljust(16, "0"), 16)), signed(int(low.ljust(16, "f"), 16))
        found.update(number for (number,) in rows(db, "select id from session where id between ? and ? limit 10", span))
        if len(low) == 16 and span[0] in found:
            return span[0]
    if len(found) > 1:
        raise AmbiguousSession(prefix, tuple(sorted(map(uid_of, found))))
    return found.pop() if found else None


def _whole(db: apsw.Connection, found: _Found) -> list[Session]:
    if not found:
        return []
    numbers = array("q", sorted(row[0] for row in found))
    chains: dict[int, list[_Chain]] = {}
    for session, agent_id, model, model_at, first_at, last_at, *sums in rows(db, _CHAINS, (apsw.carray(numbers),)):
        chain = agent_id, model, model_at, first_at, last_at, usage_from(sums)
        chains.setdefault(session, []).append(chain)
    pending: dict[int, list[PendingTool]] = {}
    for session, key, name, at in rows(db, _OPEN, (apsw.carray(numbers),)):
        pending.setdefault(session, []).append(PendingTool(key, name, at))
    return [_session(Memory(*row), chains.get(row[0], []), pending.get(row[0], ())) for row in found]


def _session(memory: Memory, chains: Iterable[_Chain], pending: Iterable[PendingTool]) -> Session:
    total, aside = Usage(), Usage()
    helpers: list[Subagent] = []
    newest: tuple[bool, Instant, str] = False, 0, ""
    for agent_id, model, model_at, first_at, last_at, usage in chains:
        total += usage
        newest = max(newest, (not agent_id and bool(model), model_at, model))
        if agent_id and usage.requests:
            aside += usage
            helpers.append(Subagent(agent_id, model, first_at, last_at, usage))
    return Session(
        uid=uid_of(memory.id),
        key=SessionKey(memory.agent, memory.folder, memory.native_id),
        title=memory.title,
        project=project_name(memory.cwd, memory.folder),
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
    )


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
