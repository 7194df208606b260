"""Which logs have changed: told by the system where it can, and by a look at every file now and then."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

from moonlock.sources import Source

Changed = Callable[[Source, Path], None]


class Watch:
    """Calls ``changed`` for every log of ``source`` that is new, grew, or was replaced."""

    def __init__(self, source: Source, roots: Iterable[Path], changed: Changed, every: float = 2.0) -> None:
        self._source, self._roots, self._changed, self._every = source, list(roots), changed, every
        self._seen: dict[Path, tuple[int, int]] = {}

    def sweep(self) -> None:
        for root in self._roots:
            for path in sorted(root.rglob("*")):
                if self._source.claims(path):
                    self.look(path)

    def look(self, path: Path) -> None:
        with contextlib.suppress(FileNotFoundError):
            stat = path.stat()
            if self._seen.get(path) != (stat.st_size, stat.st_mtime_ns):
                self._changed(self._source, path)
                self._seen[path] = (stat.st_size, stat.st_mtime_ns)

    async def run(self) -> None:
        """Until cancelled: changes as they are told, and a sweep for what nobody told."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._sweeping())
            if sys.platform == "linux":
                tasks.create_task(self._listening())

    async def _sweeping(self) -> None:
        while True:
            self.sweep()
            await asyncio.sleep(self._every)

    async def _listening(self) -> None:
        async for path in told(self._roots):
            if self._source.claims(path):
                self.look(path)


async def told(roots: Iterable[Path]) -> AsyncIterator[Path]:
    """The paths that inotify names, below every root that exists when this begins."""
    from asyncinotify import Mask, RecursiveInotify

    with RecursiveInotify() as notify:
        for root in roots:
            if root.is_dir():
                notify.add_watch(root, Mask.CREATE | Mask.MODIFY | Mask.MOVED_TO)
        async for event in notify:
            if event.path is not None:
                yield event.path
