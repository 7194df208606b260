"""The running-session registry, ``sessions/<pid>.json`` beside the transcripts: which sessions run, and what they do.

Its shape is not documented and has changed, so any field may be missing. A file is read only when it has changed; that
its process lives is looked at every time.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from moonlock.model.instant import DAY, Instant
from moonlock.model.presence import Doing, HookSeen, Process, Roll, WaitingFor
from moonlock.sources.claude_code.hooks import hook
from moonlock.sources.claude_code.processes import lives

MOST, LARGEST = 256, 65_536
"""Files that are looked at, and bytes that one may have: a real one has half a thousand."""
_NAME = re.compile(r"([1-9]\d{0,9})\.json", re.ASCII)
_ID = re.compile(r"[\w.:@+-]{1,128}", re.ASCII)
_DOMAINS = frozenset({"darwin", "linux", "win32"})
_DOING: dict[str, Doing] = {"idle": "idle", "waiting": "waiting"}
_WANTS: dict[str, WaitingFor] = {
    "permission prompt": "permission",
    "sandbox request": "permission",
    "worker request": "permission",
    "input needed": "question",
    "dialog open": "question",
}
Mark = tuple[int, int, int]


class _Written(msgspec.Struct):
    pid: Any = None
    sessionId: Any = None
    startedAt: Any = None
    procStart: Any = None
    status: Any = None
    updatedAt: Any = None
    statusUpdatedAt: Any = None
    waitingFor: Any = None
    pidDomain: Any = None


class _Entry(msgspec.Struct):
    process: Process
    start: str
    wrote_at: Instant


_Known = tuple[Mark, _Entry | None]
_decode = msgspec.json.Decoder(_Written).decode


class Registry:
    """Remembers what it read. ``read`` lets tests count work."""

    def __init__(self, folders: Iterable[str]) -> None:
        self._folders = tuple(dict.fromkeys(folders))
        self._known: dict[str, _Known] = {}
        self.read = 0

    def look(self) -> Roll:
        """Who is there now; never an error. What cannot be judged on this system is left out."""
        before, self._known = self._known, {}
        alive: list[Process] = []
        dead: list[Process] = []
        found = False
        for path, mark in self._files():
            self._known[path] = self._current(path, mark, before.get(path))
            entry = self._known[path][1]
            if entry is None:
                continue
            verdict = lives(entry.process.pid, entry.start, entry.wrote_at)
            if verdict is None:
                continue
            found = True
            (alive if verdict else dead).append(entry.process)
        return Roll(found or self._is_there(), tuple(alive), tuple(dead))

    def hook(self, body: bytes, now: Instant) -> HookSeen | None:
        """The hook that the client called; None for what is none."""
        return hook(body, now)

    def _is_there(self) -> bool:
        return any(os.path.isdir(folder) for folder in self._folders)

    def _files(self) -> Iterator[tuple[str, Mark]]:
        left = MOST
        for folder in self._folders:
            try:
                with os.scandir(folder) as entries:
                    names = sorted(entry.name for entry in entries if _NAME.fullmatch(entry.name))
            except OSError:
                continue
            for name in names[:left]:
                path = os.path.join(folder, name)
                if (mark := _mark(path)) is not None:
                    left -= 1
                    yield path, mark

    def _current(self, path: str, mark: Mark, known: _Known | None) -> _Known:
        """What stands in a file; what stood there before while somebody is in the middle of writing it."""
        if known is not None and known[0] == mark:
            return known
        written = self._written(path)
        if written is None:
            return known if known is not None and known[1] is not None else (mark, None)
        return mark, _told(int(os.path.basename(path)[:-5]), written, mark[1] // 1_000_000)

    def _written(self, path: str) -> _Written | None:
        self.read += 1
        try:
            with open(path, "rb") as file:
                return _decode(file.read(LARGEST + 1))
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None


def _mark(path: str) -> Mark | None:
    """What changes with the file; None for what is no file, or far too large for one of these."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def _told(pid: int, written: _Written, changed: Instant) -> _Entry | None:
    session, domain = written.sessionId, written.pidDomain
    if not isinstance(session, str) or not _ID.fullmatch(session) or written.pid not in (None, pid):
        return None
    if isinstance(domain, str) and domain in _DOMAINS and domain != sys.platform:
        return None  # of another machine, or a container, that has this home too
    doing: Doing = _DOING.get(written.status, "busy") if isinstance(written.status, str) else ""
    wants = _WANTS.get(written.waitingFor) if isinstance(written.waitingFor, str) else None
    at = _moment(written.statusUpdatedAt, changed) or _moment(written.updatedAt, changed) or changed
    start = written.procStart if isinstance(written.procStart, str | int) else ""
    process = Process(pid, session, doing, at, wants if doing == "waiting" else None)
    return _Entry(process, str(start)[:64], _moment(written.startedAt, changed) or changed)


def _moment(value: object, changed: Instant) -> Instant | None:
    """Nothing is true only after it was written; a clock that was set, or an absurd figure, counts as not said."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if changed - 365 * DAY <= value <= changed else None
