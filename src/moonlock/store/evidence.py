"""What stands behind the numbers, request by request: where each was read, whose it is, and what it was booked at."""

from __future__ import annotations

from typing import Any

import apsw
import msgspec

from moonlock.model.events import UsageEvent
from moonlock.model.instant import Instant
from moonlock.store.claims import event_of
from moonlock.store.connection import rows
from moonlock.store.files import decode_cursor
from moonlock.store.paths import real_path
from moonlock.store.places import signed, uid_of
from moonlock.store.schema import REPLAY

_COLUMNS = 16
"""Of a request's row."""
_BOOKED = """
select r.*, n.text, c.agent_id, c.branch, c.session, ifnull(l.hidden_at, 0) > 0
from request r join name n on n.id = r.model join chain c on c.id = r.chain left join label l on l.session = c.session
where {} order by r.at, r.key
"""
_IN_SPAN = _BOOKED.format("r.at >= ? and r.at < ?")
_OF_SESSION = _BOOKED.format("c.session = ?")
_REPLAYS = _BOOKED.format(f"r.side = {REPLAY}")


class Booked(msgspec.Struct, frozen=True, gc=False):
    """A request as the reports count it."""

    event: UsageEvent
    model: str
    """As reports name it."""
    cost: int | None
    """Micro-dollars."""
    session: str
    file: int
    """Where it was met first; ``LogFile.number``."""
    replay: bool
    """Told again on a side chain: known, and never counted (rule D7)."""
    hidden: bool
    """Its session was deleted by its owner: known, and left out of every report."""


class LogFile(msgspec.Struct, frozen=True):
    """A log that was read."""

    number: int
    path: str
    source: str
    session: str
    read_to: int
    """Bytes of whole lines that were counted."""
    size: int
    """How long it was then: a last line without its newline was counted too, if it was whole."""
    modified: int
    """When it was last changed, in nanoseconds."""


class Evidence:
    """Questions of whoever explains a number."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db

    def between(self, start: Instant, end: Instant) -> list[Booked]:
        """Requests in [start, end), oldest first; also the replays and what is hidden."""
        return _booked(rows(self._db, _IN_SPAN, (start, end)))

    def of_session(self, uid: str) -> list[Booked]:
        """The requests of a session and its sub-agents, oldest first; also the replays."""
        return _booked(rows(self._db, _OF_SESSION, (signed(int(uid, 16)),)))

    def replays(self) -> list[Booked]:
        """Everything that was told again on a side chain, ever."""
        return _booked(rows(self._db, _REPLAYS))

    def united(self) -> dict[int, int]:
        """Keys that were found to be another name of a request, and that request's key (rule D3)."""
        return dict(rows(self._db, "select alias, request from alias where alias <> request"))

    def files(self) -> list[LogFile]:
        """Every log that was ever read, by path."""
        sql = "select id, path, source, session, cursor from file order by path"
        found = []
        for number, path, source, session, cursor in rows(self._db, sql):
            seen = decode_cursor(cursor)
            place = real_path(path), source, uid_of(session)
            found.append(LogFile(number, *place, seen.offset, seen.size, seen.modified))
        return found


def _booked(found: list[tuple[Any, ...]]) -> list[Booked]:
    booked = []
    for row in found:
        shown, agent_id, branch, session, hidden = row[_COLUMNS:]
        *_, cost, _, side, file = row[:_COLUMNS]
        event = event_of(row[:_COLUMNS], shown, agent_id, branch)
        booked.append(Booked(event, shown, cost, uid_of(session), file, side == REPLAY, bool(hidden)))
    return booked
