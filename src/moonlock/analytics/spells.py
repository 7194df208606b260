"""How long a session was in which state. Every moment of it counts once, so the states add up to its length."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Literal, get_args

import msgspec

from moonlock.analytics.sessions import IDLE, QUESTIONS
from moonlock.model.events import AgentError, Compaction, LimitHit, ToolCall
from moonlock.model.instant import SECOND, Instant
from moonlock.model.presence import Wait, Waited

Spell = Literal["idle", "waiting", "error", "limited", "working", "permission", "question", "compacting"]
"""The later one counts where two are told of one moment: a question is asked in the middle of a turn."""
_RANKS: Mapping[Spell, int] = {spell: rank for rank, spell in enumerate(get_args(Spell))}
Stretch = tuple[Instant, Instant]
_Piece = tuple[Instant, Instant, Spell]
NEAR = 10 * SECOND
"""A hook and the line of the same call are not written at once."""


class Lived(msgspec.Struct, frozen=True):
    """What is known of a session's life: its length, its turns, and what happened in it."""

    span: Stretch
    turns: Sequence[Stretch] = ()
    calls: Sequence[ToolCall] = ()
    happened: Sequence[object] = ()
    waits: Sequence[Wait] = ()
    """What hooks tell, already ``timed``."""


def timed(waited: Waited, calls: Sequence[ToolCall]) -> list[Wait]:
    """The waits that only hooks tell of, in time order; of a leave that was refused the log knows when.

    A question by a tool is in the log, with its end.
    """
    return [
        msgspec.structs.replace(wait, over=_over(wait, [call for call in calls if _meant(call, wait)]))
        for wait in waited.waits
        if wait.tool not in QUESTIONS
    ]


def _over(wait: Wait, meant: Sequence[ToolCall]) -> Instant | None:
    """When it was over, which is while the call that leave was asked for goes on: hooks of a time in which nobody
    listened are missing, and then the next call of the same tool looks like it. Of a refused one the log tells the end.
    """
    ends = [call.at + (call.duration or 0) for call in meant]
    if wait.over is None:
        refused = (max(wait.start, end) for call, end in zip(meant, ends, strict=True) if call.outcome == "denied")
        return min(refused, default=None)
    closed = meant and all(call.duration is not None for call in meant)
    return None if closed and wait.over > max(ends) + NEAR else wait.over


def _meant(call: ToolCall, wait: Wait) -> bool:
    return call.name == wait.tool and call.at - NEAR <= wait.start <= call.at + (call.duration or 0) + NEAR


def states(lived: Lived) -> Mapping[Spell, int]:
    """Milliseconds in each state; together they are the length of the session."""
    start, end = lived.span
    found: Counter[Spell] = Counter(dict.fromkeys(_RANKS, 0))
    edges: list[tuple[Instant, int, int]] = []
    for began, over, spell in _pieces(lived):
        began, over = max(began, start), min(over, end)
        if began < over:
            edges += [(began, _RANKS[spell], 1), (over, _RANKS[spell], -1)]
    edges.sort()
    spells, open_ = list(_RANKS), [0] * len(_RANKS)
    for (at, rank, turn), (until, _, _) in pairwise([*edges, (end, 0, 0)]):
        open_[rank] += turn
        if at < until:
            found[spells[max(place for place, number in enumerate(open_) if number)]] += until - at
    return found


def _pieces(lived: Lived) -> Iterator[_Piece]:
    """All that is told; the pauses, which nobody tells of, cover the rest."""
    start, end = lived.span
    stops = [event for event in lived.happened if isinstance(event, AgentError | LimitHit)]
    yield start, end, "idle"
    for pause in _pauses(lived.span, lived.turns):
        yield pause[0], min(pause[1], pause[0] + IDLE), "waiting"
        yield from _stopped(pause, stops)
    yield from ((*turn, "working") for turn in lived.turns)
    for call in lived.calls:
        if call.name in QUESTIONS and not call.agent_id:
            yield call.at, end if call.duration is None else call.at + call.duration, "question"
    for wait in lived.waits:
        if wait.over is not None:
            yield wait.start, wait.over, "question" if wait.wants == "question" else "permission"
    for event in lived.happened:
        if isinstance(event, Compaction) and event.duration:
            yield event.at - event.duration, event.at, "compacting"


def _pauses(span: Stretch, turns: Iterable[Stretch]) -> Iterator[Stretch]:
    at = span[0]
    for began, over in sorted(turns):
        if at < began:
            yield at, began
        at = max(at, over)
    if at < span[1]:
        yield at, span[1]


def _stopped(pause: Stretch, stops: Iterable[AgentError | LimitHit]) -> Iterator[_Piece]:
    """A pause that began with an error lasts until somebody goes on; one that began with a limit, until it resets."""
    start, end = pause
    near = [event for event in stops if abs(event.at - start) <= _SOON]
    if not near:
        return
    last = near[-1]
    if isinstance(last, LimitHit):
        yield start, end if last.resets_at is None else min(end, max(start, last.resets_at)), "limited"
    elif not last.retrying:
        yield start, end, "error"


_SOON = 1_000
"""An error is written with the last line of its turn."""
