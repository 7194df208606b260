"""Files in the store: how far each was read, what became of its lines, and what happened to the file itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import apsw
import msgspec
from msgspec.structs import astuple

from moonlock.model.reading import Batch, Counts, Cursor
from moonlock.store.connection import rows
from moonlock.store.paths import stored_path
from moonlock.store.places import Place, session_id
from moonlock.store.schema import COUNTS, TAIL_COUNTS

_encode = msgspec.msgpack.Encoder().encode
decode_cursor = msgspec.msgpack.Decoder(Cursor).decode
_ANEW = -1
"""Offset of a file that nothing is known of."""
_COLUMNS = f"id, path, source, session, cursor, born, generation, pending, gone, {COUNTS}, {TAIL_COUNTS}"
_NAMES = _COLUMNS.split(", ")
_UPSERT = (
    f"insert into file ({_COLUMNS}) values ({', '.join('?' * len(_NAMES))})"
    f" on conflict (id) do update set {', '.join(f'{name} = excluded.{name}' for name in _NAMES[2:])}"
)
_COUNTS = COUNTS.count(",") + 1
Row = tuple[object, ...]


class Known(msgspec.Struct):
    """What is kept of one file; ``row`` is how the store has it."""

    id: int
    path: str
    source: str = ""
    session: int = 0
    cursor: Cursor = Cursor(offset=_ANEW)
    born: int = 0
    generation: int = 0
    pending: bool = False
    gone: bool = False
    counts: Counts = Counts()
    tail_counts: Counts = Counts()
    row: Row | None = None
    damage: list[Row] = []
    restarts: list[Row] = []

    def add(self, batch: Batch) -> Place:
        """Take in what a batch says of the file; where its events were read."""
        self.source, self.session = batch.source, session_id(batch.session.key)
        self.born = min(filter(None, (self.born, batch.born)), default=0)
        self.gone = False
        known, seen = self.cursor, batch.cursor
        if batch.restarted and not _kept_already(known, seen):
            if known.offset != _ANEW:
                when = seen.modified // 1_000_000
                self.restarts.append((self.id, batch.restarted, when, known.offset, known.size))
                self.generation += 1
            known, self.counts = Cursor(offset=_ANEW), Counts()
        if _is_later(known, seen):
            if seen.offset > known.offset:
                begun = self.counts if known.offset else Counts()  # from the start: nothing of it is counted
                self.counts = begun + batch.counts
            self.cursor, self.tail_counts, self.pending = seen, batch.tail_counts, batch.tail_pending
        for bad in batch.damage:
            self.damage.append((self.id, self.generation, bad.offset, bad.length, bad.shape, bad.recovered))
        return Place(self.id, self.path, self.born, self.session)

    def changed(self) -> Row | None:
        """The row to write; None when the store has it so."""
        row = (
            self.id,
            self.path,
            self.source,
            self.session,
            _encode(self.cursor),
            self.born,
            self.generation,
            int(self.pending),
            int(self.gone),
            *astuple(self.counts),
            *astuple(self.tail_counts),
        )
        return None if row == self.row else row


def _kept_already(known: Cursor, seen: Cursor) -> bool:
    """A batch that comes a second time: the file as it was then, no further than was read since."""
    same = (known.device, known.inode) == (seen.device, seen.inode)
    return same and seen.offset <= known.offset and seen.modified <= known.modified


def _is_later(known: Cursor, seen: Cursor) -> bool:
    """Whether this look at the file replaces what is known of it.

    Where nothing but the time went back, the newest look counts (a restored copy, rsync): else it would be opened for
    ever. A batch that comes a second time may undo that: then the file is opened once more, and nothing else changes.
    """
    same = (known.device, known.inode, known.offset, known.guard) == (seen.device, seen.inode, seen.offset, seen.guard)
    return same or (seen.offset, seen.modified) >= (known.offset, known.modified)


def load(db: apsw.Connection, batches: Iterable[Batch]) -> dict[str, Known]:
    """What is known of the files of the batches; new ones get a number."""
    return named(db, [stored_path(batch.path) for batch in batches])


def named(db: apsw.Connection, stored: Sequence[str]) -> dict[str, Known]:
    """The same, of files by the paths that the store has for them."""
    paths = tuple(dict.fromkeys(stored))
    known: dict[str, Known] = {}
    fresh: int = rows(db, "select ifnull(max(id), 0) + 1 from file")[0][0]
    found = rows(db, f"select {_COLUMNS} from file where path in carray(?)", (apsw.carray(paths),)) if fresh > 1 else ()
    for row in found:
        number, path, source, session, cursor, born, generation, pending, gone, *counts = row
        known[path] = Known(
            number,
            path,
            source,
            session,
            decode_cursor(cursor),
            born,
            generation,
            bool(pending),
            bool(gone),
            Counts(*counts[:_COUNTS]),
            Counts(*counts[_COUNTS:]),
            row,
        )
    for path in paths:
        if path not in known:
            known[path] = Known(fresh, path)
            fresh += 1
    return known


def place(known: dict[str, Known], batch: Batch) -> Place:
    """Take the batch in; where it was read."""
    return known[stored_path(batch.path)].add(batch)


def save(db: apsw.Connection, known: Iterable[Known]) -> int:
    """Write what changed; rows written."""
    known = list(known)
    changed = [row for row in (file.changed() for file in known) if row is not None]
    before = db.total_changes()
    db.executemany(_UPSERT, changed)
    db.executemany("insert or ignore into damage values (?, ?, ?, ?, ?, ?)", [bad for f in known for bad in f.damage])
    db.executemany(
        "insert into restart (file, reason, at, offset, size) values (?, ?, ?, ?, ?)",
        [note for file in known for note in file.restarts],
    )
    return db.total_changes() - before


def mark_gone(db: apsw.Connection, paths: Sequence[str]) -> int:
    """Say that the files are no longer there; all that was read from them stays."""
    if not paths:
        return 0
    db.execute(
        "update file set gone = 1 where gone = 0 and path in carray(?)", (apsw.carray(tuple(map(stored_path, paths))),)
    )
    return db.changes()


def mark_absent(db: apsw.Connection, paths: Sequence[str]) -> int:
    """Say that these and no other known files are not there: how many of them were not known to be."""
    known = {path for (path,) in rows(db, "select path from file where gone = 1")}
    if back := known.difference(map(stored_path, paths)):
        db.execute("update file set gone = 0 where path in carray(?)", (apsw.carray(tuple(back)),))
    return mark_gone(db, paths)
