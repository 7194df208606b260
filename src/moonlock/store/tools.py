"""Tool calls in the store. A call and its result may be read in either order, and in several copies."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from operator import itemgetter
from typing import Any, get_args

import apsw
import msgspec
from msgspec.structs import replace

from moonlock.model.events import Outcome, ToolCall, ToolEnded
from moonlock.store import subjects
from moonlock.store.chains import Chains
from moonlock.store.connection import rows
from moonlock.store.met import possible, repeated
from moonlock.store.names import Names
from moonlock.store.places import Place

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
"""An outcome is kept as its index here."""
OK, FAILED, DENIED = (OUTCOMES.index(outcome) for outcome in ("ok", "failed", "denied"))

_CODES: dict[Outcome | None, int | None] = {None: None, **{outcome: code for code, outcome in enumerate(OUTCOMES)}}

CallsSeen = tuple[Place, list[ToolCall]]
"""The calls of one batch."""
Told = tuple[int, ToolCall]
"""A session, and a call that is new or whose outcome is."""
_Row = tuple[int, int, int, int, int, int | None, int | None, int]
_Columns = tuple[Any, ...]
_End = tuple[int, int]
"""When, and the index of the outcome."""

_NO_TIME = 1 << 62
"""A result that came without a duration counts as later than any other."""
_KNOWN = """
select t.*, n.text, c.session, c.agent_id, f.path, f.born
from carray(?) seen cross join tool t on t.key = seen.value
join name n on n.id = t.name join chain c on c.id = t.chain join file f on f.id = t.file
"""


class _Call(msgspec.Struct, gc=False):
    event: ToolCall
    place: Place
    row: _Row | None = None
    end: _End | None = None

    def add(self, seen: ToolCall, place: Place) -> None:
        """Another copy of the call: the earliest owns it, as with requests (rule D5)."""
        self.ended(_end_of(seen))
        known = self.event
        if seen.at < known.at or (seen.at == known.at and place.file != self.place.file and place.older(self.place)):
            self.event, self.place = seen, place

    def ended(self, end: _End | None) -> None:
        """The earliest result counts."""
        if end is not None and (self.end is None or end < self.end):
            self.end = end

    def whole(self) -> ToolCall:
        """The call with its result; a duration is negative where a clock ran back, so that the end stays known."""
        if self.end is None:
            return self.event
        at, outcome = self.end
        duration = None if at == _NO_TIME else at - self.event.at
        return replace(self.event, duration=duration, outcome=OUTCOMES[outcome])


def keep(
    db: apsw.Connection, seen: Sequence[CallsSeen], ends: Sequence[ToolEnded], chains: Chains, met: set[int] | None
) -> tuple[int, list[Told], set[int]]:
    """Write what is new of calls and results: rows written, the calls that are new or whose outcome is, and the
    sessions that had or have a known call that changed."""
    keys = [event.key for _, events in seen for event in events]
    calls = _known(db, possible([*keys, *(ended.key for ended in ends)], met))
    waited = _waited(db, keys)
    often = repeated(keys) | calls.keys() | waited.keys() | {ended.key for ended in ends}
    for place, events in seen if often else ():
        for event in events:
            if event.key in often:
                call = calls.get(event.key)
                if call is None:
                    calls[event.key] = _Call(event, place, None, _end_of(event))
                else:
                    call.add(event, place)
    early: dict[int, _End] = {}
    for key, end in [*waited.items(), *((ended.key, (ended.at, OUTCOMES.index(ended.outcome))) for ended in ends)]:
        if key in calls:
            calls[key].ended(end)
        else:
            early[key] = min(end, early.get(key, end))
    once = [(place, [event for event in events if event.key not in calls]) for place, events in seen] if calls else seen
    written, told, touched = _save(db, once, calls, chains)
    written += subjects.keep(db, [event for _, events in seen for event in events], ends)
    return written + _wait(db, early), told, touched


def _known(db: apsw.Connection, keys: Sequence[int]) -> dict[int, _Call]:
    calls: dict[int, _Call] = {}
    if not keys:
        return calls
    for found in rows(db, _KNOWN, (apsw.carray(array("q", keys)),)):
        key, _, at, _, request, duration, outcome, file, name, session, agent_id, path, born = found
        event = ToolCall(key, at, name, request, agent_id=agent_id)
        end = None if outcome is None else (_NO_TIME if duration is None else at + duration, outcome)
        calls[key] = _Call(event, Place(file, path, born, session), _row_of(found), end)
    return calls


def _row_of(found: _Columns) -> _Row:
    key, chain, at, name, request, duration, outcome, file = found[:8]
    return key, chain, at, name, request, duration, outcome, file


def _end_of(event: ToolCall) -> _End | None:
    if event.outcome is None:
        return None
    return _NO_TIME if event.duration is None else event.at + event.duration, OUTCOMES.index(event.outcome)


def _wait(db: apsw.Connection, early: dict[int, _End]) -> int:
    """Results whose call was not read yet wait for it."""
    if not early:
        return 0
    before: int = db.total_changes()
    db.executemany(
        "insert into tool_end values (?, ?, ?) on conflict do update set at = excluded.at, outcome = excluded.outcome"
        " where (excluded.at, excluded.outcome) < (at, outcome)",
        [(key, *end) for key, end in early.items()],
    )
    return db.total_changes() - before


def _waited(db: apsw.Connection, keys: Sequence[int]) -> dict[int, _End]:
    """The results that were waiting for these calls, which wait no longer."""
    if not keys or not rows(db, "select 1 from tool_end limit 1"):
        return {}
    sql = "delete from tool_end where key in carray(?) returning key, at, outcome"
    return {key: (at, outcome) for key, at, outcome in rows(db, sql, (apsw.carray(array("q", keys)),))}


def _save(
    db: apsw.Connection, once: Sequence[CallsSeen], calls: dict[int, _Call], chains: Chains
) -> tuple[int, list[Told], set[int]]:
    names = Names(db)
    fresh = [_written(event, place, chains, names) for place, events in once for event in events]
    told = [(place.session, event) for place, events in once for event in events]
    grown: list[_Row] = []
    touched: set[int] = set()
    for call in calls.values():
        event, old = call.whole(), call.row
        row = _written(event, call.place, chains, names)
        if old is None:
            fresh.append(row)
        elif row != old:
            grown.append(row)
            touched |= {chains.owner(chain)[0] for chain in (old[1], row[1])}
        if old is None or (old[6] is None and row[6] is not None):
            told.append((call.place.session, replace(event, duration=lasted(event.duration))))
    fresh.sort(key=itemgetter(0))
    db.executemany("insert into tool values (?, ?, ?, ?, ?, ?, ?, ?)", fresh)
    db.executemany("replace into tool values (?, ?, ?, ?, ?, ?, ?, ?)", grown)
    return len(fresh) + len(grown), told, touched


def lasted(duration: int | None) -> int | None:
    """A kept duration as it is told: no call ends before it began."""
    return None if duration is None else max(0, duration)


def _written(event: ToolCall, place: Place, chains: Chains, names: Names) -> _Row:
    return (
        event.key,
        chains[place.session, event.agent_id, ""],
        event.at,
        names[event.name],
        event.request,
        event.duration,
        _CODES[event.outcome],
        place.file,
    )
