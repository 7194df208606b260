"""Small files of the client that are not logs: read whole, when they are files, and never waited for."""

from __future__ import annotations

import os
import stat
from pathlib import Path

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


def content(path: str | Path, largest: int) -> bytes:
    """The bytes of a regular file of a size that it may have, of anything else none; ``OSError`` where it is shut."""
    handle = os.open(path, _FLAGS)
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_size > largest:
            return b""
        return file.read(largest)
