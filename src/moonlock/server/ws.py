"""The live line over a WebSocket: one message is one frame, or several as an array in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, cast

import msgspec
from litestar import WebSocket, websocket
from litestar.exceptions import WebSocketDisconnect

from moonlock.live.listener import message
from moonlock.model.wire import ClientMessage, Refused
from moonlock.server.asgi import Message
from moonlock.server.errors import TOO_MANY_SOCKETS
from moonlock.server.guard import STILL_WELCOME, refuse
from moonlock.server.house import House
from moonlock.server.line import SOCKETS, Gone, Line, sensible
from moonlock.server.site import WS_PATH, Site

Socket = WebSocket[Any, Any, Any]

_decode = msgspec.json.Decoder(ClientMessage).decode


def route(house: House, site: Site) -> Any:
    """The live line, at its own address and where the page always finds it."""

    @websocket(sorted({site.ws_path, WS_PATH}))
    async def live(socket: Socket) -> None:
        if house.hub.listeners >= SOCKETS:
            await refuse(socket.scope, socket.send, TOO_MANY_SOCKETS)  # type: ignore[arg-type]
            return
        await socket.accept()
        welcome = cast("Callable[[], bool]", socket.scope.get(STILL_WELCOME, lambda: True))
        with house.hub.subscribe() as listener:
            code = await Line(WebSocketWire(socket), listener, house, site, welcome).run()
        if code:
            await _close(socket, code)

    return live


class WebSocketWire:
    """Texts of JSON."""

    def __init__(self, socket: Socket) -> None:
        self._socket = socket

    async def read(self) -> ClientMessage | Refused | None:
        event: Message = dict(await self._socket.receive())
        if event["type"] == "websocket.disconnect":
            return None
        return understood(event.get("text") or event.get("bytes") or "")

    async def send(self, frames: Sequence[bytes]) -> None:
        try:
            await self._socket.send_text(_text(tuple(frames)))
        except (OSError, WebSocketDisconnect):  # uvicorn's ClientDisconnected is an OSError
            raise Gone from None


@lru_cache(maxsize=4)
def _text(frames: tuple[bytes, ...]) -> str:
    """One message of these frames; whoever is told the same gets the same text."""
    return message(frames).decode()


def understood(text: str | bytes) -> ClientMessage | Refused:
    """What a client wants, or why that cannot be told."""
    try:
        asked = _decode(text)
    except msgspec.ValidationError as trouble:
        return Refused(code="bad_message", message=str(trouble)[:200])
    except (msgspec.DecodeError, UnicodeError, RecursionError):  # RecursionError: 60,000 brackets within a known type
        return Refused(code="not_json", message="a message is one JSON object")
    return sensible(asked)


async def _close(socket: Socket, code: int) -> None:
    """A client that does not read gets no farewell either; the connection is cut soon after."""
    try:
        async with asyncio.timeout(1):
            await socket.close(code)
    except (TimeoutError, OSError, WebSocketDisconnect):
        return
