"""What OpenTelemetry told of a session, as it leaves the house. None of it is in any total."""

from __future__ import annotations

from moonlock.model.shape import Shape
from moonlock.model.shapes import TokensShape


class AuxiliarySourceShape(Shape, frozen=True, rename="camel", kw_only=True):
    """What one kind of auxiliary request used."""

    source: str
    """In the agent's word, as ``compact``; empty where it said none."""
    tokens: TokensShape
    cost_usd: float | None
    requests: int


class AuxiliaryShape(Shape, frozen=True, rename="camel", kw_only=True):
    """Requests of which no log tells: titles, compaction, checks of goals. They are in no other figure."""

    tokens: TokensShape
    cost_usd: float | None
    """By the agent's own estimate; null where it gave none."""
    requests: int
    by_source: list[AuxiliarySourceShape]
    """Most tokens first."""


class TelemetryCompactionShape(Shape, frozen=True, rename="camel", kw_only=True):
    """A compaction as the client counted it."""

    at: str
    trigger: str | None
    before_tokens: int | None
    after_tokens: int | None
    duration_ms: int | None


class TelemetryShape(Shape, frozen=True, rename="camel", kw_only=True):
    """What the client counted of a session by itself; counters are null where it exports no metrics."""

    last_at: str
    """When it was heard last."""
    requests: int
    """Requests that it told of, those of the log among them."""
    errors: int
    """Requests that failed, each try of them."""
    lines_added: int | None
    lines_removed: int | None
    commits: int | None
    pull_requests: int | None
    active_user_ms: int | None
    """While the user typed or chose."""
    active_cli_ms: int | None
    """While the agent answered or a tool ran."""
    compactions: list[TelemetryCompactionShape]
