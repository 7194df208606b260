"""A real `moonlock start` in a home of its own, on a free port of this machine, ended when the test ends."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

MOONLOCK = shutil.which("moonlock", path=str(Path(sys.executable).parent)) or "moonlock"
FOREIGN = ("CLAUDE_CONFIG_DIR", "XDG_", "MOONLOCK_")
PATIENCE = 30.0
"""Seconds after which a test gives up; a busy machine needs some, and a test that passes uses none."""


def environment(home: Path) -> dict[str, str]:
    """This process's environment, with nothing left that leads to the real home."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return {**kept, "HOME": str(home), "USERPROFILE": str(home), "MOONLOCK_HOME": str(home / "moonlock")}


class Server:
    """A server that runs: its process, and where it answers."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process, self.url = process, url

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    def get(self, path: str) -> Any:
        """What it answers; an unhealthy server says so with 503."""
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(self.url + path, timeout=PATIENCE) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as refused:
            with refused:
                return json.load(refused)

    def kill(self) -> None:
        """The end without a word, as of a machine that lost its power."""
        self.process.kill()
        self.process.wait(PATIENCE)


@contextmanager
def server(
    home: Path, *args: str, env: Mapping[str, str] | None = None, within: Sequence[str] = (), log: Path | None = None
) -> Iterator[Server]:
    """A server of this home; ``within`` is a program that starts it in surroundings of its own, ``log`` its stderr."""
    port = [] if "--port" in args else ["--port", "0"]
    command = [*within, MOONLOCK, "start", "--no-browser", *port, *args]
    known = {**environment(home), "TZ": "UTC", **(env or {})}
    said = nullcontext() if log is None else log.open("wb")
    with (
        said as errors,
        subprocess.Popen(command, env=known, stdout=subprocess.PIPE, stderr=errors, encoding="utf-8") as process,
    ):
        try:
            assert process.stdout is not None
            found = re.search(r"http://\S+", process.stdout.readline())
            assert found, "Moonlock did not say where it is"
            yield Server(process, found[0])
        finally:
            process.terminate()
            process.wait(PATIENCE)


@contextmanager
def serving(home: Path, *args: str) -> Iterator[str]:
    """The address at which Moonlock answers."""
    with server(home, *args) as started:
        yield started.url


def eventually(true: Callable[[], object], what: str = "it did not come true") -> None:
    """Wait until it is true."""
    ended = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < ended, what
        time.sleep(0.02)
