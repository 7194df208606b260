"""Reports of every kind, made by hand: what the store answers, as nouns."""

from __future__ import annotations

import re

from moonlock.model.report import ModelUsage, Reading, Report, ReportRow
from moonlock.model.rows import Fields
from moonlock.model.tokens import Tokens, Usage

OPUS, SONNET, HAIKU = "claude-opus-5-5", "claude-sonnet-4-5-20250929", "claude-haiku-4-5-20251001"
AT = "2026-10-05T10:00:00.000Z"
UID = "4f1d2c3b9a8e7d6c"
NOTHING = Reading()


def usage(scale: int = 1, *, understated: int = 0, unpriced: int = 0) -> Usage:
    """A thousandth of a dollar for each of ``scale`` requests that has a price."""
    tokens = Tokens(10 * scale, 20 * scale, 30 * scale, 40 * scale, 5_000 * scale)
    return Usage(tokens, scale, 1_000 * (scale - unpriced), unpriced, unpriced * 100, understated)


def row(key: str, extra: Fields = (), *, used: Usage | None = None, models: tuple[str, ...] = (OPUS,)) -> ReportRow:
    """A row whose first model has it all but for one request of each other."""
    used = usage(12) if used is None else used
    others = tuple(ModelUsage(name, usage()) for name in models[1:])
    first = used
    for other in others:
        first -= other.usage
    return ReportRow(key, ("claude-code",), used, 1, (ModelUsage(models[0], first), *others), extra)


def report(name: str, *rows: ReportRow, extra: Fields = (), zone: str = "UTC", reading: Reading = NOTHING) -> Report:
    total = sum((each.usage for each in rows), Usage())
    by_model: dict[str, Usage] = {}
    for each in rows:
        for share in each.models:
            by_model[share.model] = by_model.get(share.model, Usage()) + share.usage
    models = tuple(ModelUsage(model, used) for model, used in by_model.items())
    totals = ReportRow("total", ("claude-code",), total, len(rows), models)
    return Report(name, zone, None, None, rows, totals, reading, extra)


def session(**told: object) -> ReportRow:
    """A row of the report by session."""
    facts: dict[str, object] = {
        "sessionId": UID,
        "name": None,
        "title": "Mend the roof",
        "project": "house",
        "branch": "main",
        "firstAt": "2026-10-05T09:00:00.000Z",
        "lastAt": AT,
        "status": "completed",
        "subagentTokens": 15_300,
        "folder": "-home-dev-house",
        "nativeId": "11111111-1111-4111-8111-111111111111",
        "tags": ["roof"],
    }
    return row(UID, tuple((facts | told).items()), models=(OPUS, HAIKU))


def block(start: str, end: str, **told: object) -> ReportRow:
    """A row of the report of blocks."""
    facts: dict[str, object] = {
        "startAt": start,
        "endAt": end,
        "actualEndAt": start,
        "isActive": False,
        "isGap": False,
        "entries": 12,
        "anchor": "estimated",
        "limitResetAt": None,
        "burnRate": None,
        "burnRateCcusage": None,
        "projection": None,
        "window": None,
        "limit": None,
    }
    used = Usage() if told.get("isGap") else None
    return row(start, tuple((facts | told).items()), used=used)


def running() -> ReportRow:
    """A block that is active, against a limit."""
    return block(
        "2026-10-06T08:00:00.000Z",
        "2026-10-06T13:00:00.000Z",
        isActive=True,
        burnRate=(("tokensPerMinute", 1178.756348), ("costPerHour", 0.07542)),
        burnRateCcusage=(
            ("tokensPerMinute", 1237.5),
            ("tokensPerMinuteForIndicator", 112.5),
            ("costPerHour", 0.124875),
        ),
        projection=(("remainingMinutes", 130), ("totalTokens", 266_063), ("totalCost", 0.45), ("method", "linear")),
        window=(
            ("startAt", "2026-10-06T08:10:00.000Z"),
            ("endAt", "2026-10-06T13:10:00.000Z"),
            ("anchor", "estimated"),
        ),
        limit=(
            *(("tokens", 250_000), ("source", "configured"), ("usedShare", 0.2448)),
            *(("projectedShare", 1.064252), ("status", "exceeds")),
        ),
    )


def blocks() -> Report:
    """A finished block, a gap and the one that runs."""
    gap = block("2026-10-05T15:00:00.001Z", "2026-10-06T08:20:00.000Z", isGap=True, entries=0, anchor=None)
    finished = block(AT, "2026-10-05T15:00:00.000Z", anchor="official", limitResetAt="2026-10-05T15:00:00.000Z")
    marks = (("maxBlockTokens", 61_200), ("p90BlockTokens", 55_000.5))
    return report("blocks", finished, gap, running(), extra=(("marks", marks), ("limitEvents", [])))


def tool(name: str, calls: int) -> ReportRow:
    facts = ("calls", calls), ("failed", 2), ("denied", 1), ("open", 0), ("durationMs", 7_800_000)
    return row(name, facts if calls else (*((name, 0) for name, _ in facts[:4]), ("durationMs", None)))


def every() -> dict[str, Report]:
    """One report of each kind."""
    hours = row("2026-10-25T02:00+02:00"), row("2026-10-25T02:00+01:00")
    named = {kind: report(kind, row("one"), row("two")) for kind in ("project", "branch", "agent")}
    return named | {
        "daily": report("daily", row("2026-10-05"), row("2026-10-06", models=(OPUS, SONNET))),
        "weekly": report("weekly", row("2026-10-05")),
        "monthly": report("monthly", row("2026-10", used=usage(12_345_678))),
        "hourly": report("hourly", *hours, zone="Europe/Berlin"),
        "session": report("session", session(), session(title=None)),
        "model": report("model", row(OPUS), row(SONNET, models=(SONNET,))),
        "tool": report(
            "tool", tool("Bash", 7), tool("mcp__a_server__with_a_rather_long_name", 3), tool("(no tool)", 0)
        ),
        "skill": report("skill", tool("review", 7), tool("(no skill)", 0)),
        "blocks": blocks(),
    }


def plain(text: str) -> str:
    """The text without its colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)
