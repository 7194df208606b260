"""What agents told over OpenTelemetry. None of it is ever added to a sum: logs have the same, and more exactly."""

from __future__ import annotations

from array import array

import apsw

from moonlock.model.events import UNDERSTATED
from moonlock.model.instant import MINUTE, Instant
from moonlock.model.telemetry import ApiRequest, Counted, Noted, SessionTelemetry, Telemetry
from moonlock.model.tokens import Tokens
from moonlock.store.connection import rows, transaction
from moonlock.store.places import uid_of

SETTLED = 5 * MINUTE
"""So long a request waits for its line in the log, which is written after it and read after that."""
_MEET = """
insert into telemetry_session (agent, native_id, last_at) values (?, ?, ?)
on conflict (agent, native_id) do update set last_at = excluded.last_at where excluded.last_at > last_at
"""
_MET = "select id, last_at from telemetry_session where agent = ? and native_id = ?"
_REQUEST = "insert or ignore into telemetry_request values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_COUNT = """
insert into telemetry_count values (?, ?, ?, ?, ?, ?)
on conflict do update set value = excluded.value where excluded.value > value
"""
_NOTE = "insert or ignore into telemetry_note values (?, ?, ?, ?, ?, ?, ?, ?)"
_REQUESTS = """
select key, low, at, source, input, output, written, cache_read, cost from telemetry_request
where session = ? order by at, key
"""
_COUNTS = "select counter, sum(value) from telemetry_count where session = ? group by 1"
_NOTES = "select key, at, kind, cause, pre, post, duration from telemetry_note where session = ? order by at, key"
_OWNERS = "select id from session where agent = ? and native_id = ? order by max(last_at, tail_at) desc, id"
_LOGGED = f"""
select r.key & 65535, r.input, r.write_5m + r.write_1h, r.cache_read, r.output, r.marks & {UNDERSTATED}
from carray(?) s cross join chain c on c.session = s.value cross join request r on r.chain = c.id
"""
Partner = tuple[int, int, int, int]
"""What both tell alike: the low bits of the key, and tokens in, written to the cache and read from it."""


class TelemetryRows:
    """Everything that was told, by the agent's own id of its session."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db

    def newest_at(self) -> Instant | None:
        """When telemetry last spoke of a session."""
        found: Instant | None = rows(self._db, "select max(last_at) from telemetry_session")[0][0]
        return found

    def keep(self, agent: str, told: Telemetry, now: Instant) -> int:
        """Remember it; how many rows that took. What was told before, in whatever order, takes none."""
        heard = {one.session for part in (told.requests, told.counted, told.noted) for one in part}
        if not heard:
            return 0
        with transaction(self._db):
            numbers = {session: self._met(agent, session, now) for session in sorted(heard)}
            before = self._db.total_changes()
            self._db.executemany(_REQUEST, (_request_row(numbers[one.session], one) for one in told.requests))
            self._db.executemany(_COUNT, (_count_row(numbers[one.session], one) for one in told.counted))
            self._db.executemany(_NOTE, (_note_row(numbers[one.session], one) for one in told.noted))
            return self._db.total_changes() - before

    def of_session(self, agent: str, native_id: str, uid: str, now: Instant) -> SessionTelemetry | None:
        """What was heard of a session; None when nothing was.

        Logs in two folders can have one id: the one that was written last has all of it.
        """
        owners = [number for (number,) in rows(self._db, _OWNERS, (agent, native_id))]
        met = rows(self._db, _MET, (agent, native_id))
        if not met or not owners or uid_of(owners[0]) != uid:
            return None
        number, last_at = met[0]
        asked = [_request(native_id, row) for row in rows(self._db, _REQUESTS, (number,))]
        return SessionTelemetry(
            last_at=last_at,
            requests=len(asked),
            alone=self._alone([one for one in asked if one.at <= now - SETTLED], owners),
            counters=dict(rows(self._db, _COUNTS, (number,))),
            noted=tuple(_noted(native_id, row) for row in rows(self._db, _NOTES, (number,))),
        )

    def _met(self, agent: str, native_id: str, now: Instant) -> int:
        self._db.execute(_MEET, (agent, native_id, now))
        number: int = rows(self._db, _MET, (agent, native_id))[0][0]
        return number

    def _alone(self, asked: list[ApiRequest], owners: list[int]) -> tuple[ApiRequest, ...]:
        """Those that no log tells of: none has the same id, as far as its key holds it, and the same tokens.

        A log may have less of the answer than there was (rule T4): where it says so, any less will do.
        """
        if not asked:
            return ()
        exact, less = set[tuple[Partner, int]](), dict[Partner, int]()
        for low, given, written, read, output, understated in rows(
            self._db, _LOGGED, (apsw.carray(array("q", owners)),)
        ):
            partner = low, given, written, read
            exact.add((partner, output))
            if understated:
                less[partner] = min(output, less.get(partner, output))
        return tuple(
            one
            for one in asked
            if (_partner(one), one.tokens.output) not in exact
            and less.get(_partner(one), one.tokens.output + 1) > one.tokens.output
        )


def _partner(one: ApiRequest) -> Partner:
    return one.low, one.tokens.input, one.tokens.cache_creation, one.tokens.cache_read


def _request_row(session: int, one: ApiRequest) -> tuple[object, ...]:
    tokens = one.tokens
    used = tokens.input, tokens.output, tokens.cache_creation, tokens.cache_read
    return one.key, session, one.at, one.low, one.source, *used, one.cost


def _request(native_id: str, row: tuple[int, int, Instant, str, int, int, int, int, int | None]) -> ApiRequest:
    key, low, at, source, given, output, written, read, cost = row
    return ApiRequest(key, low, native_id, at, source, Tokens(given, output, written, 0, read), cost)


def _count_row(session: int, one: Counted) -> tuple[object, ...]:
    return session, one.counter, one.series, one.start, one.end, one.value


def _note_row(session: int, one: Noted) -> tuple[object, ...]:
    return one.key, session, one.at, one.kind, one.trigger, one.before, one.after, one.duration


def _noted(native_id: str, row: tuple[int, Instant, str, str, int | None, int | None, int | None]) -> Noted:
    key, at, kind, trigger, before, after, duration = row
    return Noted(key, native_id, at, "error" if kind == "error" else "compaction", trigger, before, after, duration)
