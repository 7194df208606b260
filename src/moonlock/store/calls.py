"""A tool call as it is told: its row, and what is known of its subject."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from moonlock.model.events import ToolCall
from moonlock.store.subjects import LINES
from moonlock.store.tools import OUTCOMES, lasted

SUBJECT = f"(select text from name where id = s.target), s.mark, {LINES}"
"""The columns of a subject ``s``, which go on those of a call."""
_NOTHING = "", 0, None, None


def call_of(row: Sequence[Any]) -> ToolCall:
    """The call; without the columns of ``SUBJECT`` it is not told what it was about."""
    key, at, name, request, duration, outcome, agent_id, *about = row
    target, mark, added, removed = about or _NOTHING
    return ToolCall(
        key=key,
        at=at,
        name=name,
        request=request,
        duration=lasted(duration),
        outcome=None if outcome is None else OUTCOMES[outcome],
        agent_id=agent_id,
        target=target or "",
        mark=mark or 0,
        added=added,
        removed=removed,
    )
