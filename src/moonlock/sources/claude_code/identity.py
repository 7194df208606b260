"""Who is who: sessions by their path (rule S3), responses by their ids (rules D1 to D4), all else by its own id."""

from __future__ import annotations

import os
from hashlib import blake2b
from zlib import crc32

import msgspec

from moonlock.model.session import SessionKey
from moonlock.sources.tailer import digest

AGENT = "claude-code"
_ROOT = "/projects/"
_MESSAGE, _TOOL = len("msg_01") + 22, len("toolu_01") + 22
"""The provider's own ids end in 22 random characters. The last ones, read as a number of base 36 (capitals like small
letters), are as scattered as a digest and take a third of its time: of two million, no more met than chance would have.
"""
_BITS, _HALF = (1 << 48) - 1, 1 << 47
"""A message has 48 bits, signed."""

Ids = tuple[str | None, str | None]
"""A message and one of its requests."""


class Whereabouts(msgspec.Struct, frozen=True):
    """What the path of a transcript tells."""

    key: SessionKey
    agent_id: str
    flat: bool
    """A sub-agent's file beside the sessions (2.0.x): only its lines name the session."""


def whereabouts(path: str) -> Whereabouts:
    """The session key is the folder below ``projects`` and the first part below that, as the path was walked."""
    parts = below_root(path).split("/")
    stem = parts[-1].removesuffix(".jsonl")
    folder = parts[0] if len(parts) > 1 else ""
    agent_id = stem.removeprefix("agent-")
    if len(parts) > 2:
        return Whereabouts(SessionKey(AGENT, folder, parts[1].removesuffix(".jsonl")), agent_id, False)
    flat = agent_id != stem
    return Whereabouts(SessionKey(AGENT, folder, stem), agent_id if flat else "", flat)


def below_root(path: str) -> str:
    """The part of a path below the ``projects`` folder; the last two parts when there is none."""
    path = path.replace(os.sep, "/")
    below = path.rpartition(_ROOT)[2]
    return below if below != path else "/".join(path.split("/")[-2:])


def request_key(ids: Ids) -> int:
    """High 48 bits: the message; low 16: the request. Requests of one message are neighbours (rule D7)."""
    message, request = ids[0] or "", ids[1] or ""
    low = crc32(request.encode("utf-8", "replace")) & 0xFFFF
    if len(message) == _MESSAGE and message.startswith("msg_01"):
        try:
            return ((int(message[-10:], 36) & _BITS) - _HALF) << 16 | low
        except ValueError:
            pass  # only looks like one of the provider's
    return int.from_bytes(blake2b(_bytes(message), digest_size=6).digest(), "big", signed=True) << 16 | low


def name_key(*parts: str) -> int:
    """The key of anything that its log names: a prompt, an item of a list."""
    return digest("\0".join(parts).encode("utf-8", "replace"))


def tool_key(tool: str) -> int:
    """The key of a tool call."""
    if len(tool) == _TOOL and tool.startswith("toolu_01"):
        try:
            return int(tool[-12:], 36)
        except ValueError:
            pass  # only looks like one of the provider's
    return digest(_bytes(tool))


def alias(message: str, stamp: int) -> int:
    """A gateway's message at one time: the only way to know its copies in other sessions (rule D3)."""
    return digest(f"alias\0{message}\0{stamp}".encode("utf-8", "replace"))


def _bytes(text: str) -> bytes:
    return text.encode() if text.isascii() else text.encode("utf-8", "replace")
