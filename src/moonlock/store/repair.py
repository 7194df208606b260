"""Opening for writing: a damaged file is noticed, set aside whole and said so; it is never deleted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import apsw

from moonlock.model.instant import Instant, iso
from moonlock.store.backup import backup
from moonlock.store.connection import make_private, open_writer, rows, transaction
from moonlock.store.errors import StoreDamaged, in_our_words
from moonlock.store.schema import STEPS, Step, migrate, version_of

REPAIR = "repair"
"""Name of the record in ``meta``."""
_PARTS = ("", "-wal", "-shm")


def open_checked(path: Path, now: Instant, checked: bool, steps: Sequence[Step] = STEPS) -> apsw.Connection:
    """The writer's connection, on a store of the current schema.

    ``checked`` runs SQLite's quick check first. A -wal that still holds something tells of an unclean stop: it is
    checked anyhow.
    """
    wal = path.with_name(path.name + "-wal")
    unclean = wal.exists() and wal.stat().st_size > 0
    try:
        with in_our_words():
            make_private(path)
            return _opened(path, checked or unclean, steps)
    except StoreDamaged as damage:
        record = _set_aside(path, now, str(damage.__cause__ or damage))
        with in_our_words():
            make_private(path)
            db = _opened(path, False, steps)
            with transaction(db, durable=True):
                db.execute("insert or replace into meta values (?, ?)", (REPAIR, json.dumps(record)))
        return db


def repair_record(db: apsw.Connection) -> dict[str, str]:
    """What was done when the store was found damaged; empty when it never was."""
    found = rows(db, "select value from meta where name = ?", (REPAIR,))
    return {str(name): str(value) for name, value in json.loads(found[0][0]).items()} if found else {}


def _opened(path: Path, checked: bool, steps: Sequence[Step]) -> apsw.Connection:
    db = open_writer(path)
    try:
        version = version_of(db, len(steps))
        if checked and (wrong := rows(db, "pragma quick_check(3)")) != [("ok",)]:
            raise StoreDamaged("; ".join(str(said) for (said,) in wrong))
        if 0 < version < len(steps):
            backup(db, path.with_name(f"{path.stem}-schema-{version}{path.suffix}"))
        migrate(db, steps)
    except BaseException:
        db.close()
        raise
    return db


def _set_aside(path: Path, now: Instant, reason: str) -> dict[str, str]:
    """Move the database and what belongs to it together; the record of it."""
    requests = _countable(path)
    name = iso(now).replace(":", "").replace(".", "")
    folder = path.parent / "quarantine" / name
    folder.parent.mkdir(mode=0o700, exist_ok=True)
    for again in range(1000):
        folder = folder.with_name(f"{name}-{again}" if again else name)
        if not folder.exists():
            break
    folder.mkdir(mode=0o700)
    for part in _PARTS:
        file = path.with_name(path.name + part)
        if file.exists():
            file.rename(folder / file.name)
    return {"at": iso(now), "folder": str(folder), "reason": reason, "requests": requests}


def _countable(path: Path) -> str:
    """How many requests the damaged file had, as far as it can still tell; on a connection that changes nothing."""
    try:
        db = apsw.Connection(
            f"{path.absolute().as_uri()}?mode=ro", flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
        )
        try:
            return str(rows(db, "select count(*) from request")[0][0])
        finally:
            db.close()
    except (apsw.Error, StoreDamaged):
        return "unknown"
