"""Messages to channels: on the disk before anything is sent, and again once it was answered.

A message is known by its alert, its news and its channel, so nothing is said twice. What was begun and never answered
when the process ended is tried again; what was answered is not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import apsw

from moonlock.model.channel import Delivery, Message, State
from moonlock.model.instant import Instant
from moonlock.store.connection import rows, transaction

KEPT = 10_000
"""So many of the newest messages are remembered."""
_COLUMNS = "id, alert, news, channel, state, at, due, tries, answer"
_ADD = """
insert into delivery (alert, news, channel, state, at, due, body) values (?, ?, ?, ?, ?, ?, ?)
on conflict do nothing
"""
_FORGET = "delete from delivery where id <= ? and state not in ('waiting', 'held')"
_TOLD = """
select 1 from delivery where alert = ? and channel = ? and news = 'firing' and state in ('waiting', 'sent')
"""
_STILL = """
select id from delivery d where state = 'held'
    and (news = 'resolved' or exists (select 1 from alert where id = d.alert and phase = 'firing'))
"""
_OF = f"select {_COLUMNS} from delivery where alert in (select value from json_each(?)) order by id"


class Deliveries:
    """The messages of one store."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db

    def put(self, messages: Iterable[Message], channels: Sequence[str], now: Instant) -> None:
        """Have these said to all channels; an end only where the beginning was told or is about to be."""
        with transaction(self._db, durable=True):
            for one in messages:
                state: State = "held" if one.quiet else "waiting"
                for channel in channels:
                    if one.news == "firing" or rows(self._db, _TOLD, (one.alert, channel)):
                        self._db.execute(_ADD, (one.alert, one.news, channel, state, now, now, one.body))

    def next(self, channel: str) -> Delivery | None:
        """The oldest message that waits for this channel, due or not: they are told in their order."""
        sql = f"select {_COLUMNS}, body from delivery where channel = ? and state = 'waiting' order by id limit 1"
        found = rows(self._db, sql, (channel,))
        return Delivery(*found[0]) if found else None

    def trying(self, number: int, now: Instant) -> None:
        """It is sent now, for one more time."""
        with transaction(self._db, durable=True):
            self._db.execute("update delivery set tries = tries + 1, at = ? where id = ?", (now, number))

    def tried(self, number: int, state: State, answer: str, times: tuple[Instant, Instant]) -> None:
        """How that went, when, and not before when it is tried again if it is to wait."""
        with transaction(self._db, durable=True):
            sql = "update delivery set state = ?, answer = ?, at = ?, due = ? where id = ?"
            self._db.execute(sql, (state, answer, *times, number))
            self._db.execute(_FORGET, (number - KEPT,))

    def release(self, now: Instant) -> None:
        """Quiet hours are over: what still holds is to be said, the rest is not."""
        found = {number for (number,) in rows(self._db, "select id from delivery where state = 'held'")}
        if not found:
            return
        with transaction(self._db, durable=True):
            still = {number for (number,) in rows(self._db, _STILL)}
            self._turn(still, "waiting", None, now)
            self._turn(found - still, "dropped", "it was over before the quiet hours were", now)

    def leave_out(self, channels: Collection[str], now: Instant) -> None:
        """Only these channels exist: what waits for another is not sent."""
        found = rows(self._db, "select id, channel from delivery where state in ('waiting', 'held')")
        gone = [number for number, channel in found if channel not in channels]
        if gone:
            with transaction(self._db, durable=True):
                self._turn(gone, "dropped", "the channel is no longer in the settings", now)

    def of(self, alerts: Sequence[str]) -> dict[str, list[Delivery]]:
        """What became of the messages of these alerts, in the order in which they were made."""
        from json import dumps

        found: dict[str, list[Delivery]] = {}
        for row in rows(self._db, _OF, (dumps(alerts),)):
            found.setdefault(row[1], []).append(Delivery(*row))
        return found

    def _turn(self, numbers: Iterable[int], state: State, answer: str | None, now: Instant) -> None:
        sql = "update delivery set state = ?, answer = ?, at = ?, due = ? where id = ?"
        self._db.executemany(sql, [(state, answer, now, now, number) for number in numbers])
