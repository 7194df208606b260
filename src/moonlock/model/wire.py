"""Everything that leaves the house as JSON; OpenAPI, AsyncAPI and the page's types are generated from here.

A client keeps ``epoch`` and ``seq``. A frame at or below its ``seq`` is in its picture already and is dropped; one
above the next without a ``skip``, or another epoch, means that something was missed: resume, or begin again.
Times are ISO-8601 UTC with milliseconds, money is dollars rounded to 6 places, unknown is null.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from moonlock.model.alert_shapes import AlertShape
from moonlock.model.context_shapes import ContextData
from moonlock.model.events import ObjectiveState
from moonlock.model.hand_shapes import CheckpointShape
from moonlock.model.quota_shapes import QuotaShape, QuotaWarningData
from moonlock.model.shape import Shape
from moonlock.model.shapes import (
    BlockShape,
    ForecastShape,
    HealthShape,
    MinuteShape,
    ObjectivesShape,
    PlaceShape,
    ProgressShape,
    SessionShape,
    TotalsShape,
)
from moonlock.model.toolwork_shapes import ToolData

PROTOCOL = 1


class Snapshot(Shape, frozen=True, rename="camel", kw_only=True):
    """Everything one screen shows, at one moment."""

    at: str
    seq: int
    epoch: str
    version: str
    simulation: bool
    timezone: str
    today: TotalsShape
    block: BlockShape | None
    quota: QuotaShape | None = None
    sessions: list[SessionShape]
    """Live ones, newest activity first; when there is none, the last one alone. Behind them the open ones by hand."""
    alerts: list[AlertShape] = msgspec.field(default_factory=list)
    """Those that fire, those that are pending, and the newest that were over today; each newest first."""
    forecast: ForecastShape | None = None
    """Null while no window is open, or history is still being read."""
    minutes: list[MinuteShape]
    """The last hour, oldest first; minutes without tokens are left out."""
    places: list[PlaceShape]
    health: HealthShape
    progress: ProgressShape | None
    recent: list[SessionTool | SessionObjective | SessionError] = msgspec.field(default_factory=list)
    """The last facts (at most 50), oldest first, as the frames that told them: a list of activity begins with these."""


class TokensData(Shape, frozen=True, rename="camel", kw_only=True):
    """Totals, never differences: the newest frame replaces what came before it."""

    session: SessionShape
    today: TotalsShape
    block: BlockShape | None
    minute: MinuteShape | None


class ObjectiveData(Shape, frozen=True, rename="camel", kw_only=True):
    id: str
    title: str
    state: ObjectiveState
    source: str
    objectives: ObjectivesShape | None


class ErrorData(Shape, frozen=True, rename="camel", kw_only=True):
    kind: str
    status: int | None
    retrying: bool
    limit: bool
    resets_at: str | None


class TodayData(Shape, frozen=True, rename="camel", kw_only=True):
    today: TotalsShape
    block: BlockShape | None
    minutes: list[MinuteShape] = msgspec.field(default_factory=list)
    """Minutes of the last hour that changed and belong to no live session: history that was read late."""


class FrameBase(Shape, frozen=True, rename="camel", kw_only=True, tag_field="type"):
    seq: int
    at: str
    sent_at: str


class SessionFrame(FrameBase, frozen=True, rename="camel", kw_only=True):
    session_id: str


class SessionStart(SessionFrame, frozen=True, rename="camel", kw_only=True, tag="session:start"):
    """A session appeared among the live ones."""

    data: SessionShape


class SessionTokens(SessionFrame, frozen=True, rename="camel", kw_only=True, tag="session:tokens"):
    data: TokensData


class SessionTool(SessionFrame, frozen=True, rename="camel", kw_only=True, tag="session:tool"):
    data: ToolData


class SessionObjective(SessionFrame, frozen=True, rename="camel", kw_only=True, tag="session:objective"):
    data: ObjectiveData


class SessionStatusChanged(SessionFrame, frozen=True, rename="camel", kw_only=True, tag="session:status"):
    data: SessionShape


class SessionComplete(SessionFrame, frozen=True, rename="camel", kw_only=True, tag="session:complete"):
    """A session left the live ones."""

    data: SessionShape


class SessionPaused(SessionFrame, frozen=True, rename="camel", kw_only=True, tag="session:paused"):
    """A person paused a session by hand."""

    data: SessionShape


class SessionResumed(SessionFrame, frozen=True, rename="camel", kw_only=True, tag="session:resumed"):
    """A person went on with a session by hand."""

    data: SessionShape


class SessionCheckpoint(SessionFrame, frozen=True, rename="camel", kw_only=True, tag="session:checkpoint"):
    """A phase of a session by hand was reached; or an agent did what may be one, where ``suggested`` is true."""

    data: CheckpointShape


class SessionError(SessionFrame, frozen=True, rename="camel", kw_only=True, tag="session:error"):
    data: ErrorData


class ContextUpdate(SessionFrame, frozen=True, rename="camel", kw_only=True, tag="context:update"):
    """A context is a whole percent of the way to its compaction further, was compacted, or has another size."""

    data: ContextData


class ContextWarning(SessionFrame, frozen=True, rename="camel", kw_only=True, tag="context:warning"):
    """A context reached the next level; once for each until it is healthy again."""

    data: ContextData


class TodayUpdate(FrameBase, frozen=True, rename="camel", kw_only=True, tag="today:update"):
    """The day or the block changed although no tokens came: midnight, the end of a window, a decaying rate."""

    data: TodayData


class ProgressUpdate(FrameBase, frozen=True, rename="camel", kw_only=True, tag="progress:update"):
    data: ProgressShape | None


class ForecastUpdate(FrameBase, frozen=True, rename="camel", kw_only=True, tag="forecast:update"):
    """How the open window may end, or null when none is open; at most every few seconds."""

    data: ForecastShape | None


class QuotaUpdate(FrameBase, frozen=True, rename="camel", kw_only=True, tag="quota:update"):
    """The limits, when anything but their age changed."""

    data: QuotaShape


class QuotaWarning(FrameBase, frozen=True, rename="camel", kw_only=True, tag="quota:warning"):
    """A limit comes near: 80 or 95 % of it are used, or it likely runs out before its reset."""

    data: QuotaWarningData


class AlertRaised(FrameBase, frozen=True, rename="camel", kw_only=True, tag="alert:raised"):
    """An alert is pending or fires, as its phase says; told again with ``acknowledgedAt`` when somebody has seen it."""

    data: AlertShape


class AlertResolved(FrameBase, frozen=True, rename="camel", kw_only=True, tag="alert:resolved"):
    """An alert is over; with ``firedAt`` null it was so before it fired."""

    data: AlertShape


class HealthCheck(FrameBase, frozen=True, rename="camel", kw_only=True, tag="health:check"):
    data: HealthShape


class Hello(Shape, frozen=True, rename="camel", kw_only=True, tag_field="type", tag="hello"):
    """Forget what you knew and begin here; the next new frame is ``seq`` + 1."""

    protocol: int
    epoch: str
    seq: int
    server_time: str
    snapshot: Snapshot


class Resync(Shape, frozen=True, rename="camel", kw_only=True, tag_field="type", tag="resync"):
    """What was missed is no longer kept, or what is known no longer holds; a hello follows."""

    reason: str


class Skip(Shape, frozen=True, rename="camel", kw_only=True, tag_field="type", tag="skip"):
    """Frames up to ``to`` were filtered out by the subscription: nothing was missed."""

    to: int


class Pong(Shape, frozen=True, rename="camel", kw_only=True, tag_field="type", tag="pong"):
    t: float
    server_time: str


class Heartbeat(Shape, frozen=True, rename="camel", kw_only=True, tag_field="type", tag="heartbeat"):
    """Sent every 30 seconds; ``seq`` is the newest frame's."""

    seq: int
    server_time: str


