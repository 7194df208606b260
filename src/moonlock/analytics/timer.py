"""A timer as a function of ``now``: nothing counts ticks, so nothing drifts.

Marks are moments of the wall clock, which may be set. Inside, time runs on a clock of the timer's own: the wall clock
less all that it was set by since the start. A sleep of the machine counts, for the person's time is measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from moonlock.model.instant import Instant
from moonlock.model.timer import Jump, Mark, Timer, TimerState

Span = tuple[Instant, Instant | None]
"""A stretch of the wall clock during which the timer ran; None is for as long as nobody knows an end."""


class Course(msgspec.Struct, frozen=True):
    """A timer so far. Instants are of its own clock, but for ``spans`` and ``since``, which are the wall's."""

    began: Instant = 0
    shift: int = 0
    """How far the wall clock was set since the start."""
    last: Instant = 0
    """The newest moment that is known to have passed: an unseen step back takes nothing away."""
    paused: int = 0
    pause: Instant | None = None
    ended: Instant | None = None
    state: TimerState = "running"
    since: Instant = 0
    spans: tuple[Span, ...] = ()


EMPTY = Course()


def add(acc: Course, mark: Mark) -> Course:
    """What happened next."""
    if mark.kind == "start":
        return Course(began=mark.at, last=mark.at, since=mark.at, spans=((mark.at, None),))
    if mark.kind == "clock":
        return _set(acc, mark)
    if mark.kind == "expire":
        return _ended(acc, mark, mark.at - acc.shift)  # noticed later than it happened
    own = max(acc.last, mark.at - acc.shift)
    acc = msgspec.structs.replace(acc, last=own)
    if mark.kind == "suspend" or acc.ended is not None:
        return acc
    if mark.kind == "pause" and acc.pause is None:
        spans = _closed(acc.spans, mark.at)
        return msgspec.structs.replace(acc, pause=own, state="paused", since=mark.at, spans=spans)
    if mark.kind == "resume" and acc.pause is not None:
        paused, spans = acc.paused + own - acc.pause, (*acc.spans, (mark.at, None))
        return msgspec.structs.replace(acc, paused=paused, pause=None, state="running", since=mark.at, spans=spans)
    return _ended(acc, mark, own) if mark.kind == "complete" else acc


def fold(marks: Iterable[Mark]) -> Course:
    """All that happened, in its order."""
    acc = EMPTY
    for mark in marks:
        acc = add(acc, mark)
    return acc


def read(acc: Course, duration: int, now: Instant) -> Timer:
    """The timer at ``now``. One that has run out is ``expired`` as of the moment when it did, noticed or not."""
    own = acc.ended if acc.ended is not None else max(acc.last, now - acc.shift)
    paused = acc.paused + (0 if acc.pause is None else own - acc.pause)
    elapsed = own - acc.began - paused
    ends = None if acc.pause is not None or acc.ended is not None else _wall(acc, acc.began + acc.paused + duration)
    if ends is not None and elapsed >= duration:
        return Timer("expired", duration, paused, None, ends, ends)
    return Timer(acc.state, elapsed, paused, ends, acc.since if acc.ended is not None else None, acc.since)


def elapsed_by(marks: Iterable[Mark], duration: int, at: Instant) -> int:
    """How long it had run when the wall clock first showed this moment."""
    acc = EMPTY
    for mark in marks:
        if (mark.at - mark.by if mark.kind == "clock" else mark.at) > at:
            break
        acc = add(acc, mark)
    return min(duration, read(acc, duration, at).elapsed)


def spans(acc: Course, until: Instant | None = None) -> tuple[Span, ...]:
    """When it ran, on the wall clock: apart and in order, though a clock that was set back passes moments twice."""
    cut = [(start, _earlier(end, until)) for start, end in acc.spans]
    merged: list[Span] = []
    for start, end in sorted(cut, key=lambda span: span[0]):
        if end is not None and end <= start:
            continue
        if merged and (merged[-1][1] is None or start <= merged[-1][1]):
            before, ended = merged[-1]
            merged[-1] = before, None if ended is None or end is None else max(ended, end)
        else:
            merged.append((start, end))
    return tuple(merged)


def covers(ran: Sequence[Span], at: Instant) -> bool:
    """Whether the timer ran at this moment of the wall clock."""
    return any(start <= at and (end is None or at < end) for start, end in ran)


def jumps(marks: Iterable[Mark]) -> tuple[Jump, ...]:
    """When the clock was set, and when the machine slept."""
    return tuple(Jump(mark.kind, mark.at, mark.by) for mark in marks if mark.kind in ("clock", "suspend"))


def _set(acc: Course, mark: Mark) -> Course:
    """The wall clock was set; ``mark.at`` is what it showed then."""
    own = max(acc.last, mark.at - mark.by - acc.shift)
    acc = msgspec.structs.replace(acc, shift=acc.shift + mark.by, last=own)
    if acc.state != "running":
        return acc
    spans = (*_closed(acc.spans, mark.at - mark.by), (mark.at, None))
    return msgspec.structs.replace(acc, spans=spans)


def _ended(acc: Course, mark: Mark, own: Instant) -> Course:
    paused = acc.paused + (0 if acc.pause is None else own - acc.pause)
    state: TimerState = "expired" if mark.kind == "expire" else "completed"
    spans = acc.spans if acc.pause is not None else _closed(acc.spans, mark.at)
    return msgspec.structs.replace(acc, paused=paused, pause=None, ended=own, state=state, since=mark.at, spans=spans)


def _closed(ran: tuple[Span, ...], at: Instant) -> tuple[Span, ...]:
    return (*ran[:-1], (ran[-1][0], at))


def _wall(acc: Course, own: Instant) -> Instant:
    return own + acc.shift


def _earlier(end: Instant | None, until: Instant | None) -> Instant | None:
    return until if end is None or (until is not None and until < end) else end
