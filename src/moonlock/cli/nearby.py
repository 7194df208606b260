"""The servers of this user, and one short question to one of them. Loaded by the quick paths: it imports little.

The library for HTTP takes 20 ms to load, that for sockets 6: more than a status line has (decision 0007).
"""

from __future__ import annotations

import os

from moonlock.cli.served import exists
from moonlock.live import clock

TYPE_CHECKING = False
if TYPE_CHECKING:
    import _socket
    from collections.abc import Sequence

MOST = 1 << 23
"""Bytes of an answer that are read; a picture of now has a few hundred thousand."""
_PIECE = 1 << 16
_OPENING = b"HTTP/1."


class Near:
    """A server as its runtime file describes it, or as a person named its port."""

    is_ours: bool = False
    """Whether a runtime file tells of it: only then it may see the token."""
    simulation: bool = False
    began: int = 0

    def __init__(self, host: str, port: int, **told: object) -> None:
        self.host, self.port = reached(host), port
        self.__dict__.update(told)


def servers(runs: str, port: str = "") -> Sequence[Near]:
    """Those whose process lives, real ones before simulations, the newest first; with a ``port`` only the one there.

    A port that is named is believed without a file: the server may be another user's.
    """
    found = [near for name in _names(runs) if (near := _described(os.path.join(runs, name))) is not None]
    found.sort(key=lambda near: (near.simulation, -near.began))
    if not port:
        return found
    if not (port.isascii() and port.isdigit() and len(port) < 6):
        return ()
    return [near for near in found if near.port == int(port)] or [Near("127.0.0.1", int(port))]


def reached(host: str) -> str:
    """The address as a socket of this machine reaches it."""
    plain = host.strip("[]").partition("%")[0]
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(plain, plain)


def exchange(near: Near, request: bytes, patience: int) -> tuple[int, bytes] | None:
    """Status and body of what it answers within ``patience`` milliseconds; None when nobody does, or not in HTTP."""
    return _parts(reply(near, request, patience))


def reply(near: Near, request: bytes, patience: int) -> bytes:
    """All that it answers; empty when nobody does.

    The request says HTTP/1.0 and is whole: then the answer ends with the connection, and comes in one piece.
    """
    import _socket

    until = clock.monotonic() + patience
    link = _socket.socket(_socket.AF_INET6 if ":" in near.host else _socket.AF_INET, _socket.SOCK_STREAM)
    try:
        link.settimeout(patience / 1000)
        link.connect((near.host, near.port))
        link.sendall(request)
        return _heard(link, until)
    except (OSError, ValueError, OverflowError):  # a host that is no name, a port above 65535
        return b""
    finally:
        link.close()


def question(near: Near, path: str, token: str) -> bytes:
    """A request that asks for JSON."""
    host = f"[{near.host}]" if ":" in near.host else near.host
    lines = [f"GET {path} HTTP/1.0", f"Host: {host}:{near.port}", "Accept: application/json"]
    lines += [f"Authorization: Bearer {token}"] if token else []
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")


def _heard(link: _socket.socket, until: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while size <= MOST:
        left = until - clock.monotonic()
        if left <= 0:
            return b""
        link.settimeout(left / 1000)
        piece = link.recv(_PIECE)
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)
        size += len(piece)
    return b""


def _parts(said: bytes) -> tuple[int, bytes] | None:
    head, _, body = said.partition(b"\r\n\r\n")
    word = head[9:12]
    return (int(word), body) if head.startswith(_OPENING) and word.isdigit() else None


def _names(runs: str) -> list[str]:
    try:
        return [name for name in os.listdir(runs) if name.endswith(".json")]
    except OSError:
        return []


def _described(path: str) -> Near | None:
    """As ``runs.announced`` wrote it. The library for JSON takes 5 ms to load, which a status line does not have."""
    try:
        with open(path, encoding="utf-8") as file:
            run = file.read(_PIECE)
        pid, port, began = (int(_value(run, name)) for name in ("pid", "port", "began"))
        host = _value(run, "host")
    except (OSError, ValueError):
        return None
    simulation = _value(run, "simulation") == "true"
    known = host.startswith('"') and exists(pid)
    return Near(host.strip('"'), port, is_ours=True, simulation=simulation, began=began) if known else None


def _value(run: str, name: str) -> str:
    """What stands behind a name: a number, or a string without commas. In a string there is no plain quote."""
    return run.partition(f'"{name}":')[2].partition(",")[0].strip(" }\n")
