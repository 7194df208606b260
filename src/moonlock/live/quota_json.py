"""The limits explained, as ``moonlock.explain/1``: who says each, how it rose, and what a percent is worth."""

from __future__ import annotations

import msgspec

from moonlock.analytics.quota_pace import Worth
from moonlock.live.explain_json import SCHEMA, Object, usage_of
from moonlock.live.quota_outlook import Quoted
from moonlock.live.quota_shapes import window_shape
from moonlock.live.shapes import dollars
from moonlock.model.instant import Instant, iso
from moonlock.model.limits import QuotaWindow
from moonlock.model.outlook import Unit
from moonlock.model.tokens import Usage


def document(found: Quoted, zone: str, now: Instant, most: int = 10_000) -> str:
    """One JSON document with every window; moments are in UTC. ``totals`` are of the five hours that are open.

    Of each window the last ``most`` rises are told.
    """
    block = found.facts.block
    told: Object = {
        "schema": SCHEMA,
        "of": {"kind": "quota", "key": "", "name": None, "startAt": None, "endAt": None},
        "timezone": zone,
        "totals": usage_of(Usage() if block is None else block.usage),
        "accounts": found.facts.official.accounts,
        "windows": [_window(window, found, now, most) for window in found.windows],
    }
    return msgspec.json.format(msgspec.json.encode(told)).decode()


def _window(window: QuotaWindow, found: Quoted, now: Instant, most: int) -> Object:
    rises = found.facts.rises.get(window.name, ())
    value = found.worths.get(window.name)
    return {
        **msgspec.to_builtins(window_shape(window, now)),
        "rises": [{"at": iso(rise.at), "usedPercentage": rise.used} for rise in (rises[-most:] if most else ())],
        "risesLeftOut": max(0, len(rises) - most),
        "onePercent": None if value is None else _worth(value, found.unit),
    }


def _worth(value: Worth, unit: Unit) -> Object:
    """What one percent is worth, and the range of what is tried."""
    expected, high, low = (1 / percent for percent in value.guesses())
    amounts = [dollars(each) if unit == "costUsd" else round(each) for each in (expected, low, high)]
    return {"unit": unit, **dict(zip(("expected", "low", "high"), amounts, strict=True)), "rises": value.rises}
