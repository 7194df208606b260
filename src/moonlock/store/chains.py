"""The threads of a session: its main chain (``agent_id`` empty) and its sub-agents, each with a number and its sums."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable

import apsw

from moonlock.model.instant import Instant
from moonlock.store.connection import rows
from moonlock.store.paths import readable

_FIND = "select id from chain where session = ? and agent_id = ?"


class Chains(dict[tuple[int, str], int]):
    """``chains[session, agent_id]`` is the chain's number, a new one if need be, which ``save`` writes.

    Lives for one transaction, like Names.
    """

    def __init__(self, db: apsw.Connection, sessions: Collection[int]) -> None:
        super().__init__()
        self.db = db
        self._sessions = frozenset(sessions)
        self._owners: dict[int, tuple[int, str]] = {}
        self._new: list[tuple[int, int, str]] = []
        self._next: int = rows(db, "select ifnull(max(id), 0) + 1 from chain")[0][0]
        if self._next > 1:
            sql = "select id, session, agent_id from chain where session in carray(?)"
            for number, session, agent_id in rows(db, sql, (apsw.carray(array("q", sessions)),)):
                self._learn(number, session, agent_id)

    def __missing__(self, owner: tuple[int, str]) -> int:
        found = () if owner[0] in self._sessions else rows(self.db, _FIND, (owner[0], readable(owner[1])))
        number: int = found[0][0] if found else self._next
        if not found:
            self._new.append((number, owner[0], readable(owner[1])))
            self._next += 1
        self._learn(number, *owner)
        return number

    def owner(self, number: int) -> tuple[int, str]:
        """Session and agent_id of a chain."""
        if number not in self._owners:
            self._learn(number, *rows(self.db, "select session, agent_id from chain where id = ?", (number,))[0])
        return self._owners[number]

    def save(self) -> int:
        self.db.executemany("insert into chain (id, session, agent_id) values (?, ?, ?)", self._new)
        return len(self._new)

    def seen(self, lives: Iterable[tuple[Instant, Instant, int]]) -> int:
        """First time, last time and chain: a sub-agent's own file says when it lived; rows written."""
        before = self.db.total_changes()
        self.db.executemany(
            "update chain set first_at = iif(first_at = 0, ?1, min(first_at, ?1)), last_at = max(last_at, ?2)"
            " where id = ?3 and (first_at = 0 or first_at > ?1 or last_at < ?2)",
            lives,
        )
        return self.db.total_changes() - before

    def _learn(self, number: int, session: int, agent_id: str) -> None:
        self[session, agent_id] = number
        self._owners[number] = session, agent_id
