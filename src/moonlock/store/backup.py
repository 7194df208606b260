"""Copies of the store that are known to be whole before they get their name."""

from __future__ import annotations

import json
import os
from pathlib import Path

import apsw

from moonlock.model.backup import Backup
from moonlock.model.instant import Instant
from moonlock.store.connection import rows
from moonlock.store.errors import StoreDamaged, in_our_words

RECORD = "backup"
"""Name in ``meta`` of what a copy says of itself."""
BACKUPS = "backups"
"""The folder beside the store that copies are kept in."""
_TOKENS = "select ifnull(sum(input + output + write_5m + write_1h + cache_read), 0) from request"
_TABLES = "select name from sqlite_schema where type = 'table' and name <> 'meta' order by name"


def backup(db: apsw.Connection, path: Path, now: Instant = 0) -> Backup:
    """Copy the store while it is in use; the copy appears under ``path`` only once it was checked, or not at all."""
    with in_our_words():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = path.with_name(f"{path.name}.unfinished")
        unfinished.unlink(missing_ok=True)
        unfinished.touch(mode=0o600)
        try:
            db.execute("begin")  # one moment for the copy and for the totals it is compared with
            try:
                totals = _totals(db)
                made = Backup(str(path), now, 0, *counts(db))
                _copy(db, unfinished, made)
            finally:
                db.execute("rollback")
            _verify(unfinished, totals)
            keep(unfinished, path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
    return Backup(str(path), now, path.stat().st_size, made.requests, made.sessions)


def counts(db: apsw.Connection) -> tuple[int, int]:
    """How many requests and sessions there are, repeated context included."""
    requests, sessions = rows(db, "select (select count(*) from request), (select count(*) from session)")[0]
    return requests, sessions


def keep(unfinished: Path, path: Path) -> None:
    """Give a file its name once all of it is on the disk."""
    sync(unfinished)
    unfinished.replace(path)
    if os.name == "posix":
        sync(path.parent)


def sync(path: Path) -> None:
    """Wait until the file or folder is on the disk."""
    held = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(held)
    finally:
        os.close(held)


def _totals(db: apsw.Connection) -> list[object]:
    """All tokens, and the rows of each table there is: an older store has fewer."""
    names = [name for (name,) in rows(db, _TABLES)]
    return [rows(db, _TOKENS), *((name, rows(db, f'select count(*) from "{name}"')) for name in names)]


def _copy(db: apsw.Connection, to: Path, made: Backup) -> None:
    copy = apsw.Connection(str(to))
    try:
        with copy.backup("main", db, "main") as work:
            work.step()
        copy.execute("pragma journal_mode = delete").fetchall()  # one file, that can be carried away
        said = json.dumps({"at": made.at, "requests": made.requests, "sessions": made.sessions})
        copy.execute("insert or replace into meta values (?, ?)", (RECORD, said))
    finally:
        copy.close()


def _verify(path: Path, totals: list[object]) -> None:
    copy = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        if rows(copy, "pragma integrity_check") != [("ok",)] or _totals(copy) != totals:
            raise StoreDamaged("The backup is not what the store is.")
    finally:
        copy.close()
