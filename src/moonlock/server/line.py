"""The live line to one client, whatever carries it: a hello, then every frame in order, or a skip that proves that none
was missed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, get_args

import msgspec

from moonlock.live.listener import Listener, TooSlow
from moonlock.model.instant import iso
from moonlock.model.wire import (
    ClientMessage,
    Frame,
    Heartbeat,
    Ping,
    Pong,
    Refused,
    Resume,
    Resync,
    ServerMessage,
    Subscribe,
)
from moonlock.server.house import House
from moonlock.server.site import Site

SOCKETS = 64
"""So many lines at once, of all kinds together."""
GARBAGE_IN_A_ROW = 10
MESSAGES_PER_SECOND = 20
GONE, POLICY, TOO_SLOW = 0, 1008, 4008
"""How a line ends: the client left, it broke the rules, it was too slow and may resume."""

KINDS = frozenset(str(frame.__struct_config__.tag) for frame in get_args(Frame))
_encode = msgspec.json.Encoder().encode


class Gone(Exception):
    """The client left while something was sent to it."""


class Wire(Protocol):
    """What carries the line to its client."""

    async def read(self) -> ClientMessage | Refused | None:
        """What the client says next; None when it has left."""
        ...

    async def send(self, frames: Sequence[bytes]) -> None:
        """Returns when the frames are on their way, so that no more than one call of them waits; Gone, or late."""
        ...


class Line:
    """One task reads, one writes, and only that one sends: so nothing overtakes, and a closed tab is noticed."""

    def __init__(self, wire: Wire, listener: Listener, house: House, site: Site, welcome: Callable[[], bool]) -> None:
        self._wire, self._listener, self._welcome = wire, listener, welcome
        self._house, self._clock, self._pace = house, site.clock, site.pace
        self._asked: asyncio.Queue[ClientMessage | Refused] = asyncio.Queue()

    async def run(self) -> int:
        """The code to close with once this is over."""
        tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._write())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            return next(task for task in tasks if task in done).result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self) -> int:
        recent: deque[float] = deque(maxlen=MESSAGES_PER_SECOND)
        odd = 0
        while True:
            asked = await self._wire.read()
            if asked is None:
                return GONE
            now = asyncio.get_running_loop().time()
            if len(recent) == recent.maxlen and now - recent[0] < 1:
                return POLICY
            recent.append(now)
            self._asked.put_nowait(asked)
            odd = odd + 1 if isinstance(asked, Refused) else 0
            if odd == GARBAGE_IN_A_ROW:
                return POLICY

    async def _write(self) -> int:
        try:
            self._listener.again()  # what came before the hello is in it
            await self._send([self._house.picture.hello(self._clock())])
            await self._tell()
        except (TooSlow, TimeoutError):
            return TOO_SLOW
        except Gone:
            return GONE
        return POLICY

    async def _tell(self) -> None:
        """Frames and answers as they come, and a heartbeat; ends when the token was withdrawn."""
        clock = asyncio.get_running_loop().time
        frames, asked = asyncio.ensure_future(self._listener.waits()), asyncio.ensure_future(self._asked.get())
        beat = clock() + self._pace.heartbeat
        try:
            while True:
                await asyncio.wait({frames, asked}, timeout=max(0, beat - clock()), return_when="FIRST_COMPLETED")
                if frames.done():
                    frames.result()
                    if self._listener.anew:
                        self._listener.again()
                        await self._greet("what was known no longer holds")
                    await self._send(self._listener.take())
                    frames = asyncio.ensure_future(self._listener.waits())
                if asked.done():
                    await self._answer(asked.result())
                    asked = asyncio.ensure_future(self._asked.get())
                if clock() >= beat:
                    if not self._welcome():
                        return
                    await self._beat()
                    beat = clock() + self._pace.heartbeat
        finally:
            frames.cancel()
            asked.cancel()
            await asyncio.gather(frames, asked, return_exceptions=True)

    async def _answer(self, asked: ClientMessage | Refused) -> None:
        match asked:
            case Ping(t=t):
                await self._say(Pong(t=t, server_time=iso(self._clock())))
            case Subscribe(sessions=sessions, types=types):
                self._listener.want(None if sessions == "all" else sessions, types)
            case Resume(epoch=epoch, seq=seq):
                await self._resume(epoch, seq)
            case Refused():
                await self._say(asked)

    async def _resume(self, epoch: str, seq: int) -> None:
        hub = self._house.hub
        missed = hub.resume(self._listener, epoch, seq)
        if missed is None:
            await self._greet("too far back" if epoch == hub.epoch else "the server was started again, or began anew")
        else:
            await self._send(missed)

    async def _greet(self, reason: str) -> None:
        """The hello is made now, so that no frame comes between what was dropped and this."""
        hello = self._house.picture.hello(self._clock())
        await self._say(Resync(reason=reason))
        await self._send([hello])

    async def _beat(self) -> None:
        """A heartbeat names no frame that still waits: all up to its ``seq`` goes before it."""
        seq, frames = self._house.hub.seq, self._listener.take()
        if owed := self._listener.skip():
            frames.append(owed)
        await self._send(frames)
        if not self._listener.too_slow:  # else frames before ``seq`` are lost, and the line ends
            await self._say(Heartbeat(seq=seq, server_time=iso(self._clock())))

    async def _say(self, said: ServerMessage) -> None:
        await self._send([_encode(said)])

    async def _send(self, frames: Sequence[bytes]) -> None:
        for part in cut(frames, self._pace.frames):
            async with asyncio.timeout(self._pace.sending):
                await self._wire.send(part)


def cut(frames: Sequence[bytes], most: int) -> Iterator[Sequence[bytes]]:
    """Pieces of at most so many frames."""
    return (frames[start : start + most] for start in range(0, len(frames), most))


def sensible(asked: ClientMessage) -> ClientMessage | Refused:
    """The same, unless it asks for what does not exist."""
    odd = sorted(set(asked.types or ()) - KINDS) if isinstance(asked, Subscribe) else []
    return Refused(code="unknown_type", message=f"no frame has the type {odd[0][:50]!r}") if odd else asked
