"""Days of a zone, and the moments between which requests count (rule T4)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo

from moonlock.model.instant import DAY, Instant, instant

BEFORE_ALL = 1_577_836_800_000
"""2020: no agent wrote a log before. What claims to be older has the offset of that year's beginning, and what claims
to be later than tomorrow has that of tomorrow."""


class Span:
    """Days, both included, and the moments that bound them; None is open."""

    def __init__(self, since: date | None, until: date | None, zone: tzinfo) -> None:
        self.since, self.until = since, until
        self.start = _start(since, zone)
        self.end = _start(until + timedelta(days=1), zone) if until and until < date.max else None


class Days:
    """The days of a report: how its zone is called, its stretches of constant offset, the span, and what time it is."""

    def __init__(self, name: str, zone: tzinfo, span: Span, now: Instant) -> None:
        self.name = "UTC" if zone is UTC else name
        self.since, self.until = str(span.since or "") or None, str(span.until or "") or None
        self.start, self.end, self.now = span.start, span.end, now
        self.segments = _segments(zone, span, now)


def _segments(zone: tzinfo, days: Span, now: Instant) -> tuple[tuple[Instant, int], ...]:
    """The zone's offsets over the days in question."""
    if zone is UTC:
        return ((0, 0),)
    from moonlock.analytics.periods import segments

    latest = now + DAY
    return segments(zone, max(days.start or 0, BEFORE_ALL), min(days.end or latest, latest))


def _start(day: date | None, zone: tzinfo) -> Instant | None:
    if day is None:
        return None
    if zone is UTC:
        return instant(datetime(day.year, day.month, day.day, tzinfo=UTC))
    from moonlock.analytics.periods import day_start

    return day_start(day, zone)
