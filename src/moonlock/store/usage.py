"""Usage over spans of time that need not be whole quarter hours: today, the last hour, the five-hour window.

Hidden sessions are left out, as everywhere.
"""

from __future__ import annotations

import apsw

from moonlock.model.instant import MINUTE, Instant
from moonlock.model.tokens import Tokens, Usage
from moonlock.store.connection import rows
from moonlock.store.labels import but_hidden
from moonlock.store.places import uid_of
from moonlock.store.schema import REPLAY, SLOT, SUMS
from moonlock.store.sessions import usage_from
from moonlock.store.tallies import FROM_REQUESTS

_ADDED = ", ".join(f"ifnull(sum({name}), 0)" for name in SUMS.split(", "))
_WHOLE_SLOTS = f"select {_ADDED} from rollup where slot >= ? and slot < ?"
_EXACT = f"select {_ADDED} from ({FROM_REQUESTS}) where moment >= ? and moment < ?"
_MINUTES = f"""
select at / {MINUTE} * {MINUTE}, sum(input), sum(output), sum(write_5m), sum(write_1h), sum(cache_read)
from request where at >= ? and at < ? and side < {REPLAY}
"""
_PULSES = f"""
select c.session, r.at / {MINUTE} * {MINUTE}, sum(r.input + r.output + r.write_5m + r.write_1h + r.cache_read)
from request r join chain c on c.id = r.chain where r.at >= ? and r.side < {REPLAY}
"""
_MARKS = f"select moment, {SUMS} from ({FROM_REQUESTS}) where moment >= ?"


def between(db: apsw.Connection, start: Instant, end: Instant) -> Usage:
    """All usage in [start, end): whole quarter hours from the sums, the two edges from the requests."""
    first, last = -(-start // SLOT), end // SLOT
    if first >= last:
        return _exact(db, start, end)
    inner = usage_from(rows(db, _WHOLE_SLOTS + but_hidden(db), (first, last))[0])
    return inner + _exact(db, start, first * SLOT) + _exact(db, last * SLOT, end)


def minutes(db: apsw.Connection, start: Instant, end: Instant) -> list[tuple[Instant, Tokens]]:
    """Tokens of each minute in [start, end) that has any."""
    sql = f"{_MINUTES}{but_hidden(db)} group by 1 order by 1"
    return [(at, Tokens(*counts)) for at, *counts in rows(db, sql, (start, end))]


def pulses(db: apsw.Connection, since: Instant) -> list[tuple[str, Instant, int]]:
    """Tokens of each session in each minute since then that has any: (uid, minute, tokens), oldest first."""
    sql = f"{_PULSES}{but_hidden(db)} group by 1, 2 order by 2, 1"
    return [(uid_of(session), at, tokens) for session, at, tokens in rows(db, sql, (since,))]


def marks(db: apsw.Connection, since: Instant) -> list[tuple[Instant, Usage]]:
    """Every request since then, in time order."""
    sql = f"{_MARKS}{but_hidden(db)} order by moment, key"
    return [(at, usage_from(sums)) for at, *sums in rows(db, sql, (since,))]


def _exact(db: apsw.Connection, start: Instant, end: Instant) -> Usage:
    return usage_from(rows(db, _EXACT + but_hidden(db), (start, end))[0]) if start < end else Usage()
