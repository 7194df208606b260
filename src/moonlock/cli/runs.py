"""Which Moonlocks of this user run: one small file for each, named by its port and checked before it is believed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from moonlock.cli.nearby import reached
from moonlock.cli.served import exists
from moonlock.config.token import private_folder
from moonlock.model.instant import Instant

PATIENCE = 2.0


class Run(msgspec.Struct, frozen=True):
    """A server as it described itself when it began to listen."""

    pid: int
    host: str
    port: int
    store: str
    version: str
    began: Instant
    simulation: bool = False
    args: tuple[str, ...] = ()
    """The options it was started with."""

    @property
    def url(self) -> str:
        return address(self.host, self.port)


class Answer(msgspec.Struct, frozen=True, rename="camel"):
    """What ``/health`` says, as far as it matters here."""

    status: str
    version: str
    simulation: bool = False


class Refused(msgspec.Struct, frozen=True):
    """A Moonlock that wants its token, and not the one we have."""

    error: dict[str, str]


def address(host: str, port: int) -> str:
    """Where a browser on this machine finds a server that is bound to this address."""
    name = reached(host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


@contextmanager
def announced(runs: Path, run: Run) -> Iterator[None]:
    """The run is known while the block lasts."""
    private_folder(runs.parent)
    private_folder(runs)
    path = runs / f"{run.port}.json"
    draft = runs / f"{run.port}.{run.pid}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.encode(run))
    draft.replace(path)
    try:
        yield
    finally:
        known = _read(path)
        if known is not None and known.pid == run.pid:
            path.unlink(missing_ok=True)


def living(runs: Path, token: str | None) -> list[Run]:
    """The servers that run; files of those that do not are removed."""
    found = []
    for path in sorted(runs.glob("*.json")) if runs.is_dir() else ():
        run = _read(path)
        if run is not None and exists(run.pid) and answers(run.host, run.port, token):
            found.append(run)
        elif run is None or not exists(run.pid) or _is_free(run):
            path.unlink(missing_ok=True)
    return found


def of_process(runs: Path, pid: int) -> Run | None:
    """The run of a process, if it announced one; not checked further."""
    found = (_read(path) for path in runs.glob("*.json")) if runs.is_dir() else ()
    return next((run for run in found if run is not None and run.pid == pid), None)


def answers(host: str, port: int, token: str | None) -> Answer | Refused | None:
    """What the Moonlock at this address says; None when there is none."""
    reply = asked(host, port, token)
    if reply is None:
        return None
    status, body = reply
    try:
        return _ours(body) if status in (401, 403) else msgspec.json.decode(body, type=Answer)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def asked(host: str, port: int, token: str | None) -> tuple[int, bytes] | None:
    """The answer of ``/health``, whoever gives it."""
    from http.client import HTTPConnection, HTTPException

    link = HTTPConnection(reached(host), port, timeout=PATIENCE)
    try:
        link.request("GET", "/health", headers={"Authorization": f"Bearer {token}"} if token else {})
        reply = link.getresponse()
        return reply.status, reply.read(1 << 20)
    except (OSError, HTTPException):
        return None
    finally:
        link.close()


def _ours(body: bytes) -> Refused | None:
    refused = msgspec.json.decode(body, type=Refused)
    return refused if refused.error.get("hint", "").find("moonlock") >= 0 else None


def _is_free(run: Run) -> bool:
    """Nobody listens at its address any more; a server that is merely slow still does."""
    import socket

    with suppress(OSError), socket.create_connection((reached(run.host), run.port), timeout=PATIENCE):
        return False
    return True


def _read(path: Path) -> Run | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Run)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
