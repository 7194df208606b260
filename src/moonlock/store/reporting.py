"""Questions about usage by day, session and model: all add up the same sums."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import apsw

    from moonlock.model.instant import Instant
    from moonlock.model.report import Reading, ReportRow
    from moonlock.model.session import SessionKey
    from moonlock.store.everyday import Row
    from moonlock.store.tallies import Segments


class Reporting:
    """The part of the store that makes reports. ``since`` is inclusive, ``until`` exclusive, None is open."""

    _db: apsw.Connection

    def daily(self, segments: Segments, since: Instant | None = None, until: Instant | None = None) -> list[ReportRow]:
        """Days of a zone that have usage, oldest first; the key is the date.

        ``segments`` are the zone's (from_instant, offset in ms), in time order; the first holds before it too.
        """
        from moonlock.store.reports import daily

        return daily(self._db, segments, (since, until))

    def everyday(
        self, segments: Segments, since: Instant | None = None, until: Instant | None = None
    ) -> tuple[list[Row], Row, tuple[Any, ...]]:
        """The days, their totals and ``reading`` in plain rows, for commands that have no time for nouns."""
        from moonlock.store import everyday

        return *everyday.everyday(self._db, segments, (since, until)), everyday.reading(self._db)

    def by_session(
        self, since: Instant | None = None, until: Instant | None = None
    ) -> list[tuple[SessionKey, ReportRow]]:
        """Sessions that have usage, dearest first; the row's key is the uid."""
        from moonlock.store.reports import by_session

        return by_session(self._db, (since, until))

    def by_model(self, since: Instant | None = None, until: Instant | None = None) -> list[ReportRow]:
        """Models that have usage, dearest first; fast requests are a model of their own."""
        from moonlock.store.reports import by_model

        return by_model(self._db, (since, until))

    def totals(self, since: Instant | None = None, until: Instant | None = None) -> ReportRow:
        """Everything in one row with an empty key; a session counts once."""
        from moonlock.store.reports import totals

        return totals(self._db, (since, until))

    def reading(self) -> Reading:
        """What became of all lines read so far (rule F6)."""
        from moonlock.store.reports import reading

        return reading(self._db)
