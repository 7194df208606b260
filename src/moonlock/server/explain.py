"""Why a number is what it is, over HTTP: `moonlock explain --json`, each list up to a limit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, cast

from litestar import Response, get
from litestar.params import QueryParameter

from moonlock.live.explainer import Of, Told, Wanted
from moonlock.live.health import BUILT_IN
from moonlock.model.instant import Instant
from moonlock.model.report_shapes import ExplanationShape
from moonlock.server.errors import NO_SESSION, Problem, Refusal, refusals
from moonlock.server.house import House
from moonlock.server.spans import FIRST, LAST, Zone, checked, unfit

NO_NUMBER = Refusal(
    404,
    "no_such_number",
    "There is no such number.",
    "GET /api/analytics/usage and GET /api/blocks show what there is.",
)
NO_WINDOW = Refusal(404, "no_window", "No five-hour window is open.", "The next request of an agent opens one.")
MANY_BLOCKS = Refusal(400, "ambiguous_block", "More than one block begins like this.", "Give more of its start.")
UNEXPLAINED = Refusal(
    503, "unexplained", "The logs could not be read again.", "Try again; `moonlock explain` says what is wrong."
)
REFUSALS = {
    "unknown_day": NO_NUMBER,
    "no_usage": NO_NUMBER,
    "unknown_block": NO_NUMBER,
    "unknown_session": NO_SESSION,
    "ambiguous": MANY_BLOCKS,
    "no_window": NO_WINDOW,
}
Key = Annotated[
    str, QueryParameter(max_length=400, description="the day, the session's id or name, or the start of the block")
]


def routes(house: House, clock: Callable[[], Instant]) -> list[Any]:
    """The one route."""

    @get("/api/explain", responses=refusals(400, 404, 503))
    async def explain(
        of: Annotated[Of, QueryParameter(description="what kind of number")],
        key: Key = "",
        timezone: Zone = None,
        limit: Annotated[int, QueryParameter(ge=0, le=10_000, description="entries of each list")] = 100,
    ) -> Response[ExplanationShape]:
        """The records behind a number, what was merged and left out, and each price; of a forecast its windows.

        Reads the agents' logs again, in a process of its own. It adds up to the number of the report, and says so if it
        does not.
        """
        zone = timezone or house.setup.timezone
        checked(zone)
        if of in ("day", "session", "block") and not key.strip():
            raise unfit("key", KEYS[of])
        if of == "day":
            _day(key)
        store = await house.readers.ask(lambda store: str(store.path))
        prices = house.setup.prices
        origin = "built-in" if prices is None or prices.origin == BUILT_IN else prices.origin
        wanted = Wanted(of, key, limit, store, zone, clock(), house.setup.table, origin, house.setup.limit)
        return cast("Response[ExplanationShape]", _answer(await house.readers.explainer.told(wanted)))

    return [explain]


KEYS = {
    "day": "The day, such as 2026-11-19.",
    "session": "The session's id, the agent's own id, or its name.",
    "block": "The start of the block in UTC, such as 2026-11-19T10.",
}


def _day(key: str) -> None:
    try:
        found = date.fromisoformat(key)
    except ValueError:
        raise unfit("key", KEYS["day"]) from None
    if not FIRST <= found.year <= LAST:
        raise unfit("key", KEYS["day"])


def _answer(told: Told | None) -> Response[bytes]:
    if told is None:
        raise Problem(UNEXPLAINED)
    if told.why:
        raise Problem(REFUSALS[told.why])
    return Response(told.document, media_type="application/json")
