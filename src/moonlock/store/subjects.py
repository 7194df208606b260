"""What calls were about, and by which skill responses worked, beside their rows (decision 0015).

Call, result and response each bring their part, in any order and in several copies: where two say otherwise, the larger
word holds, so that the order does not show.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter

import apsw
from msgspec.structs import replace

from moonlock.model.events import ToolCall, ToolEnded, UsageEvent
from moonlock.store.connection import rows
from moonlock.store.paths import readable

Told = tuple[int, ToolCall]
"""A session, and a call of it."""
_Row = tuple[int, int, int, int | None, int | None]

LINES = "iif(s.target <> 0 and s.mark = 0, s.added, null), iif(s.target <> 0 and s.mark = 0, s.removed, null)"
"""Of a subject ``s``. A result is read without its call too, and then whatever tool it was counts lines: only of a
file do they say something.
"""

_LARGER_NAME = "(select id from name where id in ({0}, excluded.{0}) order by text desc limit 1)"
_KEEP = f"""
insert into subject values (?, ?, ?, ?, ?) on conflict do update set
    target = ifnull({_LARGER_NAME.format("target")}, 0),
    mark = iif(0 in (mark, excluded.mark), mark + excluded.mark, max(mark, excluded.mark)),
    added = max(ifnull(added, excluded.added), ifnull(excluded.added, added)),
    removed = max(ifnull(removed, excluded.removed), ifnull(excluded.removed, removed))
where excluded.target not in (0, target) or excluded.mark not in (0, mark)
    or ifnull(excluded.added <> ifnull(added, -1), 0) or ifnull(excluded.removed <> ifnull(removed, -1), 0)
"""
_KEEP_SKILL = f"""
insert into skill values (?, ?) on conflict do update set name = {_LARGER_NAME.format("name")}
where excluded.name <> name
"""
_MOVE_SKILL = "insert into skill select ?, name from skill where request = ? " + _KEEP_SKILL.partition("(?, ?)")[2]
_DESCRIBED = f"""
select s.call, ifnull(n.text, ''), s.mark, {LINES}
from carray(?) seen cross join subject s on s.call = seen.value left join name n on n.id = s.target
"""


def keep(db: apsw.Connection, calls: Iterable[ToolCall], ends: Iterable[ToolEnded]) -> int:
    """Keep what calls and results say; rows written."""
    about = [call for call in calls if call.target or call.mark or call.added is not None]
    names = _numbers(db, {call.target for call in about if call.target})
    found: list[_Row] = [(call.key, names.get(call.target, 0), call.mark, call.added, call.removed) for call in about]
    found += [(end.key, 0, 0, end.added, end.removed) for end in ends if end.added is not None]
    if not found:
        return 0
    found.sort(key=itemgetter(0))
    before: int = db.total_changes()
    db.executemany(_KEEP, found)
    return db.total_changes() - before


def keep_skills(db: apsw.Connection, requests: Iterable[UsageEvent], absorbed: Mapping[int, int]) -> int:
    """Keep by which skill responses worked; that of one that another absorbed is the other's. Rows written."""
    before: int = db.total_changes()
    for gone, kept in absorbed.items():
        db.execute(_MOVE_SKILL, (kept, gone))
        db.execute("delete from skill where request = ?", (gone,))
    led = sorted([(event.key, event.skill) for event in requests if event.skill])
    if led:
        names = _numbers(db, {skill for _, skill in led})
        db.executemany(_KEEP_SKILL, [(key, names[skill]) for key, skill in led])
    return db.total_changes() - before


def described(db: apsw.Connection, told: Sequence[Told]) -> list[Told]:
    """The calls with all that is known of what they were about, whichever line said it."""
    keys = array("q", sorted({call.key for _, call in told}))
    about = {key: said for key, *said in rows(db, _DESCRIBED, (apsw.carray(keys),))} if keys else {}
    return [(session, _with(call, about.get(call.key))) for session, call in told]


def _with(call: ToolCall, said: list[str | int | None] | None) -> ToolCall:
    if said is None:
        return call
    target, mark, added, removed = said
    return replace(call, target=target, mark=mark, added=added, removed=removed)


def _numbers(db: apsw.Connection, texts: set[str]) -> dict[str, int]:
    """Their numbers, of all at once: paths are many."""
    if not texts:
        return {}
    kept = {text: readable(text) for text in texts}
    wanted = tuple(sorted({*kept.values()}))
    db.execute("insert or ignore into name (text) select value from carray(?)", (apsw.carray(wanted),))
    sql = "select n.text, n.id from carray(?) w cross join name n on n.text = w.value"
    known: dict[str, int] = dict(rows(db, sql, (apsw.carray(wanted),)))
    return {text: known[shown] for text, shown in kept.items()}
