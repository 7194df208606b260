"""What requests cost, by the rules of money (C1-C7)."""

from __future__ import annotations

import msgspec
import pytest
from analytics.samples import PRICES, expected, request, requests
from hypothesis import given
from hypothesis import strategies as st

from moonlock.analytics.cost import price_of
from moonlock.analytics.prices import PriceTable
from moonlock.model.events import BATCH_TIER, FAST, GEO_US
from moonlock.model.instant import DAY, iso
from moonlock.model.tokens import Tokens
from moonlock.store.claims import shown_model

TABLE = PriceTable.parse(PRICES)
PRICE = price_of(TABLE)
MILLION = Tokens(input=1_000_000)
EVENT = request("claude-haiku-4-5", MILLION)
CASES = (
    "01_basic",
    "06_same_id_other_request",
    "10_subagents",
    "11_synthetic",
    "12_limit_reset",
    "13_cache_ttl",
    "14_tier_200k",
    "16_web_search",
    "17_cost_usd",
    "18_model_names",
    "20_blocks",
    "24_zero_and_cache_only",
    "25_weeks",
    "28_geo_tier",
    "29_p90",
    "50_active_block",
)


@pytest.mark.parametrize("case", CASES)
def test_a_case_of_the_suite_costs_what_it_must(case: str) -> None:
    target = expected(case)["target"]
    billed = [event for event in requests(case) if event.tokens.total]
    assert len(billed) == target["totals"]["requests"]
    assert sum(PRICE(event) or 0 for event in billed) == round(target["totals"]["costUsd"] * 10**6)
    for row in target["model"]:
        costs = [PRICE(event) for event in billed if shown_model(event) == row["key"]]
        known = [cost for cost in costs if cost is not None]
        assert (sum(known) if known else None) == (None if row["costUsd"] is None else round(row["costUsd"] * 10**6))
    unpriced = sum(event.tokens.total for event in billed if PRICE(event) is None)
    assert unpriced == target["totals"]["unpricedTokens"]


@pytest.mark.parametrize("case", CASES)
def test_a_day_of_a_case_costs_what_it_must(case: str) -> None:
    for row in expected(case)["target"].get("daily", []):
        day = [PRICE(event) for event in requests(case) if iso(event.at)[:10] == row["key"] and event.tokens.total]
        priced = [cost for cost in day if cost is not None]
        assert (sum(priced) if priced else None) == (None if row["costUsd"] is None else round(row["costUsd"] * 10**6))


def test_fast_mode_costs_the_models_factor_and_is_a_row_of_its_own() -> None:
    event = request("claude-opus-4-8", MILLION, marks=FAST)
    assert PRICE(event) == 10_000_000
    assert shown_model(event) == "claude-opus-4-8-fast"


def test_fast_mode_without_a_factor_keeps_the_list_price() -> None:
    event = request("claude-sonnet-4-6", MILLION, marks=FAST)
    assert (PRICE(event), shown_model(event)) == (3_000_000, "claude-sonnet-4-6-fast")


def test_factors_multiply_and_searches_are_added_whole() -> None:
    event = request("claude-opus-4-6", MILLION, marks=FAST | GEO_US | BATCH_TIER)
    assert PRICE(event) == 5_000_000 * 6 * 11 // 10 // 2
    assert PRICE(msgspec.structs.replace(event, searches=3)) == 16_500_000 + 30_000


def test_us_geography_and_batch_cost_nothing_more_where_the_entry_has_none() -> None:
    assert PRICE(request("glm-4.6", MILLION, marks=GEO_US | BATCH_TIER)) == 600_000


def test_the_threshold_itself_is_not_above_the_threshold() -> None:
    edge = request("claude-sonnet-4-5", Tokens(input=100_000, cache_read=100_000))
    above = request("claude-sonnet-4-5", Tokens(input=100_000, cache_read=100_001))
    assert (PRICE(edge), PRICE(above)) == (330_000, 660_001)


def test_half_a_micro_dollar_rounds_up_once() -> None:
    assert PRICE(request("claude-haiku-4-5", Tokens(cache_read=5))) == 1
    assert PRICE(request("claude-haiku-4-5", Tokens(cache_read=4))) == 0


def test_marks_that_have_no_price_change_nothing() -> None:
    assert PRICE(request("claude-haiku-4-5", MILLION, marks=8 | 16)) == 1_000_000


def test_a_client_message_has_no_price() -> None:
    assert PRICE(request("<synthetic>", MILLION)) is None


def test_a_long_history_does_not_fill_the_memory() -> None:
    price = price_of(TABLE)
    for day in range(20_002):
        assert price(msgspec.structs.replace(EVENT, at=day * DAY)) == 1_000_000


COUNTS = st.builds(Tokens, *[st.integers(0, 10**7)] * 5)


@given(COUNTS, COUNTS)
def test_two_requests_cost_what_their_sum_costs_but_for_rounding(one: Tokens, other: Tokens) -> None:
    parts = [PRICE(request("claude-opus-4-8", tokens)) or 0 for tokens in (one, other)]
    whole = PRICE(request("claude-opus-4-8", one + other)) or 0
    assert abs(whole - sum(parts)) <= 1


@given(COUNTS)
def test_more_tokens_never_cost_less(tokens: Tokens) -> None:
    more = tokens + Tokens(1, 1, 1, 1, 1)
    assert (PRICE(request("claude-sonnet-4-5", more)) or 0) >= (PRICE(request("claude-sonnet-4-5", tokens)) or 0)
