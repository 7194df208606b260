"""Message ids that a gateway numbers its own way (rule D3): responses that share an (id, time) identity are one.

Of united responses the smallest key stays; every other key becomes an alias of it, so a line read again finds its way.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable

import apsw
import msgspec

from moonlock.model.events import UsageEvent
from moonlock.store.connection import rows
from moonlock.store.places import signed


class Union(msgspec.Struct):
    """``keys`` says under which key an event is kept; ``links`` are the aliases to remember."""

    keys: dict[int, int]
    links: list[tuple[int, int]]

    @property
    def absorbed(self) -> dict[int, int]:
        """Keys that are no longer used, and what is used instead."""
        return {key: kept for key, kept in self.keys.items() if key != kept}


def unite(db: apsw.Connection, events: Iterable[UsageEvent]) -> Union:
    """Which of the events, and of what is known, are one response."""
    told = [(event.key, [signed(alias) for alias in event.aliases]) for event in events if event.aliases]
    if not told:
        return Union({}, [])
    parents: dict[int, int] = {}
    keys = {key for key, _ in told}
    for key, aliases in told:
        for alias in aliases:
            _join(parents, key, alias)
        _root(parents, key)
    known = dict(_known(db, list(parents)))
    keys.update(known.values())
    for alias, request in known.items():
        _join(parents, alias, request)
    kept: dict[int, int] = {}
    for key in sorted(keys, reverse=True):
        kept[_root(parents, key)] = key
    links = [(node, kept[_root(parents, node)]) for node in parents]
    wanted = [(node, key) for node, key in links if node != key and known.get(node) != key]
    return Union({key: kept[_root(parents, key)] for key in keys}, wanted)


def save(db: apsw.Connection, union: Union) -> int:
    """Remember the aliases; rows written."""
    for gone, kept in union.absorbed.items():
        db.execute("update alias set request = ? where request = ?", (kept, gone))
    db.executemany("insert or replace into alias values (?, ?)", union.links)
    return len(union.links)


def _known(db: apsw.Connection, nodes: list[int]) -> list[tuple[int, int]]:
    sql = "select alias, request from alias where alias in carray(?)"
    return [(alias, request) for alias, request in rows(db, sql, (apsw.carray(array("q", nodes)),))]


def _root(parents: dict[int, int], node: int) -> int:
    parents.setdefault(node, node)
    while parents[node] != node:
        parents[node] = node = parents[parents[node]]
    return node


def _join(parents: dict[int, int], one: int, other: int) -> None:
    parents[_root(parents, one)] = _root(parents, other)
