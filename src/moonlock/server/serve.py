"""Answers until it is told to stop, and is gone within two seconds, open sockets or not."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import Callable, Iterator

import uvicorn

from moonlock.server.asgi import LEAVING, App
from moonlock.server.protocol import PatientHttp, PatientSocket

STOPPING = (signal.SIGINT, signal.SIGTERM)
HEAD_BYTES = 32_768
SECOND = 1.0
"""So often the date in the headers is told anew."""


def settings(app: App) -> uvicorn.Config:
    """uvicorn without what would tell too much, trust too much or take too much."""
    return uvicorn.Config(
        app,
        http=PatientHttp,
        ws=PatientSocket,
        loop="asyncio",
        lifespan="off",  # whoever starts the server has started the house behind it
        log_config=None,
        log_level="error",  # anybody who knocks wrongly could fill the terminal with warnings
        access_log=False,  # its lines hold query strings, hence tickets
        server_header=False,
        proxy_headers=False,  # any local program could name itself another address
        ws_max_size=65_536,
        ws_per_message_deflate=True,
        h11_max_incomplete_event_size=HEAD_BYTES,
        timeout_graceful_shutdown=1,
    )


class Door(uvicorn.Server):
    """A server that leaves the signals to us: uvicorn raises them again at its end, before the house could close."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._leaving = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self.lifespan.state[LEAVING] = self._leaving
        await super().startup(sockets)

    async def main_loop(self) -> None:
        """Until it is told to leave: uvicorn's own asks ten times a second, which was a third of the idle cost."""
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._leaving.wait(), SECOND)

    def leave(self) -> None:
        """Stop; the second time without waiting for anybody."""
        self._leaving.set()
        self.force_exit = self.should_exit
        self.should_exit = True


async def serve(app: App, listening: socket.socket, ready: Callable[[Door], None] = lambda _: None) -> None:
    """Answer on this socket until SIGINT, SIGTERM or ``Door.leave``; ``ready`` is called once it answers."""
    door = Door(settings(app))
    with signals(door.leave), lasting():
        task = asyncio.create_task(door.serve([listening]))
        while not door.started and not task.done():
            await asyncio.sleep(0.005)
        if door.started:
            ready(door)
        await task


@contextlib.contextmanager
def lasting() -> Iterator[None]:
    """What is loaded now stays while this lasts, so no collection looks at it: walking it all took 30 ms, and everybody
    waited.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@contextlib.contextmanager
def signals(leave: Callable[[], None]) -> Iterator[None]:
    """Stop on a signal while this lasts; what a signal did before is put back."""
    loop = asyncio.get_running_loop()

    def told(number: int, frame: object) -> None:
        loop.call_soon_threadsafe(leave)

    try:
        before = {number: signal.signal(number, told) for number in STOPPING}
    except ValueError:  # not the main thread: whoever started it will say when to stop
        yield
        return
    try:
        yield
    finally:
        for number, known in before.items():
            signal.signal(number, known)
