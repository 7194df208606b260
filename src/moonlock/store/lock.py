"""One process writes. Two that commit and checkpoint at once are how SQLite databases were lost in the field."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from moonlock.store.errors import StoreLocked

if sys.platform == "win32":
    import msvcrt

    _PAST_THE_TEXT = 1 << 20  # a locked stretch cannot be read by others on Windows, so the pid stays outside of it

    def _hold(held: int) -> bool:
        os.lseek(held, _PAST_THE_TEXT, os.SEEK_SET)
        try:
            msvcrt.locking(held, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        os.lseek(held, 0, os.SEEK_SET)
        return True

    def _let_go(held: int) -> None:
        os.lseek(held, _PAST_THE_TEXT, os.SEEK_SET)
        msvcrt.locking(held, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _hold(held: int) -> bool:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _let_go(held: int) -> None:
        fcntl.flock(held, fcntl.LOCK_UN)  # closing alone would not do while a forked reader of logs still has it open


class WriterLock:
    """Held from opening to closing; the system frees it when the process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        self._held = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        if not _hold(self._held):
            pid = os.read(self._held, 32).strip()
            os.close(self._held)
            raise StoreLocked(int(pid) if pid.isdigit() else None)
        os.truncate(self._held, 0)
        os.write(self._held, str(os.getpid()).encode())

    def free(self) -> None:
        """Let the next one write. The file stays: removing it would let two hold locks on two files of one name."""
        _let_go(self._held)
        os.close(self._held)
