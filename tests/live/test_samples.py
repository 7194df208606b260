"""What status lines say reaches whoever listens, is remembered, and waits in a file while nobody is there."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import TypeVar

import pytest
from live.house import open_store
from status_lines import NOW, SESSION, body, said

from moonlock.live import samples, spool
from moonlock.live.samples import Samples
from moonlock.model.statusline import StatusSample
from moonlock.sources import ALL
from moonlock.sources.claude_code.statusline import status_line
from moonlock.store import Store

T = TypeVar("T")


async def ask(work: Callable[[], T]) -> T:
    return work()


class Listening:
    """The line at work, and what was heard on it."""

    def __init__(self, store: Store, spool: Path | None = None) -> None:
        self.samples, self.heard = Samples(store, ALL, ask, spool), list[StatusSample]()
        self.samples.listen(self.heard.append)

    async def until(self, number: int) -> list[str]:
        async with asyncio.timeout(5):
            while len(self.heard) < number:
                await asyncio.sleep(0)
        return [one.name for one in self.heard]


@asynccontextmanager
async def listening(folder: Path, spool: Path | None = None) -> AsyncIterator[Listening]:
    with closing(open_store(folder)) as store:
        line = Listening(store, spool)
        work = asyncio.create_task(line.samples.follow())
        try:
            yield line
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)


def test_what_is_offered_is_heard_and_what_is_no_such_thing_is_dropped(tmp_path: Path) -> None:
    async def day() -> None:
        async with listening(tmp_path) as line:
            for each in (b"", b"{", b"[" * 100_000, b'"x"', b"\xff", body(session_id=None), body(session_name="good")):
                line.samples.offer(each, NOW)
            assert await line.until(1) == ["good"]
            assert line.samples.latest[SESSION].at == NOW

    asyncio.run(day())


def test_the_newest_stays_the_latest_though_late_ones_are_told_too(tmp_path: Path) -> None:
    async def day() -> None:
        async with listening(tmp_path) as line:
            line.samples.offer(body(session_name="new"), NOW)
            line.samples.offer(body(session_name="late"), NOW - 5)
            assert await line.until(2) == ["new", "late"]
            assert line.samples.latest[SESSION].name == "new"

    asyncio.run(day())


def test_a_new_server_begins_with_what_the_old_one_heard(tmp_path: Path) -> None:
    async def day() -> list[str]:
        async with listening(tmp_path) as line:
            line.samples.offer(body(session_name="before"), NOW)
            await line.until(1)
            await asyncio.sleep(0.01)
        async with listening(tmp_path) as line:
            return await line.until(1)

    assert asyncio.run(day()) == ["before"]


def test_what_was_left_while_no_server_ran_is_taken_once(tmp_path: Path) -> None:
    path = tmp_path / "spool.jsonl"
    lines = [{"at": NOW + at, "said": said(session_name=str(at))} for at in (7, 3)]
    broken = ["", "{", "[]", '{"at":"x","said":{}}', json.dumps({"at": NOW + 10**12, "said": said()}), '{"at":1}']
    path.write_text("\n".join([*map(json.dumps, lines), *broken]))

    async def day() -> list[str]:
        async with listening(tmp_path, path) as line:
            await line.until(2)
            await asyncio.sleep(0.01)
        async with listening(tmp_path, path) as line:
            return await line.until(1)

    assert asyncio.run(day()) == ["7"]
    assert [each.name for each in tmp_path.glob("spool*")] == []


def test_what_was_taken_and_not_kept_comes_first_the_next_time(tmp_path: Path) -> None:
    path = tmp_path / "spool.jsonl"
    for name in ("first", "second"):
        path.write_text(json.dumps({"at": NOW, "said": said(session_name=name)}))
        taken = spool.take(path, status_line, NOW)
        assert taken is not None and [each.name for each in taken] == ["first"]
    spool.done(path)
    taken = spool.take(path, status_line, NOW)
    assert taken is not None and [each.name for each in taken] == ["second"]
    spool.done(path)
    assert spool.take(path, status_line, NOW) is None
    assert spool.spooled(path, status_line, NOW) == []


def test_the_line_holds_so_many_sessions_and_bodies_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "SESSIONS", 3)

    async def day() -> None:
        async with listening(tmp_path) as line:
            for number in range(samples.WAITING + 50):
                line.samples.offer(body(session_id=str(number)), NOW + number)
            await line.until(samples.WAITING)
            assert len(line.heard) == samples.WAITING
            assert [*line.samples.latest] == [str(samples.WAITING + 47 + each) for each in range(3)]

    asyncio.run(day())


def test_while_nobody_speaks_the_file_is_looked_at_now_and_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "LOOK", 0.01)
    path = tmp_path / "spool.jsonl"

    async def day() -> None:
        async with listening(tmp_path, path) as line:
            await asyncio.sleep(0.03)
            path.write_text(json.dumps({"at": NOW, "said": said(session_name="left")}))
            assert await line.until(1) == ["left"]

    asyncio.run(day())
