"""Sessions by hand for people: how one stands, and the report when it is over."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import datetime

from moonlock.config.zone import local_zone, zone_of
from moonlock.model.hand_shapes import CheckpointShape, EntryShape, FinalShape, PhaseShape
from moonlock.model.shapes import SessionShape
from moonlock.outputs.figures import dollars, exact, lasting, share, short
from moonlock.outputs.sessions import described
from moonlock.outputs.shown import shown

Facts = list[tuple[str, str]]


def stands(session: SessionShape, width: int) -> str:
    """The session as it is now."""
    return described(session.name or session.id, list(_facts(session)), width)


def report(final: FinalShape, width: int) -> str:
    """All that it took, phase by phase."""
    session = final.session
    facts: Facts = [*_facts(session), *_phases(final.phases)]
    if final.efficiency is not None:
        rate = f"{exact(round(final.efficiency.tokens_per_hour))} tokens an hour"
        cost = final.efficiency.cost_per_hour
        facts.append(("pace", rate if cost is None else f"{rate}, {dollars(cost)} an hour"))
    if final.comparison is not None:
        past = final.comparison
        before = f"{past.sessions} before it: {lasting(past.elapsed_ms)}, {exact(past.tokens)} tokens"
        facts.append(("usually", f"{before}, {dollars(past.cost_usd)} (medians)"))
    facts += [("alert", f"{_clock(alert.fired_at)}  {shown(alert.title)}") for alert in final.alerts]
    return described(session.name or session.id, facts, width)


def reached(checkpoint: CheckpointShape) -> str:
    return f"{shown(checkpoint.phase)} was reached after {lasting(checkpoint.elapsed_ms)}"


def checkpoints(found: Sequence[CheckpointShape]) -> str:
    """A line for each; those that are suggested with the key by which they are accepted."""
    if not found:
        return "No checkpoints"
    times = [lasting(one.elapsed_ms) for one in found]
    width = max(map(len, times))
    return "\n".join(f"{time.rjust(width)}  {_phase(one)}" for time, one in zip(times, found, strict=True))


def _expected(session: SessionShape) -> str:
    found = session.forecast
    if found is None:
        return ""
    ends = f"{exact(found.tokens.expected)} tokens at the end ({short(found.tokens.low)} to {short(found.tokens.high)})"
    if found.cost_usd is None:
        return ends
    low, high = dollars(found.cost_usd.low), dollars(found.cost_usd.high)
    return f"{ends}, {dollars(found.cost_usd.expected)} ({low} to {high})"


def _overrun(session: SessionShape) -> str:
    found = session.forecast
    if found is None or found.overrun_probability is None:
        return ""
    chance = f"{share(found.overrun_probability)} likely"
    reached = found.limit_at
    if reached is None:
        return chance
    return f"{chance}, then about {_clock(reached.expected)} ({_clock(reached.low)} to {_clock(reached.high)})"


def _phase(checkpoint: CheckpointShape) -> str:
    if not checkpoint.suggested:
        return shown(checkpoint.phase)
    return f"{shown(checkpoint.phase)}  (suggested: --accept {checkpoint.id[:8]})"


def added(entry: EntryShape) -> str:
    return f"{exact(entry.tokens)} tokens were added"


def listed(sessions: Sequence[SessionShape]) -> str:
    """A line for each."""
    if not sessions:
        return "No sessions by hand"
    rows = [(one.id[:8], _state(one), shown(one.name or ""), _used(one)) for one in sessions]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]) for row in rows
    )


def _facts(session: SessionShape) -> Iterator[tuple[str, str]]:
    timer = session.timer
    assert timer is not None
    yield "id", session.id
    yield "status", _state(session)
    yield "time", f"{lasting(timer.elapsed_ms)} of {lasting(timer.duration_ms)}" + _paused(timer.paused_ms)
    yield "ends", _clock(timer.ends_at)
    yield "ended", _clock(session.ended_at)
    yield "used", _used(session)
    yield "budget", _budget(session)
    yield "expected", _expected(session)
    yield "overrun", _overrun(session)
    yield "follows", _follows(session)
    yield "project", shown(session.project)
    for jump in timer.jumps:
        if jump.kind == "suspend":
            yield "noted", f"the machine slept for {lasting(jump.by_ms)} until {_clock(jump.at)}; that counts"
        else:
            way = "forward" if jump.by_ms > 0 else "back"
            yield "noted", f"the clock was set {way} by {lasting(abs(jump.by_ms))} at {_clock(jump.at)}; made up for"


def _phases(phases: Sequence[PhaseShape]) -> Iterator[tuple[str, str]]:
    """What came after the last checkpoint is told only where there was one."""
    if len(phases) < 2:
        return
    for phase in phases:
        cost = "" if phase.cost_usd is None else f", {dollars(phase.cost_usd)}"
        name = "(since then)" if phase.phase is None else shown(phase.phase)
        yield "phases", f"{name}: {lasting(phase.elapsed_ms)}, {exact(phase.tokens.total)} tokens{cost}"


def _state(session: SessionShape) -> str:
    assert session.timer is not None
    return "ran out" if session.timer.state == "expired" else session.timer.state


def _paused(milliseconds: int) -> str:
    return f", paused for {lasting(milliseconds)}" if milliseconds else ""


def _used(session: SessionShape) -> str:
    tokens = f"{exact(session.tokens.total)} tokens"
    if session.cost_usd is None:
        return f"{tokens}, cost not known"
    bound = "at least " if session.unpriced_tokens else ""
    return f"{tokens}, {bound}{dollars(session.cost_usd)}"


def _budget(session: SessionShape) -> str:
    budget = session.budget
    if budget is None:
        return ""
    tokens = [] if budget.tokens is None else [f"{exact(budget.tokens)} tokens"]
    money = [] if budget.cost_usd is None else [dollars(budget.cost_usd)]
    return f"{' or '.join([*tokens, *money])}, {share(budget.used_share)} used"


def _follows(session: SessionShape) -> str:
    follow = session.follow
    if follow is None or isinstance(follow, str):
        return {"all": "everything", None: ""}.get(follow, "nothing")
    return f"project {shown(follow.project)}" if follow.project else f"session {shown(follow.session or '')}"


def _clock(iso: str | None) -> str:
    if iso is None:
        return ""
    return f"{datetime.fromisoformat(iso).astimezone(zone_of(local_zone(os.environ))):%Y-%m-%d %H:%M:%S}"
