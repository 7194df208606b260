"""Where days begin and end in a zone, and its stretches of constant UTC offset, by which SQL can group rows by day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from moonlock.model.instant import DAY, SECOND, Instant, instant, moment

Segment = tuple[Instant, int]
"""From this moment on local time is UTC plus so many milliseconds."""

_STEP = 7 * DAY
"""No zone changes twice within a week (the shortest stretch, Morocco's Ramadan, takes four)."""


def offset(at: Instant, zone: tzinfo) -> int:
    """Milliseconds to add to UTC for local time, as valid at this moment."""
    found = moment(at).astimezone(zone).utcoffset()
    return 0 if found is None else found // timedelta(milliseconds=1)


def segments(zone: tzinfo, since: Instant, until: Instant) -> tuple[Segment, ...]:
    """The stretches of constant offset from ``since`` (the first begins there) to ``until``."""
    if zone is UTC or (isinstance(zone, ZoneInfo) and zone.key == "UTC"):
        return ((since, 0),)
    known = offset(since, zone)
    found, before = [(since, known)], since
    while before < until:
        after = min(before + _STEP, until)
        seen = offset(after, zone)
        if seen != known:
            found.append((_change(zone, before, after), seen))
            known = seen
        before = after
    return tuple(found)


def day_bounds(now: Instant, zone: tzinfo) -> tuple[Instant, Instant]:
    """The local calendar day that holds ``now``: its first moment, and that of the next day."""
    today = moment(now).astimezone(zone).date()
    return day_start(today, zone), day_start(today + timedelta(days=1), zone)


def day_start(day: date, zone: tzinfo) -> Instant:
    """The first moment of a calendar day; where midnight is skipped, the moment of the skip."""
    return instant(datetime.combine(day, time(), zone))


def _change(zone: tzinfo, before: Instant, after: Instant) -> Instant:
    """The moment at which the offset of ``after`` begins (to the second, as zone data are)."""
    target = offset(after, zone)
    low, high = before // SECOND, after // SECOND
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if offset(middle * SECOND, zone) == target else (middle, high)
    return high * SECOND
