"""How long a session was in which state, from its chronicle to what leaves the house."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from moonlock.analytics.spells import Lived, states
from moonlock.analytics.timeline import Span
from moonlock.model.chronicle_shapes import StatesShape
from moonlock.model.events import ToolCall
from moonlock.model.instant import Instant, instant
from moonlock.model.shapes import SessionShape


def states_shape(
    session: SessionShape, turns: Sequence[Span], calls: Sequence[ToolCall], happened: Sequence[object]
) -> StatesShape:
    """Of all that was read of it, from its first line to its last."""
    stretches = [(turn.start, turn.end or turn.start) for turn in turns]
    said = [_moment(moment) for moment in (session.started_at, session.last_activity_at) if moment is not None]
    known = [*said, *(edge for stretch in stretches for edge in stretch)]
    span = (min(known), max(known)) if known else (0, 0)
    found = states(Lived(span, stretches, calls, happened))
    return StatesShape(
        working_ms=found["working"],
        question_ms=found["question"],
        waiting_ms=found["waiting"],
        idle_ms=found["idle"],
        compacting_ms=found["compacting"],
        limited_ms=found["limited"],
        error_ms=found["error"],
        total_ms=span[1] - span[0],
    )


def _moment(said: str) -> Instant:
    return instant(datetime.fromisoformat(said))
