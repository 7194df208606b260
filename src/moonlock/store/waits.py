"""How long sessions waited for a person, as hooks told it: kept for as long as the sessions."""

from __future__ import annotations

import apsw

from moonlock.model.presence import Remembered, Wait, Waited
from moonlock.store.connection import rows

MOST = 2_000
"""Waits of one session: the newest ones."""
_HEARD = "insert or ignore into hooked values (?, ?)"
_TAKE_BACK = "delete from wait where agent = ? and session = ? and heard_at > ?"
_KEEP = "insert or replace into wait values (?, ?, ?, ?, ?, ?, ?)"
_FORGET = f"""
delete from wait where agent = ?1 and session = ?2 and start <
    (select start from wait where agent = ?1 and session = ?2 order by start desc limit 1 offset {MOST - 1})
"""
_OF = "select start, over, wants, tool, heard_at from wait where agent = ? and session = ? order by start"


class Waits:
    """By the agent's own id of a session."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db

    def keep(self, told: Remembered) -> None:
        """These are its newest waits; what was kept of the time in which hooks are still put in order is told anew."""
        who = told.agent, told.session
        self._db.execute(_HEARD, who)
        self._db.execute(_TAKE_BACK, (*who, told.settled))
        said = [(*who, one.start, one.over, one.wants, one.tool, one.heard) for one in told.waits]
        if said:
            self._db.executemany(_KEEP, said)
            self._db.execute(_FORGET, who)

    def of(self, agent: str, session: str) -> Waited:
        """What is known of one session, in time order."""
        hooked = bool(rows(self._db, "select 1 from hooked where agent = ? and session = ?", (agent, session)))
        return Waited(hooked, tuple(Wait(*row) for row in rows(self._db, _OF, (agent, session))))
