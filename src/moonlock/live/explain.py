"""Why a number is what it is: the store's requests beside the lines that tell them, merged, dropped and priced.

The numbers are those of the store, and so of every report; the agents' own logs are read again only to show where each
comes from. Nothing more is kept for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import reduce
from operator import add

from moonlock.analytics.costing import Bill, itemised
from moonlock.analytics.prices import PriceTable
from moonlock.live.explained import CHANGED, LESS, Explanation, Merged, Missing, Place, Record, Scope, Unpriced
from moonlock.live.hearing import Hearing, Sighting, Wanted
from moonlock.model.events import UNDERSTATED, UsageEvent
from moonlock.model.instant import Instant, instant
from moonlock.model.rows import Row
from moonlock.model.tokens import Tokens, Usage
from moonlock.sources.base import Source
from moonlock.store import Store
from moonlock.store.evidence import Booked, Evidence, LogFile
from moonlock.store.sessions import usage_from

AGAIN, PLACEHOLDER = "same response logged again", "streaming placeholder"
COPY, ELSEWHERE, REPLAY = "copied history", "same response in another file", "replayed on a side chain"
ALWAYS = -(1 << 62), 1 << 62

_Bill = Callable[[UsageEvent], Bill | None]


def explain(store: Store, scope: Scope, table: PriceTable, sources: Iterable[Source]) -> Explanation:
    """Everything behind the number; logs are read as far as they can hold a line of it."""
    evidence = store.evidence()
    books = _Books(evidence, scope)
    hearing = Hearing(scope, books.wanted(), sources)
    files = evidence.files()
    late = [file for file in files if not books.may_speak(file)]
    for file in files:
        if books.may_speak(file):
            hearing.hear(file)
    if any(_told(booked, hearing) is None for booked in books.counted.values()):
        for file in late:  # a restored file has an old time
            hearing.hear(file)
    return _Account(books, hearing, files, itemised(table)).explanation()


def blocks(rows: Iterable[Row]) -> Iterator[Scope]:
    """The blocks of the report that have requests. One at the very end of a block is its own (rule B2), so the next one
    begins behind it, wherever its window does.
    """
    last = ALWAYS[0]
    for key, _, sums, *_, facts in rows:
        told = dict(facts)
        if told["actualEndAt"] is not None:
            start = max(_moment(told["startAt"]), last + 1)
            last = _moment(told["actualEndAt"])
            yield Scope("block", key, start, last + 1, usage_from(sums))


class _Books:
    """The requests in question, as the store has them."""

    def __init__(self, evidence: Evidence, scope: Scope) -> None:
        self.scope = scope
        self._united = evidence.united()
        found = evidence.of_session(scope.session) if scope.session else evidence.between(scope.start, scope.end)
        kept = [one for one in found if not one.replay and (scope.session or not one.hidden)]
        self.counted = {one.event.key: one for one in kept}
        messages: dict[int, int] = {}
        for key in self.counted:
            messages.setdefault(key >> 16, key)
        self.replays = {
            one.event.key: messages[one.event.key >> 16]
            for one in evidence.replays()
            if one.event.key >> 16 in messages
        }
        """What is only told again, and the request that it repeats."""
        self._elsewhere = {one.event.key for one in found} - self.counted.keys() - self.replays.keys()
        self._files = {one.file for one in self.counted.values()}
        self._start = min((one.event.at for one in kept), default=scope.start) if scope.session else scope.start

    def wanted(self) -> Wanted:
        return Wanted(self.counted.keys() | self.replays.keys(), self._elsewhere, self._united)

    def may_speak(self, file: LogFile) -> bool:
        """A file cannot hold a line that is younger than its last change; a session's own files speak anyway."""
        of_it = file.number in self._files or (bool(self.scope.session) and file.session == self.scope.session)
        return of_it or file.modified >= self._start * 1_000_000


