"""A price item by item adds up to the price, and says where it comes from."""

from __future__ import annotations

import json
from datetime import date

from analytics.samples import PRICES, request
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from moonlock.analytics.cost import computed
from moonlock.analytics.costing import Bill, Part, itemised
from moonlock.analytics.prices import MICRO, PriceTable, builtin
from moonlock.model.events import BATCH_TIER, FAST, GEO_US, TTL_ASSUMED
from moonlock.model.tokens import Tokens

TABLE = PriceTable.parse(PRICES)


def bill(model: str, tokens: Tokens, day: str = "2026-10-05", marks: int = 0) -> Bill:
    found = itemised(TABLE)(request(model, tokens, day, marks))
    assert found is not None
    return found


def test_every_kind_of_token_is_an_item_with_its_own_rate() -> None:
    found = bill("claude-opus-4-8-20260901", Tokens(1_000_000, 1_000_000, 1_000_000, 0, 1_000_000))
    assert (found.model, found.own, found.since, found.above, found.factors) == (
        "claude-opus-4-8",
        False,
        None,
        None,
        (),
    )
    assert [(part.kind, part.rate / MICRO, part.cost) for part in found.parts] == [
        ("input", 5, 5_000_000),
        ("output", 25, 25_000_000),
        ("cacheWrite5m", 6.25, 6_250_000),
        ("cacheRead", 0.5, 500_000),
    ]


def test_a_long_request_is_charged_at_its_long_rates_whole() -> None:
    found = bill("claude-sonnet-4-5", Tokens(input=100_000, output=1000, cache_read=150_000))
    assert found.above == 200_000
    assert [part.rate / MICRO for part in found.parts] == [6, 22.5, 0.6]
    assert found.cost == 712_500


def test_the_factors_of_the_marks_are_named_and_searches_are_an_item() -> None:
    event = request("claude-opus-4-6", Tokens(input=1_000_000), marks=FAST | GEO_US | BATCH_TIER | TTL_ASSUMED)
    found = itemised(TABLE)(replace(event, searches=3))
    assert found is not None
    assert found.factors == (("fast", 6), ("geoUs", 1.1), ("batch", 0.5))
    assert found.parts == (
        Part("input", 1_000_000, 16_500 * 10**6, 16_500_000),
        Part("webSearch", 3, 10**13, 30_000),
    )


def test_the_period_and_the_owner_of_a_price_are_told() -> None:
    periods = [{"from": "2026-10-01", "input": 3, "output": 3}]
    mine = PriceTable.parse(json.dumps({"models": {"mine": {"input": 1, "output": 1, "periods": periods}}}).encode())
    price = itemised(builtin().merged_with(mine))
    before, after = (price(request("mine", Tokens(input=9), day)) for day in ("2026-09-30", "2026-10-05"))
    assert before and after and (before.own, before.since, after.since) == (True, None, date(2026, 10, 1))
    theirs = price(request("claude-opus-5-5", Tokens(input=9)))
    assert theirs and not theirs.own


def test_a_model_without_a_price_has_no_bill() -> None:
    assert itemised(TABLE)(request("claude-opus-9-9", Tokens(input=1))) is None


COUNTS = st.builds(Tokens, *[st.integers(0, 10**6)] * 5)
MODELS = st.sampled_from([*sorted(TABLE.models), "claude-haiku-4-5-20251001", "nobody"])


@given(MODELS, COUNTS, st.integers(0, 63), st.integers(0, 50))
def test_the_items_add_up_to_the_price_to_the_micro_dollar(model: str, tokens: Tokens, marks: int, found: int) -> None:
    for table, day in ((TABLE, "2026-10-05"), (builtin(), "2026-02-01"), (builtin(), "2026-11-20")):
        event = replace(request(model, tokens, day, marks), searches=found)
        whole = itemised(table)(event)
        assert computed(table)(event) == (None if whole is None else whole.cost)
