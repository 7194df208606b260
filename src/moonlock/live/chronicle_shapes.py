"""The facts of one session as they go over the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from moonlock.analytics.timeline import Mark, Point, Span
from moonlock.live.hand_shapes import checkpoint_shape, gathered_cost, gathered_tokens
from moonlock.live.shapes import dollars, error_data, tokens_shape, tool_data
from moonlock.model import timer
from moonlock.model.chronicle import Billed, Said, Shared, Told
from moonlock.model.chronicle_shapes import (
    AimEventShape,
    CommitShape,
    CompactionShape,
    EventShape,
    MarkShape,
    PointShape,
    PullRequestShape,
    RequestShape,
    SaidShape,
    SpanShape,
    TurnShape,
)
from moonlock.model.events import (
    AgentError,
    Committed,
    Compaction,
    LimitHit,
    ObjectiveSet,
    PullRequestOpened,
    ToolCall,
)
from moonlock.model.instant import iso
from moonlock.model.manual import Checkpoint
from moonlock.model.tokens import Usage
from moonlock.model.toolwork_shapes import ServerUseShape, SkillUseShape, ToolUseShape

_Use = TypeVar("_Use", ToolUseShape, SkillUseShape)


def event_shape(told: Told, folders: Sequence[str]) -> EventShape:
    """A fact; its key is its id, and a file is told by the first of the folders that it lies in."""
    field, shape = _FIELDS.get(type(told.fact), ("", None))
    filled = {} if shape is None else {field: shape(told.fact)}
    if isinstance(told.fact, ToolCall):
        filled = {"tool": tool_data(told.fact, folders)}
    return EventShape(id=hexed(told.key), at=iso(told.at), kind=told.kind, **filled)


def hexed(key: int) -> str:
    """A 64-bit key as 16 hex digits."""
    return f"{key & (1 << 64) - 1:016x}"


def span_shape(span: Span) -> SpanShape:
    return SpanShape(
        lane=span.lane,
        start_at=iso(span.start),
        end_at=None if span.end is None else iso(span.end),
        name=span.name or None,
        outcome=span.outcome,
        subagent=span.agent_id or None,
        count=span.count,
        failed=span.failed,
    )


def point_shape(point: Point) -> PointShape:
    usage = point.usage
    return PointShape(
        at=iso(point.at),
        tokens=gathered_tokens(usage, point.posted),
        cost_usd=gathered_cost(usage, point.posted),
        requests=usage.requests,
        unpriced_tokens=usage.unpriced_tokens + point.posted,
        context=point.context,
    )


def mark_shape(mark: Mark, point: Point) -> MarkShape:
    return MarkShape(
        kind=mark.kind,  # type: ignore[arg-type]
        at=iso(mark.at),
        name=mark.name or None,
        count=mark.count,
        sums=point_shape(point),
    )


def tool_shape(shared: Shared) -> ToolUseShape:
    return _used(ToolUseShape, shared, tool=shared.name, server=shared.server, open=shared.open)


def server_shapes(tools: Iterable[Shared]) -> list[ServerUseShape]:
    """What the tools of each MCP server add up to; they come dearest first, and so do these."""
    found: dict[str, list[Shared]] = {}
    for one in tools:
        if one.server is not None:
            found.setdefault(one.server, []).append(one)
    shapes = [_server(name, each, sum((one.usage for one in each), Usage())) for name, each in found.items()]
    return sorted(shapes, key=lambda one: (-(one.cost_usd or 0), -one.tokens.total, one.server))


def skill_shape(shared: Shared) -> SkillUseShape:
    return _used(SkillUseShape, shared, skill=shared.name)


def _used(shape: type[_Use], shared: Shared, **named: Any) -> _Use:
    """What both say alike, beside what only one of them has."""
    usage, (half, most) = shared.usage, shared.times or (None, None)
    return shape(
        **named,
        calls=shared.calls,
        failed=shared.failed,
        denied=shared.denied,
        duration_ms=shared.duration,
        p50_ms=half,
        p95_ms=most,
        tokens=tokens_shape(usage.tokens),
        cost_usd=None if usage.is_unpriced else dollars(usage.cost),
        requests=usage.requests,
        unpriced_tokens=usage.unpriced_tokens,
    )


def _server(name: str, each: Sequence[Shared], usage: Usage) -> ServerUseShape:
    return ServerUseShape(
        server=name,
        tools=len(each),
        calls=sum(one.calls for one in each),
        failed=sum(one.failed for one in each),
        denied=sum(one.denied for one in each),
        duration_ms=sum(one.duration for one in each),
        tokens=tokens_shape(usage.tokens),
        cost_usd=None if usage.is_unpriced else dollars(usage.cost),
        requests=usage.requests,
        unpriced_tokens=usage.unpriced_tokens,
    )


def said_shape(said: Said) -> SaidShape:
    return SaidShape(
        at=None if said.at is None else iso(said.at),
        kind=said.kind,
        text=said.text,
        cut_chars=said.cut,
        tool=said.tool or None,
        call_id=said.call or None,
        outcome=said.outcome,
        model=said.model or None,
        subagent=said.agent_id or None,
        readable=said.readable,
    )


def _request(one: Billed) -> RequestShape:
    return RequestShape(
        model=one.model,
        tokens=tokens_shape(one.tokens),
        cost_usd=None if one.cost is None else dollars(one.cost),
        duration_ms=one.last_at - one.at,
        subagent=one.agent_id or None,
    )


def _compaction(event: Compaction) -> CompactionShape:
    return CompactionShape(
        trigger=event.trigger,
        tokens_before=event.tokens_before,
        tokens_after=event.tokens_after,
        duration_ms=event.duration,
    )


def _aim(event: ObjectiveSet) -> AimEventShape:
    return AimEventShape(id=event.objective, title=event.title, state=event.state, source=event.source)


_FIELDS: dict[type, tuple[str, Callable[[Any], Any]]] = {
    Billed: ("request", _request),
    Compaction: ("compaction", _compaction),
    AgentError: ("error", error_data),
    LimitHit: ("error", error_data),
    ObjectiveSet: ("objective", _aim),
    PullRequestOpened: (
        "pull_request",
        lambda event: PullRequestShape(number=event.number, repository=event.repository),
    ),
    Committed: ("commit", lambda event: CommitShape(sha=event.sha or None)),
    Checkpoint: ("checkpoint", checkpoint_shape),
    timer.Mark: ("status", lambda mark: TurnShape(kind=mark.kind, by_ms=mark.by)),
}
"""Which field of an event a fact fills; a prompt fills none."""