class _Account:
    """The books and the lines, put side by side."""

    def __init__(self, books: _Books, hearing: Hearing, files: Iterable[LogFile], bill: _Bill) -> None:
        self._books = books
        self._hearing = hearing
        self._files = {file.number: file for file in files}
        self._bill = bill

    def explanation(self) -> Explanation:
        counted = self._books.counted.values()
        won = {key: _winner(one, self._hearing) for key, one in self._books.counted.items() if self._heard_of(key)}
        records = tuple(self._record(one, won[one.event.key]) for one in counted if one.event.key in won)
        return Explanation(
            self._books.scope,
            _sum(counted),
            _sum(one for one in counted if one.event.agent_id),
            len({one.session for one in counted}),
            records,
            sum(sighting.attempt for sighting in won.values()),
            tuple(self._merged(won)),
            tuple(_grouped(self._lost())),
            tuple(_unpriced(counted)),
            self._hearing.heard,
        )

    def _heard_of(self, key: int) -> bool:
        return key in self._hearing.sightings

    def _record(self, booked: Booked, winner: Sighting) -> Record:
        told, tokens = self._hearing.sightings[booked.event.key], booked.event.tokens
        values = () if winner.event.tokens == tokens else tuple(dict.fromkeys(_largest(told, tokens)))
        bill = self._bill(booked.event)
        return Record(winner.place, booked.event, booked.model, booked.cost, booked.session, bill, values)

    def _merged(self, won: dict[int, Sighting]) -> Iterator[Merged]:
        groups: dict[tuple[Place | None, str], list[Place]] = {}
        for key, told in self._hearing.sightings.items():
            kept = won.get(self._books.replays.get(key, key))
            for sighting in told:
                if sighting is kept or sighting.attempt:
                    continue
                reason = REPLAY if key in self._books.replays else _reason(kept or sighting, sighting)
                groups.setdefault((kept.place if kept else None, reason), []).append(sighting.place)
        for (place, reason), dropped in groups.items():
            yield Merged(place, tuple(dropped), reason)

    def _lost(self) -> Iterator[tuple[str, str, int]]:
        """File, reason and tokens of each request that no line tells any more, or none in full."""
        for key, booked in self._books.counted.items():
            if _told(booked, self._hearing) is not None:
                continue
            file = self._files.get(booked.file)
            reason = LESS if self._heard_of(key) else self._hearing.silent.get(booked.file, CHANGED)
            yield (file.path if file else ""), reason, booked.event.tokens.total


def _told(booked: Booked, hearing: Hearing) -> Tokens | None:
    """The counts that the lines tell; None where that is less than what the store remembers."""
    told = reduce(Tokens.largest, (one.event.tokens for one in hearing.sightings.get(booked.event.key, ())), Tokens())
    return told if told.largest(booked.event.tokens) == told else None


def _winner(booked: Booked, hearing: Hearing) -> Sighting:
    """The fullest line; of equal ones that which describes the request as it is kept, the latest of them (rule D2)."""
    kept = booked.event

    def rank(one: Sighting) -> tuple[int, bool, bool, bool, int]:
        same = (one.event.model, one.event.marks) == (kept.model, kept.marks)
        return one.event.weight, same, one.event.recorded == kept.recorded, one.file.number == booked.file, one.line

    return max(hearing.sightings[kept.key], key=rank)


def _largest(told: Sequence[Sighting], tokens: Tokens) -> Iterator[Place]:
    for name in Tokens.__struct_fields__:
        if getattr(tokens, name):
            yield max(told, key=lambda one, name=name: getattr(one.event.tokens, name)).place  # type: ignore[misc]


def _reason(kept: Sighting, dropped: Sighting) -> str:
    if kept.file is not dropped.file:
        return ELSEWHERE if kept.file.session == dropped.file.session else COPY
    return PLACEHOLDER if dropped.event.weight < kept.event.weight else AGAIN


def _moment(iso: object) -> Instant:
    return instant(datetime.fromisoformat(str(iso)))


def _sum(counted: Iterable[Booked]) -> Usage:
    return reduce(add, map(_usage, counted), Usage())


def _usage(booked: Booked) -> Usage:
    tokens, cost = booked.event.tokens, booked.cost
    low = 1 if booked.event.marks & UNDERSTATED else 0
    return Usage(tokens, 1, 0, 1, tokens.total, low) if cost is None else Usage(tokens, 1, cost, 0, 0, low)


def _grouped(lost: Iterable[tuple[str, str, int]]) -> Iterator[Missing]:
    groups: dict[tuple[str, str], list[int]] = {}
    for file, reason, tokens in lost:
        groups.setdefault((file, reason), []).append(tokens)
    for (file, reason), each in groups.items():
        yield Missing(file, len(each), sum(each), reason)


def _unpriced(counted: Iterable[Booked]) -> Iterator[Unpriced]:
    requests: Counter[str] = Counter()
    tokens: Counter[str] = Counter()
    for booked in counted:
        if booked.cost is None:
            requests[booked.model] += 1
            tokens[booked.model] += booked.event.tokens.total
    for model, count in requests.most_common():
        yield Unpriced(model, count, tokens[model])
