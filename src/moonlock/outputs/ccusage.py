"""A usage report under the keys of ccusage 20, for scripts that were written for it (usage-semantics.md, §9).

Only the keys are ccusage's: what counts as a request, and whose it is, stays Moonlock's.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from moonlock.model.report import ModelUsage, Report, ReportRow
from moonlock.model.tokens import Usage

if TYPE_CHECKING:
    from collections.abc import Sequence

Facts = dict[str, object]
Document = dict[str, object]

REPORTS = ("daily", "weekly", "monthly", "session", "blocks")
"""Those that ccusage has."""
OWN_SHAPE = "claude-code"
"""The agent whose reports ccusage prints in a shape of their own (``ccusage claude daily``)."""
AGENTS = {"claude-code": "claude"}
"""Agents that ccusage calls otherwise."""
PERIODS = {"daily": "date", "weekly": "week", "monthly": "month"}


def render(report: Report, *, agents: Sequence[str] = ()) -> str:
    """What ``ccusage <report> --json`` prints, or ``ccusage claude <report>`` where only that agent was asked for."""
    if report.name == "blocks":
        document: Document = {"blocks": [_block(row) for row in report.rows]}
    elif tuple(agents) == (OWN_SHAPE,):
        rows = [_claude(report.name, row) for row in _ordered(report)]
        document = {"sessions" if report.name == "session" else report.name: rows, "totals": _totals(report.totals)}
    else:
        document = {report.name: [_unified(report.name, row) for row in _ordered(report)]}
        document["totals"] = _totals(report.totals)
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _ordered(report: Report) -> Sequence[ReportRow]:
    """Sessions are dearest first whatever order was asked for, as ccusage has them."""
    return sorted(report.rows, key=lambda row: -row.usage.cost) if report.name == "session" else report.rows


def _claude(name: str, row: ReportRow) -> Document:
    facts = dict(row.extra)
    if name != "session":
        return {PERIODS[name]: row.key, **_row(row)}
    return {
        "sessionId": facts.get("nativeId"),
        "projectPath": facts.get("folder"),
        "firstActivity": facts.get("firstUsedAt"),
        "lastActivity": facts.get("lastUsedAt"),
        **_row(row),
    }


def _unified(name: str, row: ReportRow) -> Document:
    facts, agents = dict(row.extra), [_agent(agent) for agent in row.agents]
    if name == "session":
        metadata: Document = {"lastActivity": facts.get("lastUsedAt")}
        return {"period": facts.get("nativeId"), "agent": agents[0], "metadata": metadata, **_row(row)}
    named = {**_row(row), "modelsUsed": sorted(each.model for each in row.models)}
    return {"period": row.key, "agent": "all", "metadata": {"agents": sorted(agents)}, **named}


def _agent(name: str) -> str:
    return AGENTS.get(name, name)


def _row(row: ReportRow) -> Document:
    return {
        **_tokens(row.usage),
        "totalTokens": row.usage.tokens.total,
        "totalCost": _dollars(row.usage.cost),
        "modelsUsed": _models(row),
        "modelBreakdowns": [_breakdown(each) for each in row.models],
    }


def _models(row: ReportRow) -> object:
    """In order of first use, which only the store knows."""
    return dict(row.extra).get("modelsUsed", [each.model for each in row.models])


def _breakdown(each: ModelUsage) -> Document:
    missing: Document = {"missingPricing": True} if each.usage.unpriced_requests else {}
    return {"modelName": each.model, "cost": _dollars(each.usage.cost), **_tokens(each.usage), **missing}


def _totals(totals: ReportRow) -> Document:
    missing = sorted(each.model for each in totals.models if each.usage.unpriced_requests)
    return {
        **_tokens(totals.usage),
        "totalTokens": totals.usage.tokens.total,
        "totalCost": _dollars(totals.usage.cost),
        **({"unpricedModels": missing} if missing else {}),
    }


def _tokens(usage: Usage) -> Document:
    tokens = usage.tokens
    return {
        "inputTokens": tokens.input,
        "outputTokens": tokens.output,
        "cacheCreationTokens": tokens.cache_creation,
        "cacheReadTokens": tokens.cache_read,
    }


def _block(row: ReportRow) -> Document:
    facts, tokens = dict(row.extra), row.usage.tokens
    start, is_gap = facts.get("startAt"), facts.get("isGap")
    reset = facts.get("limitResetAt")
    return {
        "id": f"gap-{start}" if is_gap else start,
        "startTime": start,
        "endTime": facts.get("endAt"),
        "actualEndTime": facts.get("actualEndAt"),
        "isActive": facts.get("isActive"),
        "isGap": is_gap,
        "entries": facts.get("entries"),
        "models": _models(row),
        "tokenCounts": {
            "inputTokens": tokens.input,
            "outputTokens": tokens.output,
            "cacheCreationInputTokens": tokens.cache_creation,
            "cacheReadInputTokens": tokens.cache_read,
        },
        "totalTokens": tokens.total,
        "costUSD": _dollars(row.usage.cost),
        "burnRate": _part(facts, "burnRateCcusage", ("tokensPerMinute", "tokensPerMinuteForIndicator", "costPerHour")),
        "projection": _part(facts, "projection", ("remainingMinutes", "totalTokens", "totalCost")),
        **({"usageLimitResetTime": reset} if reset else {}),
        **_limit_status(facts),
    }


def _limit_status(facts: Facts) -> Document:
    """How a running block stands to its limit if it goes on; ccusage leaves the key out of all others."""
    limit, projection = _inner(facts, "limit"), _inner(facts, "projection")
    tokens, ahead = limit.get("tokens"), projection.get("totalTokens")
    if not isinstance(tokens, int) or not isinstance(ahead, int):
        return {}
    used = {"limit": tokens, "projectedUsage": ahead, "percentUsed": 100 * ahead / tokens, "status": limit["status"]}
    return {"tokenLimitStatus": used}


def _part(facts: Facts, name: str, keys: Sequence[str]) -> Document | None:
    found = _inner(facts, name)
    return {key: found.get(key) for key in keys} if found else None


def _inner(facts: Facts, name: str) -> Facts:
    found = facts.get(name)
    return dict(found) if isinstance(found, tuple) else {}


def _dollars(cost: int) -> int | float:
    """Money as ccusage writes it: unknown is nothing, and nothing is 0, never -0.0."""
    return cost // 1_000_000 if cost % 1_000_000 == 0 else cost / 1_000_000
