"""What the windows of five hours were made of, minute by minute: the past that a forecast compares with."""

from __future__ import annotations

import apsw

from moonlock.model.instant import MINUTE, Instant
from moonlock.model.outlook import Spent
from moonlock.model.window import LENGTH
from moonlock.store.connection import rows
from moonlock.store.labels import but_hidden
from moonlock.store.schema import REPLAY, SLOT

_SPENT = f"""
select min(at), sum(input + output + write_5m + write_1h + cache_read), ifnull(sum(cost), 0)
from request where at >= ? and at < ? and side < {REPLAY}
"""
_SLOTS = "select distinct slot from rollup where slot < ?"


def spent(
    db: apsw.Connection, start: Instant, end: Instant, test: str = "", bound: tuple[object, ...] = ()
) -> list[Spent]:
    """The minutes in [start, end) that have requests, oldest first; hidden sessions are left out.

    ``test`` goes on a ``where`` with a column ``chain``.
    """
    sql = f"{_SPENT}{test}{but_hidden(db)} group by at / {MINUTE} order by 1"
    return [Spent(*row) for row in rows(db, sql, (start, end, *bound))]


def windows_ago(db: apsw.Connection, count: int, before: Instant) -> Instant:
    """About when so many windows with usage ago was, to the quarter hour; 0 when there were not as many."""
    starts: list[Instant] = []
    for (slot,) in rows(db, f"{_SLOTS}{but_hidden(db)} order by slot", (before // SLOT,)):
        if not starts or slot * SLOT >= starts[-1] + LENGTH:
            starts.append(slot * SLOT)
    return starts[-count] if len(starts) >= count else 0
