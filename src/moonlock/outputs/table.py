"""A usage report as a table that fits the terminal; plain text when nobody looks at it."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from moonlock.model.report import Report, ReportRow
from moonlock.model.tokens import Usage

Cells = tuple[str, ...]
Line = tuple[str, Cells]
"""What kind of line it is (``row``, ``share`` or ``total``), and what stands in it."""
HEADS = {"daily": "Day"}
COLUMNS = ("Input", "Output", "Cache write", "Cache read", "Total", "Cost")
SPARED = ({"Cache write", "Cache read"}, {"Input", "Output"})
"""What a terminal too narrow for all goes without, in this order: a number is shown whole or not at all."""
GAP, SLIGHTEST = 2, 6


def render(report: Report, width: int, *, styled: bool, breakdown: bool = False) -> str:
    """The table and what has to be said about it; exact numbers where they fit, short ones where they do not."""
    if not report.rows:
        where = "" if report.since or report.until else "; `moonlock doctor` says where logs are looked for"
        return f"No usage found{_span(report)}{where}.\n"
    heads: Cells = (_head(report.name), *COLUMNS)
    rows = _rows(report, exact, breakdown)
    if _needed(heads, rows) > width:
        rows = _rows(report, short, breakdown)
    kept, rows = _fitting(heads, rows, width)
    spared = [name for name in heads if name not in kept]
    out = io.StringIO()
    console = Console(file=out, width=max(width, 20), force_terminal=styled, highlight=False, emoji=False)
    console.print(_table(kept, rows, width, styled=styled))
    missing = [f"too narrow for {', '.join(spared).lower()}; --json has all"] if spared else []
    for place, note in enumerate(missing + notes(report)):
        if not place:
            console.print()
        console.print(Text(note, style="dim" if styled else ""))
    return "\n".join(line.rstrip() for line in out.getvalue().split("\n"))


def notes(report: Report) -> list[str]:
    """What a reader has to know to read the numbers right."""
    usage, reading = report.totals.usage, report.reading
    said = []
    if usage.unpriced_requests:
        names = ", ".join(_unpriced(report)) or "unknown models"
        said.append(f"≥ {_many(usage.unpriced_requests, 'request')} without a known price: {names}")
    if reading.skipped:
        said.append(f"{_many(reading.skipped, 'line')} could not be read; `moonlock doctor` says where")
    if usage.understated:
        said.append(f"{_many(usage.understated, 'request')} of old clients log too few output tokens")
    return said


def _unpriced(report: Report) -> list[str]:
    """The models without a price that these rows have; the reading knows those of all times."""
    return sorted(each.model for each in report.totals.models if each.usage.unpriced_requests)


def exact(count: int) -> str:
    """1,234,567"""
    return f"{count:,}"


def short(count: int) -> str:
    """1.23M: three digits and a unit."""
    value = float(count)
    for unit in ("", "K", "M", "B", "T"):
        if abs(value) < 999.5 or unit == "T":
            break
        value /= 1000
    if not unit:
        return str(count)
    digits = 2 if abs(value) < 9.995 else 1 if abs(value) < 99.95 else 0
    return f"{value:.{digits}f}{unit}"


def money(usage: Usage) -> str:
    """Dollars; ``≥`` where a part has no price, ``-`` where nothing has one."""
    if usage.requests and usage.unpriced_requests == usage.requests:
        return "-"
    cents = f"${usage.cost / 1_000_000:,.2f}"
    return f"≥ {cents}" if usage.unpriced_requests else cents


def _rows(report: Report, count: Callable[[int], str], breakdown: bool) -> list[Line]:
    rows: list[Line] = []
    for row in report.rows:
        rows.append(("row", (row.key, *_cells(row.usage, count))))
        if breakdown:
            rows += _shares(row, count)
    rows.append(("total", ("Total", *_cells(report.totals.usage, count))))
    if breakdown and len(report.totals.models) > 1:
        rows += _shares(report.totals, count)
    return rows


def _shares(row: ReportRow, count: Callable[[int], str]) -> list[Line]:
    named = ((share.model.removeprefix("claude-"), share.usage) for share in row.models)
    return [("share", (f"  {name}", *_cells(usage, count))) for name, usage in named]


def _cells(usage: Usage, count: Callable[[int], str]) -> Cells:
    tokens = usage.tokens
    counts = (tokens.input, tokens.output, tokens.cache_creation, tokens.cache_read, tokens.total)
    return (*map(count, counts), money(usage))


def _table(heads: Cells, rows: Sequence[Line], width: int, *, styled: bool) -> Table:
    table = Table(
        box=box.SIMPLE_HEAD if styled else None,
        padding=(0, GAP - styled, 0, 0),  # the box brings a space of its own
        pad_edge=False,
        show_edge=False,
        header_style="bold" if styled else "",
    )
    label = max(len(cells[0]) for cells in (heads, *(cells for _, cells in rows)))
    over = max(0, _needed(heads, rows) - width)
    table.add_column(heads[0], no_wrap=True, width=max(label - over, SLIGHTEST))
    for name in heads[1:]:
        table.add_column(name, justify="right", no_wrap=True)
    looks = {"row": "", "share": "dim", "total": "bold"} if styled else {}
    for kind, cells in rows:
        if kind == "total":
            _before_totals(table, rows, styled=styled)
        table.add_row(*(Text(cell) for cell in cells), style=looks.get(kind, ""))
    return table


def _before_totals(table: Table, rows: Sequence[Line], *, styled: bool) -> None:
    if styled:
        table.add_section()
    elif len(rows) > 2:
        table.add_row()


def _fitting(heads: Cells, rows: list[Line], width: int) -> tuple[Cells, list[Line]]:
    """The columns that there is room for."""
    for spared in SPARED:
        if _needed(heads, rows) <= width:
            break
        places = [place for place, name in enumerate(heads) if name not in spared]
        rows = [(kind, tuple(cells[place] for place in places)) for kind, cells in rows]
        heads = tuple(heads[place] for place in places)
    return heads, rows


def _needed(heads: Cells, rows: Sequence[Line]) -> int:
    """Columns of the terminal that the table takes; both looks are equally wide."""
    lines = [heads, *(cells for _, cells in rows)]
    return sum(max(map(len, column)) for column in zip(*lines, strict=True)) + GAP * (len(heads) - 1) + 2


def _head(name: str) -> str:
    return HEADS.get(name, name.capitalize())


def _span(report: Report) -> str:
    if report.since and report.until:
        return f" from {report.since} to {report.until}"
    return f" since {report.since}" if report.since else f" until {report.until}" if report.until else ""


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
