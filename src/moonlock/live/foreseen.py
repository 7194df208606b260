"""A forecast as it goes over the wire."""

from __future__ import annotations

from operator import itemgetter

from moonlock.analytics.forecast import LEARNING
from moonlock.live.outlook import Outlook
from moonlock.live.shapes import burn_rate, cost, dollars, maybe
from moonlock.model.instant import MINUTE, Instant, iso
from moonlock.model.limits import Block
from moonlock.model.manual import Budget
from moonlock.model.outlook import Anomaly, Band, Outcome, Straight, Unit
from moonlock.model.shapes import (
    AnomalyShape,
    BasisShape,
    CostBandShape,
    ForecastShape,
    ForecastWindowShape,
    LimitShape,
    MomentBandShape,
    StraightShape,
    TokenBandShape,
)

NOTHING = ForecastShape(
    at="",
    window=None,
    tokens=None,
    cost_usd=None,
    overrun_probability=None,
    limit_at=None,
    basis=BasisShape(windows=0, effective=0.0, prior_share=1.0, learning=True),
    burn_rate=None,
    ccusage=None,
    anomaly=None,
)
"""What is said while no window is open."""


def forecast_shape(found: Outlook) -> ForecastShape:
    """Numbers are rounded to what a person reads: more would change with every moment."""
    forecast = found.forecast
    tokens, block = forecast.tokens, forecast.block
    first = likelier(tokens, forecast.cost)
    return ForecastShape(
        at=iso(forecast.at),
        window=ForecastWindowShape(start_at=iso(block.start), end_at=iso(block.end), anchor=block.anchor),
        tokens=token_band(tokens.end),
        cost_usd=None if forecast.cost is None else cost_band(forecast.cost.end),
        limit=limit_shape(forecast.limit),
        overrun_probability=None if first is None or first.overrun is None else round(first.overrun, 3),
        limit_at=None if first is None or first.reached is None else moments(first.reached, forecast.at),
        basis=basis(tokens, forecast.windows),
        burn_rate=burn_rate(forecast.rate),
        ccusage=None if forecast.straight is None else straight_shape(forecast.straight, block),
        anomaly=anomaly_shape(found.anomaly, found.unit),
    )


def likelier(*outcomes: Outcome | None) -> Outcome | None:
    """The one whose limit is passed more likely; None where there is no limit."""
    limited = [(each.overrun, each) for each in outcomes if each is not None and each.overrun is not None]
    return max(limited, key=itemgetter(0))[1] if limited else None


def limit_shape(limit: Budget) -> LimitShape | None:
    """What a person says, if anything."""
    if limit == Budget():
        return None
    return LimitShape(tokens=limit.tokens, cost_usd=None if limit.cost is None else dollars(limit.cost))


def basis(found: Outcome, windows: int) -> BasisShape:
    """What stands behind a forecast, and how many windows of one's own."""
    return BasisShape(
        windows=windows,
        effective=round(found.effective, 1),
        prior_share=round(1 - sum(found.shares), 4),
        learning=windows < LEARNING,
    )


def token_band(band: Band) -> TokenBandShape:
    return TokenBandShape(expected=round(band.expected), low=round(band.low), high=round(band.high))


def cost_band(band: Band) -> CostBandShape:
    return CostBandShape(expected=dollars(band.expected), low=dollars(band.low), high=dollars(band.high))


def moments(band: Band, now: Instant) -> MomentBandShape:
    expected, low, high = (iso(now + round(minutes) * MINUTE) for minutes in (band.expected, band.low, band.high))
    return MomentBandShape(expected=expected, low=low, high=high)


def straight_shape(found: Straight, block: Block) -> StraightShape:
    known = cost(block.usage) is not None
    return StraightShape(
        tokens_per_minute=round(found.rate.tokens_per_minute, 1),
        cost_per_hour=dollars(found.rate.cost_per_hour) if known else None,
        tokens=round(found.tokens),
        cost_usd=dollars(found.cost) if known else None,
    )


def anomaly_shape(found: Anomaly, unit: Unit) -> AnomalyShape:
    rate, usual, high = (
        dollars(each) if unit == "costUsd" else round(each, 1) for each in (found.rate, found.usual, found.high)
    )
    return AnomalyShape(
        state=found.state,
        unit=unit,
        since=maybe(found.since),
        rate=rate,
        usual=usual,
        high=high,
        minutes=found.minutes,
    )
