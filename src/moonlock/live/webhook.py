"""One message to one address somewhere else: the only request that Moonlock ever makes by itself (security.md §4).

The name is looked up once, every address that it has is checked, and one of these is called, with the name for Host
and certificate. No redirect is followed, no proxy is asked, and it is over within five seconds.
"""

from __future__ import annotations

import asyncio
import hmac
import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from urllib.parse import SplitResult, unquote, urlsplit

import h11
import msgspec

from moonlock.live.addresses import is_public
from moonlock.model.channel import Webhook
from moonlock.model.instant import SECOND, Instant

PATIENCE = 5.0
"""Seconds in all, from the first question to the last byte."""
MOST, HEAD, SHOWN = 65_536, 16_384, 200
"""Bytes of an answer that are read, of its head, and signs of it that are shown."""
AGAIN = frozenset({408, 425, 429})
"""Besides 5xx, answers after which another try makes sense."""
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class Letter(msgspec.Struct, frozen=True):
    """What is sent. ``name`` is the same each time the same is sent: by it a receiver knows that it has it already."""

    name: str
    body: bytes
    at: Instant


class Answer(msgspec.Struct, frozen=True):
    """What came back, in words; ``again`` when another try may do better."""

    text: str
    status: int | None = None
    again: bool = True

    @property
    def taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Uncalled(Exception):
    """An address that may not be called."""


async def look_up(name: str, port: int) -> Sequence[str]:
    """Every address of a name. In a thread that nobody waits for at the end: a look-up cannot be called off."""
    loop = asyncio.get_running_loop()
    found: asyncio.Future[Sequence[str]] = loop.create_future()

    def tell(addresses: Sequence[str], trouble: Exception | None) -> None:
        if found.done():
            return
        if trouble is None:
            found.set_result(addresses)
        else:
            found.set_exception(trouble)

    def work() -> None:
        addresses: Sequence[str] = ()
        trouble: Exception | None = None
        try:
            told = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
            addresses = list(dict.fromkeys(str(each[4][0]) for each in told))
        except (OSError, UnicodeError) as error:
            trouble = error
        with suppress(RuntimeError):  # the program has ended meanwhile
            loop.call_soon_threadsafe(tell, addresses, trouble)

    threading.Thread(target=work, name="moonlock-name", daemon=True).start()
    return await found


async def post(hook: Webhook, letter: Letter, resolve: Resolve = look_up) -> Answer:
    """Send it once; whatever happens is an answer."""
    until = asyncio.get_running_loop().time() + PATIENCE
    try:
        async with asyncio.timeout_at(until):
            line, head = await _asked(hook, letter, resolve)
    except TimeoutError:
        return Answer(f"no answer within {PATIENCE:g} seconds")
    except Uncalled as refused:
        return Answer(str(refused), again=False)
    except h11.RemoteProtocolError:
        return Answer("what came back is not HTTP")
    except (OSError, UnicodeError) as trouble:
        return Answer(_plain(_why(trouble)))
    try:
        async with asyncio.timeout_at(until):
            said = await line.begun()
    except (TimeoutError, h11.RemoteProtocolError, OSError):
        said = b""  # the status has come: it is taken, or it is not
    finally:
        line.hang_up()
    return _answer(head, said)


def signature(secret: str, stamp: str, body: bytes) -> str:
    """HMAC-SHA-256 of time stamp, dot and body."""
    return "sha256=" + hmac.digest(secret.encode(), f"{stamp}.".encode() + body, "sha256").hex()


class _Line:
    """A connection that an answer is read from, up to what is bearable."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD)
        self._left = MOST

    async def ask(self, request: h11.Request, body: bytes) -> h11.Response:
        """Send it; the head of what comes back."""
        for event in (request, h11.Data(data=body), h11.EndOfMessage()):
            self._writer.write(self._http.send(event) or b"")
        await self._writer.drain()
        head = await self._next()
        while isinstance(head, h11.InformationalResponse):
            head = await self._next()
        if not isinstance(head, h11.Response):
            raise h11.RemoteProtocolError("no answer")
        return head

    async def begun(self) -> bytes:
        """How the rest of the answer begins."""
        said = b""
        while len(said) < SHOWN and isinstance(event := await self._next(), h11.Data):
            said += event.data
        return said

    def hang_up(self) -> None:
        self._writer.transport.abort()

    async def _next(self) -> object:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if not self._left:
                raise h11.RemoteProtocolError("too long")
            part = await self._reader.read(self._left)
            self._left -= len(part)
            self._http.receive_data(part)
        return event


async def _asked(hook: Webhook, letter: Letter, resolve: Resolve) -> tuple[_Line, h11.Response]:
    url = urlsplit(hook.url)
    name, secure = url.hostname or "", url.scheme == "https"
    if not (secure or (hook.allow_private and url.scheme == "http")):
        raise Uncalled("not called: only https is")
    port = url.port or (443 if secure else 80)
    addresses = await resolve(name, port)
    if not hook.allow_private and not all(map(is_public, addresses)):
        raise Uncalled("not called: the name leads to this machine or into a private network")
    context = await asyncio.to_thread(ssl.create_default_context) if secure else None
    line = await _connected(addresses, port, context, name)
    try:
        return line, await line.ask(_request(hook, url, letter), letter.body)
    except BaseException:
        line.hang_up()
        raise


async def _connected(addresses: Sequence[str], port: int, context: ssl.SSLContext | None, name: str) -> _Line:
    """To the first of the checked addresses that takes the call; the name is not looked up again."""
    trouble: OSError = socket.gaierror("no address")
    server = name if context else None
    for address in addresses:
        try:
            return _Line(*await asyncio.open_connection(address, port, ssl=context, server_hostname=server))
        except OSError as error:
            trouble = error
    raise trouble


def _request(hook: Webhook, url: SplitResult, letter: Letter) -> h11.Request:
    stamp = str(letter.at // SECOND)
    user, at, host = url.netloc.rpartition("@")
    headers = [
        ("Host", host),
        ("User-Agent", "moonlock"),
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(letter.body))),
        ("Connection", "close"),
        ("X-Moonlock-Delivery", letter.name),
        ("X-Moonlock-Timestamp", stamp),
    ]
    if hook.secret:
        headers.append(("X-Moonlock-Signature", signature(hook.secret, stamp, letter.body)))
    if at:
        headers.append(("Authorization", f"Basic {b64encode(unquote(user).encode()).decode()}"))
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    return h11.Request(method="POST", target=target, headers=headers)


def _answer(head: h11.Response, said: bytes) -> Answer:
    status = head.status_code
    if 300 <= status < 400:
        return Answer(f"{status}: redirects are not followed", status, again=False)
    words = _plain(said.decode("utf-8", "replace"))
    return Answer(f"{status}: {words}" if words else str(status), status, status >= 500 or status in AGAIN)


def _why(trouble: Exception) -> str:
    if isinstance(trouble, socket.gaierror | UnicodeError):
        return "no address is known for this name"
    if isinstance(trouble, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {trouble.verify_message}"
    if isinstance(trouble, ssl.SSLError):
        return "no secure connection: the other side does not speak TLS as we do"
    return f"no connection: {getattr(trouble, 'strerror', None) or type(trouble).__name__}"


def _plain(text: str) -> str:
    """On one line and short: somebody else wrote it."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:SHOWN]
