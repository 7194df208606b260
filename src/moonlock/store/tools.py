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
from moonlock.store.chains import Chains
from moonlock.store.connection import rows
from moonlock.store.names import Names
from moonlock.store.places import Place

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
"""An outcome is kept as its index here."""

_CODES: dict[Outcome | None, int | None] = {None: None, **{outcome: code for code, outcome in enumerate(OUTCOMES)}}

CallSeen = tuple[ToolCall, Place]
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
        if self.end is None:
            return self.event
        at, outcome = self.end
        duration = None if at == _NO_TIME else at - self.event.at
        return replace(self.event, duration=duration, outcome=OUTCOMES[outcome])


def keep(
    db: apsw.Connection, seen: Sequence[CallSeen], ends: Sequence[ToolEnded], chains: Chains
) -> tuple[int, list[Told]]:
    """Write what is new of calls and results: rows written, and the calls that are new or whose outcome is."""
    calls = _known(db, seen, ends)
    first: dict[int, CallSeen] = {}
    for sighting in seen:
        event, place = sighting
        met = first.setdefault(event.key, sighting)
        call = calls.get(event.key)
        if call is None and met is not sighting:
            call = calls[event.key] = _Call(*met, None, _end_of(met[0]))
        if call is not None:
            call.add(event, place)
    early: dict[int, _End] = {}
    for ended in ends:
        end = ended.at, OUTCOMES.index(ended.outcome)
        if ended.key in first and ended.key not in calls:
            calls[ended.key] = _Call(*first[ended.key], None, _end_of(first[ended.key][0]))
        if ended.key in calls:
            calls[ended.key].ended(end)
        else:
            early[ended.key] = min(end, early.get(ended.key, end))
    waiting = _wait(db, early)
    _end_early(db, first, calls)
    written, told = _save(db, first, calls, chains)
    return written + waiting, told


def _known(db: apsw.Connection, seen: Sequence[CallSeen], ends: Sequence[ToolEnded]) -> dict[int, _Call]:
    calls: dict[int, _Call] = {}
    if not (seen or ends) or not rows(db, "select 1 from tool limit 1"):
        return calls
    keys = sorted({event.key for event, _ in seen} | {event.key for event in ends})
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


def _end_early(db: apsw.Connection, first: dict[int, CallSeen], calls: dict[int, _Call]) -> None:
    """Give new calls the results that were waiting for them."""
    if not first or not rows(db, "select 1 from tool_end limit 1"):
        return
    sql = "delete from tool_end where key in carray(?) returning key, at, outcome"
    for key, at, outcome in rows(db, sql, (apsw.carray(array("q", first)),)):
        call = calls.setdefault(key, _Call(*first[key], None, _end_of(first[key][0])))
        call.ended((at, outcome))


def _save(
    db: apsw.Connection, first: dict[int, CallSeen], calls: dict[int, _Call], chains: Chains
) -> tuple[int, list[Told]]:
    names = Names(db)
    fresh: list[_Row] = []
    grown: list[_Row] = []
    told: list[Told] = []
    for key in first if not calls else first | calls:
        call = calls.get(key)
        event, place = first[key] if call is None else (call.whole(), call.place)
        row = (
            key,
            chains[place.session, event.agent_id],
            event.at,
            names[event.name],
            event.request,
            event.duration,
            _CODES[event.outcome],
            place.file,
        )
        old = None if call is None else call.row
        if old is None:
            fresh.append(row)
        elif row != old:
            grown.append(row)
        if old is None or (old[6] is None and row[6] is not None):
            told.append((place.session, event))
    fresh.sort(key=itemgetter(0))
    db.executemany("insert into tool values (?, ?, ?, ?, ?, ?, ?, ?)", fresh)
    db.executemany("replace into tool values (?, ?, ?, ?, ?, ?, ?, ?)", grown)
    return len(fresh) + len(grown), told
