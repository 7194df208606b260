"""Reports and lists about everything, as they leave the house in JSON. Of usage and blocks it is ``usage --json``."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, UnsetType

from moonlock.model.context_shapes import ContextShape
from moonlock.model.events import ObjectiveState
from moonlock.model.limits import Anchor
from moonlock.model.session import SessionStatus
from moonlock.model.shape import Shape
from moonlock.model.shapes import TokensShape
from moonlock.model.toolwork_shapes import ServerUseShape, SkillUseShape


class UsageFigures(Shape, frozen=True, rename="camel", kw_only=True):
    """Tokens, money and requests of anything; null dollars where nothing of it has a price."""

    input_tokens: int
    output_tokens: int
    cache_creation_tokens: int
    cache_read_tokens: int
    total_tokens: int
    cost_usd: float | None
    requests: int
    unpriced_tokens: int


class UsageShare(UsageFigures, frozen=True, rename="camel", kw_only=True):
    """What one model has of a row."""

    model: str


class UsageTotals(UsageFigures, frozen=True, rename="camel", kw_only=True):
    sessions: int


class _UsageRow(UsageTotals, frozen=True, rename="camel", kw_only=True):
    key: str
    agents: list[str]
    models: list[str]
    breakdown: list[UsageShare]


class UsageRow(_UsageRow, frozen=True, rename="camel", kw_only=True):
    """A period, or whatever rows are grouped by; what is said of sessions, projects or tools alone is left out else."""

    session_id: str | UnsetType = UNSET
    name: str | UnsetType | None = UNSET
    title: str | UnsetType | None = UNSET
    project: str | UnsetType = UNSET
    branch: str | UnsetType | None = UNSET
    first_at: str | UnsetType | None = UNSET
    last_at: str | UnsetType | None = UNSET
    status: SessionStatus | UnsetType = UNSET
    subagent_tokens: int | UnsetType = UNSET
    folder: str | UnsetType = UNSET
    native_id: str | UnsetType = UNSET
    tags: list[str] | UnsetType = UNSET
    path: str | UnsetType | None = UNSET
    worktrees: int | UnsetType = UNSET
    calls: int | UnsetType = UNSET
    failed: int | UnsetType = UNSET
    denied: int | UnsetType = UNSET
    open: int | UnsetType = UNSET
    duration_ms: int | UnsetType = UNSET
    p50_ms: int | UnsetType | None = UNSET
    p95_ms: int | UnsetType | None = UNSET
    server: str | UnsetType | None = UNSET


class NotBilled(Shape, frozen=True, rename="camel", kw_only=True):
    lines: int
    tokens: int


class ReadingShape(Shape, frozen=True, rename="camel", kw_only=True):
    """What became of all lines that were read."""

    files: int
    records: int
    duplicates: int
    skipped: int
    repaired: int
    pending_tail: int
    not_billed: NotBilled
    understated_output: int
    unpriced_models: list[str]
    hidden_sessions: int


class _Report(Shape, frozen=True, rename="camel", kw_only=True):
    schema: Literal["moonlock.usage/1"]
    timezone: str
    since: str | None
    until: str | None
    totals: UsageTotals
    """Of all rows, also those of other parts."""
    reading: ReadingShape
    next_cursor: str | None


class UsageReport(_Report, frozen=True, rename="camel", kw_only=True):
    report: Literal[
        "hourly", "daily", "weekly", "monthly", "model", "project", "agent", "branch", "tool", "skill", "session"
    ]
    rows: list[UsageRow]


class BlockRate(Shape, frozen=True, rename="camel", kw_only=True):
    tokens_per_minute: float
    cost_per_hour: float | None


class BlockProjection(Shape, frozen=True, rename="camel", kw_only=True):
    remaining_minutes: float
    total_tokens: int
    total_cost: float | None
    method: Literal["linear"]


class BlockLimit(Shape, frozen=True, rename="camel", kw_only=True):
    """The block beside a limit of tokens."""

    tokens: int
    source: Literal["history", "configured"]
    used_share: float
    projected_share: float | None
    status: str


class BlockWindow(Shape, frozen=True, rename="camel", kw_only=True):
    start_at: str
    end_at: str
    anchor: Anchor


class BlockRow(_UsageRow, frozen=True, rename="camel", kw_only=True):
    """A window of five hours, or with ``isGap`` a pause that was longer."""

    start_at: str
    end_at: str
    actual_end_at: str | None
    is_active: bool
    is_gap: bool
    entries: int
    anchor: Anchor | None
    limit_reset_at: str | None
    burn_rate: BlockRate | None
    projection: BlockProjection | None
    window: BlockWindow | None
    limit: BlockLimit | None


class BlockMarks(Shape, frozen=True, rename="camel", kw_only=True):
    """The biggest finished block, and that which nine of ten are below."""

    max_block_tokens: int | None
    p90_block_tokens: int | None


class BlockReport(_Report, frozen=True, rename="camel", kw_only=True):
    report: Literal["blocks"]
    rows: list[BlockRow]
    marks: BlockMarks


class ProjectShape(Shape, frozen=True, rename="camel", kw_only=True):
    name: str
    path: str | None
    worktrees: int
    agents: list[str]
    models: list[str]
    sessions: int
    tokens: TokensShape
    cost_usd: float | None
    requests: int
    unpriced_tokens: int


class ProjectList(Shape, frozen=True, rename="camel", kw_only=True):
    projects: list[ProjectShape]
    next_cursor: str | None


class ToolShape(Shape, frozen=True, rename="camel", kw_only=True):
    """A tool; a response's tokens and money are shared among its calls. ``(no tool)`` has those without a call."""

    name: str
    server: str | None
    """The MCP server that it belongs to."""
    calls: int
    failed: int
    denied: int
    open: int
    duration_ms: int
    p50_ms: int | None
    """Half of the calls whose end is known took no longer."""
    p95_ms: int | None
    sessions: int
    tokens: TokensShape
    cost_usd: float | None
    requests: int
    unpriced_tokens: int


