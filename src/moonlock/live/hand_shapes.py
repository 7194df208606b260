"""Sessions by hand as they go over the wire."""

from __future__ import annotations

from typing import Literal

import msgspec

from moonlock.analytics import timer
from moonlock.live.alert_shapes import alert_shape
from moonlock.live.shapes import cost, dollars, maybe, tokens_shape
from moonlock.model.hand_shapes import (
    BySource,
    CheckpointShape,
    EfficiencyShape,
    EntryShape,
    FinalShape,
    PastShape,
    PhaseShape,
    SuggestionShape,
)
from moonlock.model.instant import HOUR, MINUTE, Instant, iso
from moonlock.model.manual import Checkpoint, Entry, Final, Follow, Hand, Own, Stretch, Suggestion
from moonlock.model.session import SessionStatus
from moonlock.model.shapes import SessionShape, StateShape, TokensShape
from moonlock.model.timer import Timer
from moonlock.model.timer_shapes import BudgetShape, FollowShape, JumpShape, TimerShape
from moonlock.model.tokens import Usage
from moonlock.store.places import uid_of

AGENT = "person"
"""Stands where an observed session names its agent."""


def hand_shape(hand: Hand, now: Instant) -> SessionShape:
    """A session by hand as every face shows it."""
    plan, usage = hand.plan, hand.usage
    read = timer.read(timer.fold(hand.marks), plan.duration, now)
    over = read.state in ("completed", "expired")
    status: SessionStatus = "completed" if over else "paused" if read.state == "paused" else "running"
    return SessionShape(
        id=hand.uid,
        name=plan.name,
        agent=AGENT,
        agent_session_id=hand.uid,
        origin="manual",
        status=status,
        state=StateShape(since=iso(read.since), source="person", tool=None, certain=True),
        project=plan.project,
        cwd=None,
        branch=None,
        model=None,
        version=None,
        started_at=iso(hand.marks[0].at),
        ended_at=maybe(read.ended_at),
        last_activity_at=iso(max(read.since, hand.posted_at)),
        tags=list(hand.tags),
        description=hand.description or None,
        follow=_follow(plan.follow),
        tokens=gathered_tokens(usage, hand.posted),
        cost_usd=gathered_cost(usage, hand.posted),
        requests=usage.requests,
        unpriced_tokens=usage.unpriced_tokens + hand.posted,
        understated_requests=usage.understated,
        timer=_timer(hand, read, now),
        budget=_budget(hand),
    )


def checkpoint_shape(checkpoint: Checkpoint) -> CheckpointShape:
    milestone = checkpoint.milestone
    return CheckpointShape(
        id=str(checkpoint.number),
        at=iso(checkpoint.at),
        elapsed_ms=checkpoint.elapsed,
        phase=milestone.phase,
        prompt_count=milestone.prompts,
        metadata=msgspec.Raw(milestone.metadata.encode() or b"{}"),
        suggested=False,
        source=checkpoint.source,
        agent_session=checkpoint.uid,
    )


def suggested_shape(suggestion: Suggestion) -> CheckpointShape:
    """A checkpoint that nobody accepted yet."""
    return CheckpointShape(
        id=uid_of(suggestion.key),
        at=iso(suggestion.at),
        elapsed_ms=suggestion.elapsed,
        phase=suggestion.phase,
        prompt_count=None,
        metadata=msgspec.Raw(b"{}"),
        suggested=True,
        source=suggestion.source,
        agent_session=suggestion.uid,
    )


def open_shape(hand: Hand, suggestion: Suggestion) -> SuggestionShape:
    """The same beside the sessions by hand that it is for."""
    known = msgspec.structs.asdict(suggested_shape(suggestion))
    return SuggestionShape(**known, session_id=hand.uid, session_name=hand.plan.name)


