"""Questions about usage: every report adds up the same sums."""

from __future__ import annotations

from moonlock.store.recall import Packed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from moonlock.model.instant import Instant
    from moonlock.model.question import Answer, Question
    from moonlock.model.report import Reading, ReportRow
    from moonlock.model.rows import Row
    from moonlock.model.session import SessionKey
    from moonlock.store.pricing import Price
    from moonlock.store.tallies import Segments


class Reporting(Packed):
    """The part of the store that makes reports. ``since`` is inclusive, ``until`` exclusive, None is open."""

    def still(self) -> AbstractContextManager[object]:
        """While it is entered, every answer is about one moment, whatever others write meanwhile."""
        return self._db

    def rows(self, question: Question, price: Price | None = None) -> Answer:
        """The report in plain rows, at the stored costs or at those that ``price`` gives; see ``Question``.

        ``UnknownName`` when a filter names nothing that there is.
        """
        from moonlock.store.answers import answer

        if question.report in ("tool", "skill"):
            self.unpack()
        return answer(self._db, question, price)

    def with_use(self, question: Question, rows: list[Row]) -> list[Row]:
        """The rows, each with its models in order of their first use and when it was used first and last."""
        from moonlock.store.firstuse import with_use

        return with_use(self._db, question, rows)

    def pulse(self, question: Question, price: Price | None = None) -> list[tuple[int, int, int]]:
        """The requests in the question's span, in time order: moment, tokens, micro-dollars."""
        from moonlock.store.blocks import pulse

        return pulse(self._db, question, price)

    def named_ends(self, since: Instant, until: Instant) -> list[Instant]:
        """Ends of five-hour windows that the provider named in [since, until], in the order in which it did."""
        from moonlock.store.blocks import named_ends

        return named_ends(self._db, since, until)

    def daily(self, segments: Segments, since: Instant | None = None, until: Instant | None = None) -> list[ReportRow]:
        """Days of a zone that have usage, oldest first; the key is the date. ``segments`` are as in ``Question``."""
        from moonlock.model.question import Question
        from moonlock.store.reports import told

        return told(self.rows(Question("daily", segments=segments, start=since, end=until)))

    def by_session(
        self, since: Instant | None = None, until: Instant | None = None
    ) -> list[tuple[SessionKey, ReportRow]]:
        """Sessions that have usage, dearest first; the row's key is the uid."""
        from moonlock.model.question import Question
        from moonlock.store.reports import told, whose

        return [(whose(row), row) for row in told(self.rows(Question("session", start=since, end=until)))]

    def by_model(self, since: Instant | None = None, until: Instant | None = None) -> list[ReportRow]:
        """Models that have usage, dearest first; fast requests are a model of their own."""
        from moonlock.model.question import Question
        from moonlock.store.reports import told

        return told(self.rows(Question("model", start=since, end=until)))

    def totals(self, since: Instant | None = None, until: Instant | None = None) -> ReportRow:
        """Everything in one row with an empty key; a session counts once."""
        from moonlock.model.question import Question
        from moonlock.store.reports import noun

        return noun(self.rows(Question("model", start=since, end=until)).totals)

    def reading(self) -> Reading:
        """What became of all lines read so far (rule F6)."""
        from moonlock.model.question import Question
        from moonlock.model.report import Reading

        return Reading(*self.rows(Question("model")).reading)  # type: ignore[arg-type]  # its fields, in their order
