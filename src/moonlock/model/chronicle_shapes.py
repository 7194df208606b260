"""One session in its details, as it leaves the house: events, timeline, objectives, tools, transcript, report."""

from __future__ import annotations

from typing import Literal

from moonlock.model.chronicle import FactKind, Lane, Speech
from moonlock.model.efficiency_shapes import SpendingShape
from moonlock.model.events import ObjectiveState, Outcome
from moonlock.model.hand_shapes import CheckpointShape, EfficiencyShape
from moonlock.model.shape import Shape
from moonlock.model.shapes import SessionShape, TokensShape
from moonlock.model.telemetry_shapes import AuxiliaryShape, TelemetryShape
from moonlock.model.timer import MarkKind
from moonlock.model.toolwork_shapes import (
    CommandsShape,
    FilesShape,
    ServerUseShape,
    SkillUseShape,
    ToolData,
    ToolUseShape,
)
from moonlock.model.wire import ErrorData


class RequestShape(Shape, frozen=True, rename="camel", kw_only=True):
    """A response of the model, as every report counts it."""

    model: str
    tokens: TokensShape
    cost_usd: float | None
    duration_ms: int
    subagent: str | None


class CompactionShape(Shape, frozen=True, rename="camel", kw_only=True):
    trigger: Literal["auto", "manual", "micro"]
    tokens_before: int | None
    tokens_after: int | None
    duration_ms: int | None


class ChangeShape(Shape, frozen=True, rename="camel", kw_only=True):
    """What an objective became, and when."""

    at: str
    state: ObjectiveState


class AimEventShape(Shape, frozen=True, rename="camel", kw_only=True):
    id: str
    title: str
    state: ObjectiveState
    source: str


class PullRequestShape(Shape, frozen=True, rename="camel", kw_only=True):
    number: int
    repository: str


class CommitShape(Shape, frozen=True, rename="camel", kw_only=True):
    sha: str | None


class TurnShape(Shape, frozen=True, rename="camel", kw_only=True):
    """What happened to the timer of a session by hand; ``byMs`` is how far its clock was set, or how long it slept."""

    kind: MarkKind
    by_ms: int


class EventShape(Shape, frozen=True, rename="camel", kw_only=True):
    """Something that happened. What its kind names is filled; of a prompt only the time is told."""

    id: str
    at: str
    kind: FactKind
    request: RequestShape | None = None
    tool: ToolData | None = None
    compaction: CompactionShape | None = None
    error: ErrorData | None = None
    """Of the kinds ``error`` and ``limit``."""
    objective: AimEventShape | None = None
    pull_request: PullRequestShape | None = None
    commit: CommitShape | None = None
    checkpoint: CheckpointShape | None = None
    status: TurnShape | None = None


class EventList(Shape, frozen=True, rename="camel", kw_only=True):
    events: list[EventShape]
    next_cursor: str | None


class SpanShape(Shape, frozen=True, rename="camel", kw_only=True):
    """A stretch of time on a lane; with ``count`` above 1 neighbours that became one, so that there are not too many.

    ``name`` is null where they have several; ``endAt`` while it goes on, and where nobody knows when it ended.
    """

    lane: Lane
    start_at: str
    end_at: str | None
    name: str | None
    outcome: Outcome | None
    subagent: str | None
    count: int
    failed: int


class PointShape(Shape, frozen=True, rename="camel", kw_only=True):
    """All that the session had used by then, and how many tokens were in the model's context."""

    at: str
    tokens: TokensShape
    cost_usd: float | None
    requests: int
    unpriced_tokens: int
    context: int | None


class MarkShape(Shape, frozen=True, rename="camel", kw_only=True):
    """Something that happened at one moment, with the sums of that moment; ``model`` is a change of the model."""

    kind: FactKind | Literal["model"]
    at: str
    name: str | None
    count: int
    sums: PointShape


class CountsShape(Shape, frozen=True, rename="camel", kw_only=True):
    """How many there are without any level of detail."""

    spans: int
    marks: int
    points: int


