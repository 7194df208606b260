"""A usage report as CSV (RFC 4180) for spreadsheets: stable column names, exact numbers, texts that are no formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from moonlock.model.report import Report, ReportRow
from moonlock.model.rows import Fields
from moonlock.model.tokens import Usage
from moonlock.outputs.shown import shown

NUMBERS = (
    *("inputTokens", "outputTokens", "cacheCreationTokens", "cacheReadTokens", "totalTokens", "costUsd"),
    *("requests", "unpricedTokens"),
)
FURTHER: dict[str, tuple[str, ...]] = {
    "session": (
        *("sessionId", "name", "title", "project", "branch", "firstAt", "lastAt", "status", "subagentTokens"),
        *("folder", "nativeId", "tags"),
    ),
    "project": ("path", "worktrees"),
    "skill": ("calls", "failed", "denied", "open", "durationMs", "p50Ms", "p95Ms"),
    "tool": ("calls", "failed", "denied", "open", "durationMs", "p50Ms", "p95Ms", "server"),
    "blocks": (
        *("startAt", "endAt", "actualEndAt", "isActive", "isGap", "entries", "anchor", "limitResetAt"),
        *("burnRate.tokensPerMinute", "burnRate.costPerHour"),
        *("projection.remainingMinutes", "projection.totalTokens", "projection.totalCost"),
        *("limit.tokens", "limit.usedShare", "limit.status"),
    ),
}
"""The facts that only one report has, by JSON name; one inside another after a dot. A column is added, never moved."""
ADDED = {
    *("sessions", "subagentTokens", "worktrees", "calls", "failed", "denied", "open", "durationMs", "p50Ms", "p95Ms"),
    "entries",
}
"""Counts of a whole row: only the first of its models has them."""
MONEY = {"burnRate.costPerHour", "projection.totalCost"}
FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet compute a text, the wide forms included."""

_Cell = int | float | str


def render(report: Report, *, breakdown: bool = False) -> str:
    """A line for each row, or for each model of it. Every column adds up: no totals, and no number is repeated."""
    out = io.StringIO()
    writer = csv.writer(out)
    further = FURTHER.get(report.name, ())
    writer.writerow(["key", "agents", *(["model"] if breakdown else ["models"]), *NUMBERS, "sessions", *further])
    for row in report.rows:
        facts = [_cell(_fact(row.extra, name), name) for name in further]
        names = _text(row.key), _text("; ".join(row.agents))
        whole: list[_Cell] = [row.sessions, *facts]
        for model, usage in _parts(row, breakdown=breakdown):
            writer.writerow([*names, _text(model), *_numbers(usage), *whole])
            whole = ["" if name in ADDED else cell for name, cell in zip(("sessions", *further), whole, strict=True)]
    return out.getvalue()


def _parts(row: ReportRow, *, breakdown: bool) -> Iterator[tuple[str, Usage]]:
    if not breakdown:
        yield "; ".join(each.model for each in row.models), row.usage
    elif row.models:
        yield from ((each.model, each.usage) for each in row.models)
    else:
        yield "", row.usage


def _numbers(usage: Usage) -> Sequence[int | str]:
    tokens = usage.tokens
    money = "" if usage.is_unpriced else f"{usage.cost // 1_000_000}.{usage.cost % 1_000_000:06d}"
    kinds = tokens.input, tokens.output, tokens.cache_creation, tokens.cache_read, tokens.total
    return *kinds, money, usage.requests, usage.unpriced_tokens


def _fact(extra: Fields, name: str) -> object:
    outer, _, inner = name.partition(".")
    found = dict(extra).get(outer)
    return _fact(found, inner) if inner and isinstance(found, tuple) else None if inner else found


def _cell(value: object, name: str) -> _Cell:
    """A number stays one; unknown is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:.6f}" if name in MONEY else value
    if isinstance(value, list):
        return _text("; ".join(map(str, value)))
    return _text(str(value))


def _text(said: str) -> str:
    """A text on one line; an apostrophe before what a spreadsheet would take for a formula."""
    clean = shown(said)
    return f"'{clean}" if clean.lstrip().startswith(FORMULA) or said.startswith(("\t", "\r")) else clean
