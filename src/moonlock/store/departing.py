"""The store as lines that another one can take in. Rows are read one by one: memory does not grow with history."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import apsw
import msgspec

from moonlock.model.instant import Instant, iso
from moonlock.model.portable import (
    AnyLine,
    ChainLine,
    EventLine,
    FileLine,
    LabelLine,
    RequestLine,
    SeedLine,
    SessionLine,
    ToolEndLine,
    ToolLine,
    camel,
)
from moonlock.store.carried import hands
from moonlock.store.connection import rows
from moonlock.store.errors import in_our_words
from moonlock.store.facts import decode
from moonlock.store.files import decode_cursor
from moonlock.store.memory import Memory
from moonlock.store.places import uid_of
from moonlock.store.schema import COUNTS, TAIL_COUNTS
from moonlock.store.tools import OUTCOMES

_COUNTS = COUNTS.count(",") + 1
_SESSIONS = f"select {', '.join(Memory.__struct_fields__)} from session where %s order by id"
_FILES = f"""
select id, path, source, session, cursor, born, generation, pending, gone, {COUNTS}, {TAIL_COUNTS} from file
where %s order by id
"""
_DAMAGE = "select offset, length, shape, recovered from damage where file = ? and generation = ? order by offset"
_CHAINS = "select session, agent_id, branch, first_at, last_at from chain where first_at > 0 and %s order by 1, 2, 3"
_REQUESTS = """
select r.*, n.text, c.session, c.agent_id, c.branch,
    (select group_concat(printf('%%016x', alias)) from alias a where a.request = r.key),
    (select text from name join skill k on k.name = name.id where k.request = r.key)
from request r join name n on n.id = r.model join chain c on c.id = r.chain where %s order by r.key
"""
_TOOLS = """
select t.key, t.at, n.text, t.request, t.duration, t.outcome, t.file, c.session, c.agent_id,
    (select text from name where id = s.target), s.mark, s.added, s.removed
from tool t join name n on n.id = t.name join chain c on c.id = t.chain left join subject s on s.call = t.key
where %s order by t.key
"""
_TOOL_ENDS = "select e.*, s.added, s.removed from tool_end e left join subject s on s.call = e.key order by e.key"
_EVENTS = "select body, session, file from event where %s order by key"
_LABELS = "select session, name, description, hidden_at, changed_at from label where %s order by session"
_TAGS = "select tag from tag where session = ? order by tag"
_LOGS = """
id in (
    select file from request where chain in (select id from chain where session = ?1)
    union select file from tool where chain in (select id from chain where session = ?1)
    union select file from event where session = ?1
)
"""
_RECORDS = "select count(*) from request r join chain c on c.id = r.chain where c.session = ? and r.file = ?"
_FAST_NAME, _FAST, _REPLAY = "-fast", 1, 2


def of_store(db: apsw.Connection) -> Iterator[AnyLine]:
    """Everything: sessions and files first, because the others name them."""
    with in_our_words():
        db.execute("begin")
        try:
            yield from (_session(row) for row in db.execute(_SESSIONS % "true"))
            yield from (_file(db, row) for row in db.execute(_FILES % "true"))
            yield from (_chain(row) for row in db.execute(_CHAINS % "true"))
            yield from (_request(row) for row in db.execute(_REQUESTS % "true"))
            yield from (_tool(row) for row in db.execute(_TOOLS % "true"))
            yield from (_tool_end(row) for row in db.execute(_TOOL_ENDS))
            yield from (_event(row) for row in db.execute(_EVENTS % "true"))
            yield from (_label(db, row) for row in db.execute(_LABELS % "true"))
            yield from (_seed(row) for row in db.execute("select * from seed order by day, agent, model"))
            yield from hands(db)
        finally:
            db.execute("rollback")


def of_session(db: apsw.Connection, number: int) -> Iterator[AnyLine]:
    """One session. How far its logs were read is not told: they may hold what belongs to others."""
    with in_our_words():
        db.execute("begin")
        try:
            yield from (_session(row) for row in db.execute(_SESSIONS % "id = ?", (number,)))
            yield from (_log(db, row, number) for row in db.execute(_FILES % _LOGS, (number,)))
            yield from (_chain(row) for row in db.execute(_CHAINS % "session = ?", (number,)))
            billed = f"c.session = ? and r.side < {_REPLAY}"
            yield from (_request(row) for row in db.execute(_REQUESTS % billed, (number,)))
            yield from (_tool(row) for row in db.execute(_TOOLS % "c.session = ?", (number,)))
            yield from (_event(row) for row in db.execute(_EVENTS % "session = ?", (number,)))
            yield from (_label(db, row) for row in db.execute(_LABELS % "session = ?", (number,)))
        finally:
            db.execute("rollback")


def of_hand(db: apsw.Connection, number: int) -> Iterator[AnyLine]:
    """One session by hand. What it gathered is what its agents' sessions used: they are exported for themselves."""
    with in_our_words():
        db.execute("begin")
        try:
            yield from hands(db, number)
        finally:
            db.execute("rollback")


