"""REST and WebSocket. Translates HTTP to the engine and back; decides nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar, MediaType, WebSocket, get, websocket
from litestar.exceptions import WebSocketDisconnect
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.static_files import create_static_files_router

from moonlock import __version__
from moonlock.live import Engine, Listener
from moonlock.model import Snapshot

Socket = WebSocket[Any, Any, Any]
_encode = msgspec.json.Encoder().encode

# By default Litestar also serves Swagger, Redoc and others, which load their scripts from other people's servers.
SCHEMA = OpenAPIConfig("Moonlock", __version__, path="/openapi.json", render_plugins=[JsonRenderPlugin()])
TOO_SLOW = 4008
WEB = Path(__file__).parent.parent / "web"  # where the build puts the page


class Health(msgspec.Struct, frozen=True):
    """``page`` is false when the package was built without it."""

    status: str
    version: str
    page: bool


@get("/", media_type=MediaType.TEXT, sync_to_thread=False)
def no_page() -> str:
    return "Moonlock runs, but its page was not built; see /health."


def app(engine: Engine, web: Path | None = None) -> Litestar:
    """The routes alone; wrap them in a Guard before anybody can reach them. ``web`` is the folder of the built page."""
    built = web is not None and (web / "index.html").is_file()
    page = create_static_files_router(path="/", directories=[web], html_mode=True) if web and built else no_page

    @get("/health", sync_to_thread=False)
    def health() -> Health:
        return Health("healthy", __version__, built)

    @get("/api/now", sync_to_thread=False)
    def now() -> Snapshot:
        return engine.hello().snapshot

    @websocket("/ws")
    async def live(socket: Socket) -> None:
        await socket.accept()
        with engine.hub.subscribe() as listener:
            telling = asyncio.create_task(_tell(socket, engine, listener))
            await _gone(socket)
            telling.cancel()

    return Litestar([health, now, live, page], openapi_config=SCHEMA, logging_config=None)


async def _tell(socket: Socket, engine: Engine, listener: Listener) -> None:
    await socket.send_text(_encode(engine.hello()).decode())
    while frame := await listener.next():
        await socket.send_text(_encode(frame).decode())
    await socket.close(TOO_SLOW)


async def _gone(socket: Socket) -> None:
    """A closed tab is seen only by whoever reads, so somebody has to read."""
    try:
        while True:
            await socket.receive_text()
    except WebSocketDisconnect:
        return
