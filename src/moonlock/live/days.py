"""Days of a zone, and the moments between which requests count (rule T4)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo

from moonlock.model.instant import DAY, EARLIEST, Instant, instant


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
    """The zone's offsets over the days in question; what is older or later than any log has those of the edges."""
    if zone is UTC:
        return ((0, 0),)
    from moonlock.analytics.periods import segments

    latest = now + DAY
    return segments(zone, max(days.start or 0, EARLIEST), min(days.end or latest, latest))


def _start(day: date | None, zone: tzinfo) -> Instant | None:
    if day is None:
        return None
    if zone is UTC:
        return instant(datetime(day.year, day.month, day.day, tzinfo=UTC))
    from moonlock.analytics.periods import day_start

    return day_start(day, zone)
