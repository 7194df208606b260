"""The live lines that the Socket.IO library carries. Imported only where that library is installed and asked for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

import engineio
import socketio
from engineio.exceptions import SocketIsClosedError
from engineio.packet import MESSAGE, Packet

from moonlock.model.wire import ClientMessage, Refused
from moonlock.server.asgi import Receive, Scope, Send
from moonlock.server.events import asked, packet
from moonlock.server.guard import STILL_WELCOME
from moonlock.server.house import House
from moonlock.server.line import SOCKETS, Gone, Line, cut
from moonlock.server.measured import MEASURED, MESSAGE_BYTES, Measured
from moonlock.server.site import Site

log = logging.getLogger("moonlock.server")
POLLED = 15
"""Frames in the answer to one poll: the Python client refuses more than 16 packets, and a ping may be among them."""
silent = logging.getLogger("moonlock.server.socketio")
silent.disabled = True  # the library logs what clients say, as often as they say it


class SocketIoWire:
    """One client: each frame is an event, taken from the library's queue before the next ones are put into it."""

    def __init__(self, engine: Any, connection: str) -> None:
        self._engine, self.connection = engine, connection
        self.heard: asyncio.Queue[ClientMessage | Refused | None] = asyncio.Queue()

    async def read(self) -> ClientMessage | Refused | None:
        return await self.heard.get()

    async def send(self, frames: Sequence[bytes]) -> None:
        """Waits until the transport took them all: so the library's queue, which has no bound, never grows."""
        kept = self._engine.sockets.get(self.connection)
        if kept is None:
            raise Gone
        try:
            for part in cut(frames, len(frames) if kept.upgraded else POLLED):
                for frame in part:
                    await kept.send(Packet(MESSAGE, data=packet(frame)))
                await kept.queue.join()
        except SocketIsClosedError:
            raise Gone from None


class Lines:
    """The library's server, and a line for each client that joined it."""

    def __init__(self, house: House, site: Site) -> None:
        self._house, self._site = house, site
        self._server: Any = socketio.AsyncServer(
            async_mode="asgi",
            cors_allowed_origins=[],  # the guard stands before it, and says what a browser may read
            max_http_buffer_size=MESSAGE_BYTES,
            async_handlers=False,  # what a client asks is answered in its order
            always_connect=True,  # the client knows that it is connected before the hello comes
            logger=silent,
            engineio_logger=silent,
        )
        self._server.on("connect", self._joined)
        self._server.on("disconnect", self._left)
        self._server.on("*", self._heard)
        self._app = engineio.ASGIApp(self._server, engineio_path=None)
        self._wires: dict[str, SocketIoWire] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._measured: dict[str, Measured] = {}

    @property
    def connections(self) -> int:
        return len(self._server.eio.sockets)

    def waiting(self, connection: str) -> int:
        """Packets that wait for this connection."""
        kept = self._server.eio.sockets.get(connection)
        return 0 if kept is None else kept.queue.qsize()

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on that was measured."""
        await self._app(scope, receive, send)

    async def carried(self, scope: Scope, measured: Measured, connection: str) -> None:
        """Hand a WebSocket on: a new connection, or one that was polling until now; that one has no second."""
        if connection and connection in self._measured:
            await measured.send({"type": "websocket.close"})
            return
        if connection:
            self._measured[connection] = measured
        try:
            await self._app({**scope, MEASURED: measured}, measured.receive, measured.send)
        finally:
            self._measured = {name: one for name, one in self._measured.items() if one is not measured}

    async def end(self, connection: str, code: int = 1008) -> None:
        """Cut this connection, so that its client connects again by itself."""
        measured, kept = self._measured.get(connection), self._server.eio.sockets.get(connection)
        if measured is not None:
            measured.cut(code)
        elif kept is not None:
            await kept.close(wait=False)

    async def _joined(self, client: str, environ: dict[str, Any], auth: object = None) -> bool:
        if self._house.hub.listeners >= SOCKETS:
            return False
        scope, connection = environ["asgi.scope"], self._server.manager.eio_sid_from_sid(client, "/")
        if MEASURED in scope:
            self._measured[connection] = scope[MEASURED]
        self._wires[client] = wire = SocketIoWire(self._server.eio, connection)
        task = asyncio.create_task(self._serve(wire, scope.get(STILL_WELCOME, lambda: True)))
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return True

    async def _serve(self, wire: SocketIoWire, welcome: Callable[[], bool]) -> None:
        with self._house.hub.subscribe() as listener:
            code = await Line(wire, listener, self._house, self._site, welcome).run()
        if code:
            await self.end(wire.connection, code)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            log.error("a Socket.IO line failed: %s", type(failure).__name__)

    async def _left(self, client: str, reason: str) -> None:
        wire = self._wires.pop(client, None)
        if wire is not None:
            wire.heard.put_nowait(None)

    async def _heard(self, event: str, client: str, *given: object) -> None:
        wire = self._wires.get(client)
        if wire is not None:
            wire.heard.put_nowait(asked(event, given))
