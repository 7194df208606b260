"""From nouns to what goes over the wire; nothing is computed here that a person would call a figure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import msgspec

from moonlock.analytics import aims, offspring, presence, sessions
from moonlock.analytics import context as window
from moonlock.analytics.presence import NOBODY, Witness
from moonlock.live.catchup import Searched
from moonlock.live.known import PULSE
from moonlock.model.context_shapes import ContextShape, TurnsShape
from moonlock.model.events import AgentError, LimitHit, ObjectiveSet, ToolCall
from moonlock.model.health import Component, Finding, Health
from moonlock.model.instant import MINUTE, Instant, iso
from moonlock.model.limits import Block, BurnRate, ContextWindow, Turns
from moonlock.model.session import Session, Subagent
from moonlock.model.shapes import (
    BlockShape,
    BurnRateShape,
    ComponentShape,
    FindingShape,
    HealthShape,
    MinuteShape,
    ObjectivesShape,
    PlaceShape,
    SessionShape,
    StateShape,
    SubagentShape,
    TokensShape,
    TotalsShape,
)
from moonlock.model.tokens import Tokens, Usage
from moonlock.model.toolwork_shapes import ToolData
from moonlock.model.wire import ErrorData
from moonlock.model.within import within

MICRO = 1_000_000
NO_CONTEXTS: Mapping[str, ContextWindow | None] = MappingProxyType({})


class Setting(msgspec.Struct, frozen=True):
    """What a session's shape is made of beside the session."""

    now: Instant
    env: Mapping[str, str]
    objectives: Sequence[ObjectiveSet] = ()
    pulse: Sequence[int] = (0,) * PULSE
    contexts: Mapping[str, ContextWindow | None] = NO_CONTEXTS
    """By sub-agent; of the session's own line it is told from the end of its log where it is not here."""
    witness: Witness = NOBODY


def target_of(session: Session, tool: str | None) -> str | None:
    """What the tool that a status names works on: the one of this name that runs longest."""
    named = [each for each in session.tail.pending if each.name == tool]
    found = min(named, key=lambda each: (each.since, each.key), default=None)
    return within(found.target, folders(session)) or None if found is not None else None


def folders(session: Session) -> tuple[str, str]:
    """Where its files lie: the root of its project, and its working directory."""
    return session.root, session.cwd


def maybe(at: Instant | None) -> str | None:
    return iso(at) if at else None


def tokens_shape(tokens: Tokens) -> TokensShape:
    return TokensShape(
        input=tokens.input,
        output=tokens.output,
        cache_creation=tokens.cache_creation,
        cache_read=tokens.cache_read,
        total=tokens.total,
    )


def dollars(micro: float) -> float:
    return round(micro / MICRO, 6)


def cost(usage: Usage) -> float | None:
    """Dollars of the priced requests; unknown when there are requests and none has a price.

    Not rounded: a quotient of whole numbers is the nearest float already, and each frame has three of them.
    """
    return None if 0 < usage.requests <= usage.unpriced_requests else usage.cost / MICRO


def totals(usage: Usage) -> TotalsShape:
    return TotalsShape(
        tokens=tokens_shape(usage.tokens),
        cost_usd=cost(usage),
        requests=usage.requests,
        unpriced_tokens=usage.unpriced_tokens,
        understated_requests=usage.understated,
    )


def burn_rate(rate: BurnRate) -> BurnRateShape:
    """Rounded so far that a rate which has died away stays the same."""
    return BurnRateShape(
        tokens_per_minute=round(rate.tokens_per_minute, 1), cost_per_hour=round(rate.cost_per_hour / MICRO, 4)
    )


def block_shape(block: Block, rate: BurnRate | None, now: Instant) -> BlockShape:
    """A block is known by its start, as in reports."""
    return BlockShape(
        id=iso(block.start),
        start_at=iso(block.start),
        end_at=iso(block.end),
        is_active=now < block.end,
        anchor=block.anchor,
        tokens=tokens_shape(block.usage.tokens),
        cost_usd=cost(block.usage),
        requests=block.usage.requests,
        unpriced_tokens=block.usage.unpriced_tokens,
        burn_rate=burn_rate(rate) if rate is not None else None,
    )


def minute(at: Instant, tokens: Tokens) -> MinuteShape:
    return MinuteShape(at=iso(at), tokens=tokens_shape(tokens))


def objectives_shape(objectives: Iterable[ObjectiveSet]) -> ObjectivesShape | None:
    """How far a session is with what it set out to do; None when it named nothing."""
    kept = aims.counted(objectives)
    if not kept:
        return None
    active = [each for each in kept if each.state == "in_progress"]
    current = max(active, key=lambda each: (-aims.trust(each.source), each.at), default=None)
    done = sum(each.state == "completed" for each in kept)
    return ObjectivesShape(done=done, total=len(kept), current=current.title if current else None)


