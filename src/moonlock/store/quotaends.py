"""When five-hour windows end, as the provider told it beside its messages. Loads nothing but the driver."""

from __future__ import annotations

import apsw

from moonlock.store.connection import rows
from moonlock.store.filters import agents

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from moonlock.store.limitwords import Word

    Reset = tuple[str, int, int, str, float, int, float]
    """Name and length of a limit, when it resets, a session, the most that it said, when, and what it said last."""

AGENT = "claude-code"
"""It alone has such windows, and is told when they end."""
_ENDS = "select max(last_at), resets_at from quota where name = 'five_hour' and resets_at >= ? group by 2 order by 1, 2"
_RESETS = """
select name, length, resets_at, session, used, at, last_used from quota where resets_at > ? and at <= ?
"""


def ends(db: apsw.Connection, since: int = 0) -> list[tuple[int, int]]:
    """Each end since then with the moment it was said last, the latest word last."""
    return [(at, end) for at, end in rows(db, _ENDS, (since,))]


def resets(db: apsw.Connection, now: int, latest: int) -> list[Reset]:
    """Windows that are open, by session; what is said to have been said after ``latest`` is left out."""
    return rows(db, _RESETS, (now, latest))


def beside(db: apsw.Connection, said: Sequence[Word], wanted: Sequence[str] = (), since: int = 0) -> Sequence[Word]:
    """The messages, and such ends among them, in the order in which all were said."""
    if wanted and AGENT not in agents(db, wanted):
        return said
    told = [(at, "session", end) for at, end in ends(db, since)]
    return sorted([*said, *told], key=lambda word: word[0]) if told else said
