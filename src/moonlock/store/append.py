"""The one way in: rows, sums and cursors of some reads in one transaction, so that nothing is lost or counts twice."""

from __future__ import annotations

import gc
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import apsw
import msgspec

from moonlock.model.events import Event, PromptSent, ToolCall, ToolEnded, UsageEvent
from moonlock.model.gain import Fact, Gain, UsageGain
from moonlock.model.instant import Instant
from moonlock.model.reading import Batch
from moonlock.model.session import SessionSeen
from moonlock.model.tokens import Usage
from moonlock.store import facts, files, lineage, memory, packages, requests, rollups, subjects, tools
from moonlock.store.chains import Chains
from moonlock.store.claims import Row, usage_of
from moonlock.store.connection import transaction
from moonlock.store.grouped import Grouped
from moonlock.store.labels import hidden
from moonlock.store.met import Met, nothing_met
from moonlock.store.places import session_id, uid_of
from moonlock.store.pricing import Price
from moonlock.store.schema import REPLAY
from moonlock.store.sessions import by_number

_NOTHING = Usage()


class _Seen(msgspec.Struct):
    """The events of all batches, by what is done with them."""

    requests: list[requests.Sightings] = []
    calls: list[tools.CallsSeen] = []
    ends: list[ToolEnded] = []
    facts: list[facts.HappeningSeen] = []
    sessions: list[tuple[SessionSeen, Instant]] = []
    packages: list[packages.Package] = []


def append(grouped: Grouped, batches: Sequence[Batch], price: Price, quiet: bool, met: Met | None = None) -> Gain:
    """Keep the batches; what was new. ``quiet`` tells the number of rows alone: a backlog has no listener."""
    if not batches:
        return Gain()
    db = grouped.db
    with _no_collecting(), transaction(db):
        known = files.load(db, batches)
        seen = _sorted(batches, known)
        numbers = {session_id(batch.session.key) for batch in batches}
        chains = Chains(db, numbers)
        if not quiet:
            grouped.begin()
        kept = memory.keep(db, seen.sessions)
        grouped.heard(kept.displaced, kept.places)
        changes = requests.keep(db, seen.requests, chains, price, met.messages if met else None)
        tool_rows, told_calls, touched = tools.keep(db, seen.calls, seen.ends, chains, met.calls if met else None)
        fact_rows, told_facts, moved = facts.keep(db, seen.facts)
        written = kept.rows + chains.save() + files.save(db, known.values()) + tool_rows + fact_rows
        written += packages.save(db, seen.packages)
        rollups.apply(db, changes)
        written += requests.save(db, changes) + _lives(chains, seen.sessions)
        if quiet:
            return Gain(rows=written)
        heard = touched | numbers | _owners(chains, changes)
        unseen = hidden(db, apsw.carray(array("q", heard.union(session for session, _ in (*told_calls, *told_facts)))))
        regrouped = grouped.regrouped(heard)
        sessions = tuple(by_number(db, heard - unseen, grouped.projects()))
        told_facts = facts.titled(db, lineage.told(db, told_calls, told_facts))
        told_calls = subjects.described(db, told_calls)
    told = [Fact(uid_of(session), event) for session, event in (*told_calls, *told_facts) if session not in unseen]
    told.sort(key=lambda fact: fact.event.at)
    silent = set(map(uid_of, unseen))
    used = tuple(gain for gain in _usage(chains, changes) if gain.uid not in silent)
    return Gain(sessions, used, tuple(told), written, moved, regrouped)


@contextmanager
def together(grouped: Grouped, price: Price) -> Iterator[Callable[[Sequence[Batch]], int]]:
    """Quiet appends in one transaction: a page of the file that many of them touch is written once."""
    with _no_collecting(), transaction(grouped.db):
        met = nothing_met(grouped.db)
        yield lambda batches: append(grouped, batches, price, True, met).rows


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Without the cycle collector: nothing here makes cycles, and walking a backlog costs a fifth of the time."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _sorted(batches: Iterable[Batch], known: dict[str, files.Known]) -> _Seen:
    seen = _Seen()
    for batch in batches:
        place = files.place(known, batch)
        kinds: defaultdict[type[Event], list[Any]] = defaultdict(list)
        for event in batch.events:
            kinds[type(event)].append(event)
        prompted_at = max((prompt.at for prompt in kinds.get(PromptSent, ())), default=batch.prompted_at)
        seen.requests.append((place, kinds.pop(UsageEvent, [])))
        seen.calls.append((place, kinds.pop(ToolCall, [])))
        seen.ends += kinds.pop(ToolEnded, [])
        seen.facts += [(event, place) for events in kinds.values() for event in events]
        if batch.packed:
            seen.packages.append((place, batch.packed))
        if batch.events or batch.packed or batch.cursor.offset or batch.session.tail or batch.session.title:
            seen.sessions.append((batch.session, prompted_at))  # a file without a whole line makes no session
    return seen


def _lives(chains: Chains, sessions: Iterable[tuple[SessionSeen, Instant]]) -> int:
    return chains.seen(
        (seen.first_at, seen.last_at, chains[session_id(seen.key), seen.agent_id, seen.branch])
        for seen, _ in sessions
        if seen.agent_id and seen.first_at and seen.last_at
    )


def _owners(chains: Chains, changes: requests.Changes) -> set[int]:
    moved = {row[1] for change in changes.grown for row in change if row is not None}
    return {chains.owner(chain)[0] for chain in moved}


def _usage(chains: Chains, changes: requests.Changes) -> list[UsageGain]:
    gains = [_gain(chains, row, usage_of(row)) for row in changes.fresh if row[14] != REPLAY]
    for old, new in changes.grown:
        if new is not None and old[3] == new[3] and chains.owner(old[1]) == chains.owner(new[1]):
            gains.append(_gain(chains, new, usage_of(new) - usage_of(old)))
            continue
        if old[14] != REPLAY:
            gains.append(_gain(chains, old, _NOTHING - usage_of(old)))
        if new is not None and new[14] != REPLAY:
            gains.append(_gain(chains, new, usage_of(new)))
    return [gain for gain in gains if gain.usage != _NOTHING]


def _gain(chains: Chains, row: Row, usage: Usage) -> UsageGain:
    session, agent_id = chains.owner(row[1])
    return UsageGain(uid_of(session), row[3], usage, agent_id)
