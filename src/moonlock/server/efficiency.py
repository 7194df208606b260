"""Suggestions over HTTP: where money went that need not have, and what each of them is made of."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Annotated, Any, cast

import msgspec
from litestar import Response, get
from litestar.params import PathParameter, QueryParameter

from moonlock.config.zone import zone_of
from moonlock.live import efficiency
from moonlock.live.days import Days, Span
from moonlock.live.efficiency import Asked
from moonlock.model.efficiency_shapes import HintBasis, HintList
from moonlock.model.instant import Instant, moment
from moonlock.server.errors import BAD_CURSOR, Problem, Refusal, refusals
from moonlock.server.house import House
from moonlock.server.spans import Cursor, Limit, Zone, checked
from moonlock.store import Store

NO_SUGGESTION = Refusal(
    404,
    "no_such_suggestion",
    "No suggestion has this key.",
    "GET /api/suggestions lists those that hold.",
)
LastDays = Annotated[int, QueryParameter(ge=1, le=366, description="so many days, today included")]
Key = Annotated[str, PathParameter(max_length=40, description="key of the suggestion")]

_encode = msgspec.json.Encoder().encode


def routes(house: House, clock: Callable[[], Instant]) -> list[Any]:
    """Both routes."""

    @get("/api/suggestions", responses=refusals(400, 503))
    async def suggestions(
        days: LastDays = 7, timezone: Zone = None, limit: Limit = 100, cursor: Cursor = None
    ) -> Response[HintList]:
        """What may be done better, dearest first, and where the money of these days went.

        Each suggestion names its sessions, times and dollars, and is gone when the days no longer show it.
        """
        asked = _asked(house, days, timezone, clock())
        after = None if cursor is None else _opened(cursor)
        about = ("suggestions", asked.days.start, asked.days.end, asked.days.name, after, limit)
        body = await house.readers.told(about, partial(_listed, asked, after, limit))
        return cast("Response[HintList]", _json(body))

    @get("/api/suggestions/{suggestion_key:str}", responses=refusals(400, 404, 503))
    async def suggestion(
        suggestion_key: Key,
        days: LastDays = 7,
        timezone: Zone = None,
        limit: Annotated[int, QueryParameter(ge=0, le=10_000, description="rebuilds that are listed")] = 100,
    ) -> Response[HintBasis]:
        """One suggestion with all its sessions and, where it is about caches, each rebuild, dearest first.

        `suggestion` is null when it does not hold for these days.
        """
        asked = _asked(house, days, timezone, clock())
        about = ("suggestion", asked.days.start, asked.days.end, asked.days.name, suggestion_key, limit)
        body = await house.readers.told(about, partial(_basis, asked, suggestion_key, limit))
        if not body:
            raise Problem(NO_SUGGESTION)
        return cast("Response[HintBasis]", _json(body))

    return [suggestions, suggestion]


def _asked(house: House, count: int, timezone: str | None, now: Instant) -> Asked:
    if timezone is not None:
        checked(timezone)
    zone = zone_of(timezone) if timezone else house.setup.zone
    today = moment(now).astimezone(zone).date()
    span = Span(today - timedelta(days=count - 1), today, zone)
    return Asked(Days(timezone or house.setup.timezone, zone, span, now), house.setup.table)


def _listed(asked: Asked, after: str | None, limit: int, store: Store) -> bytes:
    found = efficiency.listed(store, asked, after, limit)
    cursor = None if found.next_cursor is None else _sealed(found.next_cursor)
    return _encode(msgspec.structs.replace(found, next_cursor=cursor))


def _basis(asked: Asked, key: str, limit: int, store: Store) -> bytes:
    found = efficiency.basis(store, asked, key, limit)
    return b"" if found is None else _encode(found)


def _json(body: bytes) -> Response[bytes]:
    return Response(body, media_type="application/json")


def _sealed(key: str) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(("suggestions", key))).decode().rstrip("=")


def _opened(cursor: str) -> str:
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        made_for, key = msgspec.json.decode(raw, type=tuple[str, str])
    except (binascii.Error, msgspec.DecodeError, UnicodeError, ValueError):
        raise Problem(BAD_CURSOR) from None
    if made_for != "suggestions":
        raise Problem(BAD_CURSOR)
    return key
