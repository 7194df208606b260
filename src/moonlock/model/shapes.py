"""The nouns as they leave the house in JSON: camelCase, dollars, ISO times, null for what is not known.

Times are UTC with milliseconds, money is dollars rounded to 6 places.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from moonlock.model.health import ComponentStatus
from moonlock.model.limits import Anchor, ContextLevel
from moonlock.model.session import SessionStatus


class Shape(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Base of all that is sent."""


class TokensShape(Shape, frozen=True, rename="camel", kw_only=True):
    input: int = 0
    output: int = 0
    cache_creation: int = 0
    cache_read: int = 0
    total: int = 0


class TotalsShape(Shape, frozen=True, rename="camel", kw_only=True):
    """Usage of a day, a block or a session; with ``unpricedTokens`` the cost is a lower bound."""

    tokens: TokensShape
    cost_usd: float | None
    requests: int
    unpriced_tokens: int = 0
    understated_requests: int = 0


class BurnRateShape(Shape, frozen=True, rename="camel", kw_only=True):
    tokens_per_minute: float
    cost_per_hour: float


class BlockShape(Shape, frozen=True, rename="camel", kw_only=True):
    id: str
    start_at: str
    end_at: str
    is_active: bool
    anchor: Anchor
    tokens: TokensShape
    cost_usd: float | None
    requests: int
    unpriced_tokens: int
    burn_rate: BurnRateShape | None


class ContextShape(Shape, frozen=True, rename="camel", kw_only=True):
    used: int
    limit: int
    share: float
    until_compaction: int
    level: ContextLevel
    assumed: bool


class ObjectivesShape(Shape, frozen=True, rename="camel", kw_only=True):
    done: int
    total: int
    current: str | None


class StateShape(Shape, frozen=True, rename="camel", kw_only=True):
    """Why the status is what it is: since when, told by what, and the tool that runs."""

    since: str | None
    source: Literal["log", "registry", "hook"]
    tool: str | None
    certain: bool
    """False where a log alone cannot tell for sure."""


class SubagentShape(Shape, frozen=True, rename="camel", kw_only=True):
    id: str
    model: str | None
    status: SessionStatus
    last_activity_at: str
    tokens: TokensShape
    cost_usd: float | None
    requests: int


class SessionShape(Shape, frozen=True, rename="camel", kw_only=True):
    id: str
    name: str | None = None
    title: str | None = None
    agent: str
    agent_session_id: str
    origin: Literal["observed", "manual"] = "observed"
    status: SessionStatus
    state: StateShape
    project: str
    cwd: str | None
    branch: str | None
    model: str | None
    version: str | None
    started_at: str | None
    ended_at: str | None = None
    last_activity_at: str | None
    tags: list[str] = []
    description: str | None = None
    follow: str | None = None
    tokens: TokensShape
    cost_usd: float | None
    requests: int
    unpriced_tokens: int = 0
    understated_requests: int = 0
    subagent_tokens: int = 0
    timer: None = None
    budget: None = None
    context: ContextShape | None = None
    objectives: ObjectivesShape | None = None
    subagents: list[SubagentShape] = []
    pulse: list[int] = []
    """Tokens in each of 15 minutes, oldest first."""
    pulse_at: str | None = None
    """When the last minute of the pulse began, so that a picture that gets older can move it; null when all are 0."""


class ProgressShape(Shape, frozen=True, rename="camel", kw_only=True):
    """History that is still being read: totals are complete when this is null."""

    files: int
    files_done: int
    bytes: int
    bytes_done: int


class FindingShape(Shape, frozen=True, rename="camel", kw_only=True):
    code: str
    message: str
    hint: str


class ComponentShape(Shape, frozen=True, rename="camel", kw_only=True):
    status: ComponentStatus
    summary: str
    findings: list[FindingShape]


class HealthShape(Shape, frozen=True, rename="camel", kw_only=True):
    status: ComponentStatus
    version: str
    uptime_ms: int
    simulation: bool
    components: dict[str, ComponentShape]


class MinuteShape(Shape, frozen=True, rename="camel", kw_only=True):
    """Tokens of all sessions in one minute."""

    at: str
    tokens: TokensShape


class PlaceShape(Shape, frozen=True, rename="camel", kw_only=True):
    """A folder that is searched for logs."""

    agent: str
    path: str
    found: bool
    files: int


class SessionList(Shape, frozen=True, rename="camel", kw_only=True):
    sessions: list[SessionShape]
    next_cursor: str | None


class ErrorBody(Shape, frozen=True, rename="camel", kw_only=True):
    code: str
    message: str
    hint: str


class ErrorShape(Shape, frozen=True, rename="camel", kw_only=True):
    """The one shape of every error."""

    error: ErrorBody
