"""Opening the door and leaving it: a taken port, a signal, and who may cost how much."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from server.running import TOKEN, running
from websockets.sync.client import connect

from moonlock.server.asgi import Message, Scope
from moonlock.server.bind import CannotBind, bind
from moonlock.server.errors import Problem
from moonlock.server.guard import bounded
from moonlock.server.serve import settings

TESTS = Path(__file__).parent.parent


def test_a_port_is_ours_from_the_moment_it_is_bound() -> None:
    with bind("127.0.0.1", 0) as door:
        port = door.getsockname()[1]
        socket.create_connection(("127.0.0.1", port), 1).close()
        with pytest.raises(CannotBind) as taken:
            bind("localhost", port)
        assert taken.value.taken
        assert str(port) in taken.value.message
        assert f"--port {port + 1}" in taken.value.hint


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid", "::1::"])
def test_an_address_of_another_machine_cannot_be_had(host: str) -> None:
    with pytest.raises(CannotBind) as refused:
        bind(host, 0)
    assert not refused.value.taken
    assert "--host" in refused.value.hint


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_ipv6_is_bound_with_and_without_brackets() -> None:
    for host in ("::1", "[::1]"):
        with bind(host, 0) as door:
            assert door.getsockname()[0] == "::1"


def test_collections_pass_over_what_lasts_as_long_as_the_server() -> None:
    with running():
        assert gc.get_freeze_count() > 10_000
    assert gc.get_freeze_count() == 0


def test_uvicorn_tells_trusts_and_takes_little() -> None:
    async def app(scope: Scope, receive: object, send: object) -> None: ...

    chosen = settings(app)
    assert not (chosen.server_header or chosen.proxy_headers or chosen.access_log)
    assert (chosen.ws_max_size, chosen.ws_per_message_deflate) == (65_536, True)


PROGRAM = """
    import asyncio, sys
    sys.path.insert(0, {tests!r})
    from server.running import BARE, TOKEN
    from server.small_house import SmallHouse
    from moonlock.live.clock import now
    from moonlock.server.access import access
    from moonlock.server.app import build
    from moonlock.server.bind import bind
    from moonlock.server.keys import Keys
    from moonlock.server.serve import serve

    async def main():
        listening, house = bind("127.0.0.1", 0), SmallHouse()
        port = listening.getsockname()[1]
        app = build(house, BARE, access(("127.0.0.1", port)), Keys(lambda: TOKEN, now))
        await serve(app, listening, lambda door: print(port, flush=True))
        print("closed", flush=True)

    asyncio.run(main())
"""


@pytest.mark.skipif(os.name == "nt", reason="signals are another matter there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_within_two_seconds_and_the_house_can_still_close(number: int) -> None:
    program = textwrap.dedent(PROGRAM).format(tests=str(TESTS))
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        bearer = {"authorization": f"Bearer {TOKEN}"}
        with connect(f"ws://127.0.0.1:{port}/ws", additional_headers=bearer, proxy=None) as line:
            silent = socket.create_connection(("127.0.0.1", port))
            line.recv(5)
            began = time.monotonic()
            process.send_signal(number)
            said, complaints = process.communicate(timeout=10)
            assert time.monotonic() - began < 2
            silent.close()
    assert (said, complaints, process.returncode) == ("closed\n", "", 0)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_thousand_connections_cost_little_and_others_are_still_served() -> None:
    program = textwrap.dedent(PROGRAM).format(tests=str(TESTS))
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        begin = resident(process.pid)
        idle = [socket.create_connection(("127.0.0.1", port), 5) for _ in range(900)]
        took = [asked(port) for _ in range(20)]
        grown = resident(process.pid) - begin
        for line in idle:
            line.close()
        process.terminate()
        process.communicate(timeout=10)
    assert begin < 60 * 1024
    assert grown < 50 * 1024
    assert sorted(took)[10] < 0.1


def resident(pid: int) -> int:
    """Memory of a process in KiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def asked(port: int) -> float:
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), 5) as line:
        line.sendall(f"GET /health HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
        assert line.recv(65_536).startswith(b"HTTP/1.1 200")
    return time.monotonic() - began


def test_a_server_in_another_thread_leaves_signals_alone() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with running():
        assert signal.getsignal(signal.SIGTERM) is before


def test_a_body_that_grows_beyond_its_promise_is_refused() -> None:
    async def read() -> None:
        part: Message = {"type": "http.request", "body": b"a" * 600_000, "more_body": True}
        parts = iter([part] * 2)

        async def receive() -> Message:
            return next(parts)

        body = bounded(receive)
        await body()
        with pytest.raises(Problem) as refused:
            await body()
        assert refused.value.refusal.status == 413

    asyncio.run(read())


def test_a_body_that_does_not_come_is_given_up() -> None:
    async def read() -> None:
        async def receive() -> Message:
            await asyncio.Event().wait()
            raise AssertionError

        with pytest.raises(Problem) as refused:
            await bounded(receive, seconds=0.01)()
        assert refused.value.refusal.status == 408

    asyncio.run(read())


def test_after_the_body_one_may_wait_for_the_end_as_long_as_it_takes() -> None:
    async def read() -> None:
        waits = iter([0.0, 0.2])
        parts: Iterator[Message] = iter([{"type": "http.request", "body": b"{}"}, {"type": "http.disconnect"}])

        async def receive() -> Message:
            if pause := next(waits):
                await asyncio.sleep(pause)
            return next(parts)

        body = bounded(receive, seconds=0.05)
        await body()
        assert (await body())["type"] == "http.disconnect"

    asyncio.run(read())


def test_help_does_not_load_the_server() -> None:
    code = "import sys, moonlock.server; print([name for name in sys.modules if name in ('litestar', 'uvicorn')])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"
