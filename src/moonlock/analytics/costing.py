"""The price of one request, item by item: what `moonlock explain` shows of it. The items add up to ``cost`` exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

import msgspec

from moonlock.analytics.cost import search_fee
from moonlock.analytics.prices import MICRO, Entry, Period, PriceTable
from moonlock.model.events import UsageEvent
from moonlock.model.instant import DAY

KINDS = ("input", "output", "cacheWrite5m", "cacheWrite1h", "cacheRead")
"""The kinds of tokens, as a price file names their rates."""
SEARCH = "webSearch"


class Part(msgspec.Struct, frozen=True):
    """One item of a bill."""

    kind: str
    """One of ``KINDS``, or ``SEARCH``."""
    count: int
    rate: int
    """Femtodollars for one, factors included: of a token as many as dollars for a million times 10**9."""
    cost: int
    """Micro-dollars. Rounded so that the parts of a bill add up to it."""


class Bill(msgspec.Struct, frozen=True):
    """What the table says of one request, whatever the client recorded (rules C2-C7)."""

    model: str
    """The name under which the model is listed."""
    own: bool
    """The price is the user's own."""
    since: date | None
    """The day from which these rates hold; None for those that hold from the beginning."""
    above: int | None
    """The long-context threshold that the request passed."""
    factors: tuple[tuple[str, float], ...]
    parts: tuple[Part, ...]

    @property
    def cost(self) -> int:
        """Micro-dollars."""
        return sum(part.cost for part in self.parts)


def itemised(table: PriceTable) -> Callable[[UsageEvent], Bill | None]:
    """A function from a request to its bill; None when its model has no price."""
    search = search_fee(table)

    def bill(event: UsageEvent) -> Bill | None:
        name = table.listed(event.model)
        return None if name is None else _bill(event, (name, name in table.own, table.models[name]), search)

    return bill


def _bill(event: UsageEvent, listed: tuple[str, bool, Entry], search: int) -> Bill:
    name, own, entry = listed
    price = entry.on(event.at // DAY)
    plain, above, long = price.charge(event.marks)
    passed = event.tokens.prompt > above
    tokens = event.tokens
    counts = tokens.input, tokens.output, tokens.cache_write_5m, tokens.cache_write_1h, tokens.cache_read
    items = [*zip(KINDS, counts, long if passed else plain, strict=True), (SEARCH, event.searches, search)]
    return Bill(
        name,
        own,
        price.since if isinstance(price, Period) else None,
        above if passed else None,
        tuple(price.factors(event.marks)),
        tuple(_parts([item for item in items if item[1]])),
    )


def _parts(items: Sequence[tuple[str, int, int]]) -> Iterator[Part]:
    """Each part is what it adds to the rounded sum, so that no rounding is left over."""
    exact = told = 0
    for kind, count, rate in items:
        exact += count * rate
        so_far = (exact + MICRO // 2) // MICRO
        yield Part(kind, count, rate, so_far - told)
        told = so_far
