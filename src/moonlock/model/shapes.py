"""The nouns as they leave the house in JSON: camelCase, dollars, ISO times, null for what is not known.

Times are UTC with milliseconds, money is dollars rounded to 6 places.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from moonlock.model.context_shapes import ContextShape
from moonlock.model.health import ComponentStatus
from moonlock.model.limits import Anchor
from moonlock.model.outlook import AnomalyState, Unit
from moonlock.model.presence import WaitingFor
from moonlock.model.session import SessionStatus
from moonlock.model.shape import Shape
from moonlock.model.timer_shapes import BudgetShape, FollowShape, TimerShape


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


class ObjectivesShape(Shape, frozen=True, rename="camel", kw_only=True):
    done: int
    total: int
    current: str | None


class StateShape(Shape, frozen=True, rename="camel", kw_only=True):
    """Why the status is what it is: since when, told by what, and the tool that runs."""

    since: str | None
    source: Literal["log", "registry", "hook", "person"]
    tool: str | None
    certain: bool
    """False where nobody can tell for sure: a log says nothing of what came after its last line."""
    waiting_for: WaitingFor | None = None
    """What a person is to give; null unless the status is waiting, and where nobody says."""
    target: str | None = None
    """What the tool is about: a file, by the project's root where it is inside, or the first words of a command."""


class SubagentShape(Shape, frozen=True, rename="camel", kw_only=True):
    """A sub-agent with those that it called below it; what it used is its own, without theirs."""

    id: str
    title: str | None = None
    """What it was called for, in the words of its call."""
    kind: str | None = None
    model: str | None
    status: SessionStatus
    started_at: str
    last_activity_at: str
    tokens: TokensShape
    cost_usd: float | None
    requests: int
    context: ContextShape | None = None
    """Null for one that is over: see its session's own context."""
    subagents: list[SubagentShape] = msgspec.field(default_factory=list)


class TokenBandShape(Shape, frozen=True, rename="camel", kw_only=True):
    """What is expected, and the range that four of five windows end in."""

    expected: int
    low: int
    high: int


class CostBandShape(Shape, frozen=True, rename="camel", kw_only=True):
    expected: float
    low: float
    high: float


class MomentBandShape(Shape, frozen=True, rename="camel", kw_only=True):
    expected: str
    low: str
    high: str


class BasisShape(Shape, frozen=True, rename="camel", kw_only=True):
    """What stands behind a forecast: how many own windows, and what their share of the weight is."""

    method: Literal["analog-replay"] = "analog-replay"
    windows: int
    effective: float
    """So many equally good examples are worth as much as all of them together."""
    prior_share: float
    learning: bool
    """With fewer than five own windows."""


class SessionForecastShape(Shape, frozen=True, rename="camel", kw_only=True):
    """How a session by hand may end, when its time is over; null is what cannot be told."""

    tokens: TokenBandShape
    cost_usd: CostBandShape | None
    overrun_probability: float | None
    """Of passing the budget, its likelier bound; null without a budget."""
    limit_at: MomentBandShape | None
    """When that bound is reached, if it is; null while the timer is paused."""
    basis: BasisShape


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
    tags: list[str] = msgspec.field(default_factory=list)
    description: str | None = None
    follow: Literal["none", "all"] | FollowShape | None = None
    """Of a session by hand; null for one that was found in a log."""
    tokens: TokensShape
    cost_usd: float | None
    requests: int
    unpriced_tokens: int = 0
    understated_requests: int = 0
    subagent_tokens: int = 0
    timer: TimerShape | None = None
    budget: BudgetShape | None = None
    forecast: SessionForecastShape | None = None
    """Of a session by hand that runs."""
    context: ContextShape | None = None
    objectives: ObjectivesShape | None = None
    subagents: list[SubagentShape] = msgspec.field(default_factory=list)
    pulse: list[int] = msgspec.field(default_factory=list)
    """Tokens in each of 15 minutes, oldest first."""
    pulse_at: str | None = None
    """When the last minute of the pulse began, so that a picture that gets older can move it; null when all are 0."""


class ForecastWindowShape(Shape, frozen=True, rename="camel", kw_only=True):
    """The window that is forecast, and where its end comes from."""

    name: Literal["five_hour"] = "five_hour"
    start_at: str
    end_at: str
    anchor: Anchor


class LimitShape(Shape, frozen=True, rename="camel", kw_only=True):
    """What a five-hour window may spend, and who says so."""

    tokens: int | None
    cost_usd: float | None
    source: Literal["configured"] = "configured"


class StraightShape(Shape, frozen=True, rename="camel", kw_only=True):
    """Where it would end if it simply went on, by ccusage's rule: for comparison, not a forecast."""

    tokens_per_minute: float
    cost_per_hour: float | None
    tokens: int
    cost_usd: float | None


class AnomalyShape(Shape, frozen=True, rename="camel", kw_only=True):
    """How fast it goes beside one's own active minutes, in dollars or tokens for a minute."""

    state: AnomalyState
    unit: Unit
    since: str | None
    rate: float
    usual: float
    high: float
    minutes: int


class ForecastShape(Shape, frozen=True, rename="camel", kw_only=True):
    """How the open window may end; ``window`` and all that is said of it are null while none is open."""

    at: str
    window: ForecastWindowShape | None
    tokens: TokenBandShape | None
    cost_usd: CostBandShape | None
    limit: LimitShape | None = None
    overrun_probability: float | None
    """Of passing the limit, its likelier bound; null without a limit."""
    limit_at: MomentBandShape | None
    """When that bound is reached, if it is."""
    basis: BasisShape
    burn_rate: BurnRateShape | None
    ccusage: StraightShape | None
    anomaly: AnomalyShape | None


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
