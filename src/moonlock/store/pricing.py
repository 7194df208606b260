"""What the store must know of prices: nothing but that a request has one, or none."""

from __future__ import annotations

from collections.abc import Callable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from moonlock.model.events import UsageEvent

Price = Callable[["UsageEvent"], int | None]
"""Micro-dollars of a request; None when nobody knows its price."""


MOST = 10**14
"""Micro-dollars. No request costs a hundred million dollars: sums of 90,000 such would leave SQLite's numbers."""


def sane(cost: int | None) -> int | None:
    """The cost; a price or a log that is beyond all reason says nothing."""
    return cost if cost is None or 0 <= cost <= MOST else None


def unpriced(_: UsageEvent) -> int | None:
    """The price when none is given: unknown, never zero."""
    return None
