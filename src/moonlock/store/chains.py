"""A session's own line (``agent_id`` empty) and its sub-agents', cut by branch: each has a number and its sums."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable

import apsw

from moonlock.model.instant import Instant
from moonlock.store.connection import rows
from moonlock.store.paths import readable

_FIND = "select id from chain where session = ? and agent_id = ? and branch = ?"
Line = tuple[int, str, str]
"""Session, agent_id, branch."""


class Chains(dict[Line, int]):
    """``chains[session, agent_id, branch]`` is the chain's number, a new one if need be, which ``save`` writes.

    Lives for one transaction, like Names.
    """

    def __init__(self, db: apsw.Connection, sessions: Collection[int]) -> None:
        super().__init__()
        self.db = db
        self._sessions = frozenset(sessions)
        self._owners: dict[int, tuple[int, str]] = {}
        self._new: list[tuple[int, int, str, str]] = []
        self._next: int = rows(db, "select ifnull(max(id), 0) + 1 from chain")[0][0]
        if self._next > 1:
            sql = "select id, session, agent_id, branch from chain where session in carray(?)"
            for number, *line in rows(db, sql, (apsw.carray(array("q", sessions)),)):
                self._learn(number, *line)

    def __missing__(self, line: Line) -> int:
        kept = line[0], readable(line[1]), readable(line[2])
        found = () if line[0] in self._sessions else rows(self.db, _FIND, kept)
        number: int = found[0][0] if found else self._next
        if not found:
            self._new.append((number, *kept))
            self._next += 1
        self._learn(number, *line)
        return number

    def owner(self, number: int) -> tuple[int, str]:
        """Session and agent_id of a chain."""
        if number not in self._owners:
            self._learn(
                number, *rows(self.db, "select session, agent_id, branch from chain where id = ?", (number,))[0]
            )
        return self._owners[number]

    def save(self) -> int:
        self.db.executemany("insert into chain (id, session, agent_id, branch) values (?, ?, ?, ?)", self._new)
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

    def _learn(self, number: int, session: int, agent_id: str, branch: str) -> None:
        self[session, agent_id, branch] = number
        self._owners[number] = session, agent_id
