"""A process that forks readers of logs and kills each at some moment: forked, they are in the middle of it at once.

``python killing.py HOME STORE KILLS SEED`` prints how often a reader was killed in which part of its work.
"""

from __future__ import annotations

import json
import mmap
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from moonlock.analytics.cost import price_of
from moonlock.analytics.prices import builtin
from moonlock.live.catchup import sync
from moonlock.model.reading import Batch, Cursor, Seen
from moonlock.sources.claude_code import ClaudeCode
from moonlock.store import Store

PRICE = price_of(builtin())
PARTS = ("starting", "opening", "looking", "reading", "keeping")
LONGEST = 0.04
"""Seconds after the fork within which a reader is killed."""


class Marks:
    """Where a reader is, for its parent to see when it is dead."""

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, 2)

    def now(self, part: str) -> None:
        self._shared[0] = PARTS.index(part)

    def read(self) -> str:
        return PARTS[self._shared[0]]


class MarkedSource(ClaudeCode):
    def __init__(self, marks: Marks) -> None:
        self._marks = marks

    def read(self, seen: Seen, cursor: Cursor, limit: int) -> Iterator[Batch]:
        self._marks.now("reading")
        yield from super().read(seen, cursor, limit)


class MarkedStore(Store):
    at: Marks

    @contextmanager
    def together(self) -> Iterator[Callable[[Sequence[Batch]], int]]:
        self.at.now("keeping")
        with super().together() as append:

            def marked(batches: Sequence[Batch]) -> int:
                self.at.now("keeping")
                return append(batches)

            yield marked
            self.at.now("keeping")
        self.at.now("looking")


def read_for_ever(home: Path, path: Path, marks: Marks) -> None:
    """Open the store, and read whatever was written, again and again."""
    marks.now("opening")
    store = MarkedStore.write(path, PRICE)
    store.at = marks
    while True:
        marks.now("looking")
        sync(store, (MarkedSource(marks),), {}, home)


def warm(home: Path) -> None:
    """Load all modules that a reader needs, so that no reader is killed while it loads them."""
    store = Store.write(home / "warm.db", PRICE)
    sync(store, (ClaudeCode(),), {}, home)
    store.close()


def main(home: str, path: str, kills: str, seed: str) -> None:
    chance, marks, killed = random.Random(int(seed)), Marks(), Counter[str]()
    warm(Path(home))
    for _ in range(int(kills)):
        marks.now("starting")
        child = os.fork()
        if not child:
            try:
                read_for_ever(Path(home), Path(path), marks)
            finally:
                os._exit(1)
        time.sleep(chance.random() * LONGEST)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), "the reader failed before it was killed"
        killed[marks.read()] += 1
    sys.stdout.write(json.dumps({part: killed[part] for part in PARTS}))


if __name__ == "__main__":
    main(*sys.argv[1:])
