"""What a request costs at list price: the one place where money is made from tokens (rules C1-C7)."""

from __future__ import annotations

from collections.abc import Callable

from moonlock.analytics.prices import MICRO, Charge, PriceTable
from moonlock.model.events import BATCH_TIER, FAST, GEO_US, UsageEvent
from moonlock.model.instant import DAY, Instant

Price = Callable[[UsageEvent], int | None]
"""Micro-dollars of a request, rounded half up once; None when it has no price."""

MODES = ("auto", "calculate", "display", "ccusage")
"""Recorded else computed; computed; recorded; recorded else computed by ccusage's rules (rule C1)."""
_PRICED = FAST | GEO_US | BATCH_TIER
"""The marks that change a price."""
_REMEMBERED = 20_000
_CCUSAGE_TIER = 200_000
_VERTEX = "@"


def pricing(mode: str, table: PriceTable) -> Price:
    """The prices of one of ``MODES``."""
    return {"auto": price_of, "calculate": computed, "display": _displayed, "ccusage": _as_ccusage}[mode](table)


def price_of(table: PriceTable) -> Price:
    """What the client recorded, else what is computed; a recorded 0 is a value (rule C1)."""
    return _recorded_or(computed(table))


def computed(table: PriceTable) -> Price:
    """The list price of the request's day (UTC), whatever the client recorded."""
    search = search_fee(table)
    charges = _Charges(table)

    def price(event: UsageEvent) -> int | None:
        charge = charges[event.model, event.at // DAY, event.marks & _PRICED]
        if charge is None:
            return None
        tokens = event.tokens
        new, short, long, read = tokens.input, tokens.cache_write_5m, tokens.cache_write_1h, tokens.cache_read
        amounts = charge[0] if new + short + long + read <= charge[1] else charge[2]
        cost = new * amounts[0] + tokens.output * amounts[1] + short * amounts[2] + long * amounts[3]
        cost += read * amounts[4] + event.searches * search
        return (cost + MICRO // 2) // MICRO

    return price


def charged(table: PriceTable) -> Callable[[str, Instant, int], Charge | None]:
    """A function from model, moment and marks of a request to what its tokens are charged; None without a price."""
    charges = _Charges(table)
    return lambda model, at, marks: charges[model, at // DAY, marks & _PRICED]


def search_fee(table: PriceTable) -> int:
    """Femtodollars of one web search (rule C5)."""
    return round(table.web_search * 1000) * MICRO


def _displayed(_: PriceTable) -> Price:
    return lambda event: event.recorded


def _as_ccusage(table: PriceTable) -> Price:
    """Prices as ccusage 20 has them: long-context rates only for the part of each kind above 200,000 tokens (C3), no
    web searches, no geography, no batch. The suite's cases 14, 16, 17, 18 and 28 hold what it prints.
    """
    charges = _Charges(table)

    def price(event: UsageEvent) -> int | None:
        charge = charges[event.model, event.at // DAY, event.marks & FAST]
        if charge is None:
            return None
        plain, above, long = charge
        if above != _CCUSAGE_TIER or _VERTEX in event.model:  # its entries for Vertex have no tier (case 18)
            long = plain
        tokens = event.tokens
        kinds = tokens.input, tokens.output, tokens.cache_write_5m, tokens.cache_write_1h, tokens.cache_read
        cost = sum(map(_marginal, kinds, plain, long))
        return (cost + MICRO // 2) // MICRO

    return _recorded_or(price)


def _marginal(count: int, plain: int, long: int) -> int:
    over = max(0, count - _CCUSAGE_TIER)
    return (count - over) * plain + over * long


def _recorded_or(price: Price) -> Price:
    return lambda event: price(event) if event.recorded is None else event.recorded


class _Charges(dict[tuple[str, int, int], Charge | None]):
    """``charges[model, day, marks]`` is what the tokens of such a request are charged; None without a price."""

    def __init__(self, table: PriceTable) -> None:
        super().__init__()
        self._table = table

    def __missing__(self, key: tuple[str, int, int]) -> Charge | None:
        if len(self) >= _REMEMBERED:
            self.clear()
        model, day, marks = key
        entry = self._table.find(model)
        self[key] = found = None if entry is None else entry.on(day).charge(marks)
        return found