def context_shape(context: ContextWindow) -> ContextShape:
    return ContextShape(
        used=context.used,
        limit=context.limit,
        share=round(context.used / context.limit, 4),
        until_compaction=context.until_compaction,
        level=context.level,
        assumed=context.assumed,
        limit_source=context.source,
        compacts_at=context.compacts_at,
        compacts_by=context.compacts_by,
        turns=None if context.turns is None else turns_shape(context.turns),
        as_of=maybe(context.as_of),
        advice=window.advice(context),
    )


def turns_shape(turns: Turns) -> TurnsShape:
    return TurnsShape(expected=turns.expected, low=turns.low, high=turns.high, growth=turns.growth)


def session_shape(session: Session, setting: Setting) -> SessionShape:
    """A session as every face shows it."""
    now, status = setting.now, presence.status(session, setting.now, setting.witness)
    heard, usage = sessions.last_activity(session), session.usage
    context = setting.contexts.get("") or window.read(session.tail, session.version, setting.env)
    if context is not None and status.status == "completed":
        context = msgspec.structs.replace(context, turns=None)  # nothing comes any more
    return SessionShape(
        id=session.uid,
        name=session.label.name or None,
        title=session.title or None,
        agent=session.key.agent,
        agent_session_id=session.key.native_id,
        status=status.status,
        state=_state(session, status),
        project=session.project,
        cwd=session.cwd or None,
        branch=session.branch or None,
        model=session.model or None,
        version=session.version or None,
        started_at=maybe(session.first_at),
        ended_at=maybe(heard) if status.status == "completed" else None,
        last_activity_at=maybe(heard),
        tags=list(session.label.tags),
        description=session.label.description or None,
        tokens=tokens_shape(usage.tokens),
        cost_usd=cost(usage),
        requests=usage.requests,
        unpriced_tokens=usage.unpriced_tokens,
        understated_requests=usage.understated,
        subagent_tokens=session.subagents.tokens.total,
        context=context_shape(context) if context is not None else None,
        objectives=objectives_shape(setting.objectives),
        subagents=_subagents(session, setting),
        pulse=list(setting.pulse),
        pulse_at=iso(now - now % MINUTE) if any(setting.pulse) else None,
    )


def _state(session: Session, status: sessions.Status) -> StateShape:
    return StateShape(
        since=maybe(status.since),
        source=status.source,
        tool=status.tool,
        certain=status.certain,
        waiting_for=status.waiting_for,
        target=target_of(session, status.tool),
    )


def tool_data(call: ToolCall, folders: Iterable[str]) -> ToolData:
    """A call; the file that it is about is told by the first of the folders that it lies in."""
    return ToolData(
        id=f"{call.key & (1 << 64) - 1:016x}",
        tool=call.name,
        state="started" if call.outcome is None else "ended",
        started_at=iso(call.at),
        duration_ms=call.duration,
        outcome=call.outcome,
        subagent=call.agent_id or None,
        target=within(call.target, folders) or None,
        added=call.added,
        removed=call.removed,
    )


def error_data(event: AgentError | LimitHit) -> ErrorData:
    """A request that failed, or was refused for a limit."""
    if isinstance(event, LimitHit):
        reset = maybe(event.resets_at)
        return ErrorData(kind=event.kind, status=None, retrying=False, limit=True, resets_at=reset)
    return ErrorData(kind=event.kind, status=event.status, retrying=event.retrying, limit=False, resets_at=None)


def health_shape(health: Health, version: str, uptime: int, simulation: bool) -> HealthShape:
    return HealthShape(
        status=health.status,
        version=version,
        uptime_ms=uptime,
        simulation=simulation,
        components={name: component_shape(component) for name, component in health.components.items()},
    )


def component_shape(component: Component) -> ComponentShape:
    findings = [finding_shape(finding) for finding in component.findings]
    return ComponentShape(status=component.status, summary=component.summary, findings=findings)


def finding_shape(finding: Finding) -> FindingShape:
    return FindingShape(code=finding.code, message=finding.message, hint=finding.hint)


def place_shape(place: Searched) -> PlaceShape:
    return PlaceShape(agent=place.agent, path=place.path, found=place.found, files=place.files)


def _subagents(session: Session, setting: Setting) -> list[SubagentShape]:
    tree = offspring.below(session.agents)

    def shape(agent: Subagent) -> SubagentShape:
        status = presence.subagent_status(session, agent, setting.now, setting.witness).status
        context = setting.contexts.get(agent.agent_id) if status == "running" else None
        return SubagentShape(
            id=agent.agent_id,
            title=agent.title or None,
            kind=agent.kind or None,
            model=agent.model or None,
            status=status,
            started_at=iso(agent.first_at or agent.last_at),
            last_activity_at=iso(agent.last_at),
            tokens=tokens_shape(agent.usage.tokens),
            cost_usd=cost(agent.usage),
            requests=agent.usage.requests,
            context=None if context is None else context_shape(context),
            subagents=[shape(child) for child in tree.get(agent.agent_id, ())],
        )

    return [shape(agent) for agent in tree.get("", ())]
