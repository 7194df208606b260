"""The live line over Socket.IO, for front ends that speak nothing else: the same frames, guard and bounds.

The library is optional and costs a quarter of a second and 6 MiB, so it is loaded, beside the loop, when the first
client comes. What it would take without measure is measured before it comes to it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from importlib import import_module
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from moonlock.live.health import has_socketio
from moonlock.server.asgi import LEAVING, App, Message, Receive, Scope, Send
from moonlock.server.errors import BAD_SOCKETIO, NO_SOCKETIO, NOT_ALLOWED, TOO_LARGE, TOO_MANY_SOCKETS, Problem, Refusal
from moonlock.server.guard import refuse
from moonlock.server.house import House
from moonlock.server.line import SOCKETS
from moonlock.server.measured import MESSAGE_BYTES, Measured, is_sound
from moonlock.server.site import Site

if TYPE_CHECKING:
    from moonlock.server.lines import Lines

PATHS = ("/socket.io", "/socket.io/")
PACKETS = 16
"""In one body; the library takes no more."""
WAITING = 1_024
"""Packets that may wait for one client: a piece of frames, and what it makes the library say."""


def beside(app: App, socketio: App) -> App:
    """Both at one address."""

    async def either(scope: Scope, receive: Receive, send: Send) -> None:
        await (socketio if scope.get("path") in PATHS else app)(scope, receive, send)

    return either


class SocketIo:
    """The door to the library."""

    def __init__(self, house: House, site: Site) -> None:
        self._house, self._site = house, site
        self._lines: Lines | None = None
        self._loading = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not has_socketio():
            await refuse(scope, send, NO_SOCKETIO)
            return
        lines = await self._loaded()
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        connection = query.get("sid", [""])[0]
        refusal = self._unfit(scope, lines, connection, query)
        if refusal is not None:
            await refuse(scope, send, refusal)
        elif scope["type"] == "websocket":
            measured = Measured(receive, send, self._site.pace.sending)
            await lines.carried(scope, measured, connection)
        elif scope["method"] == "POST":
            await posted(lines, connection, (scope, receive, send))
        else:
            await until_leaving(lines.answer(scope, receive, proper(scope, send)), scope)

    async def _loaded(self) -> Lines:
        async with self._loading:
            if self._lines is None:
                module = await asyncio.to_thread(import_module, "moonlock.server.lines")
                self._lines = module.Lines(self._house, self._site)
        return self._lines

    def _unfit(self, scope: Scope, lines: Lines, connection: str, query: dict[str, list[str]]) -> Refusal | None:
        if scope["type"] == "http" and scope["method"] not in ("GET", "POST"):
            return NOT_ALLOWED
        if "j" in query:  # an answer as a script, which any page could run
            return BAD_SOCKETIO
        full = max(self._house.hub.listeners, lines.connections) >= SOCKETS
        return TOO_MANY_SOCKETS if full and not connection else None


async def posted(lines: Lines, connection: str, call: tuple[Scope, Receive, Send]) -> None:
    """What a client says by polling; one that says what the library would choke on is cut off."""
    scope, receive, send = call
    try:
        body = await whole(receive)
    except Problem as problem:
        await refuse(scope, send, problem.refusal)
        return
    packets = body.decode("utf-8", "replace").split("\x1e")
    odd = len(packets) > PACKETS or not all(map(is_sound, packets))
    if odd or lines.waiting(connection) > WAITING:
        await lines.end(connection)
        await refuse(scope, send, BAD_SOCKETIO)
        return

    async def again() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    await lines.answer(scope, again, proper(scope, send))


async def until_leaving(answering: Coroutine[object, object, None], scope: Scope) -> None:
    """An answer that waits for news; when the server ends it waits no longer."""
    leaving: asyncio.Event | None = scope.get("state", {}).get(LEAVING)
    task = asyncio.ensure_future(answering)
    ended = asyncio.ensure_future(leaving.wait() if leaving is not None else asyncio.Event().wait())
    try:
        await asyncio.wait({task, ended}, return_when="FIRST_COMPLETED")
    finally:
        ended.cancel()
        if not task.done():
            task.cancel()
        await task


async def whole(receive: Receive) -> bytes:
    """The body of a request, unless it is too large."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MESSAGE_BYTES:
            raise Problem(TOO_LARGE)
    return body


def proper(scope: Scope, send: Send) -> Send:
    """Every failure in the one shape; the library repeats in its own what was sent to it."""
    failed = False

    async def answer(message: Message) -> None:
        nonlocal failed
        if message["type"] == "http.response.start" and message["status"] >= 400:
            failed = True
            await refuse(scope, send, BAD_SOCKETIO)
        elif not failed:
            await send(message)

    return answer
