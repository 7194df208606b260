"""Sessions of either kind side by side: asked of the store, with the same rows behind them as every report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from moonlock.analytics import timer
from moonlock.live.gathered import ran, whole
from moonlock.live.hand_shapes import AGENT, hand_shape
from moonlock.live.shapes import cost, maybe, tokens_shape
from moonlock.model.aims import is_linked
from moonlock.model.compare_shapes import (
    CompareShape,
    DifferenceShape,
    DoneShape,
    SideFiguresShape,
    SideShape,
    UsedToolShape,
)
from moonlock.model.events import AgentError, ObjectiveSet
from moonlock.model.instant import Instant
from moonlock.model.manual import Follow, Hand
from moonlock.model.session import Session
from moonlock.model.shapes import TokensShape
from moonlock.model.timer import Timer
from moonlock.store import Store
from moonlock.store.errors import AmbiguousSession
from moonlock.store.hands import number_of

LEAST, MOST = 2, 4
TOOLS = 20
_ALWAYS: Sequence[timer.Span] = ((-(1 << 62), None),)


def compared(store: Store, asked: Iterable[str], now: Instant) -> CompareShape:
    """A column for each, in order; what cannot be told says why."""
    sides = [side(store, said, now) for said in asked]
    base = sides[0].figures
    return CompareShape(
        sessions=[
            one if base is None or not number else msgspec.structs.replace(one, difference=_difference(one, base))
            for number, one in enumerate(sides)
        ]
    )


def meant(store: Store, said: str) -> Hand | Session | None:
    """The session of either kind that is called so: a whole id or name by hand first; AmbiguousSession for more."""
    hand = store.hands().find(said)
    if hand is not None and hand.hidden:
        hand = None
    if hand is not None and said.strip().casefold() in (hand.uid, hand.plan.name.casefold()):
        return hand
    return store.session(said) or hand


def side(store: Store, said: str, now: Instant) -> SideShape:
    """What is known of one."""
    try:
        found = meant(store, said) if said.isprintable() else None
    except AmbiguousSession:
        return SideShape(asked=said, missing="ambiguous")
    if found is None:
        return SideShape(asked=said, missing="unknown")
    return (
        _by_hand(store, said, whole(store, found, now), now) if isinstance(found, Hand) else _seen(store, said, found)
    )


def _by_hand(store: Store, said: str, hand: Hand, now: Instant) -> SideShape:
    shape, read = hand_shape(hand, now), _timer(hand, now)
    figures, tools = _around(store, hand.plan.follow, ran(hand, now))
    return SideShape(
        asked=said,
        id=hand.uid,
        name=hand.plan.name,
        origin="manual",
        agent=AGENT,
        project=hand.plan.project or None,
        started_at=shape.started_at,
        ended_at=shape.ended_at,
        figures=msgspec.structs.replace(
            figures,
            elapsed_ms=read.elapsed,
            tokens=shape.tokens,
            cost_usd=shape.cost_usd,
            unpriced_tokens=shape.unpriced_tokens,
            requests=shape.requests,
            checkpoints=len(store.hands().checkpoints(number_of(hand.uid))),
        ),
        tools=tools,
    )


def _seen(store: Store, said: str, session: Session) -> SideShape:
    usage = session.usage
    figures, tools = _around(store, Follow("session", session.uid), _ALWAYS)
    return SideShape(
        asked=said,
        id=session.uid,
        name=session.label.name or session.title or None,
        origin="observed",
        agent=session.key.agent,
        project=session.project,
        started_at=maybe(session.first_at),
        ended_at=maybe(session.last_at),
        figures=msgspec.structs.replace(
            figures,
            elapsed_ms=max(0, (session.last_at or 0) - (session.first_at or 0)),
            tokens=tokens_shape(usage.tokens),
            cost_usd=cost(usage),
            unpriced_tokens=usage.unpriced_tokens,
            requests=usage.requests,
        ),
        tools=tools,
    )


def _around(store: Store, follow: Follow, spans: Sequence[timer.Span]) -> tuple[SideFiguresShape, list[UsedToolShape]]:
    """Tools, errors and objectives; the sums are the caller's."""
    store.unpack()
    gathering = store.gathering()
    tools = gathering.tools(follow, spans)
    states: dict[tuple[str, str], str] = {}
    errors = 0
    for uid, event in gathering.happened(follow, spans, ("error", "objective")):
        errors += isinstance(event, AgentError)
        if isinstance(event, ObjectiveSet) and not is_linked(event):
            states[uid, event.objective] = event.state
    kept = [state for state in states.values() if state != "deleted"]
    figures = SideFiguresShape(
        elapsed_ms=0,
        tokens=TokensShape(),
        cost_usd=None,
        unpriced_tokens=0,
        requests=0,
        tool_calls=sum(use.calls for use in tools),
        failed_tools=sum(use.failed for use in tools),
        errors=errors,
        objectives=DoneShape(done=kept.count("completed"), total=len(kept)),
        checkpoints=0,
    )
    shown = [UsedToolShape(name=use.name, calls=use.calls, failed=use.failed, denied=use.denied) for use in tools]
    return figures, shown[:TOOLS]


def _difference(one: SideShape, base: SideFiguresShape) -> DifferenceShape | None:
    here = one.figures
    if here is None:
        return None
    known = here.cost_usd is not None and base.cost_usd is not None
    names = TokensShape.__struct_fields__
    return DifferenceShape(
        elapsed_ms=here.elapsed_ms - base.elapsed_ms,
        tokens=TokensShape(**{name: getattr(here.tokens, name) - getattr(base.tokens, name) for name in names}),
        cost_usd=round((here.cost_usd or 0) - (base.cost_usd or 0), 6) if known else None,
        requests=here.requests - base.requests,
        tool_calls=here.tool_calls - base.tool_calls,
        failed_tools=here.failed_tools - base.failed_tools,
        errors=here.errors - base.errors,
        objectives_done=here.objectives.done - base.objectives.done,
    )


def _timer(hand: Hand, now: Instant) -> Timer:
    return timer.read(timer.fold(hand.marks), hand.plan.duration, now)
