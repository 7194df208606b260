"""Usage as plain rows, added up by SQLite: the one loader of all reports. Loads nothing but the driver.

Every report adds up the same sums, so no two can disagree. A span or a zone that cuts a quarter hour, and a price that
is not the stored one, are added up from the requests themselves.
"""

from __future__ import annotations

from collections.abc import Sequence

import apsw

from moonlock.store.connection import rows
from moonlock.store.filters import chosen
from moonlock.store.schema import COUNTS, REPLAY, SLOT, SUMS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from moonlock.model.question import Question
    from moonlock.store.pricing import Price

    Tally = tuple[Any, ...]
    """A part, its key, a model's name, and the columns of ``SUMS``."""

Segments = Sequence[tuple[int, int]]
"""A zone: (from this instant on, offset to UTC in ms), in time order; the first holds for all time before it too."""
WIDTH = SUMS.count(",") + 1

_KINDS = "input, output, write_5m, write_1h, cache_read"
_BILLED = f"""
1 as requests, ifnull(cost, 0) as cost, cost is null as unpriced_requests,
    iif(cost is null, {_KINDS.replace(",", " +")}, 0) as unpriced_tokens, marks >> 4 & 1 as understated
"""
FROM_REQUESTS = f"select key, at as moment, chain, model, {_KINDS}, {_BILLED} from request where side < {REPLAY}"
"""Requests under the names of the sums."""
_COST = "cost_of_request"
_ROW = (
    "key, chain, model, at, span, input, output, write_5m, write_1h, cache_read, searches, recorded, cost, marks, side"
)
_FROM_PRICED = f"""
with priced as materialized (
    select key, at, chain, model, {_KINDS}, marks,
        {_COST}({_ROW}, file, (select text from name where id = model)) as cost
    from request where side < {REPLAY}%s
) select key, at as moment, chain, model, {_KINDS}, {_BILLED} from priced
"""
_FROM_ROLLUP = f"select slot, slot * {SLOT} as moment, chain, model, {SUMS} from rollup where true"
_ADDED = ", ".join(f"sum({name})" for name in SUMS.split(", "))
_ADDED_OF_LINES = ", ".join(f"sum(used.{name})" for name in SUMS.split(", "))
_TOKENS = " + ".join(f"used.{name}" for name in _KINDS.split(", "))
_COLUMNS = ", ".join(f"c{index}" for index in range(WIDTH))


class Source:
    """SQL for the usage that a question is about, under the names of the sums, and what is bound to it."""

    __slots__ = ("bound", "sql")

    def __init__(self, sql: str, bound: Sequence[object]) -> None:
        self.sql, self.bound = sql, bound


def source(db: apsw.Connection, question: Question, price: Price | None, segments: Segments = ()) -> Source:
    """The sums where they are fine enough, else the requests."""
    edges = (question.start, question.end, *(number for segment in segments for number in segment))
    if price is None and all(edge is None or edge % SLOT == 0 for edge in edges):
        tests, bound = conditions(db, question, "slot", f"? / {SLOT}")
        return Source(_FROM_ROLLUP + tests, bound)
    return of_requests(db, question, price)


def of_requests(db: apsw.Connection, question: Question, price: Price | None) -> Source:
    """The requests themselves, with their ``key``, at the stored costs or at other ones."""
    tests, bound = conditions(db, question, "at", "?")
    if price is None:
        return Source(FROM_REQUESTS + tests, bound)
    _register(db, price)
    return Source(_FROM_PRICED % tests, bound)


def tallied(db: apsw.Connection, used: Source, part: str, key: str = "part") -> list[Tally]:
    """(part, key, model, sums), in the order of the parts; ``key`` is SQL that names a part."""
    inner = f"select {part} as part, model, {_ADDED} from ({used.sql}) group by 1, 2"
    sql = f"with tally (part, model, {_COLUMNS}) as ({inner}) select part, {key}, n.text, {_COLUMNS} from tally"
    return rows(db, f"{sql} join name n on n.id = tally.model order by part, n.text", tuple(used.bound))


def by_line(db: apsw.Connection, used: Source, owner: str) -> list[Tally]:
    """(owner, model, tokens of sub-agents, sums); ``owner`` is SQL over the chain ``c``."""
    sql = f"""
        select {owner}, (select text from name where id = used.model), sum(iif(c.agent_id = '', 0, {_TOKENS})),
            {_ADDED_OF_LINES}
        from ({used.sql}) as used join chain c on c.id = used.chain group by 1, used.model
    """
    return rows(db, sql, tuple(used.bound))


def users_by_line(db: apsw.Connection, used: Source, owner: str) -> list[tuple[Any, int]]:
    """(owner, number of a session that has usage of its)."""
    chains = f"select distinct chain from ({used.sql})"
    sql = f"select distinct {owner}, c.session from ({chains}) as used join chain c on c.id = used.chain"
    return rows(db, sql, tuple(used.bound))


def users(db: apsw.Connection, used: Source, part: str) -> list[tuple[Any, int]]:
    """(part, number of a session that has usage in it)."""
    inner = f"select distinct {part} as part, chain from ({used.sql})"
    sql = f"select distinct part, session from ({inner}) as used join chain on chain.id = used.chain"
    return rows(db, sql, tuple(used.bound))


def reading(db: apsw.Connection) -> Tally:
    """What became of all lines read so far (rule F6): the fields of a ``Reading`` but for those of a report."""
    lines = ", ".join(f"ifnull(sum({name} + tail_{name}), 0)" for name in COUNTS.split(", "))
    found = rows(db, f"select count(*), ifnull(sum(pending), 0), {lines} from file")[0]
    count, pending, _, records, iterations, skipped, repaired, not_billed_lines, not_billed_tokens = found
    requests = rows(db, "select ifnull(sum(requests), 0) from chain")[0][0]
    # Files that were emptied took their lines along; the requests read from them stay.
    duplicates = max(0, records + iterations - requests)
    return count, records, duplicates, skipped, repaired, pending, not_billed_lines, not_billed_tokens


def unpriced(db: apsw.Connection) -> tuple[str, ...]:
    """Models in use that have no price."""
    sql = "select distinct n.text from rollup r join name n on n.id = r.model where r.unpriced_requests > 0 order by 1"
    return tuple(name for (name,) in rows(db, sql))


def conditions(db: apsw.Connection, question: Question, column: str, edge: str) -> tuple[str, Sequence[object]]:
    """The span and the filters, as what goes on a ``where``."""
    span: Iterable[tuple[str, int | None]] = (">=", question.start), ("<", question.end)
    tests = "".join(f" and {column} {sign} {edge}" for sign, given in span if given is not None)
    names, bound = chosen(db, question)
    return tests + names, (*(given for _, given in span if given is not None), *bound)


def _register(db: apsw.Connection, price: Price) -> None:
    """Let SQL ask for the price of a request."""
    from moonlock.store.claims import event_of
    from moonlock.store.pricing import sane

    def cost(*columns: Any) -> int | None:
        *row, shown = columns
        return sane(price(event_of(tuple(row), shown, "", "")))

    db.create_scalar_function(_COST, cost, len(_ROW.split(", ")) + 2)
