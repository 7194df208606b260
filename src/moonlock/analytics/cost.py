"""What a request costs at list price: the one place where money is made from tokens (rules C1-C7)."""

from __future__ import annotations

from collections.abc import Callable

from moonlock.analytics.prices import MICRO, Charge, PriceTable
from moonlock.model.events import BATCH_TIER, FAST, GEO_US, UsageEvent
from moonlock.model.instant import DAY

_PRICED = FAST | GEO_US | BATCH_TIER
_REMEMBERED = 20_000


def model_row(event: UsageEvent) -> str:
    """The name under which a model's usage is shown: fast requests are a model of their own (rule C4)."""
    return f"{event.model}-fast" if event.marks & FAST else event.model


def price_of(table: PriceTable) -> Callable[[UsageEvent], int | None]:
    """A function from a request to micro-dollars, rounded half up once; None when its model has no price.

    What the client recorded wins, and a recorded 0 is a value (rule C1). The price is that of the request's day (UTC).
    """
    search = round(table.web_search * 1000) * MICRO
    charges: dict[tuple[str, int, int], Charge | None] = {}

    def look_up(known: tuple[str, int, int]) -> Charge | None:
        if len(charges) >= _REMEMBERED:
            charges.clear()
        model, day, marks = known
        entry = table.find(model)
        charges[known] = None if entry is None else entry.on(day).charge(marks)
        return charges[known]

    def price(event: UsageEvent) -> int | None:
        if event.recorded is not None:
            return event.recorded
        known = (event.model, event.at // DAY, event.marks & _PRICED)
        charge = charges[known] if known in charges else look_up(known)
        if charge is None:
            return None
        tokens = event.tokens
        new, short, long, read = tokens.input, tokens.cache_write_5m, tokens.cache_write_1h, tokens.cache_read
        amounts = charge[0] if new + short + long + read <= charge[1] else charge[2]
        cost = new * amounts[0] + tokens.output * amounts[1] + short * amounts[2] + long * amounts[3]
        cost += read * amounts[4] + event.searches * search
        return (cost + MICRO // 2) // MICRO

    return price
