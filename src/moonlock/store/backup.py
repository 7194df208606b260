"""Copies of the store that are known to be whole before they get their name."""

from __future__ import annotations

import os
from pathlib import Path

import apsw

from moonlock.store.connection import rows
from moonlock.store.errors import StoreDamaged, in_our_words

_TOKENS = "select ifnull(sum(input + output + write_5m + write_1h + cache_read), 0) from request"
_TABLES = "select name from sqlite_schema where type = 'table' order by name"


def backup(db: apsw.Connection, path: Path) -> None:
    """Copy the store while it is in use; the copy appears under ``path`` only once it was checked, or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    try:
        with in_our_words():
            db.execute("begin")  # one moment for the copy and for the totals it is compared with
            try:
                totals = _totals(db)
                _copy(db, unfinished)
            finally:
                db.execute("rollback")
            _verify(unfinished, totals)
        _keep(unfinished, path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _totals(db: apsw.Connection) -> list[object]:
    """All tokens, and the rows of each table there is: an older store has fewer."""
    names = [name for (name,) in rows(db, _TABLES)]
    return [rows(db, _TOKENS), *((name, rows(db, f'select count(*) from "{name}"')) for name in names)]


def _copy(db: apsw.Connection, to: Path) -> None:
    copy = apsw.Connection(str(to))
    try:
        with copy.backup("main", db, "main") as work:
            work.step()
        copy.execute("pragma journal_mode = delete").fetchall()  # one file, that can be carried away
    finally:
        copy.close()


def _verify(path: Path, totals: list[object]) -> None:
    copy = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        if rows(copy, "pragma integrity_check") != [("ok",)] or _totals(copy) != totals:
            raise StoreDamaged("The backup is not what the store is.")
    finally:
        copy.close()


def _keep(unfinished: Path, path: Path) -> None:
    _sync(unfinished)
    unfinished.replace(path)
    if os.name == "posix":
        _sync(path.parent)


def _sync(path: Path) -> None:
    held = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(held)
    finally:
        os.close(held)
