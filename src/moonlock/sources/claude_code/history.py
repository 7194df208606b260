"""``stats-cache.json``: what Claude Code counted by itself for days whose transcripts it may have deleted since.

Undocumented, version 2 seen. ``tokensByModel`` is input and output, repeats included and without the cache (two public
readers verified it), so it is history to look at and never a part of a sum.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec

from moonlock.model.health import Finding
from moonlock.model.instant import Instant, moment
from moonlock.model.seeds import Seed, Statistics
from moonlock.model.words import size
from moonlock.sources.claude_code.identity import AGENT
from moonlock.sources.claude_code.schema import MOST, REFUSED, SYNTHETIC
from moonlock.sources.claude_code.words import name

FILE = "stats-cache.json"
LARGEST = 16 << 20
"""Bytes; a year of daily use takes some 100 KB."""
VERSION = 2
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_HINT = "Nothing to do: only days before your first log are missing from what is shown as approximate."
_FIRST = date(2000, 1, 1)


class _Refused(ValueError):
    """The file cannot be used; the text says why."""


def history(roots: Iterable[Path]) -> Statistics:
    """The statistics beside each folder of transcripts; one may be a copy of another, so the larger count holds."""
    known: dict[tuple[str, str], Seed] = {}
    troubles = []
    for root in roots:
        path = root.parent / FILE
        try:
            seeds, bad = _read(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            troubles.append(_trouble(path, f"cannot be read: {error.strerror or error}"))
            continue
        except _Refused as refused:
            troubles.append(_trouble(path, str(refused)))
            continue
        if bad:
            troubles.append(_trouble(path, f"{bad:,} of its entries make no sense and were left out"))
        for seed in seeds:
            key = (seed.day, seed.model)
            if key not in known or known[key].tokens < seed.tokens:
                known[key] = seed
    return Statistics(tuple(known[key] for key in sorted(known)), tuple(troubles))


def _read(path: Path) -> tuple[list[Seed], int]:
    """The seeds of one file, and how many entries were left out."""
    data, changed = _content(path)
    try:
        said = msgspec.json.decode(data)
    except REFUSED as error:
        raise _Refused(f"is not understood: {error}") from error
    version = said.get("version") if isinstance(said, dict) else None
    if version != VERSION:
        raise _Refused(f"has version {str(version)[:20]}; known is {VERSION}")
    latest = moment(changed).date() + timedelta(days=1)
    sessions = {_day(entry, latest): _count(entry.get("sessionCount")) for entry in _entries(said, "dailyActivity")}
    seeds, bad = [], 0
    for entry in _entries(said, "dailyModelTokens"):
        day, models = _day(entry, latest), entry.get("tokensByModel")
        if not day or not isinstance(models, dict):
            bad += 1
            continue
        for model, tokens in models.items():
            count, shown = _count(tokens), name(model)
            if count is None or not shown:
                bad += 1
            elif count and model != SYNTHETIC:
                seeds.append(Seed(AGENT, day, shown, count, sessions.get(day) or 0))
    return seeds, bad


def _content(path: Path) -> tuple[bytes, Instant]:
    """The bytes, and when they last changed; whatever is no file is never waited for."""
    opened = os.open(path, _FLAGS)
    try:
        status = os.fstat(opened)
        if not stat.S_ISREG(status.st_mode):
            raise _Refused("is no regular file")
        if status.st_size > LARGEST:
            raise _Refused(f"is too large ({size(status.st_size)})")
        return os.read(opened, LARGEST), status.st_mtime_ns // 1_000_000
    finally:
        os.close(opened)


def _entries(said: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = said.get(name)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _day(entry: dict[str, Any], latest: date) -> str:
    """The day of an entry; empty when there is no such day, or it had not come when the file was written."""
    try:
        day = date.fromisoformat(entry["date"])
    except (KeyError, TypeError, ValueError):
        return ""
    return day.isoformat() if _FIRST <= day <= latest else ""


def _count(said: object) -> int | None:
    """A whole number that can be true, in any spelling; None for anything else."""
    if isinstance(said, float) and said.is_integer():
        said = int(said)
    return said if isinstance(said, int) and not isinstance(said, bool) and 0 <= said <= MOST else None


def _trouble(path: Path, said: str) -> Finding:
    return Finding("statistics", f"{path} {said}", _HINT)
