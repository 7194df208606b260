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
from moonlock.store.tooltimes import server_of, times

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from moonlock.model.rows import Row, Sums
    from moonlock.store.pricing import Price
    from moonlock.store.tallies import Source
    from moonlock.store.tooltimes import Times

NO_TOOL = "(no tool)"

_COUNTED = ("calls", "failed", "denied", "open", "durationMs")
COUNTED = "count(*), sum(outcome is 1), sum(outcome is 2), sum(outcome is null), ifnull(sum(max(duration, 0)), 0)"
_NOTHING = [0] * len(_COUNTED)
RESOLVED = "ifnull((select a.request from alias a where a.alias = tool.request), tool.request)"
"""The key that is left where several ids were one response (rule D3)."""
_NAMES = SUMS.split(", ")
_ONCE = ("requests", "unpriced_requests", "understated")
_WHOLE = ", ".join(f"sum({name})" for name in _NAMES)
_OF_EACH = ", ".join("0" if name in _ONCE else f"sum({name} / many)" for name in _NAMES)


def answer(db: apsw.Connection, question: Question, price: Price | None) -> Answer:
    """A row for each tool that was called, and one for the responses that called none."""
    request = RESOLVED if rows(db, "select 1 from alias limit 1") else "tool.request"
    used = tallies.of_requests(db, question, price)
    names = dict(rows(db, "select id, text from name"))
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
    which, bound = _calls(db, question, request)
    counts = _counts(db, which, bound)
    lasted = times(db, which, bound)
    for name in counts:
        parts.shares.setdefault(name, {})
    found = finished(db, parts)
    found.rows = [_told(row, counts.get(row[0], _NOTHING), lasted.get(row[0])) for row in found.rows]
    return found


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


def _calls(db: apsw.Connection, question: Question, request: str) -> tuple[str, Sequence[object]]:
    """A test for the calls of the responses in question, and of lost ones; what is bound to it."""
    tests, bound = tallies.conditions(db, question, "at", "?")
    which = "true"
    if tests:
        which = f"{request} in (select key from request where side < {REPLAY}{tests})"
    if tests and not question.models:
        lost = f"{request} not in (select key from request where side < {REPLAY})"
        which, bound = f"({which} or {lost}{tests})", (*bound, *bound)
    return which, bound


def _counts(db: apsw.Connection, which: str, bound: Sequence[object]) -> dict[str, Sequence[int]]:
    """How often each tool was called, and how that went."""
    sql = f"select (select text from name where id = tool.name), {COUNTED} from tool where {which} group by tool.name"
    return {name: counts for name, *counts in rows(db, sql, tuple(bound))}


def _told(row: Row, counts: Sequence[int], lasted: Times | None) -> Row:
    half, most = lasted or (None, None)
    further = ("p50Ms", half), ("p95Ms", most), ("server", server_of(row[0]))
    return (*row[:5], (*zip(_COUNTED, counts, strict=True), *further))
