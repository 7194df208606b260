"""What status lines said while no server ran: lines in one file, which the next server takes.

``moonlock statusline`` appends to it (decision 0014); a line is ``{"at": <ms>, "said": {…}}``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from moonlock.model.instant import DAY, Instant
from moonlock.model.statusline import StatusSample

Read = Callable[[object, Instant], StatusSample | None]
"""What a source makes of such JSON that came at a moment."""
TAKEN = ".taken"
MOST = 1 << 22
"""Bytes that are read; the writer begins anew at a quarter of it."""


class Line(msgspec.Struct, frozen=True):
    """What was said, and when."""

    at: Instant
    said: object


def spooled(path: Path, read: Read, now: Instant) -> list[StatusSample]:
    """What lies there, the oldest first; a line that is no such line, or from the future, says nothing."""
    try:
        with path.open("rb") as file:
            lines = file.read(MOST).split(b"\n")
    except OSError:
        return []
    samples = [sample for line in lines if line and (sample := _sample(line, read, now)) is not None]
    return sorted(samples, key=lambda sample: sample.at)


def take(path: Path, read: Read, now: Instant) -> list[StatusSample] | None:
    """The same, moved aside until it is ``done``; what an earlier taker left there comes first. None: nothing lies."""
    taken = path.with_name(path.name + TAKEN)
    if not taken.exists():
        try:
            os.replace(path, taken)
        except FileNotFoundError:
            return None
    return spooled(taken, read, now)


def done(path: Path) -> None:
    """What was taken is kept elsewhere now."""
    path.with_name(path.name + TAKEN).unlink(missing_ok=True)


def _sample(line: bytes, read: Read, now: Instant) -> StatusSample | None:
    try:
        found = msgspec.json.decode(line, type=Line)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return read(found.said, found.at) if 0 < found.at <= now + DAY else None
