"""From what a person asks to the answer of the store, in plain rows. Loaded by the quick path: it imports little."""

from __future__ import annotations

from moonlock.cli.asked import BY_TIME, LISTS, Asked, form, limit, names
from moonlock.live import reports
from moonlock.live.reports import How
from moonlock.model.question import Question

TYPE_CHECKING = False
if TYPE_CHECKING:
    from moonlock.cli.days import Days
    from moonlock.live.reports import Found, Shown
    from moonlock.model.rows import Fields
    from moonlock.store import Store
    from moonlock.store.pricing import Price

OF_NOW = frozenset({"session", "blocks"})
"""Reports that depend on what time it is: what runs, runs now."""


class AllOfUtc:
    """What ``Days`` says when every day is meant, in UTC: known without datetime, which takes 2 ms to load."""

    name, segments = "UTC", ((0, 0),)
    since = until = start = end = None

    def __init__(self, now: int) -> None:
        self.now = now


def found(store: Store, asked: Asked, days: Days | AllOfUtc, week: str, price: Price | None = None) -> Found:
    """The answer in the order that was asked for; ``price`` for other costs than those that are stored."""
    rows, totals, reading, extra = reports.found(store, question(asked, days, week), how(asked, price))
    if asked.order and (asked.order == "asc") != (asked.report in BY_TIME):
        rows = rows[::-1]
    return rows, totals, reading, (*_unusual(asked), *extra)


def how(asked: Asked, price: Price | None) -> How:
    """What the report is to be like."""
    shown: Shown = "active" if asked.active else "recent" if asked.recent else "all"
    return How(price=price, ceiling=limit(asked), shown=shown, use=form(asked) == "ccusage")


def question(asked: Asked, days: Days | AllOfUtc, week: str) -> Question:
    """The question as the store understands it; ``week`` is the day that weeks begin with, or "" for the usual one."""
    return Question(
        "blocks-hourly" if asked.report == "blocks" and form(asked) == "ccusage" else asked.report,
        segments=days.segments,
        start=days.start,
        end=days.end,
        week_start=_number(week),
        now=days.now,
        **_filters(asked),
    )


def _number(week: str) -> int:
    if not week:
        return 0
    from moonlock.config.values import WEEKDAYS

    return WEEKDAYS.index(week)


def _filters(asked: Asked) -> dict[str, tuple[str, ...]]:
    return {name: names(flag, getattr(asked, name)) for flag, name in LISTS.items()}


def _unusual(asked: Asked) -> Fields:
    """How costs were made and what was left out, where that is not the usual thing."""
    chosen: Fields = tuple((name, list(said)) for name, said in _filters(asked).items() if said)
    if asked.active or asked.recent:
        chosen = (*chosen, ("blocks", "active" if asked.active else "recent"))
    cost: Fields = (("cost", asked.cost),) if asked.cost != "auto" else ()
    return (*cost, ("filters", chosen)) if chosen else cost
