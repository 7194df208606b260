"""Linux tells within a millisecond which file in which folder changed."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Callable, Iterator

from asyncinotify import Event, Inotify, Mask

from moonlock.model.health import Finding

FOLDER = Mask.MODIFY | Mask.CREATE | Mask.DELETE | Mask.MOVED_FROM | Mask.MOVED_TO | Mask.MOVE_SELF | Mask.ONLYDIR
FILE = Mask.MODIFY
_CAME, _WENT, _MOVED = int(Mask.CREATE | Mask.MOVED_TO), int(Mask.MOVED_FROM), int(Mask.MOVE_SELF)
_IGNORED, _IS_FOLDER, _OVERFLOW = int(Mask.IGNORED), int(Mask.ISDIR), int(Mask.Q_OVERFLOW)
_READ_AT_ONCE = 256
LIMIT = Finding(
    "watch-limit",
    "The kernel watches no more folders for this user, so changes are found by looking every 2 seconds.",
    "Raise it: sysctl fs.inotify.max_user_watches=524288",
)


class Eye:
    """Watches folders and all below them, also those that come later; the alias of a folder is no second one."""

    def __init__(
        self, claims: Callable[[str], bool], changed: Callable[[str], None], missed: Callable[[], None]
    ) -> None:
        self._claims, self._changed, self._missed = claims, changed, missed
        self._inotify = Inotify(cache_size=_READ_AT_ONCE, sync_timeout=0)
        self._paths: dict[int, str] = {}
        self._numbers: dict[str, int] = {}
        self.finding: Finding | None = None

    def open(self) -> None:
        """Begin to tell: in the running event loop."""
        asyncio.get_running_loop().add_reader(self._inotify.fd, self._ready)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._inotify.fd)
        self._inotify.close()

    @property
    def watches(self) -> int:
        return len(self._paths)

    def holds(self, folder: str) -> bool:
        """Whether this folder itself is still watched."""
        return folder in self._numbers

    def add(self, root: str) -> list[str]:
        """Watch a folder and all below it; the files that were there already. Watched first, listed then: no gap."""
        found, folders = [], [root]
        while folders:
            folder = folders.pop()
            if not self._watch(folder, FOLDER):
                continue
            below = []
            for entry in _entries(folder):
                if _is_folder(entry):
                    below.append(entry.path)
                elif self._claims(entry.path):
                    found.append(entry.path)
                    if entry.is_symlink():  # its own folder may lie outside
                        self._watch(entry.path, FILE)
            folders += sorted(below, reverse=True)  # the smallest path wins, as in sources.walk
        return found

    def drop(self, folder: str) -> None:
        """Watch neither this folder nor what lies below it any longer: it is somewhere else now."""
        gone = [path for path in self._numbers if path == folder or path.startswith(folder + os.sep)]
        live = {watch.wd: watch for watch in self._inotify.watches}
        for path in gone:
            number = self._numbers[path]
            self._forget(number)
            if number in live:
                self._inotify.rm_watch(live[number])

    def _watch(self, path: str, mask: Mask) -> bool:
        """Whether this is a folder or file that was not watched before."""
        try:
            number = self._inotify.add_watch(path, mask).wd
        except OSError as error:
            if error.errno == errno.ENOSPC:
                self.finding = LIMIT
            return False  # gone again, or not ours to read: the sweep reports that
        if number in self._paths:
            return False
        self._paths[number] = path
        self._numbers[path] = number
        return True

    def _forget(self, number: int) -> None:
        path = self._paths.pop(number, None)
        if path is not None and self._numbers.get(path) == number:
            del self._numbers[path]

    def _ready(self) -> None:
        while (event := self._inotify.sync_get()) is not None:  # None: nothing more for now
            self._tell(event)

    def _tell(self, event: Event) -> None:
        bits = int(event.mask)
        if bits & _OVERFLOW:
            self._missed()
            return
        watch = event.watch
        base = self._paths.get(watch.wd) if watch is not None else None
        if watch is None or base is None:
            return
        if bits & _IGNORED:
            self._forget(watch.wd)
        elif bits & _MOVED:
            self.drop(base)
            self._missed()
        elif bits & _IS_FOLDER:
            self._folder(f"{base}{os.sep}{event.name}", bits)
        else:
            self._file(f"{base}{os.sep}{event.name}" if event.name is not None else base, bits)

    def _file(self, path: str, bits: int) -> None:
        """A file, or a link that came: what it leads to may lie outside."""
        linked = bool(bits & _CAME) and os.path.islink(path)
        if self._claims(path):
            if linked:
                self._watch(path, FILE)
            self._changed(path)
        elif linked and os.path.isdir(path):
            self._folder(path, bits)

    def _folder(self, folder: str, bits: int) -> None:
        if bits & _CAME:
            for path in self.add(folder):
                self._changed(path)
        elif bits & _WENT:
            self.drop(folder)
            self._missed()


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except OSError:
        return  # gone again, or not ours to read: the sweep reports that


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
