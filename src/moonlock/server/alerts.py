"""Alerts over HTTP: what fires and what fired, and saying that somebody has seen it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import get, post
from litestar.di import NamedDependency, Provide
from litestar.params import PathParameter, QueryParameter

from moonlock.live.alert_shapes import alert_shape
from moonlock.live.channels import delivery_shape
from moonlock.model.alert import Alert, Phase
from moonlock.model.alert_shapes import AlertList, AlertShape
from moonlock.model.channel import Delivery
from moonlock.model.instant import instant
from moonlock.server.cursors import opened, sealed
from moonlock.server.errors import NO_ALERT, Problem, refusals
from moonlock.server.finding import named
from moonlock.server.house import House
from moonlock.server.query import moment
from moonlock.store import Store
from moonlock.store.alerts import PHASES, Place, Which, place_of

ALERTS = "/api/alerts"
Found = tuple[list[Alert], dict[str, list[Delivery]]]
Rank = Annotated[int, msgspec.Meta(ge=0, lt=len(PHASES))]
Moment = Annotated[int, msgspec.Meta(ge=0, le=1 << 62)]
AFTER: msgspec.json.Decoder[Place] = msgspec.json.Decoder(tuple[Rank, Moment, str])
AlertId = Annotated[str, PathParameter(description="id of the alert", max_length=40)]


def routes(house: House) -> list[Any]:
    """Every route of alerts; rules and channels have their own."""

    @get(ALERTS, responses=refusals(400, 404), dependencies={"asked": Provide(asked)})
    async def all_of_them(
        asked: NamedDependency[Which],
        session: Annotated[
            str | None, QueryParameter(max_length=400, description="id or name; the beginning is enough")
        ] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
        cursor: Annotated[
            str | None, QueryParameter(max_length=200, description="nextCursor of the part before")
        ] = None,
    ) -> AlertList:
        """Firing first, then pending, then resolved, each newest first; with what became of telling the channels.

        `since` leaves out what was over before: an alert counts by the last thing that happened to it.
        """
        after = None if cursor is None else opened(cursor, AFTER)
        which = msgspec.structs.replace(asked, session=None if session is None else (await named(house, session)).id)
        found, deliveries = await house.readers.ask(lambda store: _found(store, which, after, limit))
        shown = [
            alert_shape(house.alarms.newest(alert), map(delivery_shape, deliveries.get(alert.id, ())))
            for alert in found[:limit]
        ]
        more = len(found) > limit
        return AlertList(alerts=shown, next_cursor=sealed(place_of(found[limit - 1])) if more else None)

    @post(f"{ALERTS}/{{alert_id:str}}/acknowledge", status_code=200, responses=refusals(400, 404))
    async def acknowledge(alert_id: AlertId) -> AlertShape:
        """Say that somebody has seen it. Again changes nothing; the alert goes on until what it warns of is over."""
        found = await house.alarms.acknowledge(alert_id) if alert_id.isprintable() else None
        if found is None:
            raise Problem(NO_ALERT)
        return found

    return [all_of_them, acknowledge]


async def asked(
    phase: Annotated[list[Phase] | None, QueryParameter(description="repeat it for more than one")] = None,
    rule: Annotated[str | None, QueryParameter(max_length=80, description="id of a rule: budget-80")] = None,
    since: Annotated[str | None, QueryParameter(max_length=40, description="ISO-8601 moment, or a day in UTC")] = None,
) -> Which:
    """Which alerts, from the query; the session is found apart."""
    begun = moment("since", since)
    return Which(
        phases=tuple(one for one in PHASES if not phase or one in phase),
        rule=rule,
        since=None if begun is None else instant(datetime.fromisoformat(begun)),
    )


def _found(store: Store, which: Which, after: Place | None, limit: int) -> Found:
    alerts = store.alerts().page(which, after, limit + 1)
    return alerts, store.deliveries().of([alert.id for alert in alerts])
