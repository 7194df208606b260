"""The session that was heard of last, with its sums: what a prompt shows. Loads nothing but the driver."""

from __future__ import annotations

import apsw

from moonlock.store.connection import rows
from moonlock.store.labels import HIDDEN, labels
from moonlock.store.projects import projects
from moonlock.store.schema import SUMS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from moonlock.model.rows import Fields, Sums

    Newest = tuple[Fields, Sums]
    """Who it is and when it was heard of, by JSON name with moments as they are; and what it used."""

_ADDED = ", ".join(f"ifnull(sum({name}), 0)" for name in SUMS.split(", "))
_NEWEST = f"""
select id, agent, native_id, title, cwd, branch, version, first_at, last_at,
    (select n.text from chain c join name n on n.id = c.model
        where c.session = session.id and c.agent_id = '' order by c.model_at desc limit 1)
from session where id not in ({HIDDEN}) order by last_at desc, id limit 1
"""


def newest(db: apsw.Connection) -> Newest | None:
    """None where nothing was read yet, or all of it is hidden."""
    found = rows(db, _NEWEST)
    if not found:
        return None
    number, agent, native_id, title, cwd, branch, version, first_at, last_at, model = found[0]
    name = labels(db).get(number, ("", "", ()))[0]
    who: Fields = (
        ("id", f"{number % (1 << 64):016x}"),
        ("name", name or None),
        ("title", title or None),
        ("agent", agent),
        ("agentSessionId", native_id),
        ("project", projects(db)[number][0]),
        ("cwd", cwd or None),
        ("branch", branch or None),
        ("model", model or None),
        ("version", version or None),
        ("startedAt", first_at),
        ("lastActivityAt", last_at),
    )
    return who, rows(db, f"select {_ADDED} from chain where session = ?", (number,))[0]
