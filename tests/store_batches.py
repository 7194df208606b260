"""Batches as a source would bring them, made by hand."""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

from moonlock.model.events import Event, ToolCall, UsageEvent
from moonlock.model.reading import Batch, Cursor
from moonlock.model.session import SessionKey, SessionSeen
from moonlock.model.tokens import Tokens

NOON = 1_760_011_200_000
"""2025-10-09 12:00 UTC."""
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


def key(message: str, request: str = "r") -> int:
    """High 48 bits the message, low 16 the request, signed."""
    bits = (crc32(message.encode()) * 65_537 % (1 << 48)) << 16 | crc32(request.encode()) & 0xFFFF
    return bits - (1 << 64) if bits >> 63 else bits


def usage(message: str, at: int = NOON, output: int = 100, **more: object) -> UsageEvent:
    """A response of ``output`` tokens; ``request``, ``tokens``, ``model`` … may be named."""
    given = {"model": "opus", "last_at": at, "tokens": Tokens(10, output, 0, 1000, 5000), **more}
    request = str(given.pop("request", "r"))
    return UsageEvent(key=key(message, request), at=at, **given)  # type: ignore[arg-type]


def call(label: str, at: int = NOON, **more: object) -> ToolCall:
    """A tool call, known by its label."""
    return ToolCall(**{"key": key(label), "at": at, "name": "Bash", **more})  # type: ignore[arg-type]


def session(native_id: str = "s1", folder: str = "-home-ann-app", **more: object) -> SessionSeen:
    """What a read said of a session."""
    return SessionSeen(SessionKey("claude-code", folder, native_id), **more)  # type: ignore[arg-type]


def batch(path: str, events: Iterable[Event] = (), seen: SessionSeen | None = None, **more: object) -> Batch:
    """One read of one file; ``offset`` is how far it came (100), ``modified`` when (1)."""
    offset, modified = int(str(more.pop("offset", 100))), int(str(more.pop("modified", 1)))
    cursor = Cursor(offset, 1, crc32(path.encode("utf-8", "surrogateescape")), offset, modified, 7, 5, 9)
    given = {"cursor": cursor, "session": seen or session(path.partition(".")[0]), **more}
    return Batch(path=path, source="claude-code", events=list(events), **given)  # type: ignore[arg-type]


def priced(event: UsageEvent) -> int | None:
    """A micro-dollar a token for known models; nobody knows the price of ``mystery``."""
    if event.recorded is not None:
        return event.recorded
    return None if event.model == "mystery" else event.tokens.total
