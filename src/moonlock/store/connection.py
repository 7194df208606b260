"""How the store's file is opened: rights, durability, and the one kind of transaction that may write."""

from __future__ import annotations

import os
import sys

import apsw

from moonlock.store.errors import StoreUnavailable, in_our_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path
    from typing import Any

    from apsw import Bindings

APPLICATION_ID = 0x4D6F6F6E
"""``Moon``: how a file says that it is ours."""
WAIT = 5_000
"""Milliseconds that a busy database is waited for."""

_CACHE = 8_000
"""Kilobytes of pages that a reader keeps at most. Keys are scattered over the tables: with SQLite's 2,000 a week at
1 GB of logs reads most pages several times, and takes half as long again."""

_EVERY = f"""
pragma busy_timeout = {WAIT};
pragma cache_size = -{_CACHE};
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
    make_folder(path)
    path.touch(mode=0o600)


def make_folder(path: Path) -> None:
    """The folder of the file, for its owner alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)


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


def open_reader(path: Path | str) -> apsw.Connection:
    """A connection that can neither write nor checkpoint.

    On a read-only mount SQLite cannot make the -shm that it needs; there, and only there, the file is immutable.
    """
    with in_our_words():
        if not os.path.isfile(path):
            raise StoreUnavailable(f"There is no store at {path}.")
        try:
            return _reader(path, "mode=ro")
        except (apsw.CantOpenError, apsw.ReadOnlyError):
            wal = f"{path}-wal"
            if os.path.exists(wal) and os.path.getsize(wal):
                raise  # what is in the -wal would be left out
            return _reader(path, "immutable=1")


def _reader(path: Path | str, how: str) -> apsw.Connection:
    flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    db = apsw.Connection(f"{_uri(path)}?{how}", flags=flags)
    try:
        db.execute(_EVERY).fetchall()
        db.execute("select 1 from sqlite_schema").fetchall()
    except apsw.Error:
        db.close()
        raise
    return db


def _uri(path: Path | str) -> str:
    """The path as SQLite reads it in a URI; ``pathlib`` would do the same, and take 10 ms to load."""
    plain = os.fsencode(os.path.abspath(path).replace(os.sep, "/"))
    quoted = "".join(chr(byte) if 44 < byte < 59 or 64 < byte < 127 else f"%{byte:02X}" for byte in plain)
    return f"file://{'' if quoted.startswith('/') else '/'}{quoted}"


def transaction(db: apsw.Connection, durable: bool = False) -> AbstractContextManager[None]:
    """All or nothing. ``durable`` for what people made: it outlives a power cut, where log rows are read again."""
    from moonlock.store.writing import transaction

    return transaction(db, durable)


def rows(db: apsw.Connection, sql: str, bindings: Bindings = ()) -> list[tuple[Any, ...]]:
    """All rows at once: a read that is left open lets the -wal grow without end."""
    with in_our_words():
        return db.execute(sql, bindings).fetchall()
