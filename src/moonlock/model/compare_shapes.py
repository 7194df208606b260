"""Sessions side by side, as they leave the house: two to four of either kind, each beside the first."""

from __future__ import annotations

from typing import Literal

import msgspec

from moonlock.model.shape import Shape
from moonlock.model.shapes import TokensShape


class UsedToolShape(Shape, frozen=True, rename="camel", kw_only=True):
    """A tool that was called, and how often that went wrong."""

    name: str
    calls: int
    failed: int
    denied: int


class DoneShape(Shape, frozen=True, rename="camel", kw_only=True):
    """Objectives: those that were reached, and all that were not taken back."""

    done: int
    total: int


class SideFiguresShape(Shape, frozen=True, rename="camel", kw_only=True):
    """What stands beside each other. Of a session by hand it is what it gathered while its timer ran.

    ``elapsedMs`` is how long its timer ran; of one from a log, from its first line to its last.
    """

    elapsed_ms: int
    tokens: TokensShape
    cost_usd: float | None
    unpriced_tokens: int
    requests: int
    tool_calls: int
    failed_tools: int
    errors: int
    """Requests of the agent that failed."""
    objectives: DoneShape
    checkpoints: int


class DifferenceShape(Shape, frozen=True, rename="camel", kw_only=True):
    """How much more than the first one; negative is less. The cost is null where one of the two is not known."""

    elapsed_ms: int
    tokens: TokensShape
    cost_usd: float | None
    requests: int
    tool_calls: int
    failed_tools: int
    errors: int
    objectives_done: int


class SideShape(Shape, frozen=True, rename="camel", kw_only=True):
    """One column. Of a session that cannot be told, all but what was asked and why is null."""

    asked: str
    missing: Literal["unknown", "ambiguous"] | None = None
    id: str | None = None
    name: str | None = None
    origin: Literal["observed", "manual"] | None = None
    agent: str | None = None
    project: str | None = None
    started_at: str | None = None
    ended_at: str | None = None
    """Of a session by hand that is over, or the last line of a log."""
    figures: SideFiguresShape | None = None
    tools: list[UsedToolShape] = msgspec.field(default_factory=list)
    """Most used first, at most 20."""
    difference: DifferenceShape | None = None
    """From the first one; null for that one itself, and where either is missing."""


class CompareShape(Shape, frozen=True, rename="camel", kw_only=True):
    """In the order in which they were asked for; the first one is what the others are compared with."""

    schema: Literal["moonlock.compare/1"] = "moonlock.compare/1"
    sessions: list[SideShape]
