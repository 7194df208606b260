"""Reading over HTTP what is no report: objectives and contexts of all sessions, and what the house works with."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import islice
from typing import Annotated, Any, cast

import msgspec
from litestar import Response, get
from litestar.params import QueryParameter

from moonlock.config.settings import SETTINGS, Config
from moonlock.config.shown import is_fixed
from moonlock.config.shown import shown as value_of
from moonlock.live.health import BUILT_IN
from moonlock.live.report_shapes import aim_shape, price_shapes, session_context
from moonlock.model.events import ObjectiveState
from moonlock.model.house_shapes import PriceTableShape, SettingList, SettingShape, SourceList
from moonlock.model.instant import Instant
from moonlock.model.report_shapes import AimList, ContextList
from moonlock.server.cursors import opened, sealed
from moonlock.server.errors import refusals
from moonlock.server.house import House
from moonlock.server.query import Whole
from moonlock.server.site import Site
from moonlock.server.spans import Cursor, Limit, Names
from moonlock.store import Store
from moonlock.store.aims import After

States = Annotated[list[ObjectiveState] | None, QueryParameter(name="state", description="repeat it for several")]
_encode = msgspec.json.Encoder().encode
_Index = Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)]
_AFTER: msgspec.json.Decoder[After] = msgspec.json.Decoder(tuple[Whole, Whole, _Index])


def routes(house: House, site: Site) -> list[Any]:
    """Every such route."""

    @get("/api/objectives", responses=refusals(400, 503))
    async def objectives(
        states: States = None, project: Names = None, limit: Limit = 100, cursor: Cursor = None
    ) -> Response[AimList]:
        """What sessions set out to do, in its newest state; those of the session that was heard of last come first."""
        after = None if cursor is None else opened(cursor, _AFTER)
        asked = frozenset(states or ()), frozenset(project or ())
        body = await house.readers.told(("objectives", after, limit, asked), partial(_aims, after, limit, *asked))
        return cast("Response[AimList]", Response(body, media_type="application/json"))

    return [objectives, *_about_now(house, site.clock), *_about_the_house(house, site)]


def _about_now(house: House, clock: Callable[[], Instant]) -> list[Any]:
    @get("/api/context", responses=refusals(), sync_to_thread=False)
    def context() -> ContextList:
        """How full the context windows of the sessions are that the page shows, fullest first."""
        found = [one for session in house.snapshot(clock()).sessions if (one := session_context(session)) is not None]
        return ContextList(contexts=sorted(found, key=lambda one: -one.context.share))

    @get("/api/sources", responses=refusals(), sync_to_thread=False)
    def sources() -> SourceList:
        """Which folders are searched for logs, what was found there, and how reading goes."""
        now = house.snapshot(clock())
        return SourceList(places=now.places, health=now.health.components.get("sources"))

    return [context, sources]


def _about_the_house(house: House, site: Site) -> list[Any]:
    @get("/api/prices", responses=refusals(), sync_to_thread=False)
    def prices() -> PriceTableShape:
        """What is charged, in dollars for a million tokens; a later price of a model is an entry of its own."""
        table, told = house.setup.table, house.setup.prices
        return PriceTableShape(
            origin=BUILT_IN if told is None else told.origin,
            made=table.made or None,
            web_search_per_1000=table.web_search,
            prices=[*price_shapes(table)],
        )

    @get("/api/settings", responses=refusals(), sync_to_thread=False)
    def settings() -> SettingList:
        """Every setting: its value, who said so, and whether a file could say otherwise. Secrets are left out."""
        return SettingList(settings=[*site.settings])

    return [prices, settings]


def shown(config: Config) -> tuple[SettingShape, ...]:
    """The settings in force, as anybody who is let in may see them."""
    return tuple(
        SettingShape(name=name, value=value_of(config, name), origin=config.origins[name], fixed=is_fixed(config, name))
        for name in SETTINGS
    )


def _aims(
    after: After | None, limit: int, states: frozenset[ObjectiveState], projects: frozenset[str], store: Store
) -> bytes:
    found = [*islice(store.aims(after, states, projects), limit + 1)]
    page = found[:limit]
    cursor = sealed(page[-1].place) if len(found) > limit else None
    return _encode(AimList(objectives=[aim_shape(aim) for aim in page], next_cursor=cursor))
