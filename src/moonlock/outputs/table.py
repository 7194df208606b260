"""A usage report as a table that fits the terminal; plain text when nobody looks at it."""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich import box
from rich.cells import cell_len, chop_cells, set_cell_size
from rich.console import Console
from rich.table import Table
from rich.text import Text

from moonlock.model.report import Report
from moonlock.outputs.columns import SMALLEST_KEY, WANTED, Column, columns_of
from moonlock.outputs.lines import Line, lines_of
from moonlock.outputs.notes import asked, notes

GAP = 2
LOOKS = {"share": "dim", "gap": "dim", "seed": "dim", "active": "green", "total": "bold"}
SMALLEST = 20
"""No terminal is narrower."""


class Layout:
    """The columns of one look: what stands in them, and how wide they are. ``brief`` makes numbers short."""

    def __init__(self, columns: Sequence[Column], lines: Sequence[Line], *, brief: bool) -> None:
        self.columns = list(columns)
        self.cells = {each: [each.cell(line, brief) for line in lines] for each in columns}
        self.natural = {each: self._widest(each) for each in columns}

    def _widest(self, column: Column) -> int:
        widest = max(map(cell_len, (column.head, *self.cells[column])))
        return min(widest, max(column.most, cell_len(column.head))) if column.most else widest

    def least(self, columns: Sequence[Column]) -> int:
        """What the columns take when every text is cut as far as it may be."""
        return self._sum([min(each.least or self.natural[each], self.natural[each]) for each in columns])

    def whole(self, columns: Sequence[Column]) -> int:
        """What they take when none is cut."""
        return self._sum([self.natural[each] for each in columns])

    @staticmethod
    def _sum(widths: Sequence[int]) -> int:
        return sum(widths) + GAP * (len(widths) - 1) + 2

    def widths(self, columns: Sequence[Column], room: int) -> list[int]:
        """Each column's width: texts share what the numbers leave, and none takes more than it needs."""
        texts = sorted((each for each in columns if each.most), key=lambda each: self.natural[each])
        given = {each: self.natural[each] for each in columns if not each.most}
        left = room - self._sum(list(given.values())) - GAP * len(texts)
        for place, each in enumerate(texts):
            given[each] = max(min(self.natural[each], left // (len(texts) - place)), SMALLEST_KEY)
            left -= given[each]
        return [given[each] for each in columns]


def render(report: Report, width: int, *, styled: bool, breakdown: bool = False) -> str:
    """The table and what has to be said about it; exact numbers where they fit, short ones where they do not."""
    lines = lines_of(report, breakdown=breakdown)
    if len(lines) == 1:
        return _nothing(report)
    layout, kept, spared = _fitting(columns_of(report, lines), lines, width)
    out = io.StringIO()
    console = Console(file=out, width=max(width, SMALLEST), force_terminal=styled, highlight=False, emoji=False)
    console.print(_table(layout, kept, [line.kind for line in lines], width, styled))
    missing = [f"too narrow for {', '.join(each.head.lower() for each in spared)}; --json has all"] if spared else []
    for place, note in enumerate(missing + notes(report)):
        if not place:
            console.print()
        console.print(Text(note, style="dim" if styled else ""))
    return "\n".join(line.rstrip() for line in out.getvalue().split("\n"))


def _nothing(report: Report) -> str:
    if chosen := asked(report):
        return f"No usage found{_span(report)} ({'; '.join(chosen)}).\n"
    where = "" if report.since or report.until else "; `moonlock doctor` says where logs are looked for"
    return f"No usage found{_span(report)}{where}.\n"


def _fitting(columns: list[Column], lines: list[Line], width: int) -> tuple[Layout, list[Column], list[Column]]:
    """The look, the columns that there is room for, and those that one will miss."""
    needed = [each for each in columns if each.rank < WANTED]
    layout = Layout(columns, lines, brief=False)
    if layout.least(needed) > width:
        layout = Layout(columns, lines, brief=True)
    kept = needed
    while layout.least(kept) > width and any(each.rank for each in kept):
        last = max(each.rank for each in kept)
        kept = [each for each in kept if each.rank < last]
    spared = [each for each in needed if each not in kept]
    for rank in sorted({each.rank for each in columns if each.rank >= WANTED and not spared}):
        more = [*kept, *(each for each in columns if each.rank == rank)]
        kept = more if layout.whole(more) <= width else kept
    return layout, [each for each in columns if each in kept], spared


def _table(layout: Layout, columns: list[Column], kinds: list[str], width: int, styled: bool) -> Table:
    table = Table(
        box=box.SIMPLE_HEAD if styled else None,
        padding=(0, GAP - styled, 0, 0),  # the box brings a space of its own
        pad_edge=False,
        show_edge=False,
        header_style="bold" if styled else "",
    )
    widths = list(zip(columns, layout.widths(columns, width), strict=True))
    for each, wide in widths:
        table.add_column(each.head, justify="left" if each.most else "right", no_wrap=True, width=wide)
    texts = {each: [_cut(cell, wide) if each.ends else cell for cell in layout.cells[each]] for each, wide in widths}
    rows = [[texts[each][place] for each in columns] for place in range(len(kinds))]
    for kind, cells in zip(kinds, rows, strict=True):
        if kind == "total":
            _before_totals(table, kinds, styled=styled)
        table.add_row(*(Text(cell) for cell in cells), style=LOOKS.get(kind, "") if styled else "")
    return table


def _cut(text: str, width: int) -> str:
    """A text that is too long without its middle, two thirds of what is left being its end."""
    if cell_len(text) <= width:
        return text
    tail = chop_cells(text[::-1], width * 2 // 3)[0][::-1]
    return f"{set_cell_size(text, width - 1 - cell_len(tail))}…{tail}"


def _before_totals(table: Table, kinds: list[str], *, styled: bool) -> None:
    if styled:
        table.add_section()
    elif len(kinds) > 2:
        table.add_row()


def _span(report: Report) -> str:
    if report.since and report.until:
        return f" from {report.since} to {report.until}"
    return f" since {report.since}" if report.since else f" until {report.until}" if report.until else ""
