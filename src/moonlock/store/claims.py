"""One response, told by many lines in many files: what is kept of it, and whose it is. Pure.

The order in which files are read must not show: the tokens are the largest of each kind, the earliest time decides the
session and the branch, and where two files describe a response differently at the same size, the words themselves
decide.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from moonlock.model.events import FAST, UNDERSTATED, UsageEvent, merged
from moonlock.model.tokens import Tokens, Usage
from moonlock.store.places import Place
from moonlock.store.pricing import sane
from moonlock.store.schema import MAIN, REPLAY, SIDE

Row = tuple[int, int, int, int, int, int, int, int, int, int, int, int | None, int | None, int, int, int]
"""key, chain, model, at, span, five token counts, searches, recorded, cost, marks, side, file."""

_FAST_NAME = "-fast"


class Claim(msgspec.Struct, gc=False):
    """A response as known so far. ``row`` is what the store has of it."""

    event: UsageEvent
    place: Place
    row: Row | None = None

    def add(self, seen: UsageEvent, place: Place) -> None:
        """Take in another telling of the same response."""
        known, owner, elsewhere = self.event, self.event, place.file != self.place.file
        if seen == known and place is self.place:
            return
        both = merged(known, seen)
        if seen.at < known.at or (seen.at == known.at and elsewhere and place.older(self.place)):
            owner, self.place = seen, place
        elif seen.at == known.at and not elsewhere:
            owner = seen
        agent_id = _agent(known, seen, owner)
        same = seen.at == known.at and not elsewhere
        branch = owner.branch or (known.branch if same else "")
        if (both.agent_id, both.branch) != (agent_id, branch):
            both = replace(both, agent_id=agent_id, branch=branch)
        if known.weight == seen.weight and elsewhere:
            both = _told_by(max(known, seen, key=_words), both)
        self.event = both


def _agent(known: UsageEvent, seen: UsageEvent, owner: UsageEvent) -> str:
    """The main chain's word counts before a sidechain's (rule D7); among sidechains the owner's."""
    if known.sidechain and seen.sidechain:
        return owner.agent_id
    return min(event.agent_id for event in (known, seen) if not event.sidechain)


def _words(event: UsageEvent) -> tuple[bool, str, int, int]:
    """What decides between two files at the same size: a main chain's word first (rule D7), then the words."""
    return not event.sidechain, event.model, event.marks, -1 if event.recorded is None else event.recorded


def _told_by(told: UsageEvent, both: UsageEvent) -> UsageEvent:
    if (both.model, both.marks, both.recorded) == (told.model, told.marks, told.recorded):
        return both
    return replace(both, model=told.model, marks=told.marks, recorded=told.recorded)


def replays(events: Iterable[UsageEvent]) -> set[int]:
    """Keys of sidechain responses whose message a main chain has too: context handed on, not a bill (rule D7)."""
    aside: list[int] = []
    main: list[int] = []
    for event in events:
        (aside if event.sidechain else main).append(event.key)
    if not aside:
        return set()
    messages = {key >> 16 for key in main}
    return {key for key in aside if key >> 16 in messages}


def shown_model(event: UsageEvent) -> str:
    """Fast requests are a model of their own (rule C4)."""
    return event.model + _FAST_NAME if event.marks & FAST else event.model


def row_of(event: UsageEvent, replay: bool, cost: int | None, where: tuple[int, int, int]) -> Row:
    """The response as the store keeps it; ``where`` are the numbers of its chain, model and file."""
    chain, model, file = where
    tokens = event.tokens
    return (
        event.key,
        chain,
        model,
        event.at,
        event.last_at - event.at,
        tokens.input,
        tokens.output,
        tokens.cache_write_5m,
        tokens.cache_write_1h,
        tokens.cache_read,
        event.searches,
        sane(event.recorded),
        sane(cost),
        event.marks,
        (REPLAY if replay else SIDE) if event.sidechain else MAIN,
        file,
    )


def event_of(row: Row, shown: str, agent_id: str, branch: str) -> UsageEvent:
    """The response that a row stands for."""
    key, _, _, at, span, *counts, searches, recorded, _, marks, side, _ = row
    return UsageEvent(
        key=key,
        at=at,
        last_at=at + span,
        model=shown.removesuffix(_FAST_NAME) if marks & FAST else shown,
        tokens=Tokens(*counts),
        marks=marks,
        searches=searches,
        recorded=recorded,
        sidechain=side != MAIN,
        agent_id=agent_id,
        branch=branch,
    )


def usage_of(row: Row) -> Usage:
    """What the request adds to every sum; nothing when it is a replay."""
    if row[14] == REPLAY:
        return Usage()
    tokens, cost = Tokens(*row[5:10]), row[12]
    low = 1 if row[13] & UNDERSTATED else 0
    if cost is None:
        return Usage(tokens, 1, 0, 1, tokens.total, low)
    return Usage(tokens, 1, cost, 0, 0, low)
