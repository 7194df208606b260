"""The keys of ccusage 20 (usage-semantics.md, §9), on reports made by hand; its own documents are in the next file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from outputs.samples import AT, HAIKU, OPUS, block, blocks, report, row, running, session, usage

from moonlock.model.report import ModelUsage, Report
from moonlock.outputs import ccusage

TOKENS = {"cacheCreationTokens", "cacheReadTokens", "inputTokens", "outputTokens"}
ROW = TOKENS | {"modelBreakdowns", "modelsUsed", "totalCost", "totalTokens"}
OF_CLAUDE = ("claude-code",)
PERIODS = {"daily": "date", "weekly": "week", "monthly": "month"}


def document(made: Report, agents: Sequence[str] = ()) -> Any:
    return json.loads(ccusage.render(made, agents=agents))


@pytest.mark.parametrize("name", PERIODS)
def test_a_period_is_that_of_all_agents(name: str) -> None:
    found = document(report(name, row("2026-10-05", models=(OPUS, HAIKU))))
    assert set(found) == {name, "totals"} and set(found["totals"]) == TOKENS | {"totalCost", "totalTokens"}
    only = found[name][0]
    assert set(only) == ROW | {"agent", "metadata", "period"}
    assert (only["agent"], only["metadata"], only["period"]) == ("all", {"agents": ["claude"]}, "2026-10-05")
    assert only["modelsUsed"] == sorted([OPUS, HAIKU])
    assert set(only["modelBreakdowns"][0]) == TOKENS | {"cost", "modelName"}


@pytest.mark.parametrize("name", PERIODS)
def test_a_period_of_claude_alone_has_a_shape_of_its_own(name: str) -> None:
    found = document(report(name, row("2026-10-05")), OF_CLAUDE)
    assert set(found) == {name, "totals"}
    assert set(found[name][0]) == ROW | {PERIODS[name]}


def test_sessions_have_two_shapes() -> None:
    used = session(firstUsedAt=AT, lastUsedAt=AT, modelsUsed=[HAIKU, OPUS])
    unified = document(report("session", used))["session"][0]
    assert set(unified) == ROW | {"agent", "metadata", "period"}
    assert (unified["agent"], unified["metadata"]) == ("claude", {"lastActivity": AT})
    claude = document(report("session", used), OF_CLAUDE)["sessions"][0]
    assert set(claude) == ROW | {"firstActivity", "lastActivity", "projectPath", "sessionId"}
    assert claude["firstActivity"] == AT and claude["modelsUsed"] == [HAIKU, OPUS]
    assert (claude["sessionId"], claude["projectPath"]) == (unified["period"], "-home-dev-house")


def test_sessions_are_dearest_first_whatever_the_order() -> None:
    cheap, dear = session(nativeId="cheap"), msgspec.structs.replace(session(nativeId="dear"), usage=usage(99))
    found = document(report("session", cheap, dear))["session"]
    assert [each["period"] for each in found] == ["dear", "cheap"]


def test_blocks_have_other_names_for_tokens_and_no_totals() -> None:
    found = document(blocks())
    assert set(found) == {"blocks"}
    finished, gap, active = found["blocks"]
    always = {"actualEndTime", "burnRate", "costUSD", "endTime", "entries", "id", "isActive", "isGap", "models"}
    always |= {"projection", "startTime", "tokenCounts", "totalTokens"}
    assert (set(finished), set(gap)) == (always | {"usageLimitResetTime"}, always)
    assert set(active) == always | {"tokenLimitStatus"}
    kinds = {"cacheCreationInputTokens": 840, "cacheReadInputTokens": 60_000, "inputTokens": 120, "outputTokens": 240}
    assert finished["tokenCounts"] == kinds
    assert finished["id"] == finished["startTime"] == AT and finished["burnRate"] is finished["projection"] is None
    assert (gap["id"], gap["costUSD"], gap["entries"]) == ("gap-2026-10-05T15:00:00.001Z", 0, 0)


def test_the_running_block_has_the_rates_of_ccusage_and_its_limit() -> None:
    active = document(blocks())["blocks"][2]
    assert active["burnRate"] == {
        "costPerHour": 0.124875,
        "tokensPerMinute": 1237.5,
        "tokensPerMinuteForIndicator": 112.5,
    }
    assert active["projection"] == {"remainingMinutes": 130, "totalCost": 0.45, "totalTokens": 266_063}
    status = {"limit": 250_000, "percentUsed": 106.4252, "projectedUsage": 266_063, "status": "exceeds"}
    assert active["tokenLimitStatus"] == status


def test_a_block_without_projection_has_no_status_of_a_limit() -> None:
    limited = block(AT, "2026-10-05T15:00:00.000Z", limit=(("tokens", 9), ("status", "ok")))
    assert "tokenLimitStatus" not in document(report("blocks", limited))["blocks"][0]
    unlimited = msgspec.structs.replace(running(), extra=tuple(f for f in running().extra if f[0] != "limit"))
    assert "tokenLimitStatus" not in document(report("blocks", unlimited))["blocks"][0]


def test_models_without_a_price_cost_nothing_and_are_named() -> None:
    unknown = usage(12, unpriced=12)
    strange = row("2026-10-05", used=unknown)
    strange = msgspec.structs.replace(strange, models=(ModelUsage("odd", unknown), ModelUsage("even", unknown)))
    found = document(report("daily", strange))
    assert [each["missingPricing"] for each in found["daily"][0]["modelBreakdowns"]] == [True, True]
    assert found["totals"]["unpricedModels"] == ["even", "odd"]


@pytest.mark.parametrize("agents", [(), OF_CLAUDE])
def test_an_empty_history_is_empty_and_costs_nothing(agents: Sequence[str]) -> None:
    text = ccusage.render(report("daily"), agents=agents)
    assert "-0" not in text and '"totalCost": 0,' in text
    assert document(report("daily"), agents)["daily"] == []
    assert document(report("blocks"), agents) == {"blocks": []}


def test_the_text_has_sorted_keys_two_spaces_and_one_newline() -> None:
    text = ccusage.render(report("session", session()))
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True) + "\n"


def test_several_agents_keep_the_shape_for_all() -> None:
    assert "period" in document(report("daily", row("2026-10-05")), ("claude-code", "codex"))["daily"][0]
