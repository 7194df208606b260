"""What is asked of a report, and what the store answers, in plain words. Loads nothing."""

from __future__ import annotations

from collections.abc import Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypedDict, Unpack

    from moonlock.model.rows import Fields, Row

    class Terms(TypedDict, total=False):
        """What may be said of a question besides its report."""

        segments: Sequence[tuple[int, int]]
        start: int | None
        end: int | None
        week_start: int
        agents: Sequence[str]
        projects: Sequence[str]
        models: Sequence[str]
        branches: Sequence[str]
        now: int


class Question:
    """One report: its rows, its span of time, and its filters as a person wrote them.

    Several names of one kind mean any of them; kinds combine. ``segments`` are a zone's (from this instant on, offset
    to UTC in ms), in time order; the first holds for all time before it too. ``start`` is inclusive, ``end``
    exclusive, None is open. ``week_start`` is 0 for Monday, up to 6 for Sunday.
    """

    segments: Sequence[tuple[int, int]] = ((0, 0),)
    start: int | None = None
    end: int | None = None
    week_start: int = 0
    agents: Sequence[str] = ()
    projects: Sequence[str] = ()
    models: Sequence[str] = ()
    branches: Sequence[str] = ()
    now: int = 0

    def __init__(self, report: str, **terms: Unpack[Terms]) -> None:
        self.report = report
        self.__dict__.update(terms)

    def between(self, start: int | None, end: int | None) -> Question:
        """The same question about another span."""
        same = Question(self.report)
        same.__dict__.update(self.__dict__, start=start, end=end)
        return same


class Answer:
    """What the store knows: rows, their totals, the fields of a ``Reading``, and facts of the whole document.

    Periods and blocks come oldest first, all other rows dearest first. The totals' key is empty.
    """

    __slots__ = ("extra", "reading", "rows", "totals")

    def __init__(self, rows: list[Row], totals: Row, reading: tuple[object, ...], extra: Fields = ()) -> None:
        self.rows, self.totals, self.reading, self.extra = rows, totals, reading, extra
