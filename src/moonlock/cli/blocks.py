"""The report of blocks as it was asked for: held against a limit, cut down, and with what is true now.

Loaded by the quick path: only a block that runs costs more than its sums.
"""

from __future__ import annotations

from moonlock.analytics import windows
from moonlock.cli.asked import Asked, limit
from moonlock.model.question import Answer, Question

TYPE_CHECKING = False
if TYPE_CHECKING:
    from moonlock.model.rows import Row
    from moonlock.store import Store
    from moonlock.store.pricing import Price


def told(store: Store, asked: Asked, question: Question, price: Price | None) -> Answer:
    """The answer; marks and limits are those of all blocks in the span, whichever of them are shown."""
    answer = store.rows(question, price)
    sizes = windows.finished(answer.rows)
    rows = _running(store, question, price, answer.rows)
    ceiling = limit(asked)
    if ceiling == "max":
        rows = windows.held(rows, max(sizes), "history") if any(sizes) else rows
    elif isinstance(ceiling, int):
        rows = windows.held(rows, ceiling, "configured")
    extra = (("marks", windows.marks(sizes)), *answer.extra)
    shown = _shown(asked, rows, question.now)
    if len(shown) < len(rows):
        answer = store.rows(_of(question, shown), price)  # the totals of what is shown, each session once
    return Answer(shown, answer.totals, answer.reading, extra)


def _running(store: Store, question: Question, price: Price | None, rows: list[Row]) -> list[Row]:
    """The rows, with what is told of the block that runs."""
    if not windows.active(rows):
        return rows
    from moonlock.analytics.anchor import AHEAD, LOOK_BACK, window

    since, until = question.now - LOOK_BACK, question.now + AHEAD
    everyone = store.pulse(Question("blocks", start=since, end=until + 1))
    used = store.pulse(question.between(since, until + 1), price)
    ends = store.named_ends(since, until)
    return windows.running(rows, used, question.now, window((at for at, _, _ in everyone), ends, question.now))


def _shown(asked: Asked, rows: list[Row], now: int) -> list[Row]:
    if asked.active:
        return windows.active(rows)
    if not asked.recent:
        return rows
    from moonlock.model.instant import iso

    return windows.recent(rows, iso(now - windows.RECENT))


def _of(question: Question, shown: list[Row]) -> Question:
    """The question whose answer is these rows and no others."""
    if not shown:
        return question.between(0, 0)
    from datetime import datetime

    from moonlock.model.instant import instant

    starts = [instant(datetime.fromisoformat(row[0])) for row in shown]
    return question.between(min(starts), max(starts) + 1)
