"""Days, weeks, months and hours of a zone, as SQL over ``moment``: what a period is, and how it is called."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from moonlock.store.tallies import Segments

_HOUR, _DAY = 3_600_000, 86_400_000
_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896
"""0001-01-01 and 9999-12-31: a damaged time has the name of the nearest day that has one."""
_BASE = 719_163 * _DAY
"""Added before a division, which rounds to zero: so it rounds down."""
_OFFSET_BITS = 28
_MIDDLE = 1 << _OFFSET_BITS - 1
_THURSDAY = 3
"""1970-01-01, counted from Monday."""

_NAMED_DAY = f"min(max(part, {_FIRST_DAY}), {_LAST_DAY})"
_DATE = f"date({_NAMED_DAY} * 86400, 'unixepoch')"
_NAMED_HOUR = f"min(max(part >> {_OFFSET_BITS}, {_FIRST_DAY * 24}), {_LAST_DAY * 24 + 23})"
_OFFSET = f"({_MIDDLE} - (part & {2 * _MIDDLE - 1}))"
_HOUR_KEY = f"""
strftime('%Y-%m-%dT%H:00', {_NAMED_HOUR} * 3600, 'unixepoch')
|| printf('%s%02d:%02d', iif({_OFFSET} < 0, '-', '+'), abs({_OFFSET}) / {_HOUR}, abs({_OFFSET}) / 60000 % 60)
|| iif({_OFFSET} / 1000 % 60, printf(':%02d', abs({_OFFSET}) / 1000 % 60), '')
"""


def part_and_key(report: str, segments: Segments, week_start: int) -> tuple[str, str]:
    """SQL for the part of a moment, in time order, and for the name that a part has in the report.

    Days are parts of weeks and months too: several parts then have one name.
    """
    shift = _shift(segments)
    if report == "hourly":
        hour = f"(moment + {shift} + {_BASE}) / {_HOUR} - {_BASE // _HOUR}"
        return f"({hour} << {_OFFSET_BITS}) + {_MIDDLE} - {shift}", _HOUR_KEY
    day = f"(moment + {shift} + {_BASE}) / {_DAY} - {_BASE // _DAY}"
    if report == "weekly":
        since = f"({_NAMED_DAY} + {_THURSDAY - week_start + 7 * _BASE // _DAY}) % 7"
        return day, f"date(max({_NAMED_DAY} - {since}, {_FIRST_DAY}) * 86400, 'unixepoch')"
    return day, f"substr({_DATE}, 1, 7)" if report == "monthly" else _DATE


def _shift(segments: Segments) -> str:
    """SQL for the offset of a moment: whole numbers alone are put into the text."""
    first = int(segments[0][1])
    later = "".join(f" when moment >= {int(start)} then {int(moved)}" for start, moved in reversed([*segments][1:]))
    return f"(case{later} else {first} end)" if later else f"({first})"
