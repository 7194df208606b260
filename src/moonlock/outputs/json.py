"""A usage report as the one JSON document that scripts rely on; ``live.usage_json`` writes it."""

from __future__ import annotations

from moonlock.live.usage_json import money, written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from moonlock.model.report import Report, ReportRow
    from moonlock.model.rows import Row, Sums
    from moonlock.model.tokens import Usage

__all__ = ["money", "render", "written"]


def render(report: Report) -> bytes:
    """The document in UTF-8, indented by two, without a newline at the end."""
    head = report.name, report.timezone, report.since, report.until
    reading = report.reading
    found = tuple(getattr(reading, name) for name in reading.__struct_fields__)
    return written(head, [_plain(row) for row in report.rows], _plain(report.totals), found, report.extra)


def _plain(row: ReportRow) -> Row:
    shares = [(each.model, _sums(each.usage)) for each in row.models]
    return row.key, row.agents, _sums(row.usage), row.sessions, shares, row.extra


def _sums(usage: Usage) -> Sums:
    tokens = usage.tokens
    kinds = tokens.input, tokens.output, tokens.cache_write_5m, tokens.cache_write_1h, tokens.cache_read
    return *kinds, usage.requests, usage.cost, usage.unpriced_requests, usage.unpriced_tokens
