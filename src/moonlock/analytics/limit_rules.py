"""The rules about limits of the plan, and what they see: each says something once for every window of a limit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from moonlock.model.alert import Rule, Sign
from moonlock.model.instant import DAY, MINUTE, iso
from moonlock.model.limits import QuotaWindow
from moonlock.model.words import percent

WEEK = 7 * DAY
"""No limit lasts longer: of one window each thing is told once."""


NAMES = {"five_hour": "five-hour limit", "seven_day": "weekly limit", "seven_day_model": "weekly limit of a model"}


class Limit(msgspec.Struct, frozen=True):
    """One window of a limit that somebody named: the provider or a person, never an estimate."""

    subject: str
    """It names the window: the next one is another subject."""
    name: str
    used: float | None
    """The share of it."""
    overrun: float | None = None
    """How likely it runs out before its end; None where that is not foreseen."""


def limits(windows: Iterable[QuotaWindow]) -> list[Limit]:
    """What of them is a limit: habits and windows without an end are none."""
    return [
        Limit(
            f"{one.name} {iso(one.resets_at)}",
            NAMES.get(one.name, f"{one.name.replace('_', ' ')} limit"),
            None if one.used is None else one.used / 100,
            one.overrun,
        )
        for one in windows
        if one.source != "estimated" and one.resets_at is not None
    ]


def used(limits: Iterable[Limit]) -> Iterator[Sign]:
    """How much of a limit of the plan is used."""
    for limit in limits:
        yield Sign(limit.subject, limit.used, f"{percent(limit.used or 0)} of the {limit.name} is used")


def pace(limits: Iterable[Limit]) -> Iterator[Sign]:
    """How likely a limit runs out before it resets; of one that is used up that is no news."""
    for limit in limits:
        likely = None if (limit.used or 0) >= 1 else limit.overrun
        yield Sign(limit.subject, likely, f"The {limit.name} likely runs out before it resets")


LIMIT_RULES: tuple[tuple[Rule, Callable[[Iterable[Limit]], Iterator[Sign]]], ...] = (
    (
        Rule(id="quota-80", title="80 % of a limit is used", measure="share", threshold=0.8, clear=0.75, cooldown=WEEK),
        used,
    ),
    (
        Rule(
            id="quota-95",
            title="95 % of a limit is used",
            measure="share",
            threshold=0.95,
            clear=0.9,
            cooldown=WEEK,
            severity="error",
        ),
        used,
    ),
    (
        Rule(
            id="quota-pace",
            title="A limit likely runs out",
            measure="probability",
            threshold=0.4,
            clear=0.3,
            hold=MINUTE,
            cooldown=WEEK,
        ),
        pace,
    ),
)
