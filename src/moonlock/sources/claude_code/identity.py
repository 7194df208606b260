"""Who is who: sessions by their path (rule S3), responses by their ids (rules D1 to D4), all else by its own id."""

from __future__ import annotations

import os
from hashlib import blake2b
from struct import Struct
from zlib import crc32

import msgspec

from moonlock.model.session import SessionKey
from moonlock.sources.tailer import digest

AGENT = "claude-code"
_ROOT = "/projects/"
_SIGNED, _LOW = Struct(">q"), Struct(">H")

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
    message, request = ids
    high = blake2b((message or "").encode("utf-8", "replace"), digest_size=6).digest()
    return _SIGNED.unpack(high + _LOW.pack(crc32((request or "").encode("utf-8", "replace")) & 0xFFFF))[0]  # type: ignore[no-any-return]


def name_key(*parts: str) -> int:
    """The key of anything that its log names: a prompt, an item of a list."""
    return digest("\0".join(parts).encode("utf-8", "replace"))


def tool_key(tool: str) -> int:
    """The key of a tool call: there are more of them than of anything else."""
    return _SIGNED.unpack(blake2b(tool.encode("utf-8", "replace"), digest_size=8).digest())[0]  # type: ignore[no-any-return]


def alias(message: str, stamp: int) -> int:
    """A gateway's message at one time: the only way to know its copies in other sessions (rule D3)."""
    return digest(f"alias\0{message}\0{stamp}".encode("utf-8", "replace"))
