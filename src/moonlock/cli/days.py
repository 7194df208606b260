"""From ``--since``, ``--until`` and ``--last`` to the moments between which requests count (rule T4)."""

from __future__ import annotations

import re
from datetime import UTC, date, timedelta, tzinfo
from typing import NamedTuple

from moonlock.cli.asked import Asked
from moonlock.cli.errors import Trouble
from moonlock.model.instant import Instant, instant, moment

LAST = re.compile(r"([1-9][0-9]{0,3})([dwm]?)")


class Span(NamedTuple):
    """Days, both included, and the moments that bound them; None is open."""

    since: date | None = None
    until: date | None = None
    start: Instant | None = None
    end: Instant | None = None


def span(asked: Asked, zone: tzinfo, now: Instant) -> Span:
    """The days that were asked for, in the zone they were asked in."""
    since, until = _day("--since", asked.since), _day("--until", asked.until)
    if asked.last is not None:
        until = moment(now).astimezone(zone).date()
        since = _first_of_last(asked.last, until)
    if since and until and since > until:
        raise Trouble("usage", f"--since {since} is after --until {until}", "swap them")
    return Span(since, until, _start(since, zone), _start(until and until + timedelta(days=1), zone))


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
    found = LAST.fullmatch(said.strip().lower())
    if found is None:
        raise Trouble("usage", f"--last cannot be {said!r}", "it takes a number of days, weeks or months: 7d, 2w, 3m")
    count, unit = int(found[1]), found[2]
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


def _start(day: date | None, zone: tzinfo) -> Instant | None:
    if day is None:
        return None
    if zone is UTC:
        from datetime import datetime

        return instant(datetime(day.year, day.month, day.day, tzinfo=UTC))
    from moonlock.analytics.periods import day_start

    return day_start(day, zone)
