"""Durations and amounts as people type them."""

from __future__ import annotations

import re

import click

from moonlock.model.instant import HOUR, MINUTE, SECOND

_UNITS = {"h": HOUR, "m": MINUTE, "min": MINUTE, "s": SECOND}
_PART = re.compile(r"(\d+(?:\.\d+)?)(h|min|m|s)")
_COUNT = re.compile(r"(\d+(?:\.\d+)?)([km]?)", re.IGNORECASE)
_TIMES = {"": 1, "k": 1_000, "m": 1_000_000}


class Stretch(click.ParamType[int]):
    """``5h``, ``90m``, ``1h30m``; in milliseconds."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        said = str(value).lower().replace(" ", "")
        parts = _PART.findall(said)
        if not parts or "".join(number + unit for number, unit in parts) != said:
            self.fail(f"{value} is no duration; write it like 5h, 90m or 1h30m", param, ctx)
        return round(sum(float(number) * _UNITS[unit] for number, unit in parts))


class Count(click.ParamType[int]):
    """``1500``, ``500k``, ``1.5M``."""

    name = "count"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        found = _COUNT.fullmatch(str(value).replace(",", ""))
        if found is None:
            self.fail(f"{value} is no count; write it like 1500, 500k or 1.5M", param, ctx)
        return round(float(found[1]) * _TIMES[found[2].lower()])
