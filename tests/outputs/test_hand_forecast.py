"""How a session by hand is said to end."""

from __future__ import annotations

import msgspec

from moonlock.live.hand_shapes import hand_shape
from moonlock.model.instant import HOUR, MINUTE, Instant
from moonlock.model.manual import Budget, Hand, Plan
from moonlock.model.shapes import BasisShape, CostBandShape, MomentBandShape, SessionForecastShape, TokenBandShape
from moonlock.model.timer import Mark
from moonlock.outputs.manual import stands

NOON: Instant = 29_919_600 * MINUTE
FOUND = SessionForecastShape(
    tokens=TokenBandShape(expected=120_000, low=80_000, high=234_000),
    cost_usd=CostBandShape(expected=6.0, low=3.5, high=11.65),
    overrun_probability=0.412,
    limit_at=MomentBandShape(
        expected="2026-11-20T13:00:00.000Z", low="2026-11-20T12:40:00.000Z", high="2026-11-20T13:30:00.000Z"
    ),
    basis=BasisShape(windows=6, effective=20.0, prior_share=0.5, learning=False),
)


def said(found: SessionForecastShape | None) -> str:
    plan = Plan("Focus", 2 * HOUR, Budget(tokens=150_000))
    shape = hand_shape(Hand("ab12", plan, marks=(Mark("start", NOON),)), NOON)
    return stands(msgspec.structs.replace(shape, forecast=found), 120)


def test_the_band_and_the_chance_of_an_overrun_are_told() -> None:
    text = said(FOUND)
    assert "120,000 tokens at the end (80.0K to 234K), $6.00 ($3.50 to $11.65)" in text
    assert "41 % likely, then about " in text


def test_what_is_not_known_is_left_out() -> None:
    assert "expected" not in said(None) and "overrun" not in said(None)
    without = msgspec.structs.replace(FOUND, cost_usd=None, limit_at=None)
    assert "(80.0K to 234K)\n" in said(without) and "41 % likely\n" in said(without)
    assert "overrun" not in said(msgspec.structs.replace(without, overrun_probability=None))
