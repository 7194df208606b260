"""Every limit that is known, with its source, and where the official ones lead.

The provider's word comes first, then a person's; without either, how much one usually takes is no limit, but says how
unusual the open window is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from functools import reduce

import msgspec

from moonlock.analytics import blocks, past, quota, quota_pace
from moonlock.analytics.anchor import AHEAD
from moonlock.analytics.forecast import WINDOW
from moonlock.analytics.quota import Official, even
from moonlock.live.known import recall
from moonlock.live.outlook import Memory, before, memory, within
from moonlock.model.instant import DAY, HOUR, MINUTE, Instant, instant
from moonlock.model.limits import Block, QuotaHabit, QuotaSample, QuotaWindow, Rise
from moonlock.model.manual import Budget
from moonlock.model.outlook import Spent, Unit
from moonlock.model.shapes import ForecastShape
from moonlock.model.window import LENGTH, WEEK
from moonlock.store import Store

FIVE, SEVEN = "five_hour", "seven_day"
BEFORE = (quota_pace.WEEKS + 2) * WEEK
"""So far back one's own weeks are looked at."""


TAUGHT = 2 * DAY
"""What a percent of a week is worth is learned from so long: its requests are looked at one by one."""
RECENT = 2 * HOUR


class Facts(msgspec.Struct, frozen=True):
    """What the store knows of the windows that are open."""

    official: Official
    block: Block | None
    spent: Sequence[Spent] = ()
    """In the open window of five hours."""
    week: Sequence[Spent] = ()
    """Since the week's percentage was told first."""
    rises: Mapping[str, Sequence[Rise]] = {}
    hours: Mapping[int, tuple[int, int]] = {}


class Looked(msgspec.Struct, frozen=True):
    """One's own past, and what a person and the forecast of the open window say."""

    memory: Memory | None
    limit: Budget = Budget()
    forecast: ForecastShape | None = None


class Quoted(msgspec.Struct, frozen=True):
    """Windows, and what they were made of."""

    windows: tuple[QuotaWindow, ...]
    worths: Mapping[str, quota_pace.Worth]
    facts: Facts
    unit: Unit
    """What is spent is counted in."""


def remembered(store: Store, now: Instant) -> list[QuotaSample]:
    """Everything that the provider said of windows that may be open: what was told to us, and what logs say."""
    hits = (quota.of_hit(hit) for hit in store.limits(now - WEEK) if hit.at <= now)
    return [*told(store, now), *(sample for sample in hits if sample is not None)]


def told(store: Store, now: Instant) -> list[QuotaSample]:
    """What was told to us, but what a clock that ran ahead dates later than now: it would outdo all that comes."""
    return [sample for sample in store.quotas().told(now) if sample.at <= now + AHEAD]


