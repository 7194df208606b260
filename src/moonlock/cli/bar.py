"""The bar that people see while much is read: files, how much of how much, how fast, how long it will still take."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

from moonlock.model.words import many
from moonlock.model.words import size as size_of

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from rich.progress import Progress, TaskID

    from moonlock.live.catchup import Backlog


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
        bar, task = self._drawn or self._draw()
        took = bar.tasks[0].elapsed or 0.0
        shown = f"{files:,} of {many(len(backlog.jobs), 'file')}"
        bar.update(task, total=backlog.bytes, completed=size, files=shown, pace=pace(took, size, backlog.bytes))

    def _draw(self) -> tuple[Progress, TaskID]:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

        files, pace = TextColumn("{task.fields[files]}"), TextColumn("{task.fields[pace]}")
        looks = (files, BarColumn(), DownloadColumn(), pace)
        bar = self._stack.enter_context(Progress(*looks, console=Console(stderr=True), transient=True))
        self._drawn = bar, bar.add_task("", total=None, files="", pace="")
        return self._drawn


def pace(took: float, done: int, total: int) -> str:
    """How fast it was read so far, and how long the rest takes at that; Rich knows neither before its second step."""
    if not done or took <= 0:
        return ""
    left = round((total - done) * took / done)
    return f"{size_of(round(done / took))}/s, {left // 60}:{left % 60:02} left"


def is_watched() -> bool:
    """Whether a person looks at what is said beside the answer."""
    try:
        return sys.stderr.isatty()
    except ValueError:  # closed
        return False
