"""Sessions side by side for people: a row for each figure, and in words how far each is from the first session."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from moonlock.model.compare_shapes import CompareShape, SideFiguresShape, SideShape
from moonlock.outputs.figures import dollars, exact, lasting, share
from moonlock.outputs.shown import shown

MISSING = {"unknown": "no such session", "ambiguous": "more than one is called so"}
NAMED = 28
GAP = "  "
Cells = list[str]


class Figure(msgspec.Struct, frozen=True):
    """One row: its value, and how it is written. ``counted`` differences are told as numbers, others as parts."""

    label: str
    value: Callable[[SideFiguresShape], float | None]
    written: Callable[[float], str]
    counted: bool = False


def _whole(value: float) -> str:
    return exact(round(value))


FIGURES = (
    Figure("time", lambda one: one.elapsed_ms, lasting),
    Figure("tokens", lambda one: one.tokens.total, _whole),
    Figure("  input", lambda one: one.tokens.input, _whole),
    Figure("  output", lambda one: one.tokens.output, _whole),
    Figure("  cache written", lambda one: one.tokens.cache_creation, _whole),
    Figure("  cache read", lambda one: one.tokens.cache_read, _whole),
    Figure("cost", lambda one: one.cost_usd, dollars),
    Figure("without a price", lambda one: one.unpriced_tokens, _whole),
    Figure("requests", lambda one: one.requests, _whole),
    Figure("tool calls", lambda one: one.tool_calls, _whole),
    Figure("  failed", lambda one: one.failed_tools, _whole, True),
    Figure("errors", lambda one: one.errors, _whole, True),
    Figure("objectives done", lambda one: one.objectives.done, _whole, True),
    Figure("checkpoints", lambda one: one.checkpoints, _whole, True),
)


def render(compared: CompareShape, width: int) -> str:
    """A table, or where that is too wide a list for each session."""
    sides, base = compared.sessions, compared.sessions[0].figures
    labels = ["", "kind", "project", "began", *(figure.label for figure in FIGURES), "tools"]
    columns = [_column(side, base if number else None) for number, side in enumerate(sides)]
    widths = [max(map(len, column)) for column in (labels, *columns)]
    if sum(widths) + len(GAP) * len(columns) <= width:
        lines = zip(labels, *columns, strict=True)
        return "\n".join(_line(cells, widths) for cells in lines if any(cells[1:]))
    return "\n\n".join(_alone(labels, column, widths[0]) for column in columns)


def _column(side: SideShape, base: SideFiguresShape | None) -> Cells:
    figures = side.figures
    if figures is None:
        return [shown(side.asked)[:NAMED], MISSING[side.missing or "unknown"], *([""] * (len(FIGURES) + 3))]
    name = shown(side.name or "")[:NAMED] or (side.id or "")[:8]
    kind = "by hand" if side.origin == "manual" else side.agent or ""
    began = (side.started_at or "")[:16].replace("T", " ")
    tools = ", ".join(f"{shown(tool.name)} {exact(tool.calls)}" for tool in side.tools[:2])
    return [name, kind, shown(side.project or ""), began, *(_cell(one, figures, base) for one in FIGURES), tools]


def _cell(figure: Figure, figures: SideFiguresShape, base: SideFiguresShape | None) -> str:
    value = figure.value(figures)
    if value is None:
        return "not known"
    before = None if base is None else figure.value(base)
    if before is None:
        return figure.written(value)
    return f"{figure.written(value)} ({_words(value, before, counted=figure.counted)})"


def _words(value: float, before: float, *, counted: bool) -> str:
    """How far a value is from the first session's."""
    if value == before:
        return "the same"
    more = "more" if value > before else "less"
    if counted or not before:
        return f"{exact(round(abs(value - before)))} {more}" if counted else more
    if value >= 2 * before:
        return f"{value / before:,.1f} times as much"
    return f"{share(abs(value - before) / before)} {more}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return GAP.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _alone(labels: Sequence[str], column: Cells, width: int) -> str:
    told = [(label, cell) for label, cell in zip(labels[1:], column[1:], strict=True) if cell]
    return "\n".join([column[0], *(f"  {label:{width}}{GAP}{cell}" for label, cell in told)])
