"""Time zones by their IANA names: that of this machine, as far as the system tells, and what a name means."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import tzinfo

MARK = "zoneinfo/"


def local_zone(env: Mapping[str, str]) -> str:
    """``TZ``, else the zone that ``/etc/localtime`` points to, else the standard offset, else UTC."""
    said = env.get("TZ", "").removeprefix(":")
    named = said.partition(MARK)[2] if MARK in said else said
    return _name(named) or _linked("/etc/localtime") or _offset()


def zone_of(name: str) -> tzinfo:
    """The zone of this name; UTC when there are no data on it, and without loading any for UTC."""
    if name != "UTC":
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):  # what TZ of the machine says need not exist
            pass
    from datetime import UTC

    return UTC


def _name(said: str) -> str:
    """``CET-1CEST`` and other rules are not names."""
    if said in ("UTC", "UTC0", "GMT", "Etc/UTC", "Zulu", "Universal"):
        return "UTC"
    return said if "/" in said and not said.startswith("/") else ""


def _linked(path: str) -> str:
    try:
        return _name(os.path.realpath(path).partition(MARK)[2])
    except OSError:
        return ""


def _offset() -> str:
    hours, rest = divmod(time.timezone, 3600)  # west is positive, as in Etc/GMT+5
    return f"Etc/GMT{hours:+d}" if hours and not rest else "UTC"
