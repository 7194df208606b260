"""Keeping what a person says of a session: through the running server, which has the store, else in the store."""

from __future__ import annotations

import os
from http.client import HTTPConnection, HTTPException

import msgspec

from moonlock.cli.errors import Trouble, in_a_line
from moonlock.cli.fresh import trouble
from moonlock.cli.runs import Run, living, reached
from moonlock.config.settings import Config
from moonlock.config.token import peek
from moonlock.live import clock
from moonlock.model.label import Relabel
from moonlock.model.shapes import ErrorShape
from moonlock.store.errors import StoreError

PATIENCE = 30.0
"""Seconds that a server has: it may be reading a large log just now."""


def relabelled(config: Config, uid: str, change: Relabel) -> None:
    """Keep the change of this session."""
    token = peek(config.places.token)
    here = os.path.realpath(config.db)
    run = next((run for run in living(config.places.runs, token) if os.path.realpath(run.store) == here), None)
    if run is None:
        _write(config, uid, change)
    else:
        _ask(run, token, uid, change)


def _write(config: Config, uid: str, change: Relabel) -> None:
    from moonlock.cli.catching import writable
    from moonlock.cli.prices import prices

    try:
        store = writable(config, prices(config))
        try:
            store.relabel(uid, change, clock.now())
        finally:
            store.close()
    except StoreError as failure:
        raise trouble(failure) from failure


def _ask(run: Run, token: str | None, uid: str, change: Relabel) -> None:
    said = {name: value for name in Relabel.__struct_fields__ if (value := getattr(change, name)) is not None}
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    link = HTTPConnection(reached(run.host), run.port, timeout=PATIENCE)
    try:
        link.request("PATCH", f"/api/sessions/{uid}", msgspec.json.encode(said), headers)
        reply = link.getresponse()
        status, body = reply.status, reply.read(1 << 20)
    except (OSError, HTTPException) as failure:
        raise Trouble(
            "server",
            f"Moonlock at {run.url} does not answer ({type(failure).__name__})",
            "`moonlock doctor` says how it does",
        ) from failure
    finally:
        link.close()
    if status != 200:
        raise _refused(run, status, body)


def _refused(run: Run, status: int, body: bytes) -> Trouble:
    if status == 405:
        return Trouble("server", f"Moonlock at {run.url} has version {run.version}", "`moonlock restart` it first")
    try:
        error = msgspec.json.decode(body, type=ErrorShape).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Trouble("server", f"Moonlock at {run.url} answered with {status}", "`moonlock doctor` says how it does")
    return Trouble(error.code, in_a_line(error.message), in_a_line(error.hint), 1 if status in (404, 409) else 2)
