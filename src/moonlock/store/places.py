"""Where an event was read, and who an event belongs to when it was read in several places (rule D5)."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

import msgspec

from moonlock.model.instant import MINUTE, Instant
from moonlock.model.session import SessionKey

_SIGN, _WRAP = 1 << 63, 1 << 64


class Place(msgspec.Struct, frozen=True, gc=False):
    """A file, and the session that it was about when it was read."""

    file: int
    path: str
    born: Instant
    session: int

    def older(self, other: Place) -> bool:
        """Which of two files that tell the same at the same time had it first (rule D5).

        Births decide when they are known and more than a minute apart (a copied folder gets new ones all at once),
        then the order of paths.
        """
        if self.born and other.born and abs(self.born - other.born) > MINUTE:
            return self.born < other.born
        return self.path < other.path


def signed(number: int) -> int:
    """A 64-bit number as SQLite keeps it."""
    number %= _WRAP
    return number - _WRAP if number >= _SIGN else number


@lru_cache(maxsize=1024)
def session_id(key: SessionKey) -> int:
    """The session's number, the same in every store: its uid as a signed integer."""
    named = f"{key.agent}\0{key.folder}\0{key.native_id}".encode("utf-8", "surrogatepass")
    return signed(int.from_bytes(blake2b(named, digest_size=8).digest(), "big"))


def uid_of(number: int) -> str:
    """The session's name outside of the store: 16 hex digits."""
    return f"{number % _WRAP:016x}"
