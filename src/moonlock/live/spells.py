"""How long a session was in which state, from its chronicle to what leaves the house."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from moonlock.analytics.spells import Lived, states, timed
from moonlock.analytics.timeline import Span
from moonlock.model.chronicle_shapes import StatesShape
from moonlock.model.events import ToolCall
from moonlock.model.instant import Instant, instant
from moonlock.model.presence import Waited
from moonlock.model.shapes import SessionShape
from moonlock.store import Store


def waited(store: Store, session: SessionShape) -> Waited:
    """What hooks told of the times in which it waited for a person."""
    return store.witnesses().waits.of(session.agent, session.agent_session_id)


def wait_spans(told: Waited, calls: Sequence[ToolCall]) -> list[Span]:
    """The same on the timeline; questions that a tool asked are there as calls."""
    return [Span("waiting", wait.start, wait.over, wait.wants) for wait in timed(told, calls)]


def states_shape(
    session: SessionShape,
    turns: Sequence[Span],
    calls: Sequence[ToolCall],
    happened: Sequence[object],
    told: Waited,
) -> StatesShape:
    """Of all that was read of it, from its first line to its last."""
    stretches = [(turn.start, turn.end or turn.start) for turn in turns]
    said = [_moment(moment) for moment in (session.started_at, session.last_activity_at) if moment is not None]
    known = [*said, *(edge for stretch in stretches for edge in stretch)]
    span = (min(known), max(known)) if known else (0, 0)
    found = states(Lived(span, stretches, calls, happened, timed(told, calls)))
    return StatesShape(
        working_ms=found["working"],
        permission_ms=found["permission"] if told.hooked else None,
        question_ms=found["question"],
        waiting_ms=found["waiting"],
        idle_ms=found["idle"],
        compacting_ms=found["compacting"],
        limited_ms=found["limited"],
        error_ms=found["error"],
        total_ms=span[1] - span[0],
        sources=["log", "hooks"] if told.hooked else ["log"],
    )


def _moment(said: str) -> Instant:
    return instant(datetime.fromisoformat(said))
