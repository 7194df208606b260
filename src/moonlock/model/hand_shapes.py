"""What leaves the house about sessions by hand, beside the session itself: checkpoints, tokens and the final report."""

from __future__ import annotations

from typing import Literal

import msgspec

from moonlock.model.alert_shapes import AlertShape
from moonlock.model.manual import CheckpointSource
from moonlock.model.shape import Shape
from moonlock.model.shapes import SessionShape, TokensShape
from moonlock.model.timer_shapes import JumpShape


class CheckpointShape(Shape, frozen=True, rename="camel", kw_only=True):
    """A phase that was reached, and how long the timer had run by then.

    One with ``suggested`` is not marked yet: an agent did something that may be a phase, and a person may accept it.
    """

    id: str
    at: str
    elapsed_ms: int
    phase: str
    prompt_count: int | None
    metadata: msgspec.Raw
    suggested: bool
    source: CheckpointSource
    """Who marked it, or what was done."""
    agent_session: str | None
    """The id of the agent's session that did it; null for what a person marked."""


class CheckpointList(Shape, frozen=True, rename="camel", kw_only=True):
    checkpoints: list[CheckpointShape]


class SuggestionShape(CheckpointShape, frozen=True, rename="camel", kw_only=True):
    """A suggested checkpoint, and the session by hand that it is for."""

    session_id: str
    session_name: str


class SuggestionList(Shape, frozen=True, rename="camel", kw_only=True):
    """Open suggestions of sessions that are open, newest first."""

    suggestions: list[SuggestionShape]
    next_cursor: str | None


class EntryShape(Shape, frozen=True, rename="camel", kw_only=True):
    """One count of tokens: a request of a log, with its session, or what a program posted."""

    id: str
    at: str
    source: Literal["log", "api"]
    tokens: int
    model: str | None
    operation: str | None
    cost_usd: float | None
    session_id: str | None


class BySource(Shape, frozen=True, rename="camel", kw_only=True):
    log: int
    api: int


class TokenList(Shape, frozen=True, rename="camel", kw_only=True):
    """All that a session adds up: over all parts the entries make ``total``."""

    total: int
    by_source: BySource
    entries: list[EntryShape]
    next_cursor: str | None


class PhaseShape(Shape, frozen=True, rename="camel", kw_only=True):
    """The way to a checkpoint from the one before; ``phase`` is null for what came after the last one."""

    phase: str | None
    started_at: str
    ended_at: str
    elapsed_ms: int
    tokens: TokensShape
    cost_usd: float | None
    unpriced_tokens: int


class EfficiencyShape(Shape, frozen=True, rename="camel", kw_only=True):
    """For each hour that the timer ran, out of the parts beside it."""

    active_ms: int
    tokens: int
    cost_usd: float | None
    tokens_per_hour: float
    cost_per_hour: float | None


class PastShape(Shape, frozen=True, rename="camel", kw_only=True):
    """Medians of one's own sessions by hand before this one."""

    sessions: int
    elapsed_ms: int
    tokens: int
    cost_usd: float


class FinalShape(Shape, frozen=True, rename="camel", kw_only=True):
    """The final report of a session by hand; of one that is not over, as it stands."""

    session: SessionShape
    by_source: BySource
    phases: list[PhaseShape]
    efficiency: EfficiencyShape | None
    comparison: PastShape | None
    jumps: list[JumpShape]
    alerts: list[AlertShape] = msgspec.field(default_factory=list)
    """Those that fired, oldest first."""
