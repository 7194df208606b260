"""How full the context window of a chain is, as it leaves the house."""

from __future__ import annotations

from typing import Literal

from moonlock.model.limits import CompactsBy, ContextLevel, LimitSource
from moonlock.model.shape import Shape


class TurnsShape(Shape, frozen=True, rename="camel", kw_only=True):
    """So many responses more until the context is compacted, by the last ten; ``growth`` is what one of them adds."""

    expected: int
    low: int
    high: int | None
    growth: int


class ContextShape(Shape, frozen=True, rename="camel", kw_only=True):
    """How full the model's context window is; null is what cannot be told."""

    used: int
    limit: int
    share: float
    until_compaction: int
    level: ContextLevel
    assumed: bool
    limit_source: LimitSource
    compacts_at: int | None
    """Null where it never compacts by itself."""
    compacts_by: CompactsBy | None
    turns: TurnsShape | None
    as_of: str | None
    """When the response came that ``used`` is told from."""
    advice: str | None
    """What to do now, from the level "warning" on."""


class FillShape(Shape, frozen=True, rename="camel", kw_only=True):
    """What fills the context, estimated from the log; the parts add up to ``used``."""

    beginning: int
    """The first request: the system's words, the tools, memory files, and the first prompt."""
    summary: int
    """What the last compaction left beside that."""
    answers: int
    """What the model wrote since then, thoughts included."""
    results: int
    """The rest: prompts, what tools gave back, attachments."""
    source: Literal["estimated"] = "estimated"


class CompactedShape(Shape, frozen=True, rename="camel", kw_only=True):
    """A compaction of the past: what the agent recorded, and how full the log's last response before it was."""

    at: str
    trigger: Literal["auto", "manual", "micro"]
    tokens_before: int | None
    measured_before: int | None
    tokens_after: int | None
    duration_ms: int | None


class HelperContextShape(Shape, frozen=True, rename="camel", kw_only=True):
    """The context of a sub-agent, as its last response had it."""

    id: str
    model: str | None
    context: ContextShape


class ContextReport(Shape, frozen=True, rename="camel", kw_only=True):
    """The context of one session from its log: what fills it, how it grew, when it was compacted."""

    session_id: str
    context: ContextShape | None
    peak: int | None
    """The fullest it was."""
    fill: FillShape | None
    compactions: list[CompactedShape]
    """Oldest first; those of sub-agents are among them where a log does not tell whose they are."""
    subagents: list[HelperContextShape]


class ContextData(Shape, frozen=True, rename="camel", kw_only=True):
    """The context of the session, or of one of its sub-agents."""

    subagent: str | None
    context: ContextShape
