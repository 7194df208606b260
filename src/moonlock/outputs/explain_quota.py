"""The limits explained in words: who says each, how old that is, where it leads, and from what that was learned."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from moonlock.analytics.quota_pace import Worth
from moonlock.config.zone import zone_of
from moonlock.live.quota_outlook import Quoted
from moonlock.model.instant import Instant, moment
from moonlock.model.limits import LimitSource, QuotaHabit, QuotaWindow
from moonlock.model.outlook import Unit
from moonlock.model.words import many
from moonlock.outputs import figures
from moonlock.outputs.figures import lasting, short

MICRO = 1_000_000
NOTHING = "Nothing is known of any limit: no window is open, and the provider said nothing that still holds."
SAYS: dict[LimitSource, str] = {
    "official": "official: the provider's own word",
    "configured": "configured: limit_tokens or limit_cost in the settings",
    "estimated": "estimated: a share of what is usual for you, which is no limit",
}


def render(found: Quoted, zone: str, now: Instant, limit: int) -> str:
    """The same in words; ``limit`` is how many rises are named."""
    if not found.windows:
        return NOTHING
    parts = ["\n".join(_window(window, found, (zone_of(zone), now, limit))) for window in found.windows]
    if found.facts.official.accounts > 1:
        parts.append(f"{found.facts.official.accounts} accounts are told of; this is the one that was heard of last.")
    return "\n\n".join(parts)


def _window(window: QuotaWindow, found: Quoted, told: tuple[tzinfo, Instant, int]) -> Iterator[str]:
    clock, now, limit = told
    used = "unknown" if window.used is None else f"{window.used:.1f} %"
    yield f"{window.name}  {used}"
    yield f"  {SAYS[window.source]}"
    if window.source == "official" and window.as_of is not None:
        yield f"  said {lasting(now - window.as_of)} ago, at {_at(window.as_of, clock)}"
    if window.resets_at is not None:
        even = "" if window.expected is None else f"; at an even pace {window.expected:.0f} % would be used by now"
        yield f"  resets {_at(window.resets_at, clock)}, in {lasting(window.resets_at - now)}{even}"
    if window.habit is not None:
        yield from _habit(window.habit)
    if window.end is not None:
        expected, low, high = window.end
        yield f"  at its end {expected:.0f} % ({low:.0f} to {high:.0f}); four of five end within the range"
    if window.overrun is not None:
        when = "" if window.runs_out_at is None else f", then about {_at(window.runs_out_at, clock)}"
        yield f"  {figures.share(window.overrun)} likely to run out before it resets{when}"
    value = found.worths.get(window.name)
    if value is not None:
        yield f"  1 % is worth {_worth(value, found.unit)}, learned from {many(value.rises, 'rise')}"
    rises = found.facts.rises.get(window.name, ())
    for rise in rises[-limit:] if limit else ():
        yield f"    {_at(rise.at, clock)}  {rise.used:.1f} %"


def _habit(habit: QuotaHabit) -> Iterator[str]:
    used, usual, most = (_amount(each, habit.unit) for each in (habit.used, habit.usual, habit.most))
    share = figures.share(habit.used / habit.most)
    yield f"  {used} of {usual}, below which nine of ten of your {habit.windows} past windows stayed"
    yield f"  {share} of your biggest one, {most}"


def _worth(value: Worth, unit: Unit) -> str:
    expected, high, low = (_amount(1 / percent, unit) for percent in value.guesses())
    return f"about {expected} ({low} to {high})"


def _amount(each: float, unit: Unit) -> str:
    return figures.dollars(each / MICRO) if unit == "costUsd" else f"{short(round(each))} tokens"


def _at(at: Instant, clock: tzinfo) -> str:
    return f"{moment(at).astimezone(clock):%a %H:%M}"
