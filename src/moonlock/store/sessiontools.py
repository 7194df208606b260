"""The tools of one session, as the report by tool counts and shares them: the sums of all sessions are its sums."""

from __future__ import annotations

from collections.abc import Sequence

import apsw
from msgspec.structs import replace

from moonlock.model.chronicle import Shared
from moonlock.store.answers import Parts, added
from moonlock.store.connection import rows
from moonlock.store.sessions import usage_from
from moonlock.store.tallies import FROM_REQUESTS, WIDTH, Source
from moonlock.store.tooltimes import server_of, times
from moonlock.store.tooluse import COUNTED, NO_TOOL, RESOLVED, shared, without

_LINES = "chain in (select id from chain where session = ?1)"
_COUNTS = f"select (select text from name where id = tool.name), {COUNTED} from tool where {_LINES} group by tool.name"
_NOTHING = (0,) * 5


def of_session(db: apsw.Connection, number: int) -> list[Shared]:
    """The tools that it called and the responses that called none, dearest first.

    A call whose response is not known, or belongs to another session, is counted and has no share.
    """
    request = RESOLVED if rows(db, "select 1 from alias limit 1") else "tool.request"
    used = Source(f"{FROM_REQUESTS} and {_LINES}", (number,))
    names = dict(rows(db, "select id, text from name"))
    parts = Parts()
    for tools, _, _, *sums in rows(db, shared(used, request, _LINES), (number,)):
        whole, each = sums[:WIDTH], sums[WIDTH:]
        first, *others = [names[int(tool)] for tool in tools.split(",")] if tools else [NO_TOOL]
        parts.add(first, "", without(whole, each, len(others)) if others else whole)
        for name in others:
            parts.add(name, "", each)
    counts: dict[str, Sequence[int]] = {name: found for name, *found in rows(db, _COUNTS, (number,))}
    lasted = times(db, _LINES, (number,))
    found = {name: _shared(name, parts, counts.get(name, _NOTHING)) for name in {*parts.shares, *counts}}
    return sorted((replace(one, times=lasted.get(name)) for name, one in found.items()), key=_dearest)


def _shared(name: str, parts: Parts, counts: Sequence[int]) -> Shared:
    calls, failed, denied, waiting, duration = counts
    usage = usage_from(added([*parts.shares.get(name, {}).values()]))
    return Shared(name, calls, failed, denied, waiting, duration, usage, server_of(name))


def _dearest(one: Shared) -> tuple[int, int, str]:
    return -one.usage.cost, -one.usage.tokens.total, one.name
