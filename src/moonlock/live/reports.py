"""From a question to the rows of its report: what the command line, its quick path and the server all answer.

Loaded by the quick path: it imports very little, and only a block or a session that is alive costs more than its sums.
"""

from __future__ import annotations

from moonlock.model.question import Answer, Question

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal, TypedDict, Unpack

    from moonlock.model.rows import Fields, Row
    from moonlock.store import Store
    from moonlock.store.pricing import Price

    Found = tuple[list[Row], Row, tuple[Any, ...], Fields]
    """Rows, totals, the fields of a reading, and what else is told of all: what ``usage_json`` writes."""
    Shown = Literal["all", "active", "recent"]

    class _Terms(TypedDict, total=False):
        price: Price | None
        ceiling: int | str | None
        shown: Shown
        use: bool


BLOCKS = frozenset({"blocks", "blocks-hourly"})


class How:
    """What a report is to be like besides its question.

    ``price`` for other costs than those that are stored. Of blocks: the ``ceiling`` of tokens that they are held
    against, ``max`` for the biggest so far, and which are ``shown``. ``use`` tells when each was used first and last.
    """

    price: Price | None = None
    ceiling: int | str | None = None
    shown: Shown = "all"
    use: bool = False

    def __init__(self, **terms: Unpack[_Terms]) -> None:
        self.__dict__.update(terms)


def found(store: Store, question: Question, how: How) -> Found:
    """The report as of one moment; ``UnknownName`` when a filter names nothing that there is."""
    with store.still():
        answer = _blocks(store, question, how) if question.report in BLOCKS else store.rows(question, how.price)
        rows = store.with_use(question, answer.rows) if how.use else answer.rows
        if question.report == "session":
            from moonlock.live.statuses import with_status

            rows = with_status(store, rows, question.now)
    return rows, answer.totals, answer.reading, answer.extra


def _blocks(store: Store, question: Question, how: How) -> Answer:
    """The answer; marks and limits are those of all blocks in the span, whichever of them are shown."""
    from moonlock.analytics import windows

    answer = store.rows(question, how.price)
    sizes = windows.finished(answer.rows)
    rows = _running(store, question, how.price, answer.rows)
    if how.ceiling == "max":
        rows = windows.held(rows, max(sizes), "history") if any(sizes) else rows
    elif isinstance(how.ceiling, int):
        rows = windows.held(rows, how.ceiling, "configured")
    extra = (("marks", windows.marks(sizes)), *answer.extra)
    shown = _shown(rows, how, question.now)
    if len(shown) < len(rows):
        answer = store.rows(_of(question, shown), how.price)  # the totals of what is shown, each session once
    return Answer(shown, answer.totals, answer.reading, extra)


def _running(store: Store, question: Question, price: Price | None, rows: list[Row]) -> list[Row]:
    """The rows, with what is told of the block that runs."""
    from moonlock.analytics import windows

    if not windows.active(rows):
        return rows
    from moonlock.analytics.anchor import AHEAD, LOOK_BACK, window

    since, until = question.now - LOOK_BACK, question.now + AHEAD
    everyone = store.pulse(Question("blocks", start=since, end=until + 1))
    used = store.pulse(question.between(since, until + 1), price)
    ends = store.named_ends(since, until)
    return windows.running(rows, used, question.now, window((at for at, _, _ in everyone), ends, question.now))


def _shown(rows: list[Row], how: How, now: int) -> list[Row]:
    from moonlock.analytics import windows

    if how.shown == "active":
        return windows.active(rows)
    if how.shown == "all":
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