class Refused(Shape, frozen=True, rename="camel", kw_only=True, tag_field="type", tag="error"):
    """The client's message made no sense; the connection lives on."""

    code: str
    message: str


Frame = (
    SessionStart
    | SessionTokens
    | SessionTool
    | SessionObjective
    | SessionStatusChanged
    | SessionComplete
    | SessionPaused
    | SessionResumed
    | SessionCheckpoint
    | SessionError
    | ContextUpdate
    | ContextWarning
    | TodayUpdate
    | ProgressUpdate
    | ForecastUpdate
    | QuotaUpdate
    | QuotaWarning
    | AlertRaised
    | AlertResolved
    | HealthCheck
)
ServerMessage = Hello | Resync | Skip | Pong | Heartbeat | Refused | Frame


class Subscribe(Shape, frozen=True, rename="camel", kw_only=True, tag_field="type", tag="subscribe"):
    sessions: Literal["all"] | list[str] = "all"
    types: list[str] | None = None


class Resume(Shape, frozen=True, rename="camel", kw_only=True, tag_field="type", tag="resume"):
    epoch: str
    seq: int


class Ping(Shape, frozen=True, rename="camel", kw_only=True, tag_field="type", tag="ping"):
    t: float


ClientMessage = Subscribe | Resume | Ping
