"""A real `moonlock start` in a home of its own, on a free port of this machine, ended when the test ends."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MOONLOCK = shutil.which("moonlock", path=str(Path(sys.executable).parent)) or "moonlock"
FOREIGN = ("CLAUDE_CONFIG_DIR", "XDG_", "MOONLOCK_")


def environment(home: Path) -> dict[str, str]:
    """This process's environment, with nothing left that leads to the real home."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return {**kept, "HOME": str(home), "USERPROFILE": str(home), "MOONLOCK_HOME": str(home / "moonlock")}


@contextmanager
def serving(home: Path, *args: str) -> Iterator[str]:
    """The address at which Moonlock answers."""
    command = [MOONLOCK, "start", "--no-browser", "--port", "0", *args]
    with subprocess.Popen(command, env=environment(home), stdout=subprocess.PIPE, encoding="utf-8") as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://\S+", process.stdout.readline())
            assert found, "Moonlock did not say where it is"
            yield found[0]
        finally:
            process.terminate()
            process.wait(10)
