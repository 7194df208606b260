"""A client for programs: start a session by hand, add tokens, mark a checkpoint, in three lines.

    from moonlock.client import Moonlock

    session = Moonlock().start("Fix login")
    session.tokens(1500, operation="embed")
    session.checkpoint("tests green")

What was answered is on the server's disk. Every request that adds something carries a key of its own and is sent again
when the connection breaks, so that it counts once, whatever happened on the way.
"""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from pathlib import Path
from typing import Literal, TypedDict, Unpack
from uuid import uuid4

import msgspec

from moonlock.config.load import load
from moonlock.config.token import peek
from moonlock.model.hand_shapes import CheckpointList, CheckpointShape, EntryShape, FinalShape, TokenList
from moonlock.model.shapes import ErrorShape, SessionList, SessionShape

Follow = Literal["none", "all"] | Mapping[Literal["project", "session"], str]
"""Whose usage is gathered; ``{"project": NAME}`` and ``{"session": ID}`` name one."""
PAUSES = (0.1, 0.4, 1.0)
"""Seconds before each further try."""


class MoonlockError(Exception):
    """The server refused, or nobody answered (``status`` 0); ``hint`` says what to do about it."""

    def __init__(self, status: int, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.hint = status, code, message, hint


class Wishes(TypedDict, total=False):
    """What may be said of a new session: ``duration`` in milliseconds, ``cost_budget`` in dollars."""

    duration: int
    token_budget: int
    cost_budget: float
    project: str
    follow: Follow


class Moonlock:
    """A running server: by default this user's, as the settings and MOONLOCK_PORT name it."""

    def __init__(self, url: str = "", token: str | None = None, timeout: float = 30.0) -> None:
        if not url:
            config = load({}, os.environ, Path.home())
            url, token = _address(config.host, config.port), token or peek(config.places.token)
        self.url, self._token, self._timeout = url.rstrip("/"), token, timeout
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open

    def start(self, name: str, **wishes: Unpack[Wishes]) -> HandSession:
        """Start a session by hand; it runs from now on."""
        said = self.ask("POST", "/api/sessions", {"name": name, **{_camel(key): one for key, one in wishes.items()}})
        return HandSession(self, msgspec.json.decode(said, type=SessionShape).id)

    def session(self, called: str) -> HandSession:
        """The session that is called so; the beginning of its id or name is enough."""
        said = self.ask("GET", f"/api/sessions/{_quoted(called)}")
        return HandSession(self, msgspec.json.decode(said, type=SessionShape).id)

    def open(self) -> list[SessionShape]:
        """The sessions by hand that are not over, newest first."""
        said = self.ask("GET", "/api/sessions?agent=person&status=running&status=paused&limit=500")
        return msgspec.json.decode(said, type=SessionList).sessions

    def ask(self, method: str, path: str, body: Mapping[str, object] | None = None) -> bytes:
        """The answer to one request; MoonlockError when it is refused, or when nobody answers."""
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if method == "POST":
            headers["Idempotency-Key"] = uuid4().hex
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        for pause in (*PAUSES, None):
            try:
                with self._open(request, timeout=self._timeout) as answer:
                    found: bytes = answer.read()
                    return found
            except urllib.error.HTTPError as refusal:
                with refusal:
                    raise _refused(refusal.code, refusal.read()) from None
            except (OSError, HTTPException) as broken:
                if pause is None:
                    raise MoonlockError(
                        0,
                        "no_server",
                        f"Moonlock at {self.url} does not answer ({broken})",
                        "Start it with `moonlock`.",
                    ) from broken
                time.sleep(pause)
        raise AssertionError


class HandSession:
    """A session by hand on the server."""

    def __init__(self, house: Moonlock, uid: str) -> None:
        self._house, self.id = house, uid
        self._path = f"/api/sessions/{uid}"

    def now(self) -> SessionShape:
        """The session as it stands: timer, budget, what it gathered."""
        return msgspec.json.decode(self._house.ask("GET", self._path), type=SessionShape)

    def tokens(self, used: int, operation: str | None = None, model: str | None = None) -> EntryShape:
        """Add tokens that this program counted by itself."""
        body = {"tokensUsed": used, "operation": operation, "model": model}
        return msgspec.json.decode(self._house.ask("POST", f"{self._path}/tokens", body), type=EntryShape)

    def checkpoint(
        self, phase: str, prompts: int | None = None, metadata: Mapping[str, object] | None = None
    ) -> CheckpointShape:
        """Mark the phase that was reached by now."""
        body = {"phase": phase, "promptCount": prompts, "metadata": metadata}
        return msgspec.json.decode(self._house.ask("POST", f"{self._path}/checkpoints", body), type=CheckpointShape)

    def pause(self) -> SessionShape:
        return self._turn("paused")

    def resume(self) -> SessionShape:
        """Go on from the very point where it was paused."""
        return self._turn("running")

    def complete(self) -> FinalShape:
        """End it; the final report, also of one that is over already."""
        try:
            said = self._house.ask("POST", f"{self._path}/end")
        except MoonlockError as refusal:
            if refusal.code != "wrong_transition":
                raise
            said = self._house.ask("GET", f"{self._path}/report")
        return msgspec.json.decode(said, type=FinalShape)

    def entries(self, cursor: str = "") -> TokenList:
        """Every count of tokens, a hundred at once; ``cursor`` is the ``next_cursor`` of the part before."""
        more = f"?cursor={_quoted(cursor)}" if cursor else ""
        return msgspec.json.decode(self._house.ask("GET", f"{self._path}/tokens{more}"), type=TokenList)

    def checkpoints(self) -> CheckpointList:
        return msgspec.json.decode(self._house.ask("GET", f"{self._path}/checkpoints"), type=CheckpointList)

    def _turn(self, status: str) -> SessionShape:
        """An answer that was lost on the way was given all the same."""
        try:
            return msgspec.json.decode(self._house.ask("PATCH", self._path, {"status": status}), type=SessionShape)
        except MoonlockError as refusal:
            found = self.now() if refusal.code == "wrong_transition" else None
            if found is None or found.status != status:
                raise
            return found


def _refused(status: int, body: bytes) -> MoonlockError:
    try:
        error = msgspec.json.decode(body, type=ErrorShape).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        return MoonlockError(status, "unknown", f"The answer was {status}.", "Is this a Moonlock?")
    return MoonlockError(status, error.code, error.message, error.hint)


def _address(host: str, port: int) -> str:
    """Where a program on this machine finds a server that is bound to this address."""
    plain = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{plain}]:{port}" if ":" in plain else f"http://{plain}:{port}"


def _camel(name: str) -> str:
    first, *more = name.split("_")
    return first + "".join(map(str.title, more))


def _quoted(said: str) -> str:
    return urllib.parse.quote(said, safe="")
