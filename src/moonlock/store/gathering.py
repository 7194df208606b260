"""What a session by hand gathers: the requests of those it follows, while its timer ran. The same rows as every report.

Spans are stretches of the wall clock, apart and in order; an end of None is no end. Hidden sessions are left out.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from json import dumps
from typing import TYPE_CHECKING, Any, Literal

import apsw

from moonlock.model.chronicle import Billed
from moonlock.model.instant import DAY, Instant
from moonlock.model.manual import Entry, Follow
from moonlock.model.tokens import Usage
from moonlock.store.chronicle import billed
from moonlock.store.connection import rows
from moonlock.store.labels import but_hidden, hidden
from moonlock.store.meanwhile import Spans, called, happened
from moonlock.store.places import signed, uid_of
from moonlock.store.projects import projects
from moonlock.store.schema import REPLAY, SUMS
from moonlock.store.sessions import usage_from
from moonlock.store.tallies import FROM_REQUESTS
from moonlock.store.windows import spent

if TYPE_CHECKING:
    from moonlock.model.outlook import Spent
    from moonlock.model.report import ToolUse
    from moonlock.store.facts import Happening

After = tuple[Instant, str, int]
"""Where a list of entries goes on: moment, source and number of the last one."""

_NEVER = 1 << 62
_ADDED = ", ".join(f"ifnull(sum({name}), 0)" for name in SUMS.split(", "))
_OF_CHAINS = " and chain in (select id from chain where session in carray(?))"
_LOGGED = f"""
select r.at as at, 'log' as source, r.key as number, r.input + r.output + r.write_5m + r.write_1h + r.cache_read,
    (select text from name where id = r.model), null, r.cost, c.session
from json_each(?) span cross join request r on r.at >= span.value ->> 0 and r.at < span.value ->> 1
join chain c on c.id = r.chain where r.side < {REPLAY}
"""
_POSTED = "select at, 'api', id, tokens, model, operation, null, null from posting where hand = ?"


class Gathering:
    """Sums and lists of what is followed."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db

    def usage(self, follow: Follow, spans: Spans) -> Usage:
        """All that those who are followed used in these spans."""
        found = Usage()
        whose = self._whose(follow)
        if whose is None or not spans:
            return found
        test, bound = whose
        for start, end in spans:
            sql = f"select {_ADDED} from ({FROM_REQUESTS}) where moment >= ? and moment < ?{test}{but_hidden(self._db)}"
            found += usage_from(rows(self._db, sql, (start, _NEVER if end is None else end, *bound))[0])
        return found

    def minutes(self, follow: Follow, spans: Spans) -> list[Spent]:
        """What they spent in each minute of these spans that has requests, in time order."""
        whose = self._whose(follow)
        if whose is None:
            return []
        return [each for start, end in spans for each in spent(self._db, start, _NEVER if end is None else end, *whose)]

    def entries(
        self, follow: Follow, spans: Spans, posted_to: int, after: After | None = None, limit: int = 100
    ) -> list[Entry]:
        """Every request in these spans and every posting to this session, in time order, from one on."""
        whose = self._whose(follow)
        test, who = ("", ()) if whose is None else whose
        listed = [(start, _NEVER if end is None else end) for start, end in (() if whose is None else spans)]
        sql = f"""
        select * from ({_LOGGED}{test}{but_hidden(self._db)} union all {_POSTED})
        where (at, source, number) > (?, ?, ?) order by at, source, number limit ?
        """
        bound = dumps(listed), *who, posted_to
        found = rows(self._db, sql, (*bound, *(after or (-_NEVER, "", 0)), limit))
        return [_entry(*row) for row in found]

    def happened(self, follow: Follow, spans: Spans, kinds: Sequence[str]) -> list[tuple[str, Happening]]:
        """What of these kinds happened in these spans, each with the uid of its session, in time order."""
        return happened(self._db, self._sessions(follow, spans), spans, kinds)

    def tools(self, follow: Follow, spans: Spans) -> list[ToolUse]:
        """The tools that were called in these spans, most used first."""
        return called(self._db, self._sessions(follow, spans), spans)

    def billed(self, follow: Follow, spans: Spans) -> list[Billed]:
        """Each response of those who are followed that began in these spans, in time order."""
        whose = self._whose(follow)
        if whose is None:
            return []
        test, bound = whose
        found = [billed(self._db, span, test + but_hidden(self._db), bound) for span in spans]
        return [one for each in found for one in each]

    def project(self, said: str) -> tuple[str, str] | None:
        """Name and folder of the project that is called so or lies there; "" where no folder is known."""
        wanted = said.strip().rstrip("/").casefold()
        found = {project for project in projects(self._db).values() if wanted in map(str.casefold, project)}
        return min(found, default=None) if wanted else None

    def _whose(self, follow: Follow) -> tuple[str, tuple[object, ...]] | None:
        """SQL that goes on a ``where`` with a column ``chain``, and what is bound to it; None for nobody."""
        if follow.kind == "all":
            return "", ()
        if follow.kind == "none":
            return None
        numbers = self._named(follow)
        return (_OF_CHAINS, (apsw.carray(array("q", numbers)),)) if numbers else None

    def _sessions(self, follow: Follow, spans: Spans) -> list[int]:
        """The sessions that may have done something in these spans, without hidden ones."""
        if follow.kind == "none" or not spans:
            return []
        if follow.kind != "all":
            numbers = self._named(follow)
        else:
            since = min(start for start, _ in spans) - DAY  # a sub-agent may work on while its session is silent
            numbers = [number for (number,) in rows(self._db, "select id from session where last_at >= ?", (since,))]
        return sorted(set(numbers) - hidden(self._db)) if numbers else []

    def _named(self, follow: Follow) -> list[int]:
        if follow.kind == "session":
            return [signed(int(follow.of, 16))]
        return [number for number, (name, root) in projects(self._db).items() if follow.of in (name, root)]


def _entry(at: Instant, source: Literal["log", "api"], number: int, tokens: int, *rest: Any) -> Entry:
    model, operation, cost, session = rest
    return Entry(at, source, number, tokens, model, operation, cost, None if session is None else uid_of(session))
