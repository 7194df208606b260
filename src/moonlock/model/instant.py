"""Moments as whole milliseconds since 1970 in UTC: what logs, store and wire have in common."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

Instant = int
"""Milliseconds since 1970-01-01T00:00:00Z."""

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso(at: Instant) -> str:
    """The moment as the contract writes it: ISO-8601, UTC, milliseconds, ``Z``."""
    moment = _EPOCH + timedelta(milliseconds=at)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at % 1000:03d}Z"


def instant(moment: datetime) -> Instant:
    """An aware datetime as milliseconds."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def moment(at: Instant) -> datetime:
    """Milliseconds as an aware datetime in UTC."""
    return _EPOCH + timedelta(milliseconds=at)
