"""Reading over HTTP: now, the sessions, how each part does, and the description of all routes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, cast

import msgspec
from litestar import Litestar, Response, get
from litestar.di import NamedDependency, Provide
from litestar.openapi import OpenAPIConfig, ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin

from moonlock.model.instant import Instant
from moonlock.model.shapes import ForecastShape, HealthShape, SessionList
from moonlock.model.wire import Snapshot
from moonlock.server import (
    alert_rules,
    alerts,
    chronicle,
    comparing,
    efficiency,
    everything,
    explain,
    hooks,
    manual,
    metrics,
    otlp,
    portable,
    quota,
    reports,
    session,
    statusline,
    suggestions,
)
from moonlock.server.asyncapi import asyncapi
from moonlock.server.errors import refusals
from moonlock.server.house import House
from moonlock.server.query import Origin, Part, Which, chosen, part, which
from moonlock.server.site import Site

_encode = msgspec.json.Encoder().encode


def routes(house: House, site: Site) -> list[Any]:
    """Every REST route and the two descriptions."""
    described = [
        *manual.routes(house),
        *suggestions.routes(house),
        *efficiency.routes(house, site.clock),
        *statusline.routes(house, site),
        *comparing.routes(house, site.clock),
        *reading(house, site.clock),
        *quota.routes(house, site.clock),
        *alerts.routes(house),
        *alert_rules.routes(house),
        *session.routes(house),
        *chronicle.routes(house, site.clock),
        *portable.routes(house),
        *reports.routes(house, site.clock),
        *everything.routes(house, site),
        *explain.routes(house, site.clock),
        *hooks.routes(house),
        *metrics.routes(house, site.clock),
        *otlp.routes(house, site),
    ]

    @cache
    def description() -> bytes:
        return described_as_openapi(described, site.version)

    @get("/openapi.json", include_in_schema=False, sync_to_thread=True)
    def openapi() -> Response[bytes]:
        return json(description())  # made when somebody asks: it takes 0.2 s, in which the line goes on

    @get("/asyncapi.json", include_in_schema=False, sync_to_thread=False)
    def events() -> Response[bytes]:
        return json(asyncapi(site.version, site.ws_path))

    return [*described, openapi, events]


def reading(house: House, clock: Callable[[], Instant]) -> list[Any]:
    """The routes about everything."""
    unhealthy = ResponseSpec(HealthShape, description="a part is broken", generate_examples=False)

    @get("/health", responses=refusals() | {503: unhealthy}, sync_to_thread=False)
    def health() -> Response[HealthShape]:
        """How each part does; 503 when one is broken."""
        found = house.health()
        return Response(found, status_code=503 if found.status == "unhealthy" else 200)

    @get("/api/now", responses=refusals(), sync_to_thread=False)
    def now() -> Response[Snapshot]:
        """Everything one screen shows, at this moment."""
        return cast("Response[Snapshot]", json(house.picture.snapshot(clock())))

    @get(
        "/api/sessions",
        responses=refusals(400),
        dependencies={"which": Provide(which), "part": Provide(part)},
    )
    async def sessions(
        which: NamedDependency[Which], part: NamedDependency[Part], origin: Origin = None
    ) -> SessionList:
        """Sessions by filter, newest activity first unless asked otherwise."""
        found = [] if origin == "manual" else await house.sessions()
        hands = [] if origin == "observed" else await house.by_hand.all()
        return chosen([*found, *hands], which, part)

    @get("/api/forecast", responses=refusals(), sync_to_thread=False)
    def forecast() -> ForecastShape:
        """How the open five-hour window may end, and what stands behind that."""
        return house.foresight.answer(clock())

    return [health, now, sessions, forecast]


def described_as_openapi(described: list[Any], version: str) -> bytes:
    """The OpenAPI document, made by an application that nobody can reach.

    The framework's own way to serve it brings along further routes that answer in another shape than ours.
    """
    plan = OpenAPIConfig(
        "Moonlock", version, render_plugins=[JsonRenderPlugin()], use_handler_docstrings=True, path="/openapi.json"
    )
    return _encode(Litestar(described, openapi_config=plan, logging_config=None).openapi_schema.to_schema())


def json(body: bytes) -> Response[bytes]:
    return Response(body, media_type="application/json")
