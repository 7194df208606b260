"""From ``--since``, ``--until`` and ``--last`` to the days of a report."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta, tzinfo

from moonlock.cli.asked import Asked
from moonlock.cli.errors import Trouble
from moonlock.config.zone import local_zone, zone_of
from moonlock.live import days
from moonlock.live.days import Span
from moonlock.model.instant import Instant, moment

DAYS_AGO = {"today": 0, "yesterday": 1}
WRITTEN = "write it as YYYY-MM-DD, or as today or yesterday"


class Days(days.Days):
    """The days of a report, as they were asked for."""

    def __init__(self, asked: Asked, timezone: str, env: Mapping[str, str], now: Instant) -> None:
        name = timezone or local_zone(env)
        zone = zone_of(name)
        super().__init__(name, zone, span(asked, zone, now), now)


def span(asked: Asked, zone: tzinfo, now: Instant) -> Span:
    """The days that were asked for, in the zone they were asked in."""
    today = moment(now).astimezone(zone).date()
    since, until = _day("--since", asked.since, today), _day("--until", asked.until, today)
    if asked.last is not None:
        since, until = _first_of_last(asked.last, today), today
    if since and until and since > until:
        raise Trouble("usage", f"--since {since} is after --until {until}", "swap them")
    return Span(since, until, zone)


def _day(flag: str, said: str | None, today: date) -> date | None:
    if said is None:
        return None
    text = said.strip().lower()
    if text in DAYS_AGO:
        return today - timedelta(days=DAYS_AGO[text])
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Trouble("usage", f"{said!r} is not a day ({flag})", _hint_for(text)) from None


def _hint_for(text: str) -> str:
    """What to write instead; for a day that its month does not have, how many it has."""
    digits = text.replace("-", "")
    try:
        first = date(int(digits[:4]), int(digits[4:6]), 1)
    except ValueError:
        return WRITTEN
    return f"{first:%B %Y} has {_length(first)} days" if len(digits) == 8 else WRITTEN


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
    return first + timedelta(days=min(today.day, _length(first)))


def _length(first: date) -> int:
    """The days of the month that begins so."""
    return ((first + timedelta(days=31)).replace(day=1) - first).days
