"""The report by tool: a response's tokens and money are shared among its calls, so that it adds up like any other.

Shares are whole; the first call has what is left over, and the request. Responses that called no tool are a row of
their own. A call whose response is not counted is one more call, at its own time, without tokens and session.
"""

from __future__ import annotations

import apsw

from moonlock.model.question import Answer, Question
from moonlock.store import tallies
from moonlock.store.answers import Parts, finished
from moonlock.store.connection import rows
from moonlock.store.schema import REPLAY, SUMS
from moonlock.store.tooltimes import BY_TOOL, server_of, times

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from moonlock.model.rows import Row, Sums
    from moonlock.store.pricing import Price
    from moonlock.store.tallies import Source
    from moonlock.store.tooltimes import Naming, Times

NO_TOOL = "(no tool)"

_COUNTED = ("calls", "failed", "denied", "open", "durationMs")
COUNTED = "count(*), sum(outcome is 1), sum(outcome is 2), sum(outcome is null), ifnull(sum(max(duration, 0)), 0)"
NEVER: tuple[Sequence[int], Times | None] = [0] * len(_COUNTED), None
"""What is told of what was never called."""
RESOLVED = "ifnull((select a.request from alias a where a.alias = tool.request), tool.request)"
"""The key that is left where several ids were one response (rule D3)."""
_NAMES = SUMS.split(", ")
_ONCE = ("requests", "unpriced_requests", "understated")
_WHOLE = ", ".join(f"sum({name})" for name in _NAMES)
_OF_EACH = ", ".join("0" if name in _ONCE else f"sum({name} / many)" for name in _NAMES)


class Texts(dict[int, str]):
    """``texts[number]`` is a name, looked up when it is first needed: the table has the paths of all files too."""

    def __init__(self, db: apsw.Connection) -> None:
        super().__init__()
        self._db = db

    def __missing__(self, number: int) -> str:
        found: str = rows(self._db, "select text from name where id = ?", (number,))[0][0]
        self[number] = found
        return found


def answer(db: apsw.Connection, question: Question, price: Price | None) -> Answer:
    """A row for each tool that was called, and one for the responses that called none."""
    request = resolved(db)
    used = tallies.of_requests(db, question, price)
    names = Texts(db)
    owners = dict(rows(db, "select id, session from chain"))
    parts = Parts()
    for tools, model, chains, *sums in rows(db, shared(used, request), tuple(used.bound)):
        whole, each = sums[: tallies.WIDTH], sums[tallies.WIDTH :]
        sessions = {owners[int(chain)] for chain in set(chains.split(","))}
        first, *others = [names[int(tool)] for tool in tools.split(",")] if tools else [NO_TOOL]
        parts.add(first, names[model], without(whole, each, len(others)) if others else whole)
        for name in others:
            parts.add(name, names[model], each)
        for name in {first, *others}:
            parts.users.setdefault(name, set()).update(sessions)
    called = calls_of(db, question, request)
    for name in called:
        parts.shares.setdefault(name, {})
    found = finished(db, parts)
    found.rows = [told(row, called.get(row[0], NEVER), ("server", server_of(row[0]))) for row in found.rows]
    return found


def resolved(db: apsw.Connection) -> str:
    """SQL for the key of the response that a call belongs to."""
    return RESOLVED if rows(db, "select 1 from alias limit 1") else "tool.request"


def without(whole: Sums, each: Sums, shares: int) -> Sums:
    """What is left over when some calls have their share."""
    return [total - share * shares for total, share in zip(whole, each, strict=True)]


def shared(used: Source, request: str, among: str = "true") -> str:
    """SQL for the usage of each sequence of calls: (tools, model, chain of each response, all of it, one call's share).

    Responses that called the same tools in the same order are shared alike, so they are added up before.
    """
    calls = f"""
        select {request} as called_by, group_concat(name order by at, key) as tools, count(*) as many
        from tool where {among} group by 1
    """
    return f"""
        select tools, model, group_concat(chain), {_WHOLE}, {_OF_EACH}
        from ({used.sql}) as used left join ({calls}) as calls on calls.called_by = used.key group by tools, model
    """


def calls_of(
    db: apsw.Connection, question: Question, request: str, naming: Naming = BY_TOOL
) -> dict[str, tuple[Sequence[int], Times | None]]:
    """How often each was called by the responses in question and by lost ones, how that went, and how long it took."""
    which, bound = _which(db, question, request)
    lasted = times(db, which, bound, naming)
    return {name: (counts, lasted.get(name)) for name, counts in counted(db, which, bound, naming).items()}


def told(row: Row, called: tuple[Sequence[int], Times | None], *further: tuple[str, object]) -> Row:
    """The row with what is known of its calls."""
    counts, lasted = called
    half, most = lasted or (None, None)
    return (*row[:5], (*zip(_COUNTED, counts, strict=True), ("p50Ms", half), ("p95Ms", most), *further))


def counted(
    db: apsw.Connection, which: str, bound: Sequence[object], naming: Naming = BY_TOOL
) -> dict[str, Sequence[int]]:
    """How often each was called, and how that went: the columns of ``COUNTED``."""
    sql = f"select {naming.name}, {COUNTED} from tool where {which} group by {naming.group}"
    return {name: counts for name, *counts in rows(db, sql, tuple(bound))}


def _which(db: apsw.Connection, question: Question, request: str) -> tuple[str, Sequence[object]]:
    """A test for the calls of the responses in question, and of lost ones; what is bound to it."""
    tests, bound = tallies.conditions(db, question, "at", "?")
    which = "true"
    if tests:
        which = f"{request} in (select key from request where side < {REPLAY}{tests})"
    if tests and not question.models:
        lost = f"{request} not in (select key from request where side < {REPLAY})"
        which, bound = f"({which} or {lost}{tests})", (*bound, *bound)
    return which, bound
