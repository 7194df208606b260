"""The bar that people see while much is read: files, how much of how much, how fast, how long it will still take."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from moonlock.cli.screen import is_watched
from moonlock.model.words import many
from moonlock.model.words import size as size_of

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from rich.progress import Progress, TaskID

    from moonlock.live.catchup import Backlog

WIDE = 60
"""A narrower terminal sees how many files and how long, without a bar: a second line would not be taken away again."""


class Bar:
    """Hand it on as ``Progress`` while it is open; it shows itself once much is to be read, on a terminal only."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._drawn: tuple[Progress, TaskID] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def __call__(self, files: int, size: int, backlog: Backlog) -> None:
        """So many files and bytes of the backlog are read."""
        if not backlog.much or not is_watched():
            return
        bar, task = self._drawn or self._draw(backlog)
        took = bar.tasks[0].elapsed or 0.0
        shown = f"{files:,} of {many(len(backlog.jobs), 'file')}"
        bar.update(task, completed=size, files=shown, pace=pace(took, size, backlog.bytes))

    def _draw(self, backlog: Backlog) -> tuple[Progress, TaskID]:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

        files, pace = TextColumn("{task.fields[files]}"), TextColumn("{task.fields[pace]}")
        console = Console(stderr=True)
        looks = (files, BarColumn(), DownloadColumn(), pace) if console.width >= WIDE else (files, pace)
        bar = Progress(*looks, console=console, transient=True)
        self._drawn = bar, bar.add_task("", total=backlog.bytes, files=many(len(backlog.jobs), "file"), pace="")
        self._stack.enter_context(bar)
        return self._drawn


def pace(took: float, done: int, total: int) -> str:
    """How fast it was read so far, and how long the rest takes at that; Rich knows neither before its second step."""
    if not done or took <= 0:
        return ""
    left = round((total - done) * took / done)
    return f"{size_of(round(done / took))}/s, {left // 60}:{left % 60:02} left"
