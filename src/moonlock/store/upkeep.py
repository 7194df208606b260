"""Care of the store: prices that change, copies, indexes, and what a person should know about it."""

from __future__ import annotations

from moonlock.store.connection import rows, transaction
from moonlock.store.pricing import Price
from moonlock.store.recall import Packed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import apsw

    from moonlock.model.backup import Backup
    from moonlock.model.health import Component, Finding
    from moonlock.model.instant import Instant
    from moonlock.model.reading import DamagedPlace, FileRestart
    from moonlock.model.seeds import Seed
    from moonlock.store.evidence import Evidence

_DIGEST, _NOTE = "price_digest", "note"
_DAMAGE = """
select f.path, d.offset, d.length, d.shape, d.recovered from damage d join file f on f.id = d.file
where d.generation = f.generation order by f.path, d.offset limit ?
"""
_RESTARTS = """
select f.path, r.reason, r.at, r.offset, r.size from restart r join file f on f.id = r.file order by r.id desc limit ?
"""


class Wounded:
    """The part of the store that tells what is wrong with the logs."""

    _db: apsw.Connection

    def damage(self, limit: int = 1000) -> list[DamagedPlace]:
        """The places in the logs that could not be read, or only in part."""
        from moonlock.model.reading import Damage, DamagedPlace
        from moonlock.store.paths import real_path

        return [DamagedPlace(real_path(path), Damage(*rest)) for path, *rest in rows(self._db, _DAMAGE, (limit,))]

    def restarts(self, limit: int = 1000) -> list[FileRestart]:
        """Files that shrank or were replaced, and so were read from their start again; newest first."""
        from moonlock.model.reading import FileRestart
        from moonlock.store.paths import real_path

        return [FileRestart(real_path(path), *rest) for path, *rest in rows(self._db, _RESTARTS, (limit,))]

    def wounds(self) -> list[Finding]:
        """What is wrong with the logs: damaged lines, files that began again, files of another kind."""
        from moonlock.store.wounds import wounds

        return wounds(self._db)

    def evidence(self) -> Evidence:
        """What stands behind the numbers, for whoever explains them."""
        from moonlock.store.evidence import Evidence

        return Evidence(self._db)


class Upkeep(Wounded, Packed):
    """The part of the store that keeps it in order."""

    _path: Path | str
    _price: Price
    _settled: bool

    @property
    def path(self) -> Path:
        """The file."""
        from pathlib import Path

        return Path(self._path)

    def settle(self) -> None:
        """Do what waits for the end of the first history: take out what was packed, make indexes; at most once."""
        from moonlock.store.steps import LATE

        self.unpack()
        if not self._settled:
            with transaction(self._db):
                for sql in LATE:
                    self._db.execute(sql)
            self._settled = True

    def price_digest(self) -> str:
        """Which prices the costs were made with; empty when that was never said."""
        found = rows(self._db, "select value from meta where name = ?", (_DIGEST,))
        return str(found[0][0]) if found else ""

    def note(self) -> str:
        """What the last one that had read all logs left for the next one (``keep_note``); empty when nobody did."""
        found = rows(self._db, "select value from meta where name = ?", (_NOTE,))
        return str(found[0][0]) if found else ""

    def keep_note(self, text: str) -> None:
        """Leave word of what there was to read when all of it was read; the store does not look into it."""
        with transaction(self._db):
            self._db.execute("insert or replace into meta values (?, ?)", (_NOTE, text))

    def reprice(self, price: Price, digest: str) -> int:
        """Price every request anew, and all later ones; how many costs changed. A note was of other prices: it goes."""
        from moonlock.store.repricing import reprice

        with transaction(self._db):
            changed = reprice(self._db, price)
            self._db.execute("insert or replace into meta values (?, ?)", (_DIGEST, digest))
            self._db.execute("delete from meta where name = ?", (_NOTE,))
        self._price = price
        return changed

    def seed(self, seeds: Sequence[Seed], now: Instant) -> int:
        """Keep days that no log tells of any more, each once and apart from all sums; how many were new."""
        from moonlock.store.seeds import keep

        return keep(self._db, seeds, now)

    def backup(self, path: Path, now: Instant = 0) -> Backup:
        """Copy the store while it is in use; the copy gets its name once it was checked."""
        from moonlock.store.backup import backup

        return backup(self._db, path, now)

    def unpriced(self) -> tuple[str, ...]:
        """Models in use that have no price."""
        from moonlock.store.tallies import unpriced

        return unpriced(self._db)

    def health(self) -> Component:
        """How well the store does, in words that say what to do."""
        from pathlib import Path

        from moonlock.store.health import health

        return health(self._db, Path(self._path))
