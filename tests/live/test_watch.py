"""The watcher, on real folders and the system's own watcher."""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from moonlock.live.watch import NO_EYE, Changed, Watcher

BEAT = 0.05


def claims(path: str) -> bool:
    return path.endswith(".jsonl")


class Heard:
    """What the watcher told so far, and a way to wait for more."""

    def __init__(self, watcher: Watcher) -> None:
        self._changes = watcher.changes()

    async def until(self, wanted: Callable[[Changed], bool]) -> Changed:
        async with asyncio.timeout(5):
            async for changed in self._changes:
                if wanted(changed):
                    return changed
        raise AssertionError

    async def path(self, path: Path) -> Changed:
        return await self.until(lambda changed: str(path) in changed.paths)

    async def sweep(self) -> Changed:
        return await self.until(lambda changed: changed.sweep)


def watching(roots: list[Path], story: Callable[[Heard, Watcher], Awaitable[None]], beat: float = 60) -> None:
    async def live() -> None:
        watcher = Watcher([str(root) for root in roots], claims, beat)
        await watcher.open()
        try:
            await story(Heard(watcher), watcher)
        finally:
            watcher.close()

    asyncio.run(live())


def log(path: Path, text: str = "{}\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write(text)
    return path


def test_an_append_is_told(tmp_path: Path) -> None:
    path = log(tmp_path / "p" / "a.jsonl")

    async def story(heard: Heard, watcher: Watcher) -> None:
        log(path)
        assert await heard.path(path) == Changed(frozenset({str(path)}))

    watching([tmp_path], story)


def test_a_burst_on_one_file_is_one_change(tmp_path: Path) -> None:
    path = log(tmp_path / "a.jsonl")

    async def story(heard: Heard, watcher: Watcher) -> None:
        for _ in range(100):
            log(path)
        await heard.path(path)
        log(tmp_path / "b.jsonl")
        assert (await heard.path(tmp_path / "b.jsonl")).paths == {str(tmp_path / "b.jsonl")}

    watching([tmp_path], story)


def test_in_a_rush_many_files_are_few_changes_and_none_is_left_out(tmp_path: Path) -> None:
    """Fifty logs that grow one after the other: each change alone would be fifty reads, and fifty transactions."""
    paths = [log(tmp_path / f"{number}.jsonl") for number in range(50)]

    async def story(heard: Heard, watcher: Watcher) -> None:
        told: list[frozenset[str]] = []

        async def follow() -> None:
            async for changed in watcher.changes():
                told.append(changed.paths)

        following = asyncio.create_task(follow())
        for turn in range(4):
            for path in paths:
                log(path)
                await asyncio.sleep(0)
            rounds = turn + 1
            async with asyncio.timeout(5):
                while sum(map(len, told)) < rounds * len(paths):
                    await asyncio.sleep(0.001)
        following.cancel()
        assert all(sum(str(path) in paths for paths in told) >= 4 for path in paths)
        assert len(told) <= 21 + 2 * 4

    watching([tmp_path], story)


def test_files_of_no_agent_are_passed_over(tmp_path: Path) -> None:
    async def story(heard: Heard, watcher: Watcher) -> None:
        log(tmp_path / "notes.txt")
        log(tmp_path / "a.jsonl")
        assert (await heard.path(tmp_path / "a.jsonl")).paths == {str(tmp_path / "a.jsonl")}

    watching([tmp_path], story)


def test_files_in_a_new_tree_of_folders_are_told(tmp_path: Path) -> None:
    async def story(heard: Heard, watcher: Watcher) -> None:
        first = log(tmp_path / "new" / "sub" / "agents" / "a.jsonl")
        await heard.path(first)
        second = log(tmp_path / "new" / "sub" / "b.jsonl")
        await heard.path(second)

    watching([tmp_path], story)


def test_a_folder_moved_in_is_told_with_its_files_and_watched_on(tmp_path: Path) -> None:
    root, aside = tmp_path / "root", tmp_path / "aside"
    root.mkdir()
    log(aside / "a.jsonl")

    async def story(heard: Heard, watcher: Watcher) -> None:
        aside.rename(root / "p")
        await heard.path(root / "p" / "a.jsonl")
        log(root / "p" / "a.jsonl")
        await heard.path(root / "p" / "a.jsonl")

    watching([root], story)


def test_a_folder_moved_away_is_swept_for_and_no_longer_watched(tmp_path: Path) -> None:
    root = tmp_path / "root"
    log(root / "p" / "a.jsonl")

    async def story(heard: Heard, watcher: Watcher) -> None:
        (root / "p").rename(tmp_path / "aside")
        await heard.sweep()
        log(tmp_path / "aside" / "a.jsonl")
        log(root / "b.jsonl")
        assert (await heard.path(root / "b.jsonl")).paths == {str(root / "b.jsonl")}

    watching([root], story)


def test_a_renamed_and_a_deleted_file_are_told(tmp_path: Path) -> None:
    path = log(tmp_path / "a.jsonl")

    async def story(heard: Heard, watcher: Watcher) -> None:
        path.rename(tmp_path / "b.jsonl")
        await heard.path(tmp_path / "b.jsonl")
        (tmp_path / "b.jsonl").unlink()
        await heard.path(tmp_path / "b.jsonl")

    watching([tmp_path], story)


def test_a_linked_folder_is_watched_and_a_loop_of_links_ends(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    log(outside / "a.jsonl")
    (root / "link").symlink_to(outside)
    (outside / "loop").symlink_to(root)

    async def story(heard: Heard, watcher: Watcher) -> None:
        log(outside / "a.jsonl")
        assert (await heard.path(root / "link" / "a.jsonl")).paths == {str(root / "link" / "a.jsonl")}

    watching([root], story)


def test_a_linked_file_outside_is_watched(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    target = log(tmp_path / "outside.jsonl")
    (root / "a.jsonl").symlink_to(target)

    async def story(heard: Heard, watcher: Watcher) -> None:
        log(target)
        await heard.path(root / "a.jsonl")

    watching([root], story)


def test_links_that_come_later_are_watched(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    inner, target = log(outside / "a.jsonl"), log(tmp_path / "b.jsonl")

    async def story(heard: Heard, watcher: Watcher) -> None:
        (root / "link").symlink_to(outside)
        await heard.path(root / "link" / "a.jsonl")
        log(inner)
        await heard.path(root / "link" / "a.jsonl")
        (root / "b.jsonl").symlink_to(target)
        await heard.path(root / "b.jsonl")
        log(target)
        await heard.path(root / "b.jsonl")

    watching([root], story)


def test_a_root_that_does_not_exist_yet_is_noticed(tmp_path: Path) -> None:
    root = tmp_path / "later" / "projects"

    async def story(heard: Heard, watcher: Watcher) -> None:
        log(root / "p" / "a.jsonl")
        await heard.sweep()
        log(root / "p" / "a.jsonl")
        await heard.path(root / "p" / "a.jsonl")

    watching([root], story, BEAT)


def test_a_root_that_was_deleted_and_came_back_is_watched_again(tmp_path: Path) -> None:
    root = tmp_path / "projects"
    log(root / "a.jsonl")

    async def story(heard: Heard, watcher: Watcher) -> None:
        shutil.rmtree(root)
        await heard.sweep()
        log(root / "b.jsonl")
        await heard.sweep()
        log(root / "b.jsonl")
        await heard.path(root / "b.jsonl")

    watching([root], story, BEAT)


def test_a_root_whose_parent_was_replaced_is_watched_in_its_new_place(tmp_path: Path) -> None:
    root = tmp_path / "home" / "projects"
    log(root / "a.jsonl")

    async def story(heard: Heard, watcher: Watcher) -> None:
        (tmp_path / "home").rename(tmp_path / "old")
        log(root / "b.jsonl")
        await heard.sweep()
        log(root / "b.jsonl")
        await heard.path(root / "b.jsonl")

    watching([root], story, BEAT)


def test_more_events_than_the_kernel_keeps_lead_to_a_sweep(tmp_path: Path) -> None:
    limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    first, second = str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl")
    log(Path(first))

    async def story(heard: Heard, watcher: Watcher) -> None:
        for _ in range(limit // 2 + 100):  # a rename is two events, and neighbours differ, so none is merged
            os.rename(first, second)
            os.rename(second, first)
        await heard.sweep()

    watching([tmp_path], story)


def test_everything_is_swept_now_and_then_although_nothing_happens(tmp_path: Path) -> None:
    async def story(heard: Heard, watcher: Watcher) -> None:
        assert await heard.sweep() == Changed(frozenset(), sweep=True)

    watching([tmp_path], story, 0.005)


def test_health_says_how_much_is_watched(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()

    async def story(heard: Heard, watcher: Watcher) -> None:
        health = watcher.health()
        assert (health.status, health.summary) == ("healthy", "2 folders watched")

    watching([tmp_path], story)


def test_when_the_system_watches_for_nobody_everything_is_swept_often(tmp_path: Path) -> None:
    async def live() -> None:
        watcher = Watcher([str(tmp_path)], claims, 0.01)
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, limits[1]))  # so that there is no descriptor for inotify
        try:
            await watcher.open()
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        heard = Heard(watcher)
        for _ in range(3):
            await heard.sweep()
        assert (watcher.health().status, watcher.health().findings) == ("degraded", (NO_EYE,))
        watcher.close()

    asyncio.run(live())


LIMITED = """
import asyncio, sys
from moonlock.live.watch import Watcher

async def live():
    watcher = Watcher([sys.argv[1]], lambda path: True, 0.01)
    await watcher.open()
    swept = 0
    async for changed in watcher.changes():
        swept += changed.sweep
        if swept == 3:
            break
    print(watcher.health().status, watcher.health().findings[0].code)

asyncio.run(live())
"""


def test_when_the_system_watches_no_more_folders_health_says_so_and_all_is_swept_often(tmp_path: Path) -> None:
    for number in range(10):
        (tmp_path / str(number)).mkdir()
    script = f"echo 3 > /proc/sys/user/max_inotify_watches && exec {sys.executable} -c '{LIMITED}' {tmp_path}"
    done = subprocess.run(["unshare", "--user", "--map-root-user", "sh", "-c", script], capture_output=True, text=True)
    if "unshare:" in done.stderr or "max_inotify_watches" in done.stderr:
        pytest.skip("this system lets nobody have limits of their own")
    assert done.stdout == "degraded watch-limit\n", done.stderr
