"""The course of a session as spans on lanes, marks, and sums that only grow; as fine as the page that shows it.

Where there is more than can be shown, nearest neighbours become one and say how many they are: nothing is left out.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import nsmallest
from itertools import pairwise
from operator import add, itemgetter
from typing import TypeVar

import msgspec

from moonlock.model.chronicle import Billed, Lane
from moonlock.model.events import Outcome, ToolCall
from moonlock.model.instant import Instant
from moonlock.model.tokens import Tokens, Usage

T = TypeVar("T")
NOTHING = Usage()
Posted = tuple[Instant, int]
_Row = tuple[int, ...]
_NO_COUNTS = (0,) * 10
_WIDTH = len(_NO_COUNTS) + 1


class Span(msgspec.Struct, frozen=True, gc=False):
    """A stretch of time on a lane: one thing, or ``count`` neighbours."""

    lane: Lane
    start: Instant
    end: Instant | None
    """None while it goes on, and where nobody knows when it ended."""
    name: str = ""
    """"" where neighbours of several names became one."""
    outcome: Outcome | None = None
    agent_id: str = ""
    count: int = 1
    failed: int = 0
    """How many of them failed or were denied."""


class Mark(msgspec.Struct, frozen=True, gc=False):
    """Something that happened at one moment, or ``count`` neighbours of a kind, the first of them at ``at``."""

    kind: str
    at: Instant
    name: str = ""
    count: int = 1


class Point(msgspec.Struct, frozen=True, gc=False):
    """All that was used up to a moment, and how full the model's context was then."""

    at: Instant
    usage: Usage
    context: int | None
    posted: int = 0


def turns(prompts: Sequence[Instant], calls: Iterable[ToolCall], billed: Iterable[Billed]) -> list[Span]:
    """From each prompt to the end of what the session's own line did for it, before the next one at the latest.

    What was done before the first prompt is a turn that nobody asked for.
    """
    began = sorted(set(prompts))
    ends: dict[int, Instant] = {}
    early: Instant | None = None
    for start, end in sorted(_done([*calls], [*billed], began[-1] if began else 0)):
        turn = bisect_right(began, start) - 1
        early = start if turn < 0 and early is None else early
        ends[turn] = max(end, ends.get(turn, end))
    starts = dict(enumerate(began)) | ({} if early is None else {-1: early})
    following = {turn: began[turn + 1] if turn + 1 < len(began) else None for turn in starts}
    return [
        Span("turn", start, _earlier(max(start, ends.get(turn, start)), following[turn]))
        for turn, start in sorted(starts.items())
    ]


def _done(calls: Sequence[ToolCall], billed: Sequence[Billed], last: Instant) -> list[tuple[Instant, Instant]]:
    """What its own line did; a call of the ``last`` turn that is open lasts as long as sub-agents work."""
    every = [(one.at, one.last_at, one.agent_id) for one in billed]
    every += [(call.at, call.at + (call.duration or 0), call.agent_id) for call in calls]
    own = [(start, end) for start, end, agent_id in every if not agent_id]
    helped = max((end for _, end, agent_id in every if agent_id), default=0)
    still = [call.at for call in calls if not call.agent_id and call.duration is None and call.at >= last]
    return [*own, *((start, max(start, helped)) for start in still)]


def used(call: ToolCall) -> Span:
    """A tool call as a span."""
    end = None if call.duration is None else call.at + call.duration
    failed = 1 if call.outcome in ("failed", "denied") else 0
    return Span("tool", call.at, end, call.name, call.outcome, call.agent_id, failed=failed)


def merged(spans: Iterable[Span], most: int) -> list[Span]:
    """At most so many spans, by lane and start: the nearest neighbours of a lane become one."""
    ordered = sorted(spans, key=lambda span: (span.lane, span.start, span.end or span.start))
    return [_one_span(group) for group in _groups(ordered, most, lambda span: span.lane, _gap)]


def gathered(marks: Iterable[Mark], most: int) -> list[Mark]:
    """At most so many marks, in time order: the nearest neighbours of a kind become one."""
    ordered = sorted(marks, key=lambda mark: (mark.kind, mark.at))
    groups = _groups(ordered, most, lambda mark: mark.kind, lambda one, other: other.at - one.at)
    return sorted((_one_mark(group) for group in groups), key=lambda mark: (mark.at, mark.kind))


