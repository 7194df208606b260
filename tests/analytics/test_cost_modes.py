"""The modes of cost (rule C1), on the cases of the suite: each day costs what the case says for the mode."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from analytics.samples import PRICES, SUITE, expected, request
from msgspec.structs import replace

from moonlock.analytics.cost import MODES, pricing
from moonlock.analytics.prices import PriceTable
from moonlock.live.catchup import sync
from moonlock.model.events import BATCH_TIER, FAST, GEO_US
from moonlock.model.question import Question
from moonlock.model.tokens import Tokens
from moonlock.sources import ALL
from moonlock.store import Store
from moonlock.store.sessions import usage_from

TABLE = PriceTable.parse(PRICES)


def counts_the_same(case: str) -> bool:
    """Whether ccusage sees the same tokens: how it counts is never imitated, only how it prices."""
    said = expected(case)
    seen: int = said["ccusage 20.0.24"]["daily"]["totalTokens"]
    meant: int = said["target"]["totals"]["totalTokens"]
    return seen == meant


CASES = sorted(case.name for case in (SUITE / "cases").iterdir() if case.name != "40_codex")
OTHERS = [case for case in CASES if counts_the_same(case)]
MILLION = Tokens(input=1_000_000)


def costs(case: str, mode: str, folder: Path) -> tuple[int, int, dict[str, tuple[int | None, int]]]:
    """Micro-dollars and unpriced tokens in total; both of each day, None where nothing has a price."""
    shutil.copytree(SUITE / "cases" / case, folder / "case")
    for link in expected(case).get("setup", {}).get("links", []):
        (folder / "case" / link["at"]).symlink_to(folder / "case" / link["to"])
    store = Store.write(folder / "moon.db", pricing("auto", TABLE))
    try:
        sync(store, ALL, {}, folder / "case" / "home")
        found = store.rows(Question("daily"), pricing(mode, TABLE))
    finally:
        store.close()
    days = {row[0]: usage_from(row[2]) for row in found.rows}
    told = {
        day: (used.cost if used.unpriced_requests < used.requests else None, used.unpriced_tokens)
        for day, used in days.items()
    }
    total = usage_from(found.totals[2])
    return total.cost, total.unpriced_tokens, told


@pytest.mark.parametrize("mode", ["auto", "calculate", "display"])
def test_a_mode_costs_what_its_case_says(mode: str, tmp_path: Path) -> None:
    target: dict[str, Any] = expected("17_cost_usd")["target"]["costModes"][mode]
    cost, unpriced, days = costs("17_cost_usd", mode, tmp_path)
    assert (cost, unpriced) == (round(target["costUsd"] * 10**6), target["unpricedTokens"])
    assert days == {
        row["key"]: (None if row["costUsd"] is None else round(row["costUsd"] * 10**6), row["unpricedTokens"])
        for row in target["daily"]
    }


@pytest.mark.parametrize("case", OTHERS)
def test_the_mode_of_ccusage_costs_what_ccusage_prints(case: str, tmp_path: Path) -> None:
    printed = expected(case)["ccusage 20.0.24"]["daily"]
    cost, _, days = costs(case, "ccusage", tmp_path)
    assert cost == pytest.approx(printed["costUsd"] * 10**6, abs=1)
    for day, dollars in printed.get("dayCosts", {}).items():
        assert (days[day][0] or 0) == pytest.approx(dollars * 10**6, abs=1)


def test_the_cases_about_money_are_among_them() -> None:
    assert {"14_tier_200k", "16_web_search", "17_cost_usd", "18_model_names", "28_geo_tier"} <= set(OTHERS)


def test_ccusage_knows_fast_mode_and_no_other_threshold_than_its_own() -> None:
    price = pricing("ccusage", TABLE)
    assert price(request("claude-opus-4-8", MILLION, marks=FAST | GEO_US | BATCH_TIER)) == 10_000_000
    lower = {"input": 1, "output": 1, "longContext": {"above": 100_000, "input": 5, "output": 5}}
    other = PriceTable.parse(json.dumps({"models": {"m": lower}}).encode())
    assert pricing("ccusage", other)(request("m", MILLION)) == 1_000_000
    assert pricing("auto", other)(request("m", MILLION)) == 5_000_000


@pytest.mark.parametrize("mode", MODES)
def test_a_recorded_cost_counts_except_where_all_is_computed(mode: str) -> None:
    event = replace(request("claude-haiku-4-5", MILLION), recorded=0)
    assert pricing(mode, TABLE)(event) == (1_000_000 if mode == "calculate" else 0)


@pytest.mark.parametrize("mode", MODES)
def test_a_model_without_a_price_has_none_in_any_mode(mode: str) -> None:
    assert pricing(mode, TABLE)(request("claude-opus-9-9", MILLION)) is None
