"""What the store must know of prices: nothing but that a request has one, or none."""

from __future__ import annotations

from collections.abc import Callable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from moonlock.model.events import UsageEvent

Price = Callable[["UsageEvent"], int | None]
"""Micro-dollars of a request; None when nobody knows its price."""


def unpriced(_: UsageEvent) -> int | None:
    """The price when none is given: unknown, never zero."""
    return None
