"""A client of the live line that costs little: it proves by the numbers that it missed nothing.

Fifty clients stand in one process beside the server they measure. So frames are taken from the socket by hand, and a
message that fifty clients are sent is unpacked and read once; each client still checks its own numbers.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import random
import time
import zlib
from array import array
from collections import Counter, deque
from urllib.parse import urlsplit

import msgspec

KEPT = 64
TAIL = b"\x00\x00\xff\xff"
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
PACKED = 0x40
RETRY = 0.2


class Said(msgspec.Struct):
    """As much of a message as a client needs that checks what it hears."""

    type: str
    seq: int = 0
    to: int = 0
    epoch: str = ""
    at: str = ""
    sessionId: str = ""
    data: msgspec.Raw = msgspec.Raw(b"null")


class Tool(msgspec.Struct):
    id: str
    state: str


class Tokens(msgspec.Struct):
    total: int


class Counted(msgspec.Struct):
    tokens: Tokens


class Used(msgspec.Struct):
    session: Counted
    today: Counted


class Heard(msgspec.Struct, gc=False):
    """One message, read. ``ended`` is when the call ended that it tells of, in milliseconds."""

    type: str
    seq: int
    epoch: str
    fact: str | None = None
    ended: float | None = None
    session: str = ""
    total: int | None = None
    today: int = 0


one = msgspec.json.Decoder(Said).decode
many = msgspec.json.Decoder(list[Said]).decode
tool = msgspec.json.Decoder(Tool).decode
tokens = msgspec.json.Decoder(Used).decode


class Reader:
    """What clients were sent, each different message read once."""

    def __init__(self) -> None:
        self._known: dict[tuple[bool, bytes], list[Heard]] = {}

    def read(self, packed: bool, body: bytes) -> list[Heard]:
        known = self._known.get((packed, body))
        if known is None:
            text = zlib.decompressobj(wbits=-15).decompress(body + TAIL) if packed else body
            known = [heard(said) for said in (many(text) if text[:1] == b"[" else [one(text)])]
            self._known[packed, body] = known
            while len(self._known) > KEPT:
                del self._known[next(iter(self._known))]
        return known


def heard(said: Said) -> Heard:
    if said.type == "session:tool":
        fact = tool(said.data)
        ended = moment(said.at) if fact.state == "ended" else None
        return Heard("frame", said.seq, "", f"{fact.id} {fact.state}", ended)
    if said.type == "session:tokens":
        counted = tokens(said.data)
        session, today = counted.session.tokens.total, counted.today.tokens.total
        return Heard("frame", said.seq, "", session=said.sessionId, total=session, today=today)
    if said.type in ("hello", "resync", "skip", "heartbeat"):
        return Heard(said.type, said.to or said.seq, said.epoch)
    return Heard("frame" if said.at else said.type, said.seq, "")


class Ear(asyncio.Protocol):
    """A client; ``cuts`` of its connections are to be cut without a word, as a lost network does it."""

    def __init__(self, url: str, cuts: int, chance: random.Random, reader: Reader) -> None:
        self.address = urlsplit(url)
        self.cuts, self.chance, self.reader = cuts, chance, reader
        self.epoch, self.seq = "", 0
        self.resuming = self.anew = False
        self.facts: Counter[str] = Counter()
        self.totals: dict[str, int] = {}
        self.today = self.gaps = self.resyncs = self.done = self.messages = self.bytes = 0
        self.delays = array("d")
        self._loop = asyncio.get_running_loop()
        self._until: asyncio.Event | None = None

    async def listen(self, until: asyncio.Event) -> None:
        """Until the end, connecting again whenever the line was cut."""
        while not until.is_set():
            self._buffer, self._upgraded, self._refused = bytearray(), False, False
            self._waiting: deque[tuple[float, bool, bytes]] = deque()
            self._over = self._loop.create_future()
            assert self.address.hostname and self.address.port
            await self._loop.create_connection(lambda: self, self.address.hostname, self.address.port)
            ended = asyncio.ensure_future(until.wait())
            left = self.chance.uniform(0.05, 0.6) if self.done < self.cuts else None
            await asyncio.wait({self._over, ended}, timeout=left, return_when="FIRST_COMPLETED")
            ended.cancel()
            if not self._over.done() and not until.is_set():
                self.done += 1
            self._transport.abort()
            await self._over
            if self._refused:  # the server has not noticed yet which of its 64 lines are cut
                await asyncio.sleep(RETRY)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        host = self.address.netloc
        asked = {"Host": host, "Origin": f"http://{host}", "Upgrade": "websocket", "Connection": "Upgrade"}
        asked |= {"Sec-WebSocket-Key": key, "Sec-WebSocket-Version": "13"}
        asked |= {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"}
        head = "".join(f"{name}: {value}\r\n" for name, value in asked.items())
        transport.write(f"GET {self.address.path} HTTP/1.1\r\n{head}\r\n".encode())

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._over.done():
            self._over.set_result(None)

    def data_received(self, data: bytes) -> None:
        """What is whole is stamped now and read once all sockets were looked at: reading delays nobody's stamp."""
        now = time.time() * 1000  # noqa: TID251 - compared with the times in the log lines
        self._buffer += data
        if not self._upgraded and not self._upgrade():
            return
        before = len(self._waiting)
        while (frame := self._frame()) is not None:
            self._waiting.append((now, *frame))
        if self._waiting and not before:
            self._loop.call_soon(self._take)

    def _upgrade(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        status = bytes(self._buffer[9:12])
        if status != b"101":
            assert status == b"429", bytes(self._buffer[:end])
            self._refused = True
            self._transport.abort()
            return False
        del self._buffer[: end + 4]
        self._upgraded = True
        return True

    def _frame(self) -> tuple[bool, bytes] | None:
        """The next message that is whole; the server sends each in one frame."""
        while len(self._buffer) >= 2:
            first, size, start = self._buffer[0], self._buffer[1], 2
            if size > 125:
                start = 4 if size == 126 else 10
                size = int.from_bytes(self._buffer[2:start], "big")
            if len(self._buffer) < start + size:
                return None
            body = bytes(self._buffer[start : start + size])
            del self._buffer[: start + size]
            self.bytes += start + size
            if first & 15 == TEXT:
                self.messages += 1
                return bool(first & PACKED), body
            if first & 15 == PING:
                self._send(PONG, body)
        return None

    def _take(self) -> None:
        while self._waiting:
            now, packed, body = self._waiting.popleft()
            for said in self.reader.read(packed, body):
                self._hear(said, now)

    def _hear(self, said: Heard, now: float) -> None:
        if said.type == "frame":
            self._told(said, now)
        elif said.type == "hello":
            if self.epoch == said.epoch and not self.anew:
                self.resuming = True
                self._send(TEXT, json.dumps({"type": "resume", "epoch": self.epoch, "seq": self.seq}).encode())
            else:
                self.epoch, self.seq, self.anew, self.resuming = said.epoch, said.seq, False, False
        elif said.type == "resync":
            self.resyncs, self.anew = self.resyncs + 1, True
        elif said.type == "skip":
            self.seq = max(self.seq, said.seq)
        elif said.type == "heartbeat":
            self.gaps += said.seq > self.seq and not self.resuming

    def _told(self, said: Heard, now: float) -> None:
        if said.seq <= self.seq:
            return
        if said.seq > self.seq + 1:
            self.gaps += not self.resuming  # what is missed comes with the answer to resume
            return
        late, self.resuming = self.resuming, False
        self.seq = said.seq
        if said.fact is not None:
            self.facts[said.fact] += 1
            if said.ended is not None and not late:
                self.delays.append(now - said.ended)
        elif said.total is not None:
            self.totals[said.session], self.today = said.total, said.today

    def _send(self, kind: int, body: bytes) -> None:
        """A short message, masked as a client must; a mask of zeros is one."""
        assert len(body) < 126
        self._transport.write(bytes((0x80 | kind, 0x80 | len(body), 0, 0, 0, 0)) + body)

    def wrong(self, calls: int, sums: dict[str, int]) -> list[str]:
        """What this client should have heard, and did not; or heard twice."""
        ended = [count for fact, count in self.facts.items() if fact.endswith(" ended")]
        found = [] if self.resyncs or len(ended) == calls else [f"{calls - len(ended)} facts missing"]
        found += [f"{sum(ended) - len(ended)} facts twice"] if max(self.facts.values(), default=1) > 1 else []
        found += [f"{self.gaps} gaps without a word"] if self.gaps else []
        exact = Counter(self.totals.values()) == Counter(sums.values()) and self.today == sum(sums.values())
        return found if exact else [*found, f"totals differ: {self.today:,} of {sum(sums.values()):,}"]


def moment(at: str) -> float:
    """Milliseconds since 1970 of a time on the wire; only the time of day is new each time."""
    day = DAYS.get(at[:10]) or DAYS.setdefault(at[:10], time.mktime(time.strptime(at[:10], "%Y-%m-%d")) - time.timezone)
    return (day + int(at[11:13]) * 3600 + int(at[14:16]) * 60 + float(at[17:-1])) * 1000


DAYS: dict[str, float] = {}
