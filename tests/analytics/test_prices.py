"""The price table: its file, its spellings, its days, and what the shipped one says."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from analytics.samples import PRICES, request

from moonlock.analytics.cost import price_of
from moonlock.analytics.prices import PriceError, PriceTable, builtin, spelling
from moonlock.model.events import BATCH_TIER, FAST, GEO_US
from moonlock.model.tokens import Tokens

SHIPPED = builtin()
EPOCH = date(1970, 1, 1)


def table(**models: object) -> PriceTable:
    return PriceTable.parse(json.dumps({"models": models}).encode())


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("claude-sonnet-4-5", "claude-sonnet-4-5"),
        ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5"),
        ("claude-sonnet-4-5@20250929", "claude-sonnet-4-5"),
        ("claude-opus-5@default", "claude-opus-5"),
        ("claude-sonnet-4-5[1m]", "claude-sonnet-4-5"),
        ("anthropic/claude-sonnet-4.5", "claude-sonnet-4-5"),
        ("openrouter/anthropic/Claude-Sonnet-4.5", "claude-sonnet-4-5"),
        ("vertex_ai/claude-3-5-haiku@20241022", "claude-3-5-haiku"),
        ("anthropic.claude-opus-4-6-v1", "claude-opus-4-6"),
        ("global.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5"),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "us-anthropic-claude-sonnet-4-5"),
        ("bedrock/us-gov.anthropic.claude-opus-5-5", "us-gov-anthropic-claude-opus-5-5"),
        ("gpt-5-2025-08-07", "gpt-5"),
        ("GLM-4.6", "glm-4-6"),
        ("", ""),
    ],
)
def test_a_model_is_known_under_all_its_spellings(name: str, plain: str) -> None:
    assert spelling(name) == plain


def test_a_regional_name_without_a_price_of_its_own_has_no_price() -> None:
    assert PriceTable.parse(PRICES).find("eu.anthropic.claude-sonnet-4-5-20250929-v1:0") is None


def test_the_exact_name_wins_over_the_plain_one() -> None:
    two = table(**{"m": {"input": 1, "output": 1}, "m-20260101": {"input": 2, "output": 2}})
    found = [two.find(name) for name in ("m", "m-20260101", "m-20270101")]
    assert [entry and entry.input for entry in found] == [1, 2, 1]


def test_a_cache_price_that_is_left_out_is_the_price_of_input() -> None:
    price = price_of(table(m={"input": 2, "output": 4}))
    for tokens in (Tokens(cache_read=10), Tokens(cache_write_5m=10), Tokens(cache_write_1h=10), Tokens(input=10)):
        assert price(request("m", tokens)) == 20


def test_a_request_has_the_price_of_its_own_utc_day() -> None:
    periods = [{"from": "2026-09-01", "input": 3, "output": 3}, {"from": "2026-08-01", "input": 2, "output": 2}]
    price = price_of(table(m={"input": 1, "output": 1, "periods": periods}))
    days = ("2020-01-01", "2026-07-31T23:59:59.999", "2026-08-01", "2026-08-31T23:59:59.999", "2026-09-01")
    assert [price(request("m", Tokens(input=100), day)) for day in days] == [100, 100, 200, 200, 300]


@pytest.mark.parametrize(
    "entry",
    [
        {"input": 1},
        {"input": -1, "output": 1},
        {"input": "1", "output": 1},
        {"input": 1, "output": 1, "cachRead": 1},
        {"input": 1, "output": 1, "geoUs": 0},
        {"input": 1, "output": 1, "longContext": {"input": 1, "output": 1}},
        {"input": 1, "output": 1, "periods": [{"input": 1, "output": 1}]},
        {"input": 1, "output": 1, "periods": [{"from": "soon", "input": 1, "output": 1}]},
        [],
    ],
)
def test_a_wrong_entry_is_named(entry: object) -> None:
    with pytest.raises(PriceError, match="the price of 'my-model' is wrong"):
        table(good={"input": 1, "output": 1}, **{"my-model": entry})


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"models": 3}', b"\xff"])
def test_a_file_that_holds_no_models_is_refused(data: bytes) -> None:
    with pytest.raises(PriceError, match="cannot be read"):
        PriceTable.parse(data)


def test_an_override_replaces_every_spelling_of_its_model() -> None:
    mine = table(**{"anthropic/claude-opus-5.5": {"input": 1, "output": 1}, "my-own": {"input": 7, "output": 7}})
    merged = SHIPPED.merged_with(mine)
    for name in ("claude-opus-5-5", "claude-opus-5-5-20261001", "anthropic/claude-opus-5.5"):
        found = merged.find(name)
        assert found is not None and found.input == 1
    assert merged.find("my-own") is not None
    assert merged.find("claude-opus-5") == SHIPPED.find("claude-opus-5")
    assert merged.made == SHIPPED.made


def test_the_digest_changes_with_a_price_and_with_nothing_else() -> None:
    one = table(a={"input": 1, "output": 1}, b={"input": 2, "output": 2})
    turned = PriceTable.parse(
        b'{"note": "x", "models": {"b": {"output": 2.0, "input": 2}, "a": {"input":1,"output":1}}}'
    )
    assert one.digest == turned.digest
    assert one.digest != table(a={"input": 1, "output": 1}, b={"input": 2, "output": 2.5}).digest
    assert one.digest != SHIPPED.merged_with(one).digest


KNOWN_DIFFERENCES = {
    (
        "gpt-5-codex",
        BATCH_TIER,
    ): "litellm lists its batch prices (half), the suite none; no log of this agent says batch",
}
"""Where the shipped table and the suite's differ between 2026-10-01 and 2026-11-20, and why."""

