"""What a prompt shows of a session where no server runs: left by whoever knew it last. Loads nothing but the driver."""

from __future__ import annotations

import apsw

from moonlock.store.connection import rows
from moonlock.store.labels import HIDDEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from moonlock.model.session import Session

    Glimpse = tuple[str, int, str]
    """The session, when it was heard of last, and what is shown of it."""

MOST = 16
"""Sessions of which something is left: those that were heard of last."""
_KEEP = "insert or replace into glimpse values (?, ?, ?)"
_FORGET = f"""
delete from glimpse where session not in (select session from glimpse order by last_at desc, session limit {MOST})
"""
_NEWEST = f"select id from session where id not in ({HIDDEN}) order by last_at desc, id limit 1"


class Glimpses:
    """One document for each session; one that is older than its session is none."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db

    def of(self, uid: str, last_at: int) -> dict[str, object] | None:
        """What was left of the session when it had been heard of then."""
        found = rows(self._db, "select body from glimpse where session = ? and last_at = ?", (uid, last_at))
        told = self.said(found[0][0]) if found else None
        return told if isinstance(told, dict) else None

    def said(self, text: str, path: str = "$") -> object:
        """What stands at this path of a text in JSON; None for what is none."""
        from moonlock.store.jsontext import parsed

        return parsed(self._db, text, path)

    def lacking(self) -> Session | None:
        """The session that was heard of last, if nothing is left of it as it is now."""
        from moonlock.store.sessions import by_number

        number = rows(self._db, _NEWEST)
        found = by_number(self._db, [number[0][0]]) if number else []
        return next((one for one in found if self.of(one.uid, one.last_at or 0) is None), None)

    def keep(self, told: Iterable[Glimpse]) -> None:
        """Leave these."""
        from moonlock.store.writing import transaction

        with transaction(self._db):
            self._db.executemany(_KEEP, told)
            self._db.execute(_FORGET)
