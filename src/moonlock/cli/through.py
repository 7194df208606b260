"""Asking the running server that has the store: while it runs, nobody else writes there."""

from __future__ import annotations

import os
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from typing import BinaryIO

import msgspec

from moonlock.cli.errors import Trouble, in_a_line
from moonlock.cli.nearby import reached
from moonlock.cli.runs import Run, living
from moonlock.config.settings import Config
from moonlock.config.token import peek
from moonlock.model.shapes import ErrorShape

PATIENCE, PATIENCE_WITH_FILES = 30.0, 600.0
"""Seconds that a server has: it may be reading a large log just now."""
JSON = "application/json"


class Neighbour:
    """The server that has this store, and how it is spoken to."""

    def __init__(self, run: Run, token: str | None) -> None:
        self.run, self._token = run, token

    def ask(self, method: str, path: str, body: bytes | BinaryIO = b"", kind: str = JSON) -> bytes:
        """What it answers; ``Trouble`` in its own words when it refuses. A whole file has longer."""
        patience = PATIENCE if isinstance(body, bytes) else PATIENCE_WITH_FILES
        headers = {"Content-Type": kind} | ({"Authorization": f"Bearer {self._token}"} if self._token else {})
        if not isinstance(body, bytes):
            headers["Content-Length"] = str(os.fstat(body.fileno()).st_size)
        link = HTTPConnection(reached(self.run.host), self.run.port, timeout=patience)
        try:
            with suppress(BrokenPipeError, ConnectionResetError):  # it refuses before it has heard all, and says why
                link.request(method, path, body, headers)
            reply = link.getresponse()
            status, said = reply.status, reply.read()
        except (OSError, HTTPException) as failure:
            raise Trouble(
                "server",
                f"Moonlock at {self.run.url} does not answer ({type(failure).__name__})",
                "`moonlock doctor` says how it does",
            ) from failure
        finally:
            link.close()
        if status >= 300:
            raise _refused(self.run, status, said)
        return said


def neighbour(config: Config) -> Neighbour | None:
    """The server that has this store; None when none runs."""
    token = peek(config.places.token)
    here = os.path.realpath(config.db)
    run = next((run for run in living(config.places.runs, token) if os.path.realpath(run.store) == here), None)
    return None if run is None else Neighbour(run, token)


def _refused(run: Run, status: int, body: bytes) -> Trouble:
    if status == 405:
        return Trouble("server", f"Moonlock at {run.url} has version {run.version}", "`moonlock restart` it first")
    try:
        error = msgspec.json.decode(body, type=ErrorShape).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Trouble("server", f"Moonlock at {run.url} answered with {status}", "`moonlock doctor` says how it does")
    return Trouble(error.code, in_a_line(error.message), in_a_line(error.hint), 1 if status in (404, 409) else 2)
