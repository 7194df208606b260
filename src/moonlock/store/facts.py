"""Everything else that happened in a session: prompts, compactions, limits, errors, objectives, pull requests."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import apsw
import msgspec

from moonlock.model.events import AgentError, Compaction, LimitHit, ObjectiveSet, PromptSent, PullRequestOpened
from moonlock.store.connection import rows
from moonlock.store.places import Place

Happening = PromptSent | Compaction | LimitHit | AgentError | ObjectiveSet | PullRequestOpened
HappeningSeen = tuple[Happening, Place]
Told = tuple[int, Happening]

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Happening).decode
_Row = tuple[int, int, int, str, bytes, int]

_KNOWN = """
select e.*, f.path, f.born from carray(?) seen cross join event e on e.key = seen.value join file f on f.id = e.file
"""
_KIND_OBJECTIVE = "objective"


def keep(db: apsw.Connection, seen: Sequence[HappeningSeen]) -> tuple[int, list[Told]]:
    """Write what is new: rows written, and the events that are new or say something new."""
    if not seen:
        return 0, []
    kept: dict[int, tuple[Happening, Place]] = {}
    before: dict[int, _Row] = {}
    keys = array("q", sorted({event.key for event, _ in seen}))
    for key, session, at, kind, body, file, path, born in rows(db, _KNOWN, (apsw.carray(keys),)):
        before[key] = key, session, at, kind, body, file
        kept[key] = _decode(body), Place(file, path, born, session)
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
    return len(changed), told


def _replaces(seen: Happening, place: Place, known: Happening, owner: Place) -> bool:
    if place.file == owner.file or seen.at != known.at:
        return seen.at <= known.at
    return place.older(owner)


def of_session(db: apsw.Connection, session: int) -> list[Happening]:
    """What happened in the session, in time order."""
    sql = "select body from event where session = ? order by at, key"
    return [_decode(body) for (body,) in rows(db, sql, (session,))]


def objectives(db: apsw.Connection, session: int) -> list[ObjectiveSet]:
    """The newest state of each objective, in the order in which they first came up."""
    sql = "select body from event where session = ? and kind = ? order by at, key"
    newest: dict[str, ObjectiveSet] = {}
    for (body,) in rows(db, sql, (session, _KIND_OBJECTIVE)):
        event = _decode(body)
        assert isinstance(event, ObjectiveSet)
        newest[event.objective] = event
    return list(newest.values())


def limits(db: apsw.Connection, since: int) -> list[LimitHit]:
    """The limits that were hit, in time order."""
    found = [_decode(body) for (body,) in rows(db, _LIMITS, (since,))]
    return [event for event in found if isinstance(event, LimitHit)]


_LIMITS = "select body from event where kind = 'limit' and at >= ? order by at, key"
