"""How the open window may end: what is remembered of one's own windows, and a look at the one of now beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from functools import reduce

import msgspec

from moonlock.analytics import anomaly, blocks, burn, forecast, past
from moonlock.analytics.anchor import AHEAD, LOOK_BACK
from moonlock.analytics.anomaly import Habit
from moonlock.analytics.forecast import OWN, Analogs
from moonlock.analytics.prior import COST, TOKENS, prior
from moonlock.live.known import recall
from moonlock.model.instant import MINUTE, Instant
from moonlock.model.limits import Block, BurnRate
from moonlock.model.manual import Budget
from moonlock.model.outlook import Anomaly, Forecast, PastWindow, Spent, Unit
from moonlock.store import Store

_UNITS: tuple[Unit, ...] = ("costUsd", "tokens")


class Before(msgspec.Struct, frozen=True):
    """What the store knows of the time before the open window."""

    until: Instant
    spent: Sequence[Spent]
    resets: Sequence[Instant]


class Memory(msgspec.Struct, frozen=True):
    """One's own past, ready to be compared with. It stays the same until a window ends or late history comes in."""

    windows: tuple[PastWindow, ...]
    tokens: Analogs
    cost: Analogs
    unit: Unit
    """What the habit is counted in: tokens where most has no price."""
    habit: Habit
    limit: Budget
    """What a window may spend."""


class Outlook(msgspec.Struct, frozen=True):
    """The forecast of the open window, and the pace of now."""

    forecast: Forecast
    anomaly: Anomaly
    unit: Unit
    minute: int
    """So many minutes of the window have begun."""


class Foreseen(msgspec.Struct, frozen=True):
    """A forecast, and the windows that it was made of."""

    outlook: Outlook
    memory: Memory


def before(store: Store, block: Block) -> Before:
    """Ask the store; the cost is that of some weeks, not of the archive."""
    since = max(0, store.windows_ago(OWN + 1, block.start) - LOOK_BACK)
    return Before(block.start, store.spent(since, block.start), store.named_ends(since, block.start))


def within(store: Store, block: Block, now: Instant) -> list[Spent]:
    """What was spent in the open window."""
    return store.spent(block.start, min(block.end, now + AHEAD))


def memory(known: Before, limit: Budget) -> Memory:
    """Made once for a window: 0.1 s, and as much again the first time."""
    windows = past.cut(known.spent, known.resets, known.until)[-OWN:]
    habits = {unit: _habit(anomaly.EMPTY, known.spent, unit) for unit in _UNITS}
    unit: Unit = "costUsd" if 2 * habits["costUsd"].minutes >= habits["tokens"].minutes else "tokens"
    return Memory(
        tuple(windows),
        library([window.tokens for window in windows], TOKENS),
        library([window.cost for window in windows], COST),
        unit,
        habits[unit],
        limit,
    )


def look(known: Memory, spent: Sequence[Spent], block: Block, rate: BurnRate, now: Instant) -> Outlook:
    """The open window beside those of before: some milliseconds."""
    bins = past.past((block.start, block.end, block.anchor), spent)
    minute = max(1, min((now - block.start) // MINUTE + 1, forecast.WINDOW))  # a clock that was set back is before it
    unpriced = 0 < block.usage.requests <= block.usage.unpriced_requests
    cost = None if unpriced else forecast.foresee(known.cost, past.so_far(bins.cost, minute), known.limit.cost)
    found = Forecast(
        at=now,
        block=block,
        tokens=forecast.foresee(known.tokens, past.so_far(bins.tokens, minute), known.limit.tokens),
        cost=cost,
        windows=known.tokens.taught,
        rate=rate,
        straight=burn.straight(block, now),
        limit=known.limit,
    )
    pace = anomaly.read(_habit(known.habit, spent, known.unit), now)
    return Outlook(found, pace, known.unit, minute)


def foreseen(store: Store, now: Instant, zone: tzinfo, limit: Budget) -> Foreseen | None:
    """Everything at once, as the store knows it; None while no window is open."""
    present = recall(store, now, zone)
    block = blocks.read(present.window, now)
    if block is None:
        return None
    known = memory(before(store, block), limit)
    return Foreseen(look(known, within(store, block, now), block, burn.read(present.pace, now), now), known)


def prior_share(outlook: Outlook) -> float:
    """How much of the weight the generated windows have."""
    return round(1 - sum(outlook.forecast.tokens.shares), 6)


def library(windows: Sequence[Sequence[int]], usual: int, length: int = forecast.WINDOW) -> Analogs:
    """One's own windows beside the prior, or as many of the first minutes of both."""
    scale = forecast.scale(map(sum, windows), usual)
    return forecast.beside(forecast.analogs(windows, scale, length), prior(length), scale)


def _habit(known: Habit, spent: Iterable[Spent], unit: Unit) -> Habit:
    def add(habit: Habit, each: Spent) -> Habit:
        return anomaly.add(habit, each.at - each.at % MINUTE, each.cost if unit == "costUsd" else each.tokens)

    return reduce(add, spent, known)
