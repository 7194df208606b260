"""Tools and skills of one session, as the reports count and share them: the sums of all sessions are their sums."""

from __future__ import annotations

import apsw
from msgspec.structs import replace

from moonlock.model.chronicle import Shared
from moonlock.store.answers import Parts, added
from moonlock.store.connection import rows
from moonlock.store.sessions import usage_from
from moonlock.store.skilluse import NO_SKILL, by_skill, naming
from moonlock.store.tallies import FROM_REQUESTS, WIDTH, Source, tallied
from moonlock.store.tooltimes import BY_TOOL, Naming, server_of, times
from moonlock.store.tooluse import NO_TOOL, Texts, counted, resolved, shared, without

_LINES = "chain in (select id from chain where session = ?1)"
_NOTHING = (0,) * 5


def of_session(db: apsw.Connection, number: int) -> list[Shared]:
    """The tools that it called and the responses that called none, dearest first.

    A call whose response is not known, or belongs to another session, is counted and has no share.
    """
    request = resolved(db)
    used = Source(f"{FROM_REQUESTS} and {_LINES}", (number,))
    names = Texts(db)
    parts = Parts()
    for tools, _, _, *sums in rows(db, shared(used, request, _LINES), (number,)):
        whole, each = sums[:WIDTH], sums[WIDTH:]
        first, *others = [names[int(tool)] for tool in tools.split(",")] if tools else [NO_TOOL]
        parts.add(first, "", without(whole, each, len(others)) if others else whole)
        for name in others:
            parts.add(name, "", each)
    return [replace(one, server=server_of(one.name)) for one in _shared(db, number, parts, BY_TOOL)]


def skills_of_session(db: apsw.Connection, number: int) -> list[Shared]:
    """The skills by which its responses worked, dearest first; what worked by none is left out."""
    used = by_skill(Source(f"{FROM_REQUESTS} and {_LINES}", (number,)))
    parts = Parts()
    for skill, _, model, *sums in tallied(db, used, "skill"):
        parts.add(skill, model, sums)
    return [one for one in _shared(db, number, parts, naming(resolved(db))) if one.name != NO_SKILL]


def _shared(db: apsw.Connection, number: int, parts: Parts, by: Naming) -> list[Shared]:
    counts, lasted = counted(db, _LINES, (number,), by), times(db, _LINES, (number,), by)
    found = []
    for name in {*parts.shares, *counts}:
        usage = usage_from(added([*parts.shares.get(name, {}).values()]))
        calls, failed, denied, waiting, duration = counts.get(name, _NOTHING)
        found.append(Shared(name, calls, failed, denied, waiting, duration, usage, times=lasted.get(name)))
    return sorted(found, key=_dearest)


def _dearest(one: Shared) -> tuple[int, int, str]:
    return -one.usage.cost, -one.usage.tokens.total, one.name
