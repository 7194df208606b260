"""Whether a running server keeps a store fresh. Loaded by the quick path: it imports next to nothing."""

from __future__ import annotations

import os
import sys


def is_served(runs: str, store: str) -> bool:
    """As files and process numbers tell: asking the server takes longer."""
    try:
        names = [name for name in os.listdir(runs) if name.endswith(".json")]
    except OSError:
        return False
    return any(_serves(os.path.join(runs, name), os.path.realpath(store)) for name in names)


def exists(pid: int) -> bool:
    """Whether a process of this number lives; it may be another program's by now."""
    if sys.platform == "win32":  # there os.kill would end it
        import ctypes

        handle = ctypes.windll.kernel32.OpenProcess(0x1000, False, pid)
        return bool(handle) and bool(ctypes.windll.kernel32.CloseHandle(handle))
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        return False
    return pid > 0


def _serves(path: str, store: str) -> bool:
    import json

    try:
        with open(path, "rb") as file:
            run = json.load(file)
        pid, served = run["pid"], run["store"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return isinstance(pid, int) and isinstance(served, str) and os.path.realpath(served) == store and exists(pid)
