"""Quiet hours: the time of day in which nobody wants to be called."""

from __future__ import annotations

from datetime import tzinfo

from moonlock.model.instant import Instant, moment

Hours = tuple[int, int]
"""The first minute of the day that is quiet, and the first that is not any more; they may span midnight."""


def hours(text: str) -> Hours | None:
    """``22:00-07:00`` as minutes of the day; None for a text that says no such thing."""
    begin, dash, end = text.partition("-")
    found = _minute(begin.strip()), _minute(end.strip())
    if not dash or found[0] is None or found[1] is None or found[0] == found[1]:
        return None
    return found[0], found[1]


def text(within: Hours) -> str:
    """As a person writes it."""
    return "-".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in within)


def is_quiet(within: Hours | None, now: Instant, zone: tzinfo) -> bool:
    """Whether the wall clock of this zone shows a quiet hour."""
    if within is None:
        return False
    local = moment(now).astimezone(zone)
    minute, (begin, end) = local.hour * 60 + local.minute, within
    return begin <= minute < end if begin < end else not end <= minute < begin


def _minute(text: str) -> int | None:
    hour, colon, minute = text.partition(":")
    digits = len(minute) == 2 and 1 <= len(hour) <= 2 and f"{hour}{minute}".isascii() and f"{hour}{minute}".isdigit()
    if not colon or not digits or int(hour) > 23 or int(minute) > 59:
        return None
    return int(hour) * 60 + int(minute)
