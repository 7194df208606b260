"""A copy of the store that was checked when it was made."""

from __future__ import annotations

import msgspec

from moonlock.model.instant import Instant


class Backup(msgspec.Struct, frozen=True):
    """Where the copy is, of which moment, and what it holds."""

    path: str
    at: Instant
    size: int
    requests: int
    sessions: int


class Restored(msgspec.Struct, frozen=True):
    """A backup that became the store; ``aside`` is the folder with the store of before, "" when there was none."""

    backup: Backup
    aside: str
