"""How a session by hand may end: what it gathered so far, beside the beginnings of one's own windows before it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from moonlock.analytics import forecast, past, timer
from moonlock.analytics.anchor import LOOK_BACK
from moonlock.analytics.forecast import OWN, WINDOW, Analogs
from moonlock.analytics.prior import COST, TOKENS
from moonlock.live.foreseen import basis, cost_band, likelier, moments, token_band
from moonlock.live.gathered import ran
from moonlock.live.outlook import Before, library
from moonlock.model.instant import MINUTE, Instant
from moonlock.model.manual import Follow, Hand
from moonlock.model.outlook import Band, Outcome, Spent
from moonlock.model.shapes import SessionForecastShape
from moonlock.model.timer import Timer
from moonlock.store import Store

SHORTEST, LONGEST = 10, WINDOW
"""Minutes of a session that windows of five hours can tell something about."""


class Likes(msgspec.Struct, frozen=True):
    """The beginnings of past windows, as long as the session."""

    tokens: Analogs
    cost: Analogs


def minutes_of(hand: Hand) -> int:
    """Of the session, begun ones."""
    return -(-hand.plan.duration // MINUTE)


def foreseeable(hand: Hand) -> bool:
    """Whether anything can be told: it gathers something, and past windows are as long as it is."""
    return hand.plan.follow.kind != "none" and SHORTEST <= minutes_of(hand) <= LONGEST and hand.usage.requests > 0


def remembered(store: Store, hand: Hand) -> Before:
    """What the store knows of the time before the session: of the project that it follows, else of everything.

    A session of an agent is compared with all, for it has no past of its own.
    """
    start, follow = hand.marks[0].at, hand.plan.follow
    since = max(0, store.windows_ago(OWN + 1, start) - LOOK_BACK)
    whose = follow if follow.kind == "project" else Follow("all")
    return Before(start, store.gathering().minutes(whose, [(since, start)]), store.named_ends(since, start))


def spent_in(store: Store, hand: Hand, now: Instant) -> list[Spent]:
    """What it gathered, minute by minute."""
    return store.gathering().minutes(hand.plan.follow, ran(hand, now))


def likes(known: Before, length: int) -> Likes:
    """Made once for a session: 0.1 s."""
    windows = past.cut(known.spent, known.resets, known.until)[-OWN:]
    return Likes(
        library([window.tokens for window in windows], TOKENS, length),
        library([window.cost for window in windows], COST, length),
    )


def foreseen(known: Likes, hand: Hand, spent: Sequence[Spent], now: Instant) -> SessionForecastShape | None:
    """How it ends if its timer runs on from now; None when it is over, or nothing was spent yet."""
    read = timer.read(timer.fold(hand.marks), hand.plan.duration, now)
    if read.ended_at is not None or not spent:
        return None
    length, budget = minutes_of(hand), hand.plan.budget
    tokens, cost = past.along(spent, ran(hand, now), length)
    minute = min(read.elapsed // MINUTE + 1, length)
    left = None if budget.tokens is None else budget.tokens - hand.posted
    by_tokens = forecast.foresee(known.tokens, past.so_far(tokens, minute), left)
    by_cost = None
    if hand.usage.unpriced_requests < hand.usage.requests:
        by_cost = forecast.foresee(known.cost, past.so_far(cost, minute), budget.cost)
    return _shape(hand, read, (by_tokens, by_cost), (known.tokens.taught, now))


def _shape(
    hand: Hand, read: Timer, outcomes: tuple[Outcome, Outcome | None], of: tuple[int, Instant]
) -> SessionForecastShape:
    """Posted tokens are in the sum; nobody knows how many more will be posted."""
    (tokens, cost), (windows, now) = outcomes, of
    end, first = tokens.end, likelier(tokens, cost)
    whole = Band(end.expected + hand.posted, end.low + hand.posted, end.high + hand.posted)
    reached = None if first is None or read.ends_at is None else first.reached
    return SessionForecastShape(
        tokens=token_band(whole),
        cost_usd=None if cost is None else cost_band(cost.end),
        overrun_probability=None if first is None or first.overrun is None else round(first.overrun, 3),
        limit_at=None if reached is None else moments(reached, now),
        basis=basis(tokens, windows),
    )
