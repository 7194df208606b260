"""A usage report as the one JSON document that scripts rely on (``moonlock.usage/1``)."""

from __future__ import annotations

import msgspec

from moonlock.model.report import ModelUsage, Reading, Report, ReportRow
from moonlock.model.tokens import Usage

SCHEMA = "moonlock.usage/1"
Document = dict[str, object]


def render(report: Report) -> str:
    """The document, indented by two, without a newline at the end."""
    return msgspec.json.format(msgspec.json.encode(document(report)), indent=2).decode()


def document(report: Report) -> Document:
    """The document before it is text; keys in the order of the contract."""
    return {
        "schema": SCHEMA,
        "report": report.name,
        "timezone": report.timezone,
        "since": report.since,
        "until": report.until,
        "rows": [_row(row) for row in report.rows],
        "totals": numbers(report.totals.usage) | {"sessions": report.totals.sessions},
        "reading": _reading(report.reading),
    }


def numbers(usage: Usage) -> Document:
    """Tokens, money and requests of anything."""
    tokens = usage.tokens
    return {
        "inputTokens": tokens.input,
        "outputTokens": tokens.output,
        "cacheCreationTokens": tokens.cache_creation,
        "cacheReadTokens": tokens.cache_read,
        "totalTokens": tokens.total,
        "costUsd": dollars(usage),
        "requests": usage.requests,
        "unpricedTokens": usage.unpriced_tokens,
    }


def dollars(usage: Usage) -> float | None:
    """What the priced requests cost; None when there are requests and none of them has a price."""
    if usage.requests and usage.unpriced_requests == usage.requests:
        return None
    return usage.cost / 1_000_000


def _row(row: ReportRow) -> Document:
    return {
        "key": row.key,
        "agents": row.agents,
        **numbers(row.usage),
        "sessions": row.sessions,
        "models": [share.model for share in row.models],
        "breakdown": [_share(share) for share in row.models],
    }


def _share(share: ModelUsage) -> Document:
    return {"model": share.model, **numbers(share.usage)}


def _reading(reading: Reading) -> Document:
    return {
        "files": reading.files,
        "records": reading.records,
        "duplicates": reading.duplicates,
        "skipped": reading.skipped,
        "repaired": reading.repaired,
        "pendingTail": reading.pending_tail,
        "notBilled": {"lines": reading.not_billed_lines, "tokens": reading.not_billed_tokens},
        "understatedOutput": reading.understated_output,
        "unpricedModels": reading.unpriced_models,
    }
