"""Work that goes on: the one place in the house that catches everything, because a live picture must not end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial

from moonlock.live import clock, log
from moonlock.model.instant import MINUTE

Works = Mapping[str, Callable[[], Awaitable[None]]]
"""What goes on at the same time, by its name."""
SHORTEST, LONGEST = 0.25, 5.0
"""Seconds between two tries: a cure, such as space on a full disk, is noticed within the longest."""


async def keep_going(name: str, work: Callable[[], Awaitable[None]], failed: Callable[[Exception], None]) -> None:
    """Do the work until it returns; when it fails, say so, wait, and do it again."""
    pause, said = SHORTEST, ""
    while True:
        began = clock.monotonic()
        try:
            return await work()
        except Exception as error:  # noqa: BLE001 - the supervisor: everything that goes wrong is told to health
            failed(error)
            long = clock.monotonic() - began > MINUTE
            said = log.failed(name, error, "" if long else said)
        pause = SHORTEST if long else min(2 * pause, LONGEST)
        await asyncio.sleep(pause)


@asynccontextmanager
async def kept_going(works: Works, failed: Callable[[str, Exception], None]) -> AsyncIterator[None]:
    """Do all the works meanwhile; ``failed`` hears which of them failed, and of what."""
    tasks = [asyncio.create_task(keep_going(name, work, partial(failed, name))) for name, work in works.items()]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
