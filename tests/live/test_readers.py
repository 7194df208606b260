"""Questions to the store beside the line of data: nobody waits for anybody."""

from __future__ import annotations

import asyncio
import threading
from contextlib import closing
from pathlib import Path

from live.house import House, lived, open_store

from moonlock.live.readers import MOST_KEPT, Readers
from moonlock.store import Store


async def _nothing() -> None:
    """Nothing was put aside."""


def test_a_question_is_answered_while_the_writer_is_at_work(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        free = threading.Event()
        busy = asyncio.ensure_future(house.engine._ask(free.wait))
        try:
            names = await asyncio.wait_for(house.engine.readers.ask(lambda store: store.agent_names()), 5)
        finally:
            free.set()
        assert names == []
        await busy

    lived(tmp_path, story)


def test_an_answer_is_kept_until_the_store_changes(tmp_path: Path) -> None:
    async def story(readers: Readers, store: Store) -> None:
        async def told() -> bytes:
            return await readers.told("note", lambda read: read.note().encode())

        assert [await told(), await told()] == [b"", b""]
        assert readers.asked == 1
        store.keep_note("new")
        assert [await told(), await told()] == [b"new", b"new"]
        assert readers.asked == 2

    with closing(open_store(tmp_path)) as store:
        readers = Readers(lambda: Store.read(store.path), _nothing)
        asyncio.run(story(readers, store))
        readers.close()


def test_only_some_answers_are_kept(tmp_path: Path) -> None:
    async def story(readers: Readers) -> None:
        for number in range(MOST_KEPT + 1):
            await readers.told(number, lambda read: b"")
        await readers.told(0, lambda read: b"")
        assert readers.asked == MOST_KEPT + 2

    with closing(open_store(tmp_path)) as store:
        readers = Readers(lambda: Store.read(store.path), _nothing)
        asyncio.run(story(readers))
        readers.close()
