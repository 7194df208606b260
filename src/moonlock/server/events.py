"""What Socket.IO calls an event, made of what the live line says, and the other way round."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import msgspec
from msgspec import UNSET, UnsetType

from moonlock.model.wire import ClientMessage, Refused
from moonlock.server.line import sensible

LARGE = 16_384
"""What is longer is a picture of everything, and is made for one client."""


class _Said(msgspec.Struct, rename="camel"):
    """A message of the line, its data as it was written."""

    type: str
    data: msgspec.Raw | UnsetType = UNSET
    seq: int = 0
    at: str = ""
    sent_at: str = ""
    session_id: str | UnsetType = UNSET


class _About(msgspec.Struct, rename="camel"):
    """What the argument says besides the data of a frame."""

    timestamp: str
    sent_at: str
    seq: int
    session_id: str | UnsetType


_decode = msgspec.json.Decoder(_Said).decode
_encode = msgspec.json.Encoder().encode


def packet(body: bytes) -> str:
    """An encoded message as a packet: the event is its type, the argument its data and when and what it is about.

    A frame is made into one once, however many clients there are. What is no frame is the argument as it stands.
    """
    return _made(body) if len(body) > LARGE else _kept(body)


def _made(body: bytes) -> str:
    said = _decode(body)
    name = _encode(said.type)
    if said.data is UNSET:
        return f"2[{name.decode()},{body.decode()}]"
    about = _encode(_About(said.at, said.sent_at, said.seq, said.session_id))
    data = bytes(said.data)
    whole = data[:-1] + b"," + about[1:] if len(data) > 2 and data[:1] == b"{" else about
    return f"2[{name.decode()},{whole.decode()}]"


_kept = lru_cache(maxsize=512)(_made)


def asked(name: str, given: Sequence[object]) -> ClientMessage | Refused:
    """What an event of a client asks; its one argument has what a message has besides its type."""
    said = given[0] if given else {}
    if len(given) > 1 or not isinstance(said, dict):
        return Refused(code="bad_message", message="an event has one argument, an object")
    try:
        return sensible(msgspec.convert({**said, "type": name}, ClientMessage))
    except msgspec.ValidationError as trouble:
        return Refused(code="bad_message", message=str(trouble)[:200])