LISTED = PriceTable.parse(PRICES).models


@pytest.mark.parametrize("name", LISTED)
def test_the_shipped_table_charges_what_the_suite_charges(name: str) -> None:
    pinned, shipped = LISTED[name], SHIPPED.find(name)
    assert shipped is not None
    for number in range(51):
        day = (date(2026, 10, 1) + timedelta(days=number) - EPOCH).days
        for marks in (0, FAST, GEO_US, BATCH_TIER):
            equal = shipped.on(day).charge(marks) == pinned.on(day).charge(marks)
            assert equal is ((name, marks) not in KNOWN_DIFFERENCES), (marks, day)


@pytest.mark.parametrize(
    ("model", "rates"),
    [
        ("claude-haiku-4-5", (1, 5, 0.1, 1.25, 2)),
        ("claude-haiku-5-5", (0.1, 0.5, 0.01, 0.125, 0.2)),
        ("claude-sonnet-4-6", (3, 15, 0.3, 3.75, 6)),
        ("claude-sonnet-5", (2, 10, 0.2, 2.5, 4)),
        ("claude-sonnet-5-5", (2, 10, 0.1, 2.5, 4)),
        ("claude-opus-4-8", (5, 25, 0.5, 6.25, 10)),
        ("claude-opus-5", (5, 25, 0.5, 6.25, 10)),
        ("claude-opus-5-5", (4, 20, 0.2, 5, 8)),
        ("claude-fable-5-1", (10, 50, 0.25, 12.5, 20)),
        ("claude-fable-5-2", (8, 40, 0.2, 10, 16)),
        ("gpt-5.3-codex", (1.75, 14, 0.175)),
        ("gpt-5.5", (5, 30, 0.5)),
        ("gpt-5.6-sol", (4, 20, 0.4, 5)),
        ("gpt-6-sol", (2, 10, 0.2, 2.5)),
        ("gpt-6-astra", (10, 50, 1, 12.5)),
        ("gpt-6.1-sol", (2, 10, 0.1, 2.5)),
        ("gpt-6.1-terra", (1, 5, 0.05, 1.25)),
        ("gemini-3.1-pro-preview", (2, 12, 0.2)),
        ("gemini-3.8-flash", (0.75, 3.75, 0.075)),
        ("gemini-4-argon", (2, 10, 0.1)),
    ],
)
def test_the_shipped_table_has_the_published_rates_of_november(model: str, rates: tuple[float, ...]) -> None:
    entry = SHIPPED.find(model)
    assert entry is not None
    now = entry.on((date(2026, 11, 20) - EPOCH).days)
    shown = (now.input, now.output, now.cache_read, now.cache_write_5m, now.cache_write_1h)
    assert shown[: len(rates)] == rates


def test_known_changes_of_price_are_dated() -> None:
    price = price_of(SHIPPED)
    long, short = Tokens(input=300_000), Tokens(input=1_000_000)
    assert price(request("claude-sonnet-4-6", long, "2026-03-12")) == 1_800_000
    assert price(request("claude-sonnet-4-6", long, "2026-03-13")) == 900_000
    plain = Tokens(input=200_000)
    assert price(request("gpt-5.6-sol", plain, "2026-08-20")) == 1_000_000
    assert price(request("gpt-5.6-sol", plain, "2026-08-21")) == 800_000
    assert price(request("gemini-4-argon", short, "2026-11-30")) == 2_000_000
    assert price(request("gemini-4-argon", short, "2026-12-01")) == 4_000_000
    assert price(request("gemini-3.8-flash", short, "2027-01-01")) == 1_500_000


def test_a_cliff_makes_the_whole_request_dearer() -> None:
    price = price_of(SHIPPED)
    below, above = (price(request("claude-haiku-5-5", Tokens(input=size))) for size in (90_000, 110_000))
    assert below is not None and above is not None
    assert round(above / below, 1) == 6.1


def test_every_first_party_claude_model_has_a_batch_price() -> None:
    without = {name for name, entry in SHIPPED.models.items() if name.startswith("claude-") and entry.batch is None}
    assert without == {"claude-mythos-preview"}


def test_the_shipped_file_says_where_it_comes_from_and_stays_small() -> None:
    assert set(SHIPPED.sources) == {"genai-prices", "litellm"}
    assert date.fromisoformat(SHIPPED.made) >= date(2026, 11, 20)
    assert 150 < len(SHIPPED.models) < 400
