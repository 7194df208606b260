"""All sessions that were ever known: what the store says last counts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from live.house import open_store
from store_batches import NOON, batch, usage

from moonlock.live.archive import Archive
from moonlock.live.shapes import Setting, session_shape

T = TypeVar("T")


async def asked(work: Callable[[], T]) -> T:
    return work()


def test_history_that_came_after_an_older_word_about_a_session_is_in_the_list(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    archive = Archive(store, {})
    archive.learn(store.append([batch("s1.jsonl", [usage("m1")])]).sessions)
    store.append([batch("s1.jsonl", [usage("m2")], offset=200)], quiet=True)
    archive.forget()
    asyncio.run(archive.fill(NOON, asked))
    (listed,) = archive.sessions([], lambda session: session_shape(session, Setting(NOON, {})))
    assert listed.requests == 2
    store.close()