def entry_shape(entry: Entry) -> EntryShape:
    """A request is known by its key, a posting by its number."""
    log = entry.source == "log"
    return EntryShape(
        id=f"{entry.number & (1 << 64) - 1:016x}" if log else str(entry.number),
        at=iso(entry.at),
        source=entry.source,
        tokens=entry.tokens,
        model=entry.model,
        operation=entry.operation,
        cost_usd=None if entry.cost is None else dollars(entry.cost),
        session_id=entry.uid,
    )


def final_shape(final: Final, now: Instant) -> FinalShape:
    """The report on a session by hand."""
    hand = final.hand
    session = hand_shape(hand, now)
    return FinalShape(
        session=session,
        by_source=BySource(log=hand.usage.tokens.total, api=hand.posted),
        phases=[_phase(stretch) for stretch in final.stretches],
        efficiency=None if session.timer is None else efficiency(session.timer.elapsed_ms, session),
        comparison=None if final.past is None else _past(final.past),
        jumps=_jumps(hand),
        alerts=[alert_shape(alert) for alert in final.alerts],
    )


def _phase(stretch: Stretch) -> PhaseShape:
    return PhaseShape(
        phase=stretch.phase,
        started_at=iso(stretch.started_at),
        ended_at=iso(stretch.ended_at),
        elapsed_ms=stretch.elapsed,
        tokens=gathered_tokens(stretch.usage, stretch.posted),
        cost_usd=gathered_cost(stretch.usage, stretch.posted),
        unpriced_tokens=stretch.usage.unpriced_tokens + stretch.posted,
    )


def efficiency(active: int, session: SessionShape) -> EfficiencyShape | None:
    """What was used for each hour of so many milliseconds; nothing is said of less than a minute."""
    if active < MINUTE:
        return None
    hours, spent = active / HOUR, session.cost_usd
    return EfficiencyShape(
        active_ms=active,
        tokens=session.tokens.total,
        cost_usd=spent,
        tokens_per_hour=round(session.tokens.total / hours, 1),
        cost_per_hour=None if spent is None else round(spent / hours, 6),
    )


def _past(own: Own) -> PastShape:
    return PastShape(sessions=own.sessions, elapsed_ms=own.elapsed, tokens=own.tokens, cost_usd=dollars(own.cost))


def _timer(hand: Hand, read: Timer, now: Instant) -> TimerShape:
    return TimerShape(
        duration_ms=hand.plan.duration,
        elapsed_ms=read.elapsed,
        remaining_ms=max(0, hand.plan.duration - read.elapsed),
        paused_ms=read.paused,
        state=read.state,
        at=iso(now),
        ends_at=maybe(read.ends_at),
        jumps=_jumps(hand),
    )


def _jumps(hand: Hand) -> list[JumpShape]:
    return [JumpShape(kind=jump.kind, at=iso(jump.at), by_ms=jump.by) for jump in timer.jumps(hand.marks)]


def _budget(hand: Hand) -> BudgetShape | None:
    bounds = hand.plan.budget
    if bounds.tokens is None and bounds.cost is None:
        return None
    by_tokens = hand.tokens / bounds.tokens if bounds.tokens else 0.0
    by_cost = hand.usage.cost / bounds.cost if bounds.cost else 0.0
    return BudgetShape(
        tokens=bounds.tokens,
        cost_usd=None if bounds.cost is None else dollars(bounds.cost),
        used_share=round(max(by_tokens, by_cost), 4),
    )


def _follow(follow: Follow) -> FollowShape | Literal["none", "all"]:
    if follow.kind == "project":
        return FollowShape(project=follow.of)
    if follow.kind == "session":
        return FollowShape(session=follow.of)
    return follow.kind


def gathered_tokens(usage: Usage, posted: int) -> TokensShape:
    """Posted tokens are of no known kind: they stand in the total alone."""
    known = tokens_shape(usage.tokens)
    return msgspec.structs.replace(known, total=known.total + posted)


def gathered_cost(usage: Usage, posted: int) -> float | None:
    """Of what has a price; unknown when there is something and nothing of it has one."""
    return None if posted and not usage.requests else cost(usage)
