"""What some sessions did while a timer ran, beside their requests: tool calls, and everything else that is kept."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import apsw

from moonlock.model.instant import Instant
from moonlock.model.report import ToolUse
from moonlock.store.connection import rows
from moonlock.store.facts import Happening, decode
from moonlock.store.places import uid_of

Spans = Sequence[tuple[Instant, Instant | None]]

_NEVER = 1 << 62
_HAPPENED = """
select session, body from event where session in carray(?) and at >= ? and at < ? and kind in ({}) order by at, key
"""
_CALLED = """
select n.text, count(*), sum(t.outcome is 1), sum(t.outcome is 2), sum(t.outcome is null),
    ifnull(sum(max(t.duration, 0)), 0)
from chain c cross join tool t on t.chain = c.id join name n on n.id = t.name
where c.session in carray(?) and t.at >= ? and t.at < ? group by 1
"""


def happened(
    db: apsw.Connection, sessions: Sequence[int], spans: Spans, kinds: Sequence[str]
) -> list[tuple[str, Happening]]:
    """What of these kinds happened in these spans, each with the uid of its session, in time order."""
    sql, found = _HAPPENED.format(", ".join("?" * len(kinds))), []
    for start, end in spans if sessions else ():
        bound = apsw.carray(array("q", sessions)), start, _NEVER if end is None else end, *kinds
        found += [(uid_of(session), decode(body)) for session, body in rows(db, sql, bound)]
    return found


def called(db: apsw.Connection, sessions: Sequence[int], spans: Spans) -> list[ToolUse]:
    """The tools that were called in these spans, most used first."""
    sums: dict[str, list[int]] = {}
    for start, end in spans if sessions else ():
        bound = apsw.carray(array("q", sessions)), start, _NEVER if end is None else end
        for name, *counts in rows(db, _CALLED, bound):
            sums[name] = list(map(int.__add__, counts, sums.get(name, [0] * len(counts))))
    found = [ToolUse(name, *counts) for name, counts in sums.items()]
    return sorted(found, key=lambda use: (-use.calls, use.name))
