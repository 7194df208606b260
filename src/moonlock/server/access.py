"""Who is let in, decided once at the start from the address and the settings."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from typing import Literal

import msgspec

WEB_PORTS = ("80", "443")  # a browser leaves these out of Host and Origin


class Exposed(Exception):
    """The server would show everything to the network; ``hint`` says what to do about it."""

    code = "exposed"

    def __init__(self, host: str) -> None:
        self.message = f"auth is off, but {host} can be reached from other machines"
        self.hint = "leave the setting auth at auto, or bind to 127.0.0.1 and use an SSH tunnel"
        super().__init__(self.message)


class Access(msgspec.Struct, frozen=True):
    """``hosts`` are names with their port, lower case; ``origins`` are pages served from elsewhere that may call."""

    hosts: frozenset[str]
    port: int
    origins: frozenset[str] = frozenset()
    loopback: bool = True
    closed: bool = False
    """The token is asked of everyone, not only of strangers to the page."""

    @property
    def cookie(self) -> str:
        return f"moonlock_{self.port}"

    def answers_to(self, host: str, local: str) -> bool:
        """Our names; off loopback also the address that was reached, since rebinding needs a name."""
        said = host.lower()
        return said in self.hosts or (not self.loopback and said in named(literal(local), self.port))

    def is_ours(self, origin: str, local: str) -> bool:
        scheme, _, host = origin.partition("://")
        return scheme in ("http", "https") and origin == origin.lower() and self.answers_to(host, local)


def access(
    address: tuple[str, int],
    auth: Literal["auto", "always", "off"] = "auto",
    *,
    allowed_hosts: Iterable[str] = (),
    allowed_origins: Iterable[str] = (),
) -> Access:
    """The rules for a server that is bound to ``address``; Exposed when it must not start like this."""
    host, port = address
    loopback = is_loopback(host)
    if not loopback and auth == "off":
        raise Exposed(host)
    names = ["127.0.0.1", "localhost", "[::1]", literal(host), *allowed_hosts]
    return Access(
        hosts=frozenset(each for name in names if name for each in named(name.lower(), port)),
        port=port,
        origins=frozenset(origin.lower().rstrip("/") for origin in allowed_origins),
        loopback=loopback,
        closed=auth == "always" or not loopback,
    )


def is_loopback(host: str) -> bool:
    """Only programs on this machine can reach this address."""
    try:
        return ip_address(host.strip("[]").partition("%")[0]).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def literal(host: str) -> str:
    """An address or name as it stands in a URL; nothing for the address that means all of them."""
    plain = host.strip("[]").partition("%")[0]
    if plain in ("0.0.0.0", "::", ""):
        return ""
    return f"[{plain}]" if ":" in plain else plain


def named(name: str, port: int) -> frozenset[str]:
    """What a browser may send as Host for this name: with a port, or without where the port goes without saying."""
    if not name:
        return frozenset()
    bare, _, own = name.rpartition(":") if not name.endswith("]") else ("", "", "")
    bare, own = (bare, own) if bare and own.isdigit() else (name, str(port))
    return frozenset({f"{bare}:{own}", bare} if own in WEB_PORTS else {f"{bare}:{own}"})
