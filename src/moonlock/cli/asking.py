"""From what a person asks to the answer of the store, in plain rows. Loaded by the quick path: it imports little."""

from __future__ import annotations

from moonlock.cli.asked import BY_TIME, LISTS, Asked, form, names
from moonlock.model.question import Question

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from moonlock.cli.days import Days
    from moonlock.model.question import Answer
    from moonlock.model.rows import Fields, Row
    from moonlock.store import Store
    from moonlock.store.pricing import Price

    Found = tuple[list[Row], Row, tuple[Any, ...], Fields]
    """Rows, totals, the fields of a reading, and what else is told of all: what ``outputs.json`` writes."""

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
    put = question(asked, days, week)
    with store.still():
        answer = _blocks(store, asked, put, price) if asked.report == "blocks" else store.rows(put, price)
        rows = store.with_use(put, answer.rows) if form(asked) == "ccusage" else answer.rows
        if asked.report == "session":
            from moonlock.cli.statuses import with_status

            rows = with_status(store, rows, days.now)
    if asked.order and (asked.order == "asc") != (asked.report in BY_TIME):
        rows = rows[::-1]
    return rows, answer.totals, answer.reading, (*_unusual(asked), *answer.extra)


def _blocks(store: Store, asked: Asked, put: Question, price: Price | None) -> Answer:
    from moonlock.cli.blocks import told

    return told(store, asked, put, price)


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
