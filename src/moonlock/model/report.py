"""Usage by rows: what a report is made of before it becomes a table, JSON or CSV."""

from __future__ import annotations

import msgspec

from moonlock.model.rows import Fields
from moonlock.model.tokens import Usage


class ModelUsage(msgspec.Struct, frozen=True):
    """The share of one model; fast requests are a model of their own (``<model>-fast``)."""

    model: str
    usage: Usage


class ReportRow(msgspec.Struct, frozen=True):
    """One line of a report. Its models add up to its usage; ``extra`` are facts that only this kind of row has."""

    key: str
    agents: tuple[str, ...]
    usage: Usage
    sessions: int
    models: tuple[ModelUsage, ...]
    extra: Fields = ()


class ToolUse(msgspec.Struct, frozen=True):
    """How often a session called one tool, and how that went."""

    name: str
    calls: int
    failed: int
    denied: int
    open: int
    """Calls without a result so far."""
    duration: int
    """Milliseconds of all calls whose duration is known."""


class Reading(msgspec.Struct, frozen=True):
    """What stands behind the numbers: nothing is silent (rule F6)."""

    files: int = 0
    records: int = 0
    duplicates: int = 0
    skipped: int = 0
    repaired: int = 0
    pending_tail: int = 0
    not_billed_lines: int = 0
    not_billed_tokens: int = 0
    understated_output: int = 0
    unpriced_models: tuple[str, ...] = ()
    hidden_sessions: int = 0
    """Sessions that were deleted by request, and so are left out."""


class Report(msgspec.Struct, frozen=True):
    name: str
    timezone: str
    since: str | None
    until: str | None
    rows: tuple[ReportRow, ...]
    totals: ReportRow
    reading: Reading
    extra: Fields = ()
