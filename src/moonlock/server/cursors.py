"""Where a list goes on: a text that names the last one that was told, and is checked when it comes back."""

from __future__ import annotations

import base64
import binascii
from typing import TypeVar

import msgspec

from moonlock.server.errors import BAD_CURSOR, Problem

T = TypeVar("T")


def sealed(last: object) -> str:
    """As ``nextCursor`` has it."""
    return base64.urlsafe_b64encode(msgspec.json.encode(last)).decode().rstrip("=")


def opened(cursor: str, as_it_was: msgspec.json.Decoder[T]) -> T:
    """What was sealed; a refusal for anything else."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return as_it_was.decode(raw)
    except (binascii.Error, msgspec.DecodeError, UnicodeError, ValueError):
        raise Problem(BAD_CURSOR) from None