class Sums:
    """What was used up to any moment, from ``base`` on. ``posted`` are tokens of no known kind, and when they came.

    ``before`` is the response of the session's own line that came last before all of these.
    """

    def __init__(
        self,
        billed: Iterable[Billed],
        base: Usage = NOTHING,
        before: Billed | None = None,
        posted: Iterable[Posted] = (),
    ) -> None:
        self._base, self._context = base, None if before is None else before.tokens.prompt
        self._times: list[Instant] = []
        self._rows: list[_Row] = []
        self._contexts: list[int | None] = []
        sums, context = (0,) * _WIDTH, self._context
        for at, row, prompt in sorted(_steps(billed, posted), key=itemgetter(0)):
            sums = tuple(map(add, sums, row))
            context = context if prompt is None else prompt
            self._times.append(at)
            self._rows.append(sums)
            self._contexts.append(context)

    @property
    def last(self) -> Instant:
        """When something was used last; 0 when nothing was."""
        return self._times[-1] if self._times else 0

    def at(self, moment: Instant) -> Point:
        """All that began up to then."""
        return self._point(bisect_right(self._times, moment) - 1, moment)

    def between(self, start: Instant, end: Instant | None) -> Usage:
        """What began in [start, end); without an end all since then."""
        return self._usage(len(self._times) if end is None else bisect_left(self._times, end)) - self._usage(
            bisect_left(self._times, start)
        )

    def since(self, start: Instant) -> int:
        """How many steps there are from then on."""
        return len(self._times) - bisect_left(self._times, start)

    def points(self, most: int, start: Instant) -> list[Point]:
        """Every step from then on, or the last one in each of so many equal stretches of time."""
        first = bisect_left(self._times, start)
        times = self._times[first:]
        if not times:
            return []
        width = 0 if len(times) <= most else (times[-1] - times[0]) // most + 1
        last = {(at - times[0]) // width if width else index: index for index, at in enumerate(times, first)}
        return [self._point(index, self._times[index]) for index in last.values()]

    def _point(self, index: int, at: Instant) -> Point:
        if index < 0:
            return Point(at, self._base, self._context)
        return Point(at, self._base + self._usage(index + 1), self._contexts[index], self._rows[index][-1])

    def _usage(self, steps: int) -> Usage:
        """Of the first so many steps."""
        if not steps:
            return NOTHING
        *counts, requests, cost, unpriced, without, low, _ = self._rows[steps - 1]
        return Usage(Tokens(*counts), requests, cost, unpriced, without, low)


def _steps(billed: Iterable[Billed], posted: Iterable[Posted]) -> Iterator[tuple[Instant, _Row, int | None]]:
    """Plain numbers: a session of 2,500 responses would make as many objects, of which few are looked at.

    With the prompt, if the session's own line sent it: that is how full the context is.
    """
    for one in billed:
        tokens = one.tokens
        counts = tokens.input, tokens.output, tokens.cache_write_5m, tokens.cache_write_1h, tokens.cache_read
        rest = (1, one.cost, 0, 0) if one.cost is not None else (1, 0, 1, sum(counts))
        yield one.at, (*counts, *rest, one.understated, 0), None if one.agent_id else tokens.prompt
    for at, count in posted:
        yield at, (*_NO_COUNTS, count), None


def _groups(ordered: Sequence[T], most: int, kind: Callable[[T], str], gap: Callable[[T, T], int]) -> list[list[T]]:
    """Neighbours of one kind, put together where the gaps are the smallest until there are no more than ``most``."""
    gaps = [
        (gap(before, one), index)
        for index, (before, one) in enumerate(pairwise(ordered), 1)
        if kind(before) == kind(one)
    ]
    joined = {index for _, index in nsmallest(max(0, len(ordered) - most), gaps)}
    groups: list[list[T]] = []
    for index, one in enumerate(ordered):
        if index in joined:
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _gap(before: Span, span: Span) -> int:
    return span.start - (before.end or before.start)


def _one_span(group: Sequence[Span]) -> Span:
    """All of them in one; where some end is known, those without one are as long as is known of them."""
    if len(group) == 1:
        return group[0]
    ended = any(span.end is not None for span in group)
    return Span(
        group[0].lane,
        group[0].start,
        max(span.start if span.end is None else span.end for span in group) if ended else None,
        _common({span.name for span in group}),
        _shared_outcome(group),
        _common({span.agent_id for span in group}),
        sum(span.count for span in group),
        sum(span.failed for span in group),
    )


def _one_mark(group: Sequence[Mark]) -> Mark:
    return Mark(
        group[0].kind,
        group[0].at,
        _common({mark.name for mark in group}),
        sum(mark.count for mark in group),
    )


def _shared_outcome(group: Sequence[Span]) -> Outcome | None:
    first = group[0].outcome
    return first if all(span.outcome == first for span in group) else None


def _common(found: set[str]) -> str:
    """What all are called, "" when they differ."""
    return next(iter(found)) if len(found) == 1 else ""


def _earlier(end: Instant, bound: Instant | None) -> Instant:
    return end if bound is None else min(end, bound)
