"""Everything else that happened in a session: prompts, compactions, limits, errors, objectives, commits, and so on."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import get_args

import apsw
import msgspec
from msgspec.structs import replace

from moonlock.model.events import (
    AgentError,
    Committed,
    Compaction,
    LimitHit,
    ObjectiveSet,
    PromptSent,
    PullRequestOpened,
    SubagentEnded,
    SubagentStarted,
)
from moonlock.store.connection import rows
from moonlock.store.labels import HIDDEN
from moonlock.store.places import Place

Happening = (
    PromptSent
    | Compaction
    | LimitHit
    | AgentError
    | ObjectiveSet
    | SubagentStarted
    | SubagentEnded
    | PullRequestOpened
    | Committed
)
KINDS: tuple[type[Happening], ...] = get_args(Happening)
HappeningSeen = tuple[Happening, Place]
Told = tuple[int, Happening]

_encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(Happening).decode
_Row = tuple[int, int, int, str, bytes, int]

_KNOWN = """
select e.*, f.path, f.born from carray(?) seen cross join event e on e.key = seen.value join file f on f.id = e.file
"""
_KIND_OBJECTIVE = "objective"
_NEWEST = """
select session, body from event where session in carray(?) and kind in ('error', 'limit', 'objective') and at >= ?
order by at desc, key desc limit ?
"""


def keep(db: apsw.Connection, seen: Sequence[HappeningSeen]) -> tuple[int, list[Told], bool]:
    """Write what is new: rows written, the events that say something new, and whether any changed its session."""
    if not seen:
        return 0, [], False
    kept: dict[int, tuple[Happening, Place]] = {}
    before: dict[int, _Row] = {}
    keys = array("q", sorted({event.key for event, _ in seen}))
    for key, session, at, kind, body, file, path, born in rows(db, _KNOWN, (apsw.carray(keys),)):
        before[key] = key, session, at, kind, body, file
        kept[key] = decode(body), Place(file, path, born, session)
    for event, place in seen:
        known = kept.get(event.key)
        if known is None or _replaces(event, place, *known):
            kept[event.key] = event, place
    changed: list[_Row] = []
    told: list[Told] = []
    for key, (event, place) in kept.items():
        body = _encode(event)
        row = key, place.session, event.at, str(event.__struct_config__.tag), body, place.file
        if row != before.get(key):
            changed.append(row)
            if key not in before or before[key][4] != body:
                told.append((place.session, event))
    db.executemany("replace into event values (?, ?, ?, ?, ?, ?)", changed)
    moved = any(row[1] != before[row[0]][1] for row in changed if row[0] in before)
    return len(changed), told, moved


def _replaces(seen: Happening, place: Place, known: Happening, owner: Place) -> bool:
    if place.file == owner.file or seen.at != known.at:
        return seen.at <= known.at
    return place.older(owner)


def titled(db: apsw.Connection, told: list[Told]) -> list[Told]:
    """The same; an objective that is told without a title has the one it had before: an empty title says nothing."""
    aims = [(session, event) for session, event in told if isinstance(event, ObjectiveSet)]
    bare = {(session, event.objective) for session, event in aims if not event.title}
    if not bare:
        return told
    aims.sort(key=lambda aim: aim[1].at)
    titles = {(session, event.objective): event.title for session, event in aims if event.title}
    older = array("q", sorted({session for session, objective in bare if (session, objective) not in titles}))
    sql = "select session, body from event where session in carray(?) and kind = ? order by at desc, key desc"
    for session, body in rows(db, sql, (apsw.carray(older), _KIND_OBJECTIVE)) if older else ():
        event = decode(body)
        if isinstance(event, ObjectiveSet) and event.title:
            titles.setdefault((session, event.objective), event.title)
    return [(session, _with_title(event, titles, session)) for session, event in told]


def _with_title(event: Happening, titles: dict[tuple[int, str], str], session: int) -> Happening:
    if not isinstance(event, ObjectiveSet) or event.title:
        return event
    return replace(event, title=titles.get((session, event.objective), ""))


def newest(db: apsw.Connection, sessions: Iterable[int], since: int, limit: int) -> list[Told]:
    """The newest objectives, errors and limits of the sessions since then, newest first."""
    found = rows(db, _NEWEST, (apsw.carray(array("q", sessions)), since, limit))
    return titled(db, [(session, decode(body)) for session, body in found])


def of_session(db: apsw.Connection, session: int) -> list[Happening]:
    """What happened in the session, in time order."""
    sql = "select body from event where session = ? order by at, key"
    return [decode(body) for (body,) in rows(db, sql, (session,))]


def limits(db: apsw.Connection, since: int) -> list[LimitHit]:
    """The limits that sessions hit which are not hidden, in time order."""
    found = [decode(body) for (body,) in rows(db, _LIMITS, (since,))]
    return [event for event in found if isinstance(event, LimitHit)]


_LIMITS = f"select body from event where kind = 'limit' and at >= ? and session not in ({HIDDEN}) order by at, key"
