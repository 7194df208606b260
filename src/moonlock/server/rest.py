"""Reading over HTTP: now, the sessions, how each part does, and the description of all routes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import msgspec
from litestar import Litestar, Response, get
from litestar.di import NamedDependency, Provide
from litestar.openapi import OpenAPIConfig, ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin

from moonlock.model.instant import Instant
from moonlock.model.shapes import ForecastShape, HealthShape, SessionList
from moonlock.model.wire import Snapshot
from moonlock.server import manual, portable, session
from moonlock.server.asyncapi import asyncapi
from moonlock.server.errors import refusals
from moonlock.server.house import House
from moonlock.server.query import Part, Which, chosen, part, which
from moonlock.server.site import Site

_encode = msgspec.json.Encoder().encode


def routes(house: House, site: Site) -> list[Any]:
    """Every REST route and the two descriptions."""
    described = [*manual.routes(house), *reading(house, site.clock), *session.routes(house), *portable.routes(house)]

    @get("/openapi.json", include_in_schema=False, sync_to_thread=False)
    def openapi() -> Response[bytes]:
        return json(described_as_openapi(described, site.version))

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
    async def sessions(which: NamedDependency[Which], part: NamedDependency[Part]) -> SessionList:
        """Sessions by filter, newest activity first unless asked otherwise."""
        return chosen([*await house.sessions(), *await house.by_hand.all()], which, part)

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
