"""The prices behind a number: a line for each model at each of its rates, and what changed them."""

from __future__ import annotations

from collections.abc import Iterator

from moonlock.analytics.costing import KINDS, SEARCH, Bill
from moonlock.live.explained import Explanation, Record
from moonlock.model.words import many
from moonlock.outputs.figures import dollars, short
from moonlock.outputs.lines import COMMON
from moonlock.outputs.shown import shown

HEADS = ("Input", "Output", "Write 5m", "Write 1h", "Read")
LABEL = 18
FACTORS = {"fast": "fast mode", "geoUs": "US inference", "batch": "batch"}
_WIDTHS = (6, 8, 10, 10, 6)
_LAST = 20
"""Columns of tokens, money and the margin."""
_Key = tuple[str, str, Bill | None]
"""Model, basis, and the bill without its parts."""


class _Charged:
    """Requests at the same rates."""

    def __init__(self) -> None:
        self.requests = self.tokens = self.cost = self.listed = self.searches = self.doubtful = 0
        self.rates: dict[str, int] = {}

    def add(self, record: Record) -> None:
        self.requests += 1
        self.tokens += record.event.tokens.total
        self.cost += record.cost or 0
        self.searches += record.event.searches
        self.doubtful += record.is_doubtful
        if record.bill is not None:
            self.listed += record.bill.cost
            self.rates |= {part.kind: part.rate for part in record.bill.parts}


def prices(found: Explanation, width: int) -> Iterator[str]:
    """The lines, dearest first; a line that begins with blanks belongs to the one before. Too narrow for rates, they
    tell tokens and money alone.
    """
    rated = width >= LABEL + sum(_WIDTHS) + _LAST
    groups: dict[_Key, _Charged] = {}
    for record in found.records:
        groups.setdefault(_key(record), _Charged()).add(record)
    if groups:
        yield _row("", HEADS if rated else (), "Tokens", "Cost")
    for (model, basis, bill), charged in sorted(groups.items(), key=_dearest):
        rates = [f"{charged.rates[kind] / 10**9:g}" if kind in charged.rates else "" for kind in KINDS]
        cost = "-" if basis == "unpriced" else dollars(charged.cost / 1_000_000)
        yield _row(COMMON.sub("", shown(model))[:LABEL], rates if rated else (), short(charged.tokens), cost)
        yield from (f"{'':4}{remark}" for remark in _remarks(basis, bill, charged))


def _key(record: Record) -> _Key:
    basis = "recorded" if record.event.recorded is not None else "computed" if record.bill else "unpriced"
    bill = record.bill
    return record.model, basis, bill and Bill(bill.model, bill.own, bill.since, bill.above, bill.factors, ())


def _dearest(group: tuple[_Key, _Charged]) -> tuple[int, int, str]:
    (model, _, _), charged = group
    return -charged.cost, -charged.tokens, model


def _row(label: str, rates: tuple[str, ...] | list[str], tokens: str, cost: str) -> str:
    cells = "".join(f"{rate:>{wide}}" for rate, wide in zip(rates, _WIDTHS, strict=False))
    return f"{label:{LABEL}}{cells}{tokens:>8}{cost:>11}"


def _remarks(basis: str, bill: Bill | None, charged: _Charged) -> Iterator[str]:
    if bill is not None and (said := _conditions(bill)):
        yield ", ".join(said)
    if SEARCH in charged.rates:
        fee = dollars(charged.rates[SEARCH] * 1000 / 10**15)
        yield f"{many(charged.searches, 'web search', 'web searches')} at {fee} for a thousand"
    if basis == "unpriced":
        yield f"{many(charged.requests, 'request')} without a known price"
    elif basis == "recorded":
        listed = f"; the list price would be {dollars(charged.listed / 1_000_000)}" if bill is not None else ""
        yield f"recorded by the client{listed}"
    if charged.doubtful:
        yield f"{many(charged.doubtful, 'request')} recorded as $0 although the model has a price"


def _conditions(bill: Bill) -> list[str]:
    """What makes these rates hold."""
    said = [f"whole requests above {bill.above:,} tokens"] if bill.above is not None else []
    said += [f"{FACTORS.get(name, name)} x {times:g}" for name, times in bill.factors]
    if bill.since is not None:
        said.append(f"from {bill.since}")
    return [*said, "your own price"] if bill.own else said
