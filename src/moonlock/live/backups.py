"""Backups that make themselves: once a day while nothing goes on, and only when something changed since the last one.

A backup is made through a connection that only reads, so the one that writes never waits for it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec

from moonlock.model.backup import Backup
from moonlock.model.health import Component, Finding
from moonlock.model.instant import DAY, HOUR, MINUTE, Instant, iso, moment
from moonlock.model.instant import instant as instant_of
from moonlock.model.words import many, size
from moonlock.store import Store
from moonlock.store.errors import StoreError, StoreFull

Kind = Literal["daily", "by-hand"]
DUE, LATE, OLD = 20 * HOUR, 23 * HOUR, 48 * HOUR
"""A backup is made when the newest is so old and it is quiet, or so old; ``doctor`` warns when it is so old."""
QUIET = MINUTE
"""Nothing was written for so long: a pause."""
DAYS, WEEKS, BY_HAND = 7, 4, 10
"""The newest of so many days and of so many weeks stay, and so many of those that somebody asked for."""
ROOM = 2
"""Times the size of the store that must be free on the disk: live work comes first."""
_STAMP = "%Y-%m-%dT%H%M%S"


class Made(msgspec.Struct, frozen=True):
    """A backup in the folder, as its name tells."""

    at: Instant
    kind: Kind
    path: Path


def folder_of(store: Path) -> Path:
    """Where the backups of a store lie: beside it."""
    return store.parent / "backups"


def made(store: Path) -> list[Made]:
    """The backups that there are, newest first; files of other names are somebody else's."""
    return sorted(_named(folder_of(store).glob("*.db")), key=lambda one: one.at, reverse=True)


def is_due(store: Path, now: Instant) -> bool:
    """Whether a daily backup is to be made now."""
    changed = changed_at(store)
    newest = max((one.at for one in made(store) if one.at <= now), default=None)
    if changed is None or (newest is not None and changed <= newest):
        return False
    quiet = now - changed >= QUIET
    if newest is None:
        return quiet
    return now - newest >= LATE or (quiet and now - newest >= DUE)


def changed_at(store: Path) -> Instant | None:
    """When the store was last written; None when there is none."""
    parts = (store, store.with_name(f"{store.name}-wal"))
    times = [part.stat().st_mtime_ns // 1_000_000 for part in parts if part.exists() and part.stat().st_size]
    return max(times, default=None)


def back_up(store: Path, now: Instant, kind: Kind = "by-hand") -> Backup:
    """Make a backup in the folder, and let go of those that are too many.

    ``StoreFull`` when the disk has no room for it.
    """
    size = store.stat().st_size if store.is_file() else 0
    folder = folder_of(store)
    folder.mkdir(mode=0o700, exist_ok=True)
    if shutil.disk_usage(folder).free < ROOM * size:
        raise StoreFull(f"A backup needs {ROOM} times the store's size free on the disk.")
    reader = Store.read(store)
    try:
        done = reader.backup(folder / name_of(now, kind), now)
    finally:
        reader.close()
    for one in superfluous(made(store)):
        one.path.unlink(missing_ok=True)
    return done


def superfluous(found: list[Made]) -> list[Made]:
    """Those that need not be kept, of backups with the newest first."""
    daily = [one for one in found if one.kind == "daily"]
    days = list({f"{moment(one.at):%Y-%m-%d}": one for one in reversed(daily)}.values())[::-1][:DAYS]
    weeks = list({f"{moment(one.at):%G-%V}": one for one in reversed(daily)}.values())[::-1][:WEEKS]
    asked_for = [one for one in found if one.kind == "by-hand"][:BY_HAND]
    kept = {one.path for one in (*days, *weeks, *asked_for)}
    return [one for one in found if one.path not in kept]


def backups_health(store: Path, now: Instant, trouble: Finding | None = None) -> Component:
    """How old the newest backup is, and why there is no newer one. A store that did not change needs none."""
    found, changed = made(store), changed_at(store)
    said = (trouble,) if trouble else ()
    if not found:
        return Component("degraded" if trouble else "healthy", "none made yet", said)
    newest = found[0]
    held = sum(one.path.stat().st_size for one in found if one.path.exists())
    summary = f"{many(len(found), 'backup')} in {folder_of(store)}, {size(held)}; newest of {iso(newest.at)}"
    if changed is not None and changed > newest.at and now - newest.at > OLD:
        told = f"The newest backup is {(now - newest.at) // DAY} days old, and the store has changed since."
        hint = "Leave `moonlock` running for a while, or run `moonlock backup`."
        return Component("degraded", summary, (Finding("backup-old", told, hint), *said))
    return Component("degraded" if trouble else "healthy", summary, said)


def failed(error: StoreError | OSError) -> Finding:
    """Why a daily backup could not be made."""
    hint = error.hint if isinstance(error, StoreError) else "Make the folder of the store writable."
    return Finding("backup-failed", f"No backup could be made: {error}", hint)


def name_of(now: Instant, kind: Kind = "by-hand") -> str:
    """The name of a backup's file."""
    return f"{kind}-{_stamp(now)}.db"


def _stamp(now: Instant) -> str:
    return f"{moment(now):{_STAMP}}{now % 1000:03d}Z"


def _named(paths: Iterable[Path]) -> Iterator[Made]:
    for path in paths:
        for kind in ("daily", "by-hand"):
            said = path.stem.removeprefix(f"{kind}-")
            if said != path.stem and said.endswith("Z") and said[-4:-1].isdigit():
                try:
                    begun = datetime.strptime(said[:-4], _STAMP).replace(tzinfo=UTC)
                except ValueError:
                    continue
                yield Made(instant_of(begun) + int(said[-4:-1]), kind, path)
