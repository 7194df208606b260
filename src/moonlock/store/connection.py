"""How the store's file is opened: rights, durability, and the one kind of transaction that may write."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import apsw

from moonlock.store.errors import StoreUnavailable, in_our_words

if TYPE_CHECKING:
    from apsw import Bindings

Found = TypeVar("Found", bound=tuple[object, ...])

APPLICATION_ID = 0x4D6F6F6E
"""``Moon``: how a file says that it is ours."""
WAIT = 5_000
"""Milliseconds that a busy database is waited for."""

_EVERY = f"""
pragma busy_timeout = {WAIT};
pragma foreign_keys = on;
pragma trusted_schema = off;
pragma cell_size_check = on;
pragma mmap_size = 0;
pragma temp_store = memory;
"""
_WRITER = """
pragma journal_mode = wal;
pragma synchronous = normal;
pragma journal_size_limit = 67108864;
pragma cache_size = -16000;
"""
_MAC = "pragma fullfsync = on; pragma checkpoint_fullfsync = on;"


def make_private(path: Path) -> None:
    """The file and its folder, for their owner alone; SQLite gives -wal and -shm the mode of the database."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)


def open_writer(path: Path) -> apsw.Connection:
    """The one connection that writes and checkpoints."""
    db = apsw.Connection(str(path))
    try:
        # apsw runs a script only up to its first row until that is fetched.
        db.execute(_EVERY + _WRITER + (_MAC if sys.platform == "darwin" else "")).fetchall()
    except apsw.Error:
        db.close()
        raise
    return db


def open_reader(path: Path) -> apsw.Connection:
    """A connection that can neither write nor checkpoint.

    On a read-only mount SQLite cannot make the -shm that it needs; there, and only there, the file is immutable.
    """
    with in_our_words():
        if not path.is_file():
            raise StoreUnavailable(f"There is no store at {path}.")
        try:
            return _reader(path, "mode=ro")
        except apsw.CantOpenError:
            wal = path.with_name(path.name + "-wal")
            if wal.exists() and wal.stat().st_size:
                raise  # what is in the -wal would be left out
            return _reader(path, "immutable=1")


def _reader(path: Path, how: str) -> apsw.Connection:
    flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    db = apsw.Connection(f"{path.absolute().as_uri()}?{how}", flags=flags)
    try:
        db.execute(_EVERY).fetchall()
        db.execute("select 1 from sqlite_schema").fetchall()
    except apsw.Error:
        db.close()
        raise
    return db


@contextmanager
def transaction(db: apsw.Connection, durable: bool = False) -> Iterator[None]:
    """All or nothing. ``durable`` for what people made: it outlives a power cut, where log rows are read again.

    A plain ``begin`` that reads and then writes would fail at once, not wait, when another one wrote.
    """
    with in_our_words():
        if durable:
            db.execute("pragma synchronous = full")
        try:
            db.execute("begin immediate")
            yield
            db.execute("commit")
        except BaseException:
            if db.in_transaction:  # a full disk has rolled back already
                db.execute("rollback")
            raise
        finally:
            if durable:
                db.execute("pragma synchronous = normal")


def rows(db: apsw.Connection, sql: str, bindings: Bindings = ()) -> list[tuple[Any, ...]]:
    """All rows at once: a read that is left open lets the -wal grow without end."""
    with in_our_words():
        return cast("list[tuple[Any, ...]]", db.execute(sql, bindings).fetchall())