class ToolList(Shape, frozen=True, rename="camel", kw_only=True):
    tools: list[ToolShape]
    servers: list[ServerUseShape]
    """All MCP servers whose tools were called, dearest first, whichever part of the tools is asked for."""
    skills: list[SkillUseShape]
    """All skills by which responses worked, dearest first."""
    next_cursor: str | None


class AimShape(Shape, frozen=True, rename="camel", kw_only=True):
    """An objective of a session, in its newest state."""

    id: str
    title: str
    state: ObjectiveState
    source: str
    at: str
    session_id: str
    session_title: str | None
    project: str


class AimList(Shape, frozen=True, rename="camel", kw_only=True):
    objectives: list[AimShape]
    next_cursor: str | None


class SessionContext(Shape, frozen=True, rename="camel", kw_only=True):
    """How full the context window of a session is."""

    session_id: str
    name: str | None
    title: str | None
    project: str
    agent: str
    model: str | None
    status: SessionStatus
    context: ContextShape


class ContextList(Shape, frozen=True, rename="camel", kw_only=True):
    contexts: list[SessionContext]


class ScopeShape(Shape, frozen=True, rename="camel", kw_only=True):
    """Which number is explained."""

    kind: Literal["day", "session", "block", "forecast", "quota", "total"]
    key: str
    name: str | None
    start_at: str | None
    end_at: str | None


class ExplanationShape(Shape, frozen=True, rename="camel", kw_only=True):
    """What is said of all numbers; docs/api.md tells the rest, which a forecast and a sum have each their own of."""

    schema: Literal["moonlock.explain/1"]
    of: ScopeShape
    timezone: str
    totals: UsageFigures
    adds_up: bool | UnsetType = UNSET
    records: list[object] | UnsetType = UNSET
    merged: list[object] | UnsetType = UNSET
    skipped: list[object] | UnsetType = UNSET
    repaired: list[object] | UnsetType = UNSET
    windows: list[object] | UnsetType = UNSET
    left_out: dict[str, int] | UnsetType = UNSET
    """So many entries of a list are not in it."""