def _session(row: tuple[Any, ...]) -> SessionLine:
    memory = Memory(*row)
    return SessionLine(
        id=uid_of(memory.id),
        agent=memory.agent,
        folder=memory.folder,
        native_id=memory.native_id,
        title=memory.title,
        cwd=memory.cwd,
        branch=memory.branch,
        version=memory.version,
        first_at=_maybe(memory.first_at),
        last_at=_maybe(memory.last_at),
        tail_at=_maybe(memory.tail_at),
        phase=memory.phase,
        limit_resets_at=_maybe(memory.limit_resets_at),
        settled_at=_maybe(memory.settled_at),
        context=memory.context,
        context_at=_maybe(memory.context_at),
        model=memory.model,
        model_at=_maybe(memory.model_at),
        largest_prompt=memory.largest_prompt,
        ages=(memory.title_rank, memory.title_at, memory.cwd_at, memory.branch_at, memory.version_at),
    )


def _file(db: apsw.Connection, row: tuple[Any, ...]) -> FileLine:
    number, path, source, session, cursor, born, generation, pending, gone, *counts = row
    return FileLine(
        id=number,
        path=path,
        source=source,
        session=uid_of(session),
        born=_maybe(born),
        cursor=msgspec.structs.astuple(decode_cursor(cursor)),
        counts=counts[:_COUNTS],
        tail_counts=counts[_COUNTS:],
        tail_pending=bool(pending),
        gone=bool(gone),
        damage=rows(db, _DAMAGE, (number, generation)),
    )


def _log(db: apsw.Connection, row: tuple[Any, ...], session: int) -> FileLine:
    """A log of one session: its records are those that are told here."""
    number, path, source, _, _, born, *_ = row
    records: int = rows(db, _RECORDS, (session, number))[0][0]
    counts = [records, records, 0, 0, 0, 0, 0]
    mine = uid_of(session)
    return FileLine(id=number, path=path, source=source, session=mine, born=_maybe(born), counts=counts)


def _chain(row: tuple[Any, ...]) -> ChainLine:
    session, agent_id, branch, first_at, last_at = row
    return ChainLine(
        session=uid_of(session), agent_id=agent_id, branch=branch, first_at=iso(first_at), last_at=iso(last_at)
    )


def _request(row: tuple[Any, ...]) -> RequestLine:
    key, _, _, at, span, new, out, short, long, read, searches, recorded, cost, marks, side, file, *named = row
    model, session, agent_id, branch, aliases, skill = named
    return RequestLine(
        key=uid_of(key),
        session=uid_of(session),
        file=file,
        at=iso(at),
        last_at=iso(at + span),
        model=model.removesuffix(_FAST_NAME) if marks & _FAST else model,
        input=new,
        output=out,
        cache_write_5m=short,
        cache_write_1h=long,
        cache_read=read,
        cost_usd=_dollars(cost),
        recorded_usd=_dollars(recorded),
        searches=searches,
        marks=marks,
        sidechain=side > 0,
        agent_id=agent_id,
        branch=branch,
        aliases=aliases.split(",") if aliases else [],
        skill=skill or "",
    )


def _tool(row: tuple[Any, ...]) -> ToolLine:
    key, at, name, request, duration, outcome, file, session, agent_id, target, mark, added, removed = row
    return ToolLine(
        key=uid_of(key),
        session=uid_of(session),
        file=file,
        at=iso(at),
        name=name,
        request=uid_of(request),
        duration_ms=duration,
        outcome=None if outcome is None else OUTCOMES[outcome],
        agent_id=agent_id,
        target=target or "",
        mark=uid_of(mark) if mark else None,
        added=added,
        removed=removed,
    )


def _tool_end(row: tuple[Any, ...]) -> ToolEndLine:
    key, at, outcome, added, removed = row
    return ToolEndLine(key=uid_of(key), at=iso(at), outcome=OUTCOMES[outcome], added=added, removed=removed)


def _event(row: tuple[Any, ...]) -> EventLine:
    body, session, file = row
    event = decode(body)
    facts = {name: getattr(event, name) for name in event.__struct_fields__ if name not in ("key", "at")}
    told = {
        camel(name): iso(said) if name.endswith("_at") and said is not None else said for name, said in facts.items()
    }
    return EventLine(
        key=uid_of(event.key),
        session=uid_of(session),
        file=file,
        at=iso(event.at),
        kind=str(event.__struct_config__.tag),
        facts=told,
    )


def _label(db: apsw.Connection, row: tuple[Any, ...]) -> LabelLine:
    session, name, description, hidden_at, changed_at = row
    return LabelLine(
        session=uid_of(session),
        changed_at=_maybe(changed_at),
        name=name,
        description=description,
        tags=[tag for (tag,) in rows(db, _TAGS, (session,))],
        hidden_at=_maybe(hidden_at),
    )


def _seed(row: tuple[Any, ...]) -> SeedLine:
    agent, day, model, tokens, sessions, seeded_at = row
    return SeedLine(agent=agent, day=day, model=model, tokens=tokens, sessions=sessions, seeded_at=iso(seeded_at))


def _maybe(at: Instant | None) -> str | None:
    return iso(at) if at else None


def _dollars(cost: int | None) -> float | None:
    return None if cost is None else cost / 1_000_000
