"""Objectives of all sessions, those of the session that was heard of last first."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import apsw
import msgspec

from moonlock.model.events import ObjectiveSet
from moonlock.model.instant import Instant
from moonlock.store.connection import rows
from moonlock.store.labels import HIDDEN
from moonlock.store.lineage import objectives
from moonlock.store.places import uid_of
from moonlock.store.projects import projects

After = tuple[Instant, int, int]
"""When the session was heard of last, its number, and the place of the objective in it."""

_AT_ONCE = 200
_SESSIONS = f"""
select id, last_at, title from session s
where (last_at, id) <= (?, ?) and id not in ({HIDDEN})
    and exists (select 1 from event where session = s.id and kind = 'objective')
order by last_at desc, id desc limit {_AT_ONCE}
"""
_LAST = (1 << 63) - 1


class Aim(msgspec.Struct, frozen=True):
    """An objective and whose it is."""

    objective: ObjectiveSet
    session: str
    title: str
    project: str
    place: After


def aims(db: apsw.Connection, after: After | None, states: Collection[str], names: Collection[str]) -> Iterator[Aim]:
    """Those in one of the states and projects, of everything where none is named; read as far as they are taken."""
    known = projects(db)
    wanted = {name.casefold() for name in names}
    last_at, number, place = after or (_LAST, _LAST, _LAST)
    found: list[tuple[int, int, str]] = []
    while not found or len(found) == _AT_ONCE:
        found = rows(db, _SESSIONS, (last_at, number))
        for session, at, title in found:
            project = known[session][0]
            if wanted and project.casefold() not in wanted:
                continue
            told = place if (at, session) == (last_at, number) else -1
            for index, objective in enumerate(objectives(db, session)):
                if index > told and (not states or objective.state in states):
                    yield Aim(objective, uid_of(session), title, project, (at, session, index))
        if not found:
            return
        number, last_at, place = found[-1][0], found[-1][1], _LAST
