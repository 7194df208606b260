"""What a forecast looks like on a terminal and on the wire, from windows made by hand."""

from __future__ import annotations

import json

import msgspec

from moonlock.live.foreseen import forecast_shape
from moonlock.live.foreseen_json import document
from moonlock.live.outlook import Before, Foreseen, look, memory
from moonlock.model.instant import DAY, HOUR, MINUTE, Instant, iso
from moonlock.model.limits import Block, BurnRate
from moonlock.model.manual import Budget
from moonlock.model.outlook import Band, Spent
from moonlock.model.tokens import Tokens, Usage
from moonlock.outputs.explain_forecast import render

NOON: Instant = 29_919_600 * MINUTE


def foreseen(now: list[Spent], cost: int = 50_000, limit: Budget | None = None) -> Foreseen:
    """Ten days with two hours of even work from noon on, and the day of now."""
    past = [
        Spent(NOON - day * DAY + minute * MINUTE, 1_000 + minute % 7, cost)
        for day in range(10, 0, -1)
        for minute in range(120)
    ]
    tokens = sum(each.tokens for each in now)
    used = Usage(Tokens(output=tokens), len(now), sum(each.cost for each in now))
    block = Block(NOON, NOON + 5 * HOUR, "official", used, now[0].at, now[-1].at)
    known = memory(Before(NOON, past, ()), limit or Budget())
    return Foreseen(look(known, now, block, BurnRate(0, 0), now[-1].at + MINUTE), known)


def usual(minutes: int, cost: int = 50_000) -> list[Spent]:
    return [Spent(NOON + minute * MINUTE, 1_000, cost) for minute in range(minutes)]


def test_a_usual_pace_is_said_to_be_one() -> None:
    said = render(foreseen(usual(60)), "UTC", styled=False, limit=20)
    assert "your pace is as usual: $0.04" in said and "unusual above $0.19" in said
    assert "10 windows of yours weigh" in said and "a usual window of yours: 120K tokens, $6.00" in said
    assert "and " not in said.split("most alike first")[1].split("For comparison")[0]


def test_a_pace_that_is_too_fast_is_said_to_be_one_in_tokens_where_nothing_has_a_price() -> None:
    wild = [*usual(60, 0), *(Spent(NOON + minute * MINUTE, 50_000, 0) for minute in range(60, 66))]
    said = render(foreseen(wild, 0), "UTC", styled=False, limit=20)
    assert "your pace is unusually fast: " in said and "tokens a minute" in said


def test_colours_come_only_where_a_screen_can_show_them() -> None:
    plain, styled = (render(foreseen(usual(60)), "UTC", styled=colour, limit=3) for colour in (False, True))
    assert "\x1b[" not in plain and "\x1b[1m" in styled
    assert "and 7 more; --json has all" in plain


def test_the_document_has_every_window_and_what_came_after() -> None:
    found = json.loads(document(foreseen(usual(60)), "UTC"))
    assert len(found["windows"]) == 10 and found["minute"] == 61
    for window in found["windows"]:
        assert window["tokensByThen"] + window["tokensAfter"] == window["tokens"]
    assert found["usual"] == {"tokens": 120_357, "costUsd": 6.0}


def test_a_limit_that_may_be_reached_is_told_with_its_probability_and_moments() -> None:
    outlook = foreseen(usual(60)).outlook
    tokens = msgspec.structs.replace(outlook.forecast.tokens, overrun=0.41238, reached=Band(83.2, 20, 170.8))
    forecast = msgspec.structs.replace(outlook.forecast, tokens=tokens)
    shape = forecast_shape(msgspec.structs.replace(outlook, forecast=forecast))
    assert shape.overrun_probability == 0.412 and shape.limit_at is not None
    at = forecast.at
    assert (shape.limit_at.low, shape.limit_at.expected) == (iso(at + 20 * MINUTE), iso(at + 83 * MINUTE))
    assert shape.limit_at.high == iso(at + 171 * MINUTE)


def test_of_two_limits_that_a_person_set_the_likelier_is_told() -> None:
    dear = foreseen(usual(60), limit=Budget(10**9, 5_000_000))
    shape = forecast_shape(dear.outlook)
    assert shape.limit is not None
    assert (shape.limit.tokens, shape.limit.cost_usd, shape.limit.source) == (10**9, 5.0, "configured")
    assert shape.overrun_probability is not None and shape.overrun_probability > 0.3 and shape.limit_at is not None
    said = render(dear, "UTC", styled=False, limit=3)
    assert "limit       1.00B tokens, $5.00 (configured): " in said and "likely to be passed, then about 13:" in said


def test_a_limit_that_was_passed_is_said_without_a_moment() -> None:
    over = foreseen(usual(60), limit=Budget(tokens=1_000))
    shape = forecast_shape(over.outlook)
    assert (shape.overrun_probability, shape.limit_at) == (1.0, None)
    assert "1.00K tokens (configured): it is passed\n" in render(over, "UTC", styled=False, limit=3)


def test_without_a_limit_none_is_told() -> None:
    shape = forecast_shape(foreseen(usual(60)).outlook)
    assert (shape.limit, shape.overrun_probability, shape.limit_at) == (None, None, None)
    assert "limit" not in render(foreseen(usual(60)), "UTC", styled=False, limit=3)
