"""The limits of the plan over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from litestar import get

from moonlock.model.instant import Instant
from moonlock.model.quota_shapes import QuotaShape
from moonlock.server.errors import refusals
from moonlock.server.house import House


def routes(house: House, clock: Callable[[], Instant]) -> list[Any]:
    """The one route."""

    @get("/api/quota", responses=refusals(), sync_to_thread=False)
    def limits() -> QuotaShape:
        """Every limit that is known: how much of it is used, who says so, how old that is, and where it leads.

        Only `official` windows are the provider's own; an `estimated` one is a share of what is usual for you.
        """
        return house.quotas.answer(clock())

    return [limits]
