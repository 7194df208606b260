"""From ``--since``, ``--until`` and ``--last`` to the moments between which requests count (rule T4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, timedelta, tzinfo

from moonlock.cli.asked import Asked
from moonlock.cli.errors import Trouble
from moonlock.config.zone import local_zone
from moonlock.model.instant import DAY, Instant, instant, moment

BEFORE_ALL = 1_577_836_800_000
"""2020: no agent wrote a log before; what claims to be older has the offset of that year's beginning."""


class Span:
    """Days, both included, and the moments that bound them; None is open."""

    def __init__(self, since: date | None, until: date | None, zone: tzinfo) -> None:
        self.since, self.until = since, until
        self.start = _start(since, zone)
        self.end = _start(until and until + timedelta(days=1), zone)


class Days:
    """The days of a report: how its zone is called, its stretches of constant offset, and the span."""

    def __init__(self, asked: Asked, timezone: str, env: Mapping[str, str], now: Instant) -> None:
        name = timezone or local_zone(env)
        zone = zone_of(name)
        self.name = "UTC" if zone is UTC else name
        days = span(asked, zone, now)
        self.since, self.until = str(days.since or "") or None, str(days.until or "") or None
        self.start, self.end = days.start, days.end
        self.segments = _segments(zone, days, now)


def span(asked: Asked, zone: tzinfo, now: Instant) -> Span:
    """The days that were asked for, in the zone they were asked in."""
    since, until = _day("--since", asked.since), _day("--until", asked.until)
    if asked.last is not None:
        until = moment(now).astimezone(zone).date()
        since = _first_of_last(asked.last, until)
    if since and until and since > until:
        raise Trouble("usage", f"--since {since} is after --until {until}", "swap them")
    return Span(since, until, zone)


def zone_of(name: str) -> tzinfo:
    """The zone; UTC without loading the zone data."""
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):  # what TZ of the machine says need not exist
        return UTC


def _day(flag: str, said: str | None) -> date | None:
    if said is None:
        return None
    try:
        return date.fromisoformat(said.strip())
    except ValueError:
        raise Trouble("usage", f"{said!r} is not a day ({flag})", "write it as YYYY-MM-DD") from None


def _first_of_last(said: str, today: date) -> date:
    plain = said.strip().lower()
    unit = plain[-1:] if plain[-1:] in ("d", "w", "m") else ""
    number = plain.removesuffix(unit)
    if not (number.isascii() and number.isdigit() and len(number) < 5 and number[0] != "0"):
        raise Trouble("usage", f"--last cannot be {said!r}", "it takes a number of days, weeks or months: 7d, 2w, 3m")
    count = int(number)
    try:
        if unit == "m":
            return _months_before(today, count)
        return today - timedelta(days=count * (7 if unit == "w" else 1) - 1)
    except (OverflowError, ValueError):
        return date.min


def _months_before(today: date, count: int) -> date:
    """The day after the same day some months ago, or after the last day of a shorter month."""
    months = today.year * 12 + today.month - 1 - count
    first = date(months // 12, months % 12 + 1, 1)
    length = ((first + timedelta(days=31)).replace(day=1) - first).days
    return first + timedelta(days=min(today.day, length))


def _segments(zone: tzinfo, days: Span, now: Instant) -> tuple[tuple[Instant, int], ...]:
    """The zone's offsets over the days in question."""
    if zone is UTC:
        return ((0, 0),)
    from moonlock.analytics.periods import segments

    return segments(zone, days.start or BEFORE_ALL, days.end or now + DAY)


def _start(day: date | None, zone: tzinfo) -> Instant | None:
    if day is None:
        return None
    if zone is UTC:
        from datetime import datetime

        return instant(datetime(day.year, day.month, day.day, tzinfo=UTC))
    from moonlock.analytics.periods import day_start

    return day_start(day, zone)
