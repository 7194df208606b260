"""Words that people gave a session in two stores: the newer ones count."""

from __future__ import annotations

import apsw
import msgspec

from moonlock.model.instant import Instant
from moonlock.model.label import Relabel, fit
from moonlock.model.portable import LabelLine
from moonlock.store.connection import rows
from moonlock.store.errors import NameTaken
from moonlock.store.relabel import check

_KNOWN = "select changed_at, name from label where session = ?"
_KEEP = """
insert into label (session, name, description, hidden_at, changed_at) values (?, ?, ?, ?, ?) on conflict do update set
    name = excluded.name, description = excluded.description, hidden_at = excluded.hidden_at,
    changed_at = excluded.changed_at
"""


class Taken(msgspec.Struct, frozen=True):
    """Whether the words were taken, and the name that could not be, because another session has it."""

    changed: bool = False
    left_out: str = ""


def take_label(db: apsw.Connection, session: int, line: LabelLine, when: tuple[Instant, Instant]) -> Taken:
    """Keep the words if they are newer than those known here. ``when`` they were changed, and the session hidden.

    ``UnfitLabel``, a ValueError, when they are not such as a person could give.
    """
    changed_at, hidden_at = when
    said = fit(Relabel(name=line.name, description=line.description, tags=tuple(line.tags)))
    found = rows(db, _KNOWN, (session,))
    if found and found[0][0] >= changed_at:
        return Taken()
    name, left_out = said.name or "", ""
    if name and not hidden_at:
        try:
            check(db, session, said)
        except NameTaken:
            name, left_out = (found[0][1] if found else ""), name
    db.execute(_KEEP, (session, name, said.description, hidden_at, changed_at))
    db.execute("delete from tag where session = ?", (session,))
    db.executemany("insert into tag values (?, ?)", [(session, tag) for tag in said.tags or ()])
    return Taken(True, left_out)
