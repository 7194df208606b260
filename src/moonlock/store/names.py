"""Models and tools by number: the names are few, the rows that use them are many."""

from __future__ import annotations

import apsw

from moonlock.store.connection import rows
from moonlock.store.paths import readable


class Names(dict[str, int]):
    """``names[text]`` is its number, a new one if need be. Lives for one transaction, so nothing gets stale."""

    def __init__(self, db: apsw.Connection) -> None:
        super().__init__()
        self._db = db

    def __missing__(self, text: str) -> int:
        kept = readable(text)
        found = rows(self._db, "select id from name where text = ?", (kept,))
        found = found or rows(self._db, "insert into name (text) values (?) returning id", (kept,))
        number: int = found[0][0]
        self[text] = number
        return number
