"""What uvicorn leaves open: patience with connections that say nothing, and the words for malformed requests.

uvicorn waits forever for the head of a request, and cuts a socket whose peer does not read only when all was read: so
anybody on this machine could keep thousands of connections and their memory.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any

import h11
import msgspec
from uvicorn._types import ASGISendEvent
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.server import ServerProtocol

from moonlock.server.deflate import SharedDeflateFactory
from moonlock.server.errors import BAD_REQUEST
from moonlock.server.guard import HEADERS, NO_STORE, encoded

HEAD_SECONDS = 10.0
WAITING = 200
"""So many connections may wait without a whole head; for one more, the oldest of them goes."""
FAREWELL_SECONDS = 5.0
KEY = re.compile(rb"[A-Za-z0-9+/]{22}==")


class PatientHttp(H11Protocol):
    """HTTP/1.1 with an end to waiting."""

    _since = 0.0
    _hurry: asyncio.TimerHandle | None = None

    @property
    def waits(self) -> bool:
        return self._hurry is not None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()
        waiting = [one for one in self.connections if isinstance(one, PatientHttp) and one.waits]
        if len(waiting) > WAITING:
            min(waiting, key=lambda one: one._since).transport.abort()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._wait_no_more()
        elif not self.waits:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Refuses what is no HTTP in the shape of every refusal; the guard never saw it."""
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.close()
            return
        body = msgspec.json.encode(BAD_REQUEST.shape)
        headers = {**HEADERS, **NO_STORE, "content-type": "application/json", "content-length": str(len(body))}
        start = h11.Response(status_code=400, headers=[*encoded(headers), (b"connection", b"close")])
        for event in (start, h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _should_upgrade(self) -> bool:
        """Only a proper handshake: the library would answer any other by itself, past the guard."""
        keys = [value for name, value in self.headers if name == b"sec-websocket-key"]
        proper = len(keys) == 1 and KEY.fullmatch(keys[0]) and (b"sec-websocket-version", b"13") in self.headers
        return bool(proper) and self.scope["method"] == "GET" and super()._should_upgrade()

    def _wait(self) -> None:
        self._since = self.loop.time()
        self._hurry = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def _wait_no_more(self) -> None:
        if self._hurry is not None:
            self._hurry.cancel()
            self._hurry = None


class PatientSocket(WebSocketsSansIOProtocol):
    """A WebSocket that is cut when its peer does not even read the farewell, and that packs messages once for all."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        extensions = [SharedDeflateFactory()] if config.ws_per_message_deflate else []
        self.conn = ServerProtocol(extensions=extensions, max_size=config.ws_max_size, logger=self.logger)

    async def send(self, message: ASGISendEvent) -> None:
        await super().send(message)
        if message["type"] == "websocket.http.response.body":
            self.handshake_complete = True  # a refusal is an answer; uvicorn would log it as a fault of the application

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        super().on_task_complete(task)
        self.loop.call_later(FAREWELL_SECONDS, self.transport.abort)
