"""What the user pays for, by two keys of ``.claude.json``. The file also holds who they are, and may hold secrets.

So nothing else of it is kept, decoded into an object, or named in an error; a file that is not understood says nothing.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

import msgspec

from moonlock.model.limits import Plan
from moonlock.sources.claude_code.schema import REFUSED

FILE = ".claude.json"
LARGEST = 32 << 20
"""Bytes; it has an entry for each project, and may have some megabytes."""
LONGEST = 60
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class _Account(msgspec.Struct, rename="camel"):
    organization_type: msgspec.Raw = msgspec.Raw(b"null")
    organization_rate_limit_tier: msgspec.Raw = msgspec.Raw(b"null")


class _File(msgspec.Struct, rename="camel"):
    oauth_account: _Account | None = None
    organization_rate_limit_tier: msgspec.Raw = msgspec.Raw(b"null")
    """Where it stands is told in two ways."""


_decode = msgspec.json.Decoder(_File).decode


def plan(folders: Iterable[Path]) -> Plan | None:
    """Of the first folder whose file names one."""
    return next((found for folder in folders if (found := _read(folder / FILE)) is not None), None)


def _read(path: Path) -> Plan | None:
    try:
        said = _decode(_content(path))
    except (OSError, *REFUSED):
        return None
    account = said.oauth_account or _Account()
    tier = _word(account.organization_rate_limit_tier) or _word(said.organization_rate_limit_tier)
    found = Plan(_word(account.organization_type), tier)
    return found if found.type or found.tier else None


def _content(path: Path) -> bytes:
    """A regular file of a size that it may have; nothing waits for anything else."""
    handle = os.open(path, _FLAGS)
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
            return b""
        return file.read(LARGEST)


def _word(said: msgspec.Raw) -> str:
    """A short word of letters, digits and underscores; anything else is nothing."""
    try:
        word = msgspec.json.decode(said, type=str)
    except REFUSED:
        return ""
    plain = word.isascii() and word.replace("_", "").replace("-", "").isalnum()
    return word if plain and len(word) <= LONGEST else ""
