"""A process that never stops writing logs, as agents do: whole and torn lines, responses that grow, copies elsewhere.

``python restless.py HOME SEED`` writes until its input ends, completes what is torn, and prints what it wrote.
"""

from __future__ import annotations

import json
import os
import random
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

START = 1_790_000_000_000
SESSIONS, HELPERS = 14, 6
MODELS = ("claude-opus-4-8", "claude-sonnet-4-5", "nobody-knows-1")
BURST, REST = 40, 0.02
"""Actions between two rests, and seconds of a rest: nearly two thousand lines a second."""


class Log:
    """A file that is written to; ``rest`` is what a torn line still lacks."""

    def __init__(self, path: Path, session: str, sidechain: bool) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.session, self.sidechain, self.rest = session, sidechain, b""
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, line: bytes, keep: int = 0) -> None:
        """A line after what was torn; the last ``keep`` bytes of it come later."""
        whole = self.rest + line
        written = whole[: len(whole) - keep]
        while written:
            written = written[os.write(self._file, written) :]
        self.rest = whole[len(whole) - keep :]


class Restless:
    """Writes, and remembers what a reader must find."""

    def __init__(self, home: Path, chance: random.Random) -> None:
        self._chance = chance
        folder = home / ".claude" / "projects"
        names = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(SESSIONS)]
        logs = [Log(folder / f"-w-{n % 4}" / f"{name}.jsonl", name, False) for n, name in enumerate(names)]
        for number in range(HELPERS):
            path = folder / f"-w-{number % 4}" / names[number] / "subagents" / f"agent-{number}.jsonl"
            logs.append(Log(path, names[number], True))
        self._logs = logs
        self._written: list[bytes] = []
        self.largest: dict[int, int] = {}

    def act(self) -> None:
        """One thing that an agent does."""
        log, kind = self._chance.choice(self._logs), self._chance.random()
        if kind < 0.15 and self._written:
            log.write(self._chance.choice(self._written))  # copied by resume or fork, or logged twice
        elif kind < 0.35 and self.largest:
            number = max(self.largest) - self._chance.randrange(min(40, len(self.largest)))
            self._said(self._logs[number % len(self._logs)], number)
        else:
            self._said(log, self._next(log))

    def complete(self) -> None:
        for log in self._logs:
            log.write(b"")

    def _next(self, log: Log) -> int:
        """A response of its own for the log: its number tells the log again."""
        count, place = len(self._logs), self._logs.index(log)
        return (max(self.largest, default=0) // count + 1) * count + place

    def _said(self, log: Log, number: int) -> None:
        output = self.largest.get(number, 0) + self._chance.randrange(1, 90)
        self.largest[number] = output
        line = json.dumps(answer_of(number, output, log.session, log.sidechain)).encode() + b"\n"
        torn = self._chance.random() < 0.2
        log.write(line, self._chance.randrange(1, len(line)) if torn else 0)
        self._written.append(line)


def answer_of(number: int, output: int, session: str, sidechain: bool) -> dict[str, Any]:
    """A telling of response ``number``, so far with so much output."""
    usage = {
        "input_tokens": 3,
        "output_tokens": output,
        "cache_creation_input_tokens": 7,
        "cache_read_input_tokens": number % 50,
    }
    at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(START / 1000 + number * 7))
    message = {"id": f"msg_{number}", "role": "assistant", "model": MODELS[number % 3], "content": [], "usage": usage}
    return {
        "type": "assistant",
        "uuid": f"u{number}-{output}",
        "timestamp": f"{at}.000Z",
        "sessionId": session,
        "isSidechain": sidechain,
        "version": "2.1.318",
        "cwd": "/w/app",
        "requestId": f"req_{number}",
        "message": message,
    }


@contextmanager
def writing(home: Path, seed: int) -> Iterator[dict[str, int]]:
    """While the block lasts another process writes; after it, what it wrote is in the dictionary."""
    command = [sys.executable, __file__, str(home), str(seed)]
    wrote: dict[str, int] = {}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()  # it has begun
        yield wrote
        said, _ = process.communicate(b"", timeout=30)
        wrote.update(json.loads(said))


def main(home: str, seed: str) -> None:
    restless = Restless(Path(home), random.Random(int(seed)))
    for _ in range(400):
        restless.act()
    sys.stdout.write("\n")
    sys.stdout.flush()
    while not select.select([sys.stdin], [], [], REST)[0]:
        for _ in range(BURST):
            restless.act()
    restless.complete()
    sys.stdout.write(json.dumps({"requests": len(restless.largest), "output": sum(restless.largest.values())}))


if __name__ == "__main__":
    main(*sys.argv[1:])
