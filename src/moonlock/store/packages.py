"""Tool calls and prompts of a first reading, kept as they came until somebody asks for them.

At 1 GB of logs there are 95,000, and no sum of usage needs one. They are kept in the transaction that moves the cursor,
so that nothing is lost; taking one out twice changes nothing (decision 0010).
"""

from __future__ import annotations

from collections.abc import Iterable

import apsw

from moonlock.model.events import PromptSent, ToolCall, ToolEnded
from moonlock.model.packing import opened
from moonlock.store import facts, tools
from moonlock.store.chains import Chains
from moonlock.store.connection import rows, transaction
from moonlock.store.places import Place

Package = tuple[Place, bytes]
_AT_ONCE = 1_000
"""Packages that are taken out in one transaction: a bound on memory."""
_NEXT = """
select p.id, p.session, p.body, f.id, f.path, f.born from packed p join file f on f.id = p.file order by p.id limit ?
"""


def save(db: apsw.Connection, packages: Iterable[Package]) -> int:
    """Keep them for later; rows written."""
    kept = [(place.file, place.session, body) for place, body in packages]
    db.executemany("insert into packed (file, session, body) values (?, ?, ?)", kept)
    return len(kept)


def take_out(db: apsw.Connection) -> None:
    """Put what waits where it belongs, as if it had never waited."""
    while found := rows(db, _NEXT, (_AT_ONCE,)):
        with transaction(db):
            _keep(db, [(Place(file, path, born, session), body) for _, session, body, file, path, born in found])
            db.execute("delete from packed where id <= ?", (found[-1][0],))


def _keep(db: apsw.Connection, packages: list[Package]) -> None:
    calls: list[tools.CallsSeen] = []
    ends: list[ToolEnded] = []
    prompts: list[facts.HappeningSeen] = []
    for place, body in packages:
        events = opened(body)
        calls.append((place, [event for event in events if isinstance(event, ToolCall)]))
        ends += [event for event in events if isinstance(event, ToolEnded)]
        prompts += [(event, place) for event in events if isinstance(event, PromptSent)]
    chains = Chains(db, {place.session for place, _ in packages})
    tools.keep(db, calls, ends, chains, None)
    facts.keep(db, prompts)
    chains.save()
