"""The times of lines: cheap for the one form that clients write, tolerant of all others (rule F4)."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from moonlock.model.instant import Instant, instant

HOURS: dict[str, Instant] = {}
"""``2026-08-03T10`` as milliseconds. Filled by ``moment`` with hours that were met, so a hit is a valid time."""
MINUTES = {f":{minute:02d}": minute * 60_000 for minute in range(60)}
SECONDS = {f":{second:02d}.": second * 1000 for second in range(60)}
MILLIS = {f"{milli:03d}Z": milli for milli in range(1000)}

_HOURS_KEPT = 10_000
_CANONICAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
_EARLIEST, _LATEST = instant(datetime(2000, 1, 1, tzinfo=UTC)), instant(datetime(2100, 1, 1, tzinfo=UTC))


def moment(stamp: str | None) -> Instant | None:
    """The instant of a timestamp; without a zone it is UTC. None for what is no time, or none that can be true."""
    if not stamp:
        return None
    try:
        return HOURS[stamp[:13]] + MINUTES[stamp[13:16]] + SECONDS[stamp[16:20]] + MILLIS[stamp[20:]]
    except KeyError:
        at = _parsed(stamp)
    if at is not None and _CANONICAL.fullmatch(stamp):
        if len(HOURS) >= _HOURS_KEPT:
            HOURS.clear()
        HOURS[stamp[:13]] = at - at % 3_600_000
    return at


def _parsed(stamp: str) -> Instant | None:
    try:
        parsed = datetime.fromisoformat(stamp.strip())
        at = instant(parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None
    return at if _EARLIEST <= at < _LATEST else None
