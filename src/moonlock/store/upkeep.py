"""Care of the store: prices that change, copies, indexes, and what a person should know about it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from moonlock.store.connection import rows, transaction
from moonlock.store.pricing import Price

if TYPE_CHECKING:
    import apsw

    from moonlock.model.health import Component
    from moonlock.model.reading import DamagedPlace, FileRestart

_DIGEST = "price_digest"
_DAMAGE = """
select f.path, d.offset, d.length, d.shape, d.recovered from damage d join file f on f.id = d.file
where d.generation = f.generation order by f.path, d.offset limit ?
"""
_RESTARTS = """
select f.path, r.reason, r.at, r.offset, r.size from restart r join file f on f.id = r.file order by r.id desc limit ?
"""


class Upkeep:
    """The part of the store that keeps it in order."""

    _db: apsw.Connection
    _path: Path
    _price: Price
    _settled: bool

    def settle(self) -> None:
        """Make the indexes that wait for the end of the first history; nothing when they are there."""
        from moonlock.store.schema import LATE

        if not self._settled:
            with transaction(self._db):
                for sql in LATE:
                    self._db.execute(sql)
            self._settled = True

    def price_digest(self) -> str:
        """Which prices the costs were made with; empty when that was never said."""
        found = rows(self._db, "select value from meta where name = ?", (_DIGEST,))
        return str(found[0][0]) if found else ""

    def reprice(self, price: Price, digest: str) -> int:
        """Price every request anew, and all later ones; how many costs changed."""
        from moonlock.store.repricing import reprice

        with transaction(self._db):
            changed = reprice(self._db, price)
            self._db.execute("insert or replace into meta values (?, ?)", (_DIGEST, digest))
        self._price = price
        return changed

    def backup(self, path: Path) -> None:
        """Copy the store while it is in use; the copy gets its name once it was checked."""
        from moonlock.store.backup import backup

        backup(self._db, path)

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

    def health(self) -> Component:
        """How well the store does, in words that say what to do."""
        from moonlock.store.health import health

        return health(self._db, self._path)
