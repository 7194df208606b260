"""Whether the process that wrote something still lives. Numbers of processes are used again, so its start must match.

Linux tells the start of a process (``stat`` below ``/proc``); elsewhere only that there is one. Nothing is run.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from functools import lru_cache

from moonlock.model.instant import HOUR, MINUTE, SECOND, Instant, instant

LINUX = sys.platform == "linux"
_START, _STATE = 19, 0
"""Fields 22 and 3 of ``stat``, counted behind the name of the program, which may hold anything."""
_FARTHEST, _ZONES = 14 * HOUR, 15 * MINUTE
_NEAR, _SLOW = 2 * SECOND, MINUTE


def lives(pid: int, start: str, wrote_at: Instant | None) -> bool | None:
    """Whether this is the process that began at ``start``, or else was there at ``wrote_at``; None: nobody can tell."""
    if LINUX:
        ticks = _ticks(pid)
        return ticks is not None and _same(ticks, start, wrote_at)
    return _signalled(pid) if os.name == "posix" else None


def _ticks(pid: int) -> int | None:
    """When a process began, in ticks since the machine did; None for one that is no more, or is only buried."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read(4096).rpartition(b")")[2].split()
        return None if fields[_STATE] in (b"Z", b"X") else int(fields[_START])
    except (OSError, IndexError, ValueError):
        return None


def _same(ticks: int, start: str, wrote_at: Instant | None) -> bool:
    if start.isascii() and start.isdigit():
        return int(start) == ticks
    began = _began(ticks)
    if began is None:
        return True
    said = _said(start)
    if said is not None:  # in a zone that nobody names: they are quarter hours apart
        apart = abs(said - began)
        return apart <= _FARTHEST and min(apart % _ZONES, -apart % _ZONES) <= _NEAR
    return wrote_at is None or began <= wrote_at + _SLOW


def _began(ticks: int) -> Instant | None:
    booted = _booted()
    return None if booted is None else booted + ticks * SECOND // os.sysconf("SC_CLK_TCK")


@lru_cache(maxsize=1)
def _booted() -> Instant | None:
    """Once: the figure moves when the clock is set, and what was written before was written by the old one."""
    try:
        with open("/proc/stat", encoding="ascii", errors="replace") as file:
            found = next((line for line in file if line.startswith("btime ")), "")
        return int(found.split()[1]) * SECOND
    except (OSError, IndexError, ValueError):
        return None


def _said(start: str) -> Instant | None:
    """``Tue Aug 25 05:53:49 2026``, as ``ps`` writes it."""
    try:
        return instant(datetime.strptime(" ".join(start.split()), "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC))
    except ValueError:
        return None


def _signalled(pid: int) -> bool:
    """A process of another user is not the one that wrote into this user's folder."""
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True
