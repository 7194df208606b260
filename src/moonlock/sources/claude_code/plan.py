"""What the user pays for, by two keys of ``.claude.json``. The file also holds who they are, and may hold secrets.

So nothing else of it is kept, decoded into an object, or named in an error; a file that is not understood says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from moonlock.model.limits import Plan
from moonlock.sources.claude_code.opened import content
from moonlock.sources.claude_code.schema import REFUSED

FILE = ".claude.json"
LARGEST = 32 << 20
"""Bytes; it has an entry for each project, and may have some megabytes."""
LONGEST = 60


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
        said = _decode(content(path, LARGEST))
    except (OSError, *REFUSED):
        return None
    account = said.oauth_account or _Account()
    tier = _word(account.organization_rate_limit_tier) or _word(said.organization_rate_limit_tier)
    found = Plan(_word(account.organization_type), tier)
    return found if found.type or found.tier else None


def _word(said: msgspec.Raw) -> str:
    """A short word of letters, digits and underscores; anything else is nothing."""
    try:
        word = msgspec.json.decode(said, type=str)
    except REFUSED:
        return ""
    plain = word.isascii() and word.replace("_", "").replace("-", "").isalnum()
    return word if plain and len(word) <= LONGEST else ""
