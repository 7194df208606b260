"""Moments as whole milliseconds since 1970 in UTC: what logs, store and wire have in common."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

Instant = int
"""Milliseconds since 1970-01-01T00:00:00Z."""

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
EARLIEST = 1_577_836_800_000
"""2020: no agent that is read here is older, so 0 and other leftovers are no moments."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KEPT = 4_096
_minutes: dict[int, str] = {}
"""Frames and timelines name the same few minutes again and again: written anew, they took a sixth of their time. A
dictionary, because the quick commands do not load ``functools`` (decision 0007)."""


def iso(at: Instant) -> str:
    """The moment as the contract writes it: ISO-8601, UTC, milliseconds, ``Z``."""
    minute = at // MINUTE
    return f"{_minutes.get(minute) or _written(minute)}{at // SECOND % 60:02d}.{at % SECOND:03d}Z"


def _written(minute: int) -> str:
    if len(_minutes) >= _KEPT:
        _minutes.clear()
    text = _minutes[minute] = (_EPOCH + timedelta(minutes=minute)).isoformat()[:17]
    return text


def instant(moment: datetime) -> Instant:
    """An aware datetime as milliseconds."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def moment(at: Instant) -> datetime:
    """Milliseconds as an aware datetime in UTC."""
    return _EPOCH + timedelta(milliseconds=at)
