"""Opening for writing: a damaged file is noticed, set aside whole and said so; the newest good backup takes its place.

How far each log was read is kept in the rows of a backup too, so what came after it is read from the logs once more.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import apsw

from moonlock.model.instant import Instant, iso
from moonlock.store.backup import backup
from moonlock.store.connection import make_private, open_writer, rows, transaction
from moonlock.store.errors import StoreDamaged, in_our_words
from moonlock.store.restore import restore_newest, set_aside
from moonlock.store.schema import version_of
from moonlock.store.steps import STEPS, Step, migrate

REPAIR = "repair"
"""Name of the record in ``meta``."""


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
        requests = _countable(path)
        record = {
            "at": iso(now),
            "folder": set_aside(path, now),
            "reason": str(damage.__cause__ or damage),
            "requests": requests,
        }
        with in_our_words():
            restored = restore_newest(path, steps)
            if restored is not None:
                held = {"backupAt": iso(restored.at), "backupRequests": str(restored.requests)}
                record |= {"backup": restored.path, **held}
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
