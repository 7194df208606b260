"""A running engine on real files with a real store, and somebody who listens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC
from pathlib import Path

import msgspec

from moonlock.analytics.cost import price_of
from moonlock.analytics.prices import builtin
from moonlock.live.engine import Engine
from moonlock.live.health import PriceList
from moonlock.live.listener import Listener
from moonlock.live.setup import Setup
from moonlock.model.wire import Frame, Hello, Snapshot
from moonlock.sources import ALL
from moonlock.store import Store

decode = msgspec.json.Decoder(Frame).decode


class House:
    """The engine, and what was heard of it."""

    def __init__(self, engine: Engine, listener: Listener, home: Path) -> None:
        self.engine, self.home = engine, home
        self._listener = listener
        self.heard: list[Frame] = []
        self.greeted = 0
        """How often everything began again with a hello."""

    async def until(self, wanted: Callable[[Frame], bool]) -> Frame:
        """Listen until such a frame comes."""
        async with asyncio.timeout(10):
            while True:
                for body in await self._listener.next():
                    self.heard.append(decode(body))
                if self._listener.anew:
                    self._listener.again()
                    self.greeted += 1
                for frame in self.heard:
                    if wanted(frame):
                        return frame

    def hello(self) -> Hello:
        return msgspec.json.decode(self.engine.hello(), type=Hello)

    def snapshot(self) -> Snapshot:
        return self.hello().snapshot


def open_store(folder: Path) -> Store:
    return Store.write(folder / "moonlock.db", price_of(builtin()))


@asynccontextmanager
async def house(home: Path, store: Store | None = None) -> AsyncIterator[House]:
    own = store or open_store(home)
    prices = PriceList(len(builtin().models), "the built-in table")
    setup = Setup(env={}, home=home, zone=UTC, timezone="UTC", version="0", prices=prices)
    engine = Engine(own, ALL, setup)
    async with engine.running():
        with engine.hub.subscribe() as listener:
            yield House(engine, listener, home)
    if store is None:
        own.close()


def lived(home: Path, story: Callable[[House], Awaitable[None]], store: Store | None = None) -> None:
    """Tell a story in a house that has read everything that was there before."""

    async def live() -> None:
        async with house(home, store) as open_house:
            async with asyncio.timeout(20):
                await open_house.engine.caught_up.wait()
                await story(open_house)

    asyncio.run(live())
