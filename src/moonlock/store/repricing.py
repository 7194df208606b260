"""New prices for what is known already: only costs that change are written, and only their difference is added up."""

from __future__ import annotations

import apsw

from moonlock.store import requests, rollups
from moonlock.store.claims import Row, event_of
from moonlock.store.connection import rows
from moonlock.store.pricing import Price, sane

_AT_ONCE = 20_000
_NEXT = """
select r.*, n.text, c.agent_id, c.branch from request r join name n on n.id = r.model join chain c on c.id = r.chain
where r.key > ? order by r.key limit ?
"""
_BEFORE_ALL = -(1 << 63)


def reprice(db: apsw.Connection, price: Price) -> int:
    """Price every request; how many costs changed. Part of the caller's transaction."""
    changed, last = 0, _BEFORE_ALL
    while found := rows(db, _NEXT, (last, _AT_ONCE)):
        changes = requests.Changes([], [])
        for *columns, shown, agent_id, branch in found:
            row: Row = tuple(columns)
            cost = sane(price(event_of(row, shown, agent_id, branch)))
            if cost != row[12]:
                changes.grown.append((row, (*row[:12], cost, *row[13:])))
        requests.save(db, changes)
        rollups.apply(db, changes)
        changed, last = changed + len(changes.grown), found[-1][0]
    return changed
