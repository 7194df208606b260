"""Alerts in the store: what becomes of one is on the disk before anybody is told, so that none is told twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager

import apsw
import msgspec
from msgspec.structs import astuple

from moonlock.model.alert import Alert, Phase
from moonlock.model.instant import Instant
from moonlock.store.connection import rows, transaction
from moonlock.store.paths import stored_path

_COLUMNS = Alert.__struct_fields__
_SELECT = f"select {', '.join(_COLUMNS)} from alert"
_KEEP = f"insert into alert ({', '.join(_COLUMNS)}) values ({', '.join('?' * len(_COLUMNS))})" + (
    " on conflict (id) do update set " + ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[1:])
)
_RANK = "case phase when 'firing' then 0 when 'pending' then 1 else 2 end"
_LAST = "select rule, subject, max(since), max(fired_at) from alert where since >= ? or fired_at >= ? group by 1, 2"
_NEWEST = 1 << 62
Place = tuple[int, Instant, str]
"""Where an alert stands in the list: its phase, when it was seen, its id."""
PHASES: tuple[Phase, ...] = ("firing", "pending", "resolved")


class Which(msgspec.Struct, frozen=True):
    """Which alerts are asked for."""

    phases: tuple[Phase, ...] = PHASES
    rule: str | None = None
    session: str | None = None
    since: Instant | None = None
    """Those that were seen, fired or over since then."""


class Alerts:
    """The alerts of one store."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db

    def durably(self) -> AbstractContextManager[None]:
        """One transaction that is on the disk once it ends; all or nothing."""
        return transaction(self._db, durable=True)

    def keep(self, alerts: Iterable[Alert]) -> None:
        """Write what became of them; one that never fired leaves nothing."""
        for alert in alerts:
            if alert.phase == "resolved" and alert.fired_at is None:
                self._db.execute("delete from alert where id = ?", (alert.id,))
            else:
                self._db.execute(_KEEP, astuple(alert))

    def open(self) -> list[Alert]:
        """All that are not over, oldest first."""
        return self._read(f"{_SELECT} where phase <> 'resolved' order by since, id")

    def last(self, since: Instant) -> list[tuple[str, str, Instant, Instant | None]]:
        """By rule and subject when the newest alert was seen, and when one fired last; of those since then."""
        return [(rule, subject, seen, fired) for rule, subject, seen, fired in rows(self._db, _LAST, (since, since))]

    def one(self, name: str) -> Alert | None:
        """The alert with this id."""
        found = self._read(f"{_SELECT} where id = ?", (name,))
        return found[0] if found else None

    def of_session(self, uid: str) -> list[Alert]:
        """All of one session that fired, oldest first."""
        return self._read(f"{_SELECT} where session = ? and fired_at is not null order by since, id", (uid,))

    def over(self, since: Instant) -> list[Alert]:
        """Those that were over since then, newest first."""
        sql = f"{_SELECT} where phase = 'resolved' and resolved_at >= ? order by since desc, id desc"
        return self._read(sql, (since,))

    def page(self, which: Which, after: Place | None, limit: int) -> list[Alert]:
        """Firing, then pending, then resolved, each newest first; ``after`` is the place of the last one before."""
        rank, since, name = after or (-1, _NEWEST, "")
        tests = [f"phase in ({', '.join('?' * len(which.phases))})", f"({_RANK}, -since, id) > (?, ?, ?)"]
        values: list[str | int] = [*which.phases, rank, -since, name]
        for test, value in (("rule = ?", which.rule), ("session = ?", which.session)):
            if value is not None:
                tests.append(test)
                values.append(value)
        if which.since is not None:
            tests.append("max(since, ifnull(fired_at, 0), ifnull(resolved_at, 0)) >= ?")
            values.append(which.since)
        sql = f"{_SELECT} where {' and '.join(tests)} order by {_RANK}, -since, id limit ?"
        return self._read(sql, (*values, limit))

    def was_read(self, place: str) -> bool:
        """Whether any log below this folder was ever read."""
        folder = stored_path(place).rstrip("/\\")
        sql = "select 1 from file where path > ? and path < ? limit 1"
        return any(rows(self._db, sql, (folder + end, folder + chr(ord(end) + 1))) for end in "/\\")

    def _read(self, sql: str, values: Sequence[str | int] = ()) -> list[Alert]:
        found = rows(self._db, sql, tuple(values))
        return [msgspec.convert(dict(zip(_COLUMNS, row, strict=True)), Alert, strict=False) for row in found]


def place_of(alert: Alert) -> Place:
    """Where it stands in the list."""
    return PHASES.index(alert.phase), alert.since, alert.id