def gather(
    store: Store, official: Official, block: Block | None, now: Instant, hours: Mapping[int, tuple[int, int]]
) -> Facts:
    """Ask the store, of ``hours`` that are known already for the last ones alone; some milliseconds then."""
    kept = store.quotas()
    resets = {window.name: window.resets_at for window in official.windows if window.resets_at is not None}
    rises = {name: kept.rises(name, reset, reset + MINUTE) for name, reset in resets.items() if name in (FIVE, SEVEN)}
    weekly = [rise for rise in rises.get(SEVEN, ()) if rise.at > now - TAUGHT]
    if SEVEN in rises:
        rises[SEVEN] = weekly
    return Facts(
        official=official,
        block=block,
        spent=[] if block is None else within(store, block, now),
        week=store.spent(weekly[0].at, now) if len(weekly) > 1 else [],
        rises=rises,
        hours={**hours, **kept.hours((now - (RECENT if hours else BEFORE)) // HOUR * HOUR)},
    )


def quoted(facts: Facts, beside: Looked, now: Instant) -> Quoted:
    """All windows, the shortest first: some milliseconds."""
    found = {window.name: window for window in facts.official.windows}
    unit: Unit = "costUsd" if beside.memory is None else beside.memory.unit
    worths = _worths(facts, unit)
    for name, value in worths.items():
        fate = _fate(facts, beside, (found[name], value), now)
        if fate is not None:
            end = fate.end
            found[name] = msgspec.structs.replace(
                found[name], end=end, overrun=fate.overrun, runs_out_at=fate.runs_out_at
            )
    for name, window in found.items():
        if window.used is not None and window.used >= quota_pace.FULL:
            found[name] = msgspec.structs.replace(window, overrun=1.0, runs_out_at=window.as_of, end=None)
    if FIVE not in found and facts.block is not None:
        found[FIVE] = _own_window(facts.block, beside, now)
    if SEVEN not in found and (weeks := _own_week(facts, unit, now)) is not None:
        found[SEVEN] = weeks
    return Quoted(tuple(sorted(found.values(), key=lambda one: (one.length, one.name))), worths, facts, unit)


def recalled(store: Store, now: Instant, zone: tzinfo, limit: Budget) -> Quoted:
    """Everything at once, as the store knows it."""
    official = quota.read(reduce(quota.add, remembered(store, now), quota.EMPTY), now)
    block = blocks.read(recall(store, now, zone).window, now)
    own = None if block is None else memory(before(store, block), limit)
    return quoted(gather(store, official, block, now, {}), Looked(own, limit), now)


def _worths(facts: Facts, unit: Unit) -> dict[str, quota_pace.Worth]:
    """What percent a unit is worth, of the windows of which that could be learned."""
    spent = {FIVE: facts.spent, SEVEN: facts.week}
    found = {name: quota_pace.worth(rises, _amounts(spent[name], unit)) for name, rises in facts.rises.items()}
    return {name: value for name, value in found.items() if value is not None}


def _amounts(spent: Sequence[Spent], unit: Unit) -> list[tuple[Instant, float]]:
    return [(each.at, each.cost if unit == "costUsd" else each.tokens) for each in spent]


def _fate(
    facts: Facts, beside: Looked, of: tuple[QuotaWindow, quota_pace.Worth], now: Instant
) -> quota_pace.Fate | None:
    (window, value), known, block = of, beside.memory, facts.block
    if window.used is None or window.resets_at is None or window.used >= quota_pace.FULL:
        return None
    unit: Unit = "costUsd" if known is None else known.unit
    if window.name == SEVEN:
        start = window.resets_at - window.length
        past_weeks = quota_pace.past_weeks(_by_unit(facts.hours, unit), start)
        return quota_pace.weeks(window.used, value, past_weeks, max(0, now - start) // HOUR, now)
    if known is None or block is None or abs(block.end - window.resets_at) > MINUTE:
        return None
    bins = past.past((block.start, block.end, block.anchor), facts.spent)
    minute = min((now - block.start) // MINUTE + 1, WINDOW)
    if unit == "costUsd":
        return quota_pace.five_hours(window.used, value, known.cost, past.so_far(bins.cost, minute), now)
    return quota_pace.five_hours(window.used, value, known.tokens, past.so_far(bins.tokens, minute), now)


def _own_window(block: Block, beside: Looked, now: Instant) -> QuotaWindow:
    """The five hours that are open by one's own limits, or by what is usual."""
    expected = even(block.end, LENGTH, now)
    shares = [
        100 * used / most
        for used, most in ((block.usage.tokens.total, beside.limit.tokens), (block.usage.cost, beside.limit.cost))
        if most
    ]
    plain = QuotaWindow(name=FIVE, length=LENGTH, source="estimated", resets_at=block.end, as_of=now, expected=expected)
    if shares:
        ahead = beside.forecast
        near = None if ahead is None or ahead.limit_at is None else instant(_moment(ahead.limit_at.expected))
        likely = None if ahead is None else ahead.overrun_probability
        return msgspec.structs.replace(plain, source="configured", used=max(shares), overrun=likely, runs_out_at=near)
    return msgspec.structs.replace(plain, **_shown(_habit(block, beside.memory)))


def _habit(block: Block, known: Memory | None) -> QuotaHabit | None:
    if known is None:
        return None
    if known.unit == "costUsd":
        return quota_pace.habit(block.usage.cost, (sum(one.cost) for one in known.windows), known.unit)
    return quota_pace.habit(block.usage.tokens.total, (sum(one.tokens) for one in known.windows), known.unit)


def _own_week(facts: Facts, unit: Unit, now: Instant) -> QuotaWindow | None:
    """The last seven days beside the weeks before them. Nobody said when the week begins, so it has no reset."""
    hours = _by_unit(facts.hours, unit)
    begin = now - WEEK
    used = sum(amount for hour, amount in hours.items() if hour >= begin // HOUR)
    found = quota_pace.habit(used, map(sum, quota_pace.past_weeks(hours, begin)), unit)
    if found is None:
        return None
    plain = QuotaWindow(name=SEVEN, length=WEEK, source="estimated", as_of=now)
    return msgspec.structs.replace(plain, **_shown(found))


def _shown(found: QuotaHabit | None) -> dict[str, object]:
    return {"habit": found, "used": None if found is None else 100 * found.used / found.usual}


def _by_unit(hours: Mapping[int, tuple[int, int]], unit: Unit) -> dict[int, float]:
    return {hour: cost if unit == "costUsd" else tokens for hour, (tokens, cost) in hours.items()}


def _moment(iso: str) -> datetime:
    return datetime.fromisoformat(iso)
