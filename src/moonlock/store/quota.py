"""What the provider said of its limits: of each window and session the most and the last, and each rise of the most."""

from __future__ import annotations

from collections.abc import Iterable

import apsw

from moonlock.model.events import LimitHit
from moonlock.model.instant import DAY, Instant
from moonlock.model.limits import QuotaSample, Rise
from moonlock.store.connection import rows, transaction
from moonlock.store.labels import but_hidden
from moonlock.store.quotaends import ends
from moonlock.store.schema import SLOT

KEPT = 100 * DAY
"""So long after it was over a window is remembered."""
MOST_SESSIONS = 64
"""Of one window; those that were heard first."""
_HOUR_SLOTS = 3_600_000 // SLOT
_SAY = """
insert into quota values (?1, ?2, ?3, ?4, ?5, ?6, ?5, ?6)
on conflict (name, length, resets_at, session) do update set
    at = iif(?5 > used or (?5 = used and ?6 > at), ?6, at), used = max(?5, used),
    last_used = iif(?6 >= last_at, ?5, last_used), last_at = max(?6, last_at)
"""
_SESSIONS = "select count(*) from quota where name = ? and length = ? and resets_at = ? and session <> ?"
_RISE = """
insert into quota_rise select ?1, ?2, ?3, ?4
where ?3 > ifnull((select max(used) from quota_rise where name = ?1 and resets_at = ?2), -1)
"""
_TOLD = "select name, length, used, resets_at, at, session, last_used, last_at from quota where resets_at > ?"
_RISES = "select at, used from quota_rise where name = ? and resets_at between ? and ? order by at, used"
_RISEN = "select name, resets_at, at, used from quota_rise where resets_at > ? order by name, resets_at, at, used"
_HOURS = f"""
select slot / {_HOUR_SLOTS}, sum(input + output + write_5m + write_1h + cache_read), sum(cost)
from rollup where slot >= ?
"""


class Quotas:
    """The official limits of one store."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db

    def keep(self, samples: Iterable[QuotaSample]) -> None:
        """Remember what was said; saying it again changes nothing."""
        with transaction(self._db):
            for one in samples:
                window = one.name, one.length, one.resets_at
                if rows(self._db, _SESSIONS, (*window, one.session))[0][0] < MOST_SESSIONS:
                    self._db.execute(_SAY, (*window, one.session, one.used, one.at))
                self._db.execute(_RISE, (one.name, one.resets_at, one.used, one.at))

    def forget(self, now: Instant) -> None:
        """What is long over."""
        with transaction(self._db):
            for table in ("quota", "quota_rise"):
                self._db.execute(f"delete from {table} where resets_at < ?", (now - KEPT,))

    def told(self, now: Instant) -> list[QuotaSample]:
        """Of windows that are open: by session what was the most, and what was said last."""
        found: list[QuotaSample] = []
        for name, length, used, reset, at, session, last_used, last_at in rows(self._db, _TOLD, (now,)):
            found.append(QuotaSample(name, length, used, reset, at, session))
            if last_at != at:
                found.append(QuotaSample(name, length, last_used, reset, last_at, session))
        return found

    def rises(self, name: str, first: Instant, last: Instant) -> list[Rise]:
        """When the percentage of a window rose, oldest first; its resets lie from ``first`` to ``last``."""
        return [Rise(at, used) for at, used in rows(self._db, _RISES, (name, first, last))]

    def risen(self, since: Instant) -> dict[tuple[str, Instant], list[Rise]]:
        """By name and reset the rises of all windows that were open since then, each in time order."""
        found: dict[tuple[str, Instant], list[Rise]] = {}
        for name, reset, at, used in rows(self._db, _RISEN, (since,)):
            found.setdefault((name, reset), []).append(Rise(at, used))
        return found

    def hits(self, since: Instant) -> list[LimitHit]:
        """Ends of five-hour windows since then, as if each were a limit message of when it was said last."""
        return [LimitHit(0, at, "session", end) for at, end in ends(self._db, since)]

    def hours(self, since: Instant) -> dict[int, tuple[int, int]]:
        """Tokens and micro-dollars of each full hour since then that has any, by its number since 1970."""
        sql = f"{_HOURS}{but_hidden(self._db)} group by 1"
        return {hour: (tokens, cost) for hour, tokens, cost in rows(self._db, sql, (since // SLOT,))}
