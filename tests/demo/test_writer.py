"""The demo's files: made at once, written on, gone at the end."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path

import pytest

from moonlock.model.instant import HOUR, Instant
from moonlock.sources.demo import demo
from moonlock.sources.demo_agent import Doors
from moonlock.sources.demo_world import world

NOW = 1_795_161_600_000
SILENT = Doors(lambda body: None, lambda body: None)


def sizes(home: Path) -> dict[Path, int]:
    return {path: path.stat().st_size for path in home.rglob("*.jsonl")}


def test_the_history_is_there_at_once_and_everything_is_gone_at_the_end() -> None:
    with demo(7, NOW, 1.0) as made:
        assert sum(sizes(made.home).values()) > 5_000_000
        assert not made.store.exists()
        assert made.store.parent.parent == made.home.parent
        if os.name != "nt":
            assert stat.S_IMODE(made.home.parent.stat().st_mode) == 0o700
        folder = made.home.parent
    assert not folder.exists()


def test_everything_is_gone_after_a_failure_too() -> None:
    with pytest.raises(KeyboardInterrupt), demo(7, NOW, 1.0) as made:
        folder = made.home.parent
        raise KeyboardInterrupt
    assert not folder.exists()


async def _written(speed: float, clock_steps: list[Instant]) -> tuple[dict[Path, int], dict[Path, int]]:
    with demo(7, NOW, speed) as made:
        before = sizes(made.home)
        moments = iter(clock_steps)
        last = clock_steps[-1]
        task = asyncio.create_task(made.live(lambda: next(moments, last), SILENT))
        await asyncio.sleep(0.3)
        task.cancel()
        return before, sizes(made.home)


def test_files_only_grow_while_people_work() -> None:
    before, after = asyncio.run(_written(1.0, [NOW + 30_000]))
    assert all(after[path] >= size for path, size in before.items())
    assert sum(after.values()) > sum(before.values())


def test_lines_wait_for_their_time() -> None:
    before, after = asyncio.run(_written(1.0, [NOW - HOUR]))
    assert after == before


def test_what_fell_due_during_a_suspend_is_left_out() -> None:
    before, after = asyncio.run(_written(1.0, [NOW + 8 * HOUR]))
    assert sum(after.values()) - sum(before.values()) < 200_000


def test_the_written_bytes_are_those_of_the_world() -> None:
    with demo(3, NOW, 1.0) as made:
        expected = {made.home / path: b"".join(found) for path, found in world(3, NOW, 1.0).past.items()}
        assert {path: path.read_bytes() for path in sizes(made.home)} == expected
