"""The files that one session read and changed, as its tool calls name them."""

from __future__ import annotations

from typing import Any

import apsw

from moonlock.model.toolnames import CHANGING, READING
from moonlock.model.toolwork import FileWork
from moonlock.store.connection import rows
from moonlock.store.tools import DENIED, FAILED, OK

_FILES = f"""
with named(id, reads, edits) as (
    select id, text in (select value from carray(?2)), text in (select value from carray(?3)) from name
)
select (select text from name where id = s.target), count(*), sum(t.outcome is {OK} and n.reads),
    sum(t.outcome is {OK} and n.edits), sum(t.outcome in ({FAILED}, {DENIED})), sum(s.added), sum(s.removed),
    min(t.at), max(t.at)
from chain c cross join tool t on t.chain = c.id cross join subject s on s.call = t.key join named n on n.id = t.name
where c.session = ?1 and s.mark = 0 and s.target <> 0 group by s.target
"""


def files(db: apsw.Connection, number: int) -> list[FileWork]:
    """All of them, most changed first."""
    bound = number, apsw.carray(tuple(sorted(READING))), apsw.carray(tuple(sorted(CHANGING)))
    return sorted((_file(row) for row in rows(db, _FILES, bound)), key=lambda one: one.order)


def _file(row: tuple[Any, ...]) -> FileWork:
    path, calls, reads, edits, failed, added, removed, first_at, last_at = row
    return FileWork(path, calls, reads, edits, failed or 0, added, removed, first_at, last_at)
