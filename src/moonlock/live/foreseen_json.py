"""A forecast explained, as ``moonlock.explain/1``: every window that it was made of."""

from __future__ import annotations

import msgspec

from moonlock.analytics.prior import SAMPLED
from moonlock.live.explain_json import SCHEMA, Object, usage_of
from moonlock.live.foreseen import forecast_shape
from moonlock.live.outlook import Foreseen, prior_share
from moonlock.live.shapes import dollars
from moonlock.model.instant import iso
from moonlock.model.outlook import PastWindow


def document(found: Foreseen, zone: str) -> str:
    """One JSON document with every window; moments are in UTC."""
    outlook, memory = found.outlook, found.memory
    forecast, block = outlook.forecast, outlook.forecast.block
    told: Object = {
        "schema": SCHEMA,
        "of": {
            "kind": "forecast",
            "key": iso(block.start),
            "name": None,
            "startAt": iso(block.start),
            "endAt": iso(block.end),
        },
        "timezone": zone,
        "totals": usage_of(block.usage),
        "forecast": msgspec.to_builtins(forecast_shape(outlook)),
        "minute": outlook.minute,
        "usual": {"tokens": round(memory.tokens.scale), "costUsd": dollars(memory.cost.scale)},
        "windows": [
            _window(window, share, outlook.minute)
            for window, share in zip(memory.windows, forecast.tokens.shares, strict=True)
        ],
        "prior": {"windows": SAMPLED, "weight": prior_share(outlook)},
    }
    return msgspec.json.format(msgspec.json.encode(told)).decode()


def _window(window: PastWindow, share: float, minute: int) -> Object:
    return {
        "startAt": iso(window.start),
        "endAt": iso(window.end),
        "anchor": window.anchor,
        "tokens": sum(window.tokens),
        "costUsd": dollars(sum(window.cost)),
        "tokensByThen": sum(window.tokens[:minute]),
        "tokensAfter": sum(window.tokens[minute:]),
        "weight": round(share, 6),
    }
