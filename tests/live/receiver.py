"""Somebody who takes alerts: a real server on this machine, which does what a test tells it to."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

NAME = "hook.example"
Answers = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Receiver:
    """``heard`` is every request, head and body, in the order in which they came."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self.port = 0
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.lines: list[str] = []
        self.met = self.at_once = self.most_at_once = 0
        self._arrived = asyncio.Event()

    async def until(self, number: int) -> None:
        """Wait for so many requests."""
        async with asyncio.timeout(10):
            while len(self.heard) < number:
                self._arrived.clear()
                await self._arrived.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.met += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            names = dict(line.split(": ", 1) for line in head[1:] if line)
            self.lines.append(head[0])
            self.heard.append((names, await reader.readexactly(int(names["Content-Length"]))))
            self._arrived.set()
            await self._answers(writer)
            await writer.drain()
        self.at_once -= 1
        if not writer.is_closing():
            await self._gone(writer)

    async def _gone(self, writer: asyncio.StreamWriter) -> None:
        writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(0.2):
                await writer.wait_closed()
        writer.transport.abort()


def says(*parts: bytes) -> Answers:
    async def answer(writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)

    return answer


OK = b"HTTP/1.1 204 No Content\r\n\r\n"


@asynccontextmanager
async def receiver(answers: Answers, tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    found = Receiver(answers)
    tasks: set[asyncio.Task[None]] = set()

    def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(found.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(met, "127.0.0.1", 0, ssl=tls)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # so that what was closed is


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A certificate for the name and this machine that nobody knows, and the file by which it can be trusted."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl here to make a certificate with")
    key, cert = folder / "key.pem", folder / "cert.pem"
    ask = f"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN={NAME}"
    names = f"subjectAltName=DNS:{NAME},IP:127.0.0.1"
    files = ["-addext", names, "-keyout", str(key), "-out", str(cert)]
    subprocess.run([openssl, *ask.split(), *files], check=True, capture_output=True, timeout=30)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context, cert
