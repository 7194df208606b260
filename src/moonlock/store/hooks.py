"""What hooks and registries said of sessions, so that a restart does not begin with nothing: bounded, and no text."""

from __future__ import annotations

from collections.abc import Iterable

import apsw

from moonlock.model.presence import Remembered
from moonlock.store.connection import rows, transaction
from moonlock.store.waits import Waits

MOST = 256
"""Sessions that are remembered: those that something was said of last. What they waited stays for good."""
_KEEP = "insert or replace into witness values (?, ?, ?, ?, ?, ?)"
_FORGET = f"""
delete from witness where (agent, session) not in
    (select agent, session from witness order by kept_at desc, agent, session limit {MOST})
"""
_EVERY = f"""
select agent, session, kept_at, alive, gone_at, body from witness order by kept_at, agent, session limit {MOST}
"""


class Witnesses:
    """One row for each session, by the agent's own id."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db
        self.waits = Waits(db)

    def all(self) -> list[Remembered]:
        """Everything that is remembered, the oldest first; waits are for whoever asks for those of a session."""
        return [
            Remembered(agent, session, at, bool(alive), gone_at, body)
            for agent, session, at, alive, gone_at, body in rows(self._db, _EVERY)
        ]

    def keep(self, told: Iterable[Remembered]) -> None:
        """Remember these, in one transaction; keeping the same again changes nothing."""
        with transaction(self._db):
            for one in told:
                self._db.execute(_KEEP, (one.agent, one.session, one.at, int(one.alive), one.gone_at, one.course))
                if one.course:
                    self.waits.keep(one)
            self._db.execute(_FORGET)
