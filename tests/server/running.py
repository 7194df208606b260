"""The real server, on a real port, for as long as a test needs it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

from server.small_house import SmallHouse
from websockets.sync.client import ClientConnection, connect

from moonlock.live.clock import now
from moonlock.server.access import access
from moonlock.server.app import build
from moonlock.server.bind import bind
from moonlock.server.keys import Keys
from moonlock.server.page import Page
from moonlock.server.serve import Door, serve
from moonlock.server.site import Site

TOKEN = "t" * 43
BARE = Site(Page({}))


class Running:
    """A server in a thread of its own; ``call`` does something in that thread and waits for it."""

    def __init__(self, house: SmallHouse, port: int, loop: asyncio.AbstractEventLoop, door: Door) -> None:
        self.house, self.port, self._loop, self.door = house, port, loop, door
        self.token = TOKEN
        self.origin = f"http://127.0.0.1:{port}"

    def call(self, do: Callable[[], None]) -> None:
        async def here() -> None:
            do()

        asyncio.run_coroutine_threadsafe(here(), self._loop).result(5)

    def tell(self, number: int, session_id: str = f"{1:016x}", name: str = "Bash") -> None:
        self.call(lambda: self.house.tell(number, session_id, name))

    @contextmanager
    def live(self, **more: Any) -> Iterator[ClientConnection]:
        """A client of the live line."""
        options = {"origin": self.origin, "proxy": None, **more}
        with connect(f"ws://127.0.0.1:{self.port}/ws", **options) as line:
            yield line


@contextmanager
def running(
    site: Site = BARE,
    auth: Literal["auto", "always"] = "auto",
    house: SmallHouse | None = None,
    allowed_origins: Sequence[str] = (),
) -> Iterator[Running]:
    """A server that answers, and is gone afterwards."""
    small = house or SmallHouse()
    started: list[Running] = []
    answers = threading.Event()

    async def run() -> None:
        listening = bind("127.0.0.1", 0)
        port: int = listening.getsockname()[1]
        rules = access(("127.0.0.1", port), auth, allowed_origins=allowed_origins)
        app = build(small, site, rules, Keys(lambda: started[0].token, now))
        loop = asyncio.get_running_loop()

        def ready(door: Door) -> None:
            started.append(Running(small, port, loop, door))
            answers.set()

        await serve(app, listening, ready)

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    assert answers.wait(10)
    try:
        yield started[0]
    finally:
        started[0].call(started[0].door.leave)
        thread.join(10)
        assert not thread.is_alive()
