"""The address, taken before anything else is done, so that a taken port is one clear line."""

from __future__ import annotations

import errno
import socket
import sys


class CannotBind(Exception):
    """The address cannot be had; ``taken`` when another program has it. ``hint`` says what to do about it."""

    code = "cannot_bind"

    def __init__(self, host: str, port: int, trouble: OSError) -> None:
        self.taken = trouble.errno == errno.EADDRINUSE
        self.message, self.hint = words(host, port, trouble)
        super().__init__(self.message)


def words(host: str, port: int, trouble: OSError) -> tuple[str, str]:
    """What happened, and what to do about it."""
    if trouble.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is taken by another program", f"choose another: --port {port + 1}"
    if trouble.errno == errno.EACCES:
        return f"port {port} is for the system's own programs", "choose one above 1023 with --port"
    if isinstance(trouble, socket.gaierror) or trouble.errno == errno.EADDRNOTAVAIL:
        return f"{host} is no address of this machine", "leave --host out, or name one of its own addresses"
    return f"{host}:{port} cannot be had: {trouble.strerror}", "choose another with --host and --port"


def bind(host: str, port: int) -> socket.socket:
    """A socket that listens there already: whoever calls before the server runs waits instead of being turned away."""
    plain = host.strip("[]")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            "127.0.0.1" if plain == "localhost" else plain, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        door = socket.socket(family, kind, protocol)
    except OSError as trouble:
        raise CannotBind(host, port, trouble) from None
    try:
        if sys.platform == "win32":  # there SO_REUSEADDR would let another program take the port from us
            door.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(address)
        door.listen(256)
    except OSError as trouble:
        door.close()
        raise CannotBind(host, port, trouble) from None
    door.setblocking(False)
    return door
