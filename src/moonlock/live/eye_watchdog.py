"""macOS and Windows tell through watchdog, from a thread of its own, which file changed."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable

from moonlock.model.health import Finding

if sys.platform != "linux":
    from watchdog.events import FileSystemEvent, FileSystemEventHandler
    from watchdog.observers import Observer

    class Eye(FileSystemEventHandler):
        """Watches folders and all below them; the same names as the Linux eye."""

        def __init__(
            self, claims: Callable[[str], bool], changed: Callable[[str], None], missed: Callable[[], None]
        ) -> None:
            self._claims, self._changed, self._missed = claims, changed, missed
            self._observer = Observer()
            self._roots: set[str] = set()
            self._loop = asyncio.get_running_loop()
            self.finding: Finding | None = None

        def open(self) -> None:
            self._observer.start()

        def close(self) -> None:
            self._observer.stop()

        @property
        def watches(self) -> int:
            return len(self._roots)

        def holds(self, folder: str) -> bool:
            return folder in self._roots

        def add(self, root: str) -> list[str]:
            self._observer.schedule(self, root, recursive=True)
            self._roots.add(root)
            return []  # the sweep that follows finds what was there

        def drop(self, folder: str) -> None:
            self._roots.discard(folder)
            self._observer.unschedule_all()
            for root in self._roots:
                self._observer.schedule(self, root, recursive=True)

        def on_any_event(self, event: FileSystemEvent) -> None:
            """Called in watchdog's thread."""
            if event.is_directory:
                if event.event_type in ("created", "moved"):
                    self._loop.call_soon_threadsafe(self._missed)
                return
            for path in (os.fsdecode(event.src_path), os.fsdecode(event.dest_path)):
                if path and self._claims(path):
                    self._loop.call_soon_threadsafe(self._changed, path)
