"""The provider's refusals in words: which limit was hit, and when it opens again (claude-code.md, 12)."""

from __future__ import annotations

import re
import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from moonlock.model.events import LimitKind
from moonlock.model.instant import Instant, instant, moment

_LIMIT = re.compile(
    r"you(?:'|\u2019)ve (?:hit|reached) your (?P<your>[^|\u00b7\u2219\n]*?)\s*limit"
    r"|(?P<reached>[\w -]{1,40}?)\s*limit reached"
    r"|(?P<extra>out of extra usage)",
    re.IGNORECASE,
)
_EPOCH = re.compile(r"\|(\d{10}|\d{13})\b", re.ASCII)
_RESETS = re.compile(
    r"resets?\s+(?:(?:at|on)\s+)?"
    r"(?:(?P<weekday>mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?"
    r"(?:(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\s+(?P<day>\d{1,2}),?\s+)?"
    r"(?:at\s+)?(?P<hour>\d{1,2})(?::(?P<minute>\d\d))?\s*(?P<half>am|pm)"
    r"(?:\s*\((?P<zone>[\w/+-]{1,60})\))?",
    re.IGNORECASE | re.ASCII,
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_KINDS: tuple[tuple[str, LimitKind], ...] = (
    ("spend", "spend"),
    ("extra usage", "spend"),
    ("opus", "model"),
    ("sonnet", "model"),
    ("haiku", "model"),
    ("fable", "model"),
    ("week", "weekly"),
    ("session", "session"),
    ("5-hour", "session"),
    ("claude ai usage", "session"),
)


class Refusal(msgspec.Struct, frozen=True):
    """A limit in the provider's own words."""

    kind: LimitKind
    resets_at: Instant | None


def refusal(text: str, at: Instant) -> Refusal | None:
    """The limit that a message speaks of; None when it speaks of something else."""
    found = _LIMIT.search(text)
    if found is None:
        return None
    words = " ".join(group for group in (*found.groups(), "") if group).lower()
    kind: LimitKind = next((kind for word, kind in _KINDS if word in words), "unknown")
    if kind == "unknown" and found["reached"] and "usage" not in words:
        return None  # "Context limit reached", "Rate limit reached": no plan's limit
    return Refusal(kind, _resets_at(text, at))


def _resets_at(text: str, at: Instant) -> Instant | None:
    epoch = _EPOCH.search(text)
    if epoch:
        return int(epoch[1]) * (1000 if len(epoch[1]) == 10 else 1)
    said = _RESETS.search(text)
    if said is None or not 1 <= int(said["hour"]) <= 12 or int(said["minute"] or 0) > 59:
        return None
    hour = int(said["hour"]) % 12 + (12 if said["half"].lower() == "pm" else 0)
    zone = _zone(said["zone"])
    moments = (_moment(day, hour, int(said["minute"] or 0), zone) for day in _days(said, _day(at, zone)))
    return next((moment for moment in moments if moment > at), None)


def _days(said: re.Match[str], today: date) -> list[date]:
    """The days that the words can mean, the nearest first."""
    if said["month"]:
        month, day = _MONTHS.index(said["month"].lower()) + 1, int(said["day"])
        years = range(today.year, today.year + 2)
        return [date(year, month, day) for year in years if _exists(year, month, day)]
    week = [today + timedelta(days) for days in range(8)]
    if said["weekday"]:
        return [day for day in week if day.weekday() == _DAYS.index(said["weekday"].lower())]
    return week[:2]


def _exists(year: int, month: int, day: int) -> bool:
    return 1 <= day <= (date(year + month // 12, month % 12 + 1, 1) - date(year, month, 1)).days


def _zone(name: str | None) -> ZoneInfo | None:
    """None is the machine's own zone: a message without a zone speaks of the clock on its wall."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        return None


def _day(at: Instant, zone: ZoneInfo | None) -> date:
    return moment(at).astimezone(zone).date()


def _moment(day: date, hour: int, minute: int, zone: ZoneInfo | None) -> Instant:
    if zone is None:
        return int(time.mktime((day.year, day.month, day.day, hour, minute, 0, 0, 0, -1))) * 1000
    return instant(datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).astimezone(UTC))
