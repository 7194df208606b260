"""Clients of the live line that behave badly: whatever they do, the others stay served."""

from __future__ import annotations

import json
import random
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from serving import PATIENCE, Server, eventually, server
from system.asking import counted, log_of, response
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

GARBAGE: tuple[str | bytes, ...] = (
    "",
    "{",
    "null",
    "[[[[",
    '{"type":"resume","epoch":5,"seq":"x"}',
    '{"type":"subscribe","types":[1]}',
    "\u202e" * 1000,
    b"\x00\xff\xfe",
    "[" * 60_000,
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    answered_now(folder, 1)
    return folder


@pytest.fixture(scope="module")
def started(home: Path) -> Iterator[Server]:
    with server(home) as one:
        eventually(lambda: counted(one) == 1)
        yield one


def answered_now(home: Path, number: int) -> None:
    """A response more in the one session, of this moment: what is long past is told to nobody."""
    with log_of(home).open("ab") as file:
        file.write(response(number, at=time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())))


@contextmanager
def line_to(server: Server, path: str = "/ws") -> Iterator[ClientConnection]:
    """A client of the live line that has been greeted."""
    url, origin = f"ws://127.0.0.1:{server.port}{path}", Origin(server.url)
    with connect(url, origin=origin, proxy=None, max_size=None, close_timeout=0.5) as line:
        assert heard_by(line)[0]["type"] == "hello"
        yield line


def heard_by(line: ClientConnection) -> list[dict[str, Any]]:
    """The messages that come next."""
    said = json.loads(line.recv(PATIENCE))
    return said if isinstance(said, list) else [said]


def hears(line: ClientConnection, total: int) -> None:
    """Wait until the listener was told so many requests, each frame following the one before."""
    last, ended = 0, time.monotonic() + PATIENCE
    while time.monotonic() < ended:
        for message in heard_by(line):
            if "sentAt" not in message:
                continue
            assert last in (0, message["seq"] - 1), "a frame is missing"
            last = message["seq"]
            if message["type"] == "session:tokens" and message["data"]["session"]["requests"] == total:
                return
    pytest.fail("the others are not served")


def unread(server: Server) -> socket.socket:
    """A client that never reads, with the smallest buffer that there is."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    line.connect(("127.0.0.1", server.port))
    head = (
        f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nOrigin: {server.url}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    line.sendall(head.encode())
    return line


def talks_nonsense(line: ClientConnection, chance: random.Random) -> None:
    with suppress(ConnectionClosed):
        for _ in range(40):
            line.send(chance.choice(GARBAGE))


def floods(line: ClientConnection) -> None:
    with suppress(ConnectionClosed):
        for number in range(5_000):
            line.send(json.dumps({"type": "ping", "t": number}))


def says_too_much(line: ClientConnection) -> None:
    with suppress(ConnectionClosed):
        line.send(" " * (16 << 20))


def resumes_for_ever(line: ClientConnection) -> None:
    with suppress(ConnectionClosed):
        for _ in range(15):
            line.send(json.dumps({"type": "resume", "epoch": "none", "seq": 0}))


def test_bad_clients_harm_nobody(home: Path, started: Server) -> None:
    chance, before = random.Random(11), counted(started)
    with ExitStack() as stack:
        good = [stack.enter_context(line_to(started)) for _ in range(3)]
        for _ in range(3):
            stack.callback(unread(started).close)
        for bad in (floods, says_too_much, resumes_for_ever, lambda line: talks_nonsense(line, chance)):
            for _ in range(2):
                bad(stack.enter_context(line_to(started)))
        for number in range(before + 1, before + 301):
            answered_now(home, number)
        for line in good:
            hears(line, before + 300)
    assert counted(started) == before + 300
    assert started.process.poll() is None


def test_bytes_that_are_no_http_harm_nobody(home: Path, started: Server) -> None:
    chance, before = random.Random(12), counted(started)
    with line_to(started) as good:
        for size in (1, 10, 1_000, 200_000):
            with socket.create_connection(("127.0.0.1", started.port)) as raw, suppress(OSError):
                raw.settimeout(5)
                raw.sendall(chance.randbytes(size))
        with unread(started) as raw, suppress(OSError):
            raw.sendall(chance.randbytes(100_000))  # frames of nonsense after a good greeting
        answered_now(home, before + 1)
        hears(good, before + 1)
    assert started.process.poll() is None


def test_slow_and_silent_clients_do_not_use_up_the_server(home: Path, started: Server) -> None:
    before = counted(started)
    with ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(socket.create_connection(("127.0.0.1", started.port)))
        with line_to(started) as good:
            answered_now(home, before + 1)
            hears(good, before + 1)
            assert counted(started) == before + 1
