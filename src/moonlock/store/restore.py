"""A backup becomes the store again. What was there is set aside whole; nothing is ever deleted."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import apsw
from msgspec.structs import replace

from moonlock.model.backup import Backup, Restored
from moonlock.model.instant import Instant, iso
from moonlock.store.backup import BACKUPS, RECORD, counts, keep
from moonlock.store.connection import rows
from moonlock.store.errors import StoreDamaged, StoreError, StoreForeign, StoreUnavailable, StoreUnfit, in_our_words
from moonlock.store.schema import version_of
from moonlock.store.steps import STEPS, Step, migrate

_PARTS = ("", "-wal", "-shm")
_MAGIC = b"SQLite format 3\0"
_KINDS = "input + output + write_5m + write_1h + cache_read"
_SUMS = f"""
select (select ifnull(sum({_KINDS}), 0) from request where side < 2), (select count(*) from request where side < 2),
    (select ifnull(sum({_KINDS}), 0) from rollup), (select ifnull(sum(requests), 0) from rollup),
    (select ifnull(sum({_KINDS}), 0) from chain), (select ifnull(sum(requests), 0) from chain)
"""
_OTHERS = "select 1 from sqlite_schema where type in ('trigger', 'view') limit 1"


def restore(path: Path, source: Path, now: Instant) -> Restored:
    """Put the backup in the store's place, once it is known to be good; nobody may have the store open.

    ``StoreError`` when it is not: then the store is as it was.
    """
    with in_our_words():
        draft, found = _checked_copy(path, source, STEPS)
        try:
            aside = set_aside(path, now) if any(path.with_name(path.name + part).exists() for part in _PARTS) else ""
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        keep(draft, path)
    return Restored(found, aside)


def restore_newest(path: Path, steps: Sequence[Step] = STEPS) -> Backup | None:
    """Put the newest good backup where no store is any more; None when there is none."""
    for source in _newest_first(path):
        try:
            draft, found = _checked_copy(path, source, steps)
        except StoreError:
            continue  # damaged as well, or of a newer Moonlock: an older one may do
        keep(draft, path)
        return found
    return None


def set_aside(path: Path, now: Instant) -> str:
    """Move the database and what belongs to it together; the folder."""
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
    return str(folder)


def _newest_first(path: Path) -> Iterable[Path]:
    """All copies that were ever made by themselves: daily ones, those by hand, and those before a migration."""
    beside = path.parent.glob(f"{path.stem}-schema-*{path.suffix}")
    found = [*(path.parent / BACKUPS).glob("*.db"), *beside]
    return sorted(found, key=lambda each: each.stat().st_mtime_ns, reverse=True)


def _checked_copy(path: Path, source: Path, steps: Sequence[Step]) -> tuple[Path, Backup]:
    """The backup copied beside the store and checked there: the original is not touched, nor believed twice."""
    with in_our_words():
        try:
            size = source.stat().st_size if source.is_file() else -1
        except OSError:
            size = -1
        if size < 0:
            raise StoreUnavailable(f"There is no backup at {source}.")
        wal = source.with_name(source.name + "-wal")
        if wal.exists() and wal.stat().st_size:
            raise StoreUnfit(f"{source} is a store that is or was in use, with a part of it in {wal.name}.")
        draft = path.with_name(f"{path.name}.restoring")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600)
        try:
            shutil.copyfile(source, draft)
            found = _checked(draft, source, steps)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
    return draft, replace(found, path=str(source), size=size)


def _checked(draft: Path, source: Path, steps: Sequence[Step]) -> Backup:
    """What the copy holds, if it is one of ours, not newer than this program, and whole."""
    with draft.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            raise StoreForeign(f"{source} is no database.")
    db = apsw.Connection(str(draft))
    try:
        db.execute("pragma trusted_schema = off; pragma journal_mode = delete").fetchall()
        version = version_of(db, len(steps))
        if not version or not _is_ours(db, steps[:version]):
            raise StoreForeign(f"{source} is the database of another program.")
        if rows(db, "pragma integrity_check(1)") != [("ok",)]:
            raise StoreDamaged(f"{source} is damaged.")
        said = rows(db, "select value from meta where name = ?", (RECORD,))
        record = json.loads(said[0][0]) if said else {}
        requests, sessions = counts(db)
        if record and (record["requests"], record["sessions"]) != (requests, sessions):
            raise StoreDamaged(f"{source} does not hold what it says it holds.")
        tokens, count, *sums = rows(db, _SUMS)[0]
        if sums != [tokens, count, tokens, count]:
            raise StoreDamaged(f"The sums in {source} are not those of its requests.")
        db.execute("delete from meta where name = ?", (RECORD,))
        at = int(record.get("at", 0)) or source.stat().st_mtime_ns // 1_000_000
        return Backup(str(source), at, 0, requests, sessions)
    except (ValueError, KeyError, TypeError, apsw.SQLError) as wrong:
        raise StoreForeign(f"{source} is not as Moonlock writes a store.") from wrong
    finally:
        db.close()


def _is_ours(db: apsw.Connection, steps: Sequence[Step]) -> bool:
    """All tables that its schema should have, and nothing that would act by itself when it is written."""
    fresh = apsw.Connection(":memory:")
    try:
        migrate(fresh, steps)
        wanted = _tables(fresh)
    finally:
        fresh.close()
    return wanted <= _tables(db) and not rows(db, _OTHERS)


def _tables(db: apsw.Connection) -> set[str]:
    return {name for (name,) in rows(db, "select name from sqlite_schema where type = 'table'")}
