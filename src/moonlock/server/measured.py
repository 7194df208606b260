"""A WebSocket as the Socket.IO library may see it: no more, no odder and no slower than the live line allows."""

from __future__ import annotations

import asyncio
import re
from collections import deque

from moonlock.server.asgi import Message, Receive, Send
from moonlock.server.line import MESSAGES_PER_SECOND, POLICY, TOO_SLOW

MEASURED = "moonlock.measured"
"""Key of the scope under which the line finds what it can cut."""
MESSAGE_BYTES = 65_536
ENOUGH = 2 * MESSAGES_PER_SECOND
"""Messages a second: those of the line, and the library's own."""
# Ping and pong, upgrade, and messages that join, leave, tell or acknowledge. No binary ones: nobody here reads them.
SOUND = re.compile(r"[2356](probe)?|4[0-4].*", re.DOTALL)


def is_sound(text: object) -> bool:
    """Whether the library can make something of it: it fails on the rest, or keeps it."""
    return isinstance(text, str) and SOUND.fullmatch(text) is not None


class Measured:
    """Ends when a message is odd, when there are too many, when a send takes too long, or when it is cut."""

    def __init__(self, receive: Receive, send: Send, patience: float) -> None:
        self._receive, self._send, self._patience = receive, send, patience
        self._ended = asyncio.Event()
        self._code = 1000
        self._closed = False
        self._recent: deque[float] = deque(maxlen=ENOUGH)

    def cut(self, code: int) -> None:
        """The library hears that the client has left; the client hears the code."""
        if not self._ended.is_set():
            self._code = code
            self._ended.set()

    async def receive(self) -> Message:
        heard, ended = asyncio.ensure_future(self._next()), asyncio.ensure_future(self._ended.wait())
        try:
            await asyncio.wait({heard, ended}, return_when="FIRST_COMPLETED")
            event = heard.result() if heard.done() else None
        finally:
            heard.cancel()
            ended.cancel()
        if event is not None and event["type"] == "websocket.receive" and not self._fits(event):
            self.cut(POLICY)
        if event is None or self._ended.is_set():
            return {"type": "websocket.disconnect", "code": self._code}
        return event

    async def send(self, message: Message) -> None:
        closing = message["type"] == "websocket.close"
        if self._closed or (self._ended.is_set() and not closing):
            raise OSError("the connection was cut")
        if closing:
            self._closed = True
            message = {**message, "code": self._code}
        try:
            async with asyncio.timeout(1 if closing else self._patience):
                await self._send(message)
        except TimeoutError:
            self.cut(TOO_SLOW)
            raise OSError("the client does not read") from None

    async def _next(self) -> Message:
        return await self._receive()

    def _fits(self, event: Message) -> bool:
        now = asyncio.get_running_loop().time()
        often = len(self._recent) == ENOUGH and now - self._recent[0] < 1
        self._recent.append(now)
        return not often and is_sound(event.get("text"))
