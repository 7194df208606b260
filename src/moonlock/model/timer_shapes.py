"""What a session by hand has that no other has, as it leaves the house: timer, budget, and whom it follows."""

from __future__ import annotations

from typing import Literal

from moonlock.model.shape import Shape
from moonlock.model.timer import TimerState


class JumpShape(Shape, frozen=True, rename="camel", kw_only=True):
    """The wall clock was set, which the timer makes up for, or the machine slept, which counts."""

    kind: Literal["clock", "suspend"]
    at: str
    by_ms: int


class TimerShape(Shape, frozen=True, rename="camel", kw_only=True):
    """A person's countdown as it stood at ``at``; while it runs, ``endsAt`` is when it runs out."""

    duration_ms: int
    elapsed_ms: int
    remaining_ms: int
    paused_ms: int
    state: TimerState
    at: str
    ends_at: str | None
    jumps: list[JumpShape]


class BudgetShape(Shape, frozen=True, rename="camel", kw_only=True):
    """What the person allows; ``usedShare`` is that of the bound that is nearer."""

    tokens: int | None
    cost_usd: float | None
    used_share: float


class FollowShape(Shape, frozen=True, rename="camel", kw_only=True):
    """Whose usage is gathered: a project, or one session of an agent."""

    project: str | None = None
    session: str | None = None
