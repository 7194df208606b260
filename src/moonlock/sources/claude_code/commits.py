"""Commits that a tool call made. The client says so in the result of the call; the command itself is not looked at.

Evidence: `toolUseResult.gitOperation.commit{sha,kind}` at the end of the results of Bash (clients of 2026; earlier ones
do not have it). An amended commit is none that is new.
"""

from __future__ import annotations

import re

import msgspec
from msgspec import Raw

from moonlock.model.events import Committed, Event
from moonlock.model.instant import Instant
from moonlock.sources.claude_code.identity import name_key
from moonlock.sources.claude_code.schema import REFUSED

SHELL = "Bash"
_AMENDED = "amended"
_TAIL = 1_000
"""Bytes at the end of a result in which the operation stands; what the command printed, however long, is before."""
_HASH = re.compile(r"[0-9a-f]{4,64}")


class Commit(msgspec.Struct, frozen=True):
    sha: str = ""
    kind: str = ""


class Operation(msgspec.Struct, frozen=True):
    commit: Commit | None = None


class Told(msgspec.Struct, frozen=True, rename="camel"):
    """The result of a call."""

    git_operation: Operation | None = None


_decode = msgspec.json.Decoder(Told).decode


def made(result: Raw, call: str, at: Instant) -> list[Event]:
    """The commit that the result of a call tells of, if it does."""
    if b'"gitOperation"' not in bytes(memoryview(result)[-_TAIL:]):
        return []
    try:
        told = _decode(result).git_operation
    except REFUSED:
        return []
    if told is None or told.commit is None or told.commit.kind == _AMENDED:
        return []
    sha = told.commit.sha
    return [Committed(name_key("commit", call), at, sha if _HASH.fullmatch(sha) else "")]
