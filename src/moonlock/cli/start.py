"""`moonlock start`: source, store, heart and server, put together."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
import tempfile
import webbrowser
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from random import Random
from typing import NamedTuple

import click
import uvicorn
from platformdirs import user_data_path

from moonlock.live import Engine, Hub, State, Watch, now
from moonlock.server import WEB, app
from moonlock.server.guard import Access, Guard
from moonlock.sources import claude, demo
from moonlock.store import Store


class Wish(NamedTuple):
    """What the command line asked for."""

    port: int
    host: str
    browser: bool
    simulation: bool
    db: Path | None


class CannotStart(Exception):
    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def run(wish: Wish) -> None:
    with contextlib.ExitStack() as stack:
        door = stack.enter_context(listening(wish.host, wish.port))
        db, roots = wish.db or home() / "moonlock.db", list(claude.roots(os.environ, Path.home()))
        if wish.simulation:  # a store and logs of its own, gone when it ends
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="moonlock-demo-")))
            db, roots = folder / "data" / "moonlock.db", [folder / "projects"]
            roots[0].mkdir()
        store = stack.enter_context(contextlib.closing(Store(db)))
        engine = Engine(store, Hub(secrets.token_hex(8)), State(limit=200_000), now)
        engine.recall()
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(serve(wish, door, engine, roots))


async def serve(wish: Wish, door: socket.socket, engine: Engine, roots: list[Path]) -> None:
    port = door.getsockname()[1]
    names = frozenset(f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]"))
    server = uvicorn.Server(settings(Guard(app(engine, WEB), Access(names, secrets.token_urlsafe()))))
    watching = [asyncio.create_task(Watch(claude, roots, engine.changed).run())]
    if wish.simulation:
        watching.append(asyncio.create_task(simulate(roots[0] / "demo.jsonl")))
    url = f"http://{'[::1]' if ':' in wish.host else wish.host}:{port}"
    click.echo(f"Moonlock on {url} ({'simulation' if wish.simulation else 'live'}); WebSocket /ws, health /health")
    if wish.browser:
        webbrowser.open(url)
    try:
        await server.serve(sockets=[door])
    finally:
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)


def settings(guarded: Guard) -> uvicorn.Config:
    return uvicorn.Config(
        guarded,
        log_level="warning",
        ws="websockets-sansio",
        ws_max_size=65536,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )


async def simulate(log: Path) -> None:
    luck, number = Random(1), 0
    while True:
        number += 1
        with log.open("ab") as file:
            file.write(demo.line(number, now(), luck))
        await asyncio.sleep(1)


@contextlib.contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    try:
        local = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise CannotStart(f"{host} is not this machine's loopback address", "leave --host out")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as door:
        if os.name != "nt":
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((host, port))
            door.listen()  # whoever calls before the server runs is kept waiting, not turned away
        except OSError as trouble:
            raise CannotStart(f"port {port} cannot be had: {trouble.strerror}", "choose another with --port") from None
        yield door


def home() -> Path:
    named = os.environ.get("MOONLOCK_HOME")
    return Path(named) if named else user_data_path("moonlock", appauthor=False)