class TimelineShape(Shape, frozen=True, rename="camel", kw_only=True):
    """The course of a session between two moments; between two turns it waited for a person."""

    session_id: str
    from_: str | None
    to: str | None
    spans: list[SpanShape]
    marks: list[MarkShape]
    points: list[PointShape]
    whole: CountsShape


class ObjectiveShape(Shape, frozen=True, rename="camel", kw_only=True):
    """Something that the session set out to do; tokens and cost are what was used while it was in progress.

    Objectives of one trust that were in progress at the same time share evenly what was used in that time. Of a
    sub-agent that is known, they are exactly what it used itself.
    """

    id: str
    title: str
    state: ObjectiveState
    source: str
    trust: int
    """1 is what the agent's task list says, 2 a plan, 3 a goal that a person set, 4 what a sub-agent was called for,
    5 a commit or pull request of a session that named nothing."""
    changes: list[ChangeShape]
    in_progress_ms: int
    shared_ms: int
    """How much of that time it shared with others."""
    tokens: TokensShape
    cost_usd: float | None
    subagent: str | None = None
    """The sub-agent whose own usage this is; null where it is told by time."""


class ObjectiveList(Shape, frozen=True, rename="camel", kw_only=True):
    objectives: list[ObjectiveShape]
    next_cursor: str | None


class SaidShape(Shape, frozen=True, rename="camel", kw_only=True):
    """One thing that was said, as the agent's log has it; ``cutChars`` were left out at its end.

    A line that makes no sense is a note that is not ``readable``.
    """

    at: str | None
    kind: Speech
    text: str
    cut_chars: int
    tool: str | None
    call_id: str | None
    outcome: Outcome | None
    model: str | None
    subagent: str | None
    readable: bool


class TranscriptShape(Shape, frozen=True, rename="camel", kw_only=True):
    """A part of an agent's log, read when it was asked for; nothing of it is kept."""

    session_id: str
    said: list[SaidShape]
    next_cursor: str | None


class TimeShape(Shape, frozen=True, rename="camel", kw_only=True):
    """Turns are what was worked; what lies between them was waiting for a person."""

    started_at: str | None
    ended_at: str | None
    wall_ms: int
    working_ms: int
    waiting_ms: int
    turns: int


class StatesShape(Shape, frozen=True, rename="camel", kw_only=True):
    """How long the session was in which state, up to its last line; they add up to ``totalMs``."""

    working_ms: int
    permission_ms: int | None
    """It had asked for leave. Null where no hook of it was ever heard: no log tells it, so it is in ``workingMs``."""
    question_ms: int
    """It had asked something."""
    waiting_ms: int
    """It was the person's turn, for a quarter of an hour at most; what is beyond is idle."""
    idle_ms: int
    compacting_ms: int
    limited_ms: int
    error_ms: int
    total_ms: int
    sources: list[Literal["log", "hooks"]]
    """Who told it."""


class ModelShape(Shape, frozen=True, rename="camel", kw_only=True):
    model: str
    tokens: TokensShape
    cost_usd: float | None
    requests: int
    unpriced_tokens: int


class HappenedShape(Shape, frozen=True, rename="camel", kw_only=True):
    """How often something happened."""

    prompts: int
    compactions: int
    errors: int
    limits: int
    pull_requests: int
    commits: int


class ReportShape(Shape, frozen=True, rename="camel", kw_only=True):
    """The report on a session that was found in a log; of one that goes on, as it stands."""

    session: SessionShape
    time: TimeShape
    states: StatesShape
    models: list[ModelShape]
    tools: list[ToolUseShape]
    servers: list[ServerUseShape]
    skills: list[SkillUseShape]
    files: FilesShape
    commands: CommandsShape
    objectives: list[ObjectiveShape]
    happened: HappenedShape
    efficiency: EfficiencyShape | None
    """For each hour that was worked; null below a minute."""
    spending: SpendingShape
    """Where its money went."""
    auxiliary: AuxiliaryShape | None
    """What the client used and no log tells of; in no other figure. Null where no telemetry was heard."""
    telemetry: TelemetryShape | None
    """What the client counted by itself."""
