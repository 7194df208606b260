"""The simulation: writes the demo world as logs into a temporary home, where the ordinary source reads them.

Demo is a source, not a mode: every line after the file is the real one, and nothing made up can reach the user's store,
because home and store are folders of their own that vanish with the demo.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from moonlock.model.instant import MINUTE, SECOND, Instant
from moonlock.sources.demo_agent import Agents, Doors
from moonlock.sources.demo_world import Step, world

LATE = MINUTE
"""After a suspend, older lines are left out instead of written all at once."""
CHUNK = 500


class Demo(msgspec.Struct, frozen=True):
    """A home with a month of logs in it, and what will be written next."""

    home: Path
    store: Path
    began: Instant
    steps: Iterator[Step]

    async def live(self, clock: Callable[[], Instant], doors: Doors) -> None:
        """Keep writing, each line at its time, and saying what the agents would, until cancelled."""
        due, left_out, agents = self.began, 0, Agents(self.began)
        for step in self.steps:
            due += step.delay
            late = clock() - due
            if late > LATE:
                left_out += 1
                if left_out % CHUNK == 0:
                    await asyncio.sleep(0)
                continue
            if late < 0:
                await asyncio.sleep(-late / SECOND)
            append(self.home / step.path, step.data)
            agents.say(step.data, clock(), doors)


@contextmanager
def demo(seed: int, now: Instant, speed: float) -> Iterator[Demo]:
    """A demo whose history is written already; everything is removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="moonlock-demo-"))
    try:
        made = world(seed, now, speed)
        home = folder / "home"
        for path, lines in made.past.items():
            append(home / path, b"".join(lines))
        yield Demo(home, folder / "data" / "moonlock.db", now, made.future)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def append(path: Path, data: bytes) -> None:
    """Add to the end of a file, as an agent does: in one write."""
    try:
        file = path.open("ab", buffering=0)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("ab", buffering=0)
    with file:
        file.write(data)
