"""The three words of ASGI, and what the guard must know of one request."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
PAGE = re.compile(
    r"/(|index\.html|favicon\.svg|manifest\.webmanifest|assets/[^/]+)"
)  # the page itself, which holds no data
ONCE = frozenset({"host", "origin", "authorization", "content-type", "content-length", "transfer-encoding"})


LEAVING = "moonlock.leaving"
"""Key of the scope's state: an event that is set when the server is told to end."""


class Knock(msgspec.Struct, frozen=True):
    """A request at the door, as far as the guard looks at it. Header names are lower case."""

    websocket: bool
    method: str
    path: str
    query: str
    head: dict[str, str]
    doubled: bool
    """A header that decides was sent twice: two readers could disagree on which one counts."""
    peer: str
    local: str
    """Address of our own end, which a Host may name where every address was bound."""

    @property
    def changes(self) -> bool:
        return not self.websocket and self.method not in SAFE

    @property
    def has_body(self) -> bool:
        return self.head.get("content-length", "0") != "0" or "transfer-encoding" in self.head

    @property
    def of_the_page(self) -> bool:
        return not self.websocket and self.method in SAFE and PAGE.fullmatch(self.path) is not None

    @property
    def media_type(self) -> str:
        return self.head.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def bearer(self) -> str | None:
        scheme, _, said = self.head.get("authorization", "").partition(" ")
        return said.strip() if scheme.lower() == "bearer" else None

    def cookie(self, wanted: str) -> str:
        """One cookie among all that a browser has for this name on any port; http.cookies fails on some of them."""
        found = (part.strip().partition("=") for part in self.head.get("cookie", "").split(";"))
        return next((value for name, _, value in found if name == wanted), "")


def knock(scope: Scope) -> Knock:
    """What is in the scope, as text."""
    said = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]]
    names = [name for name, _ in said if name in ONCE or name.startswith("sec-fetch-")]
    return Knock(
        websocket=scope["type"] == "websocket",
        method=scope.get("method", "GET"),
        path=scope["path"],
        query=scope.get("query_string", b"").decode("latin-1"),
        head=dict(said),
        doubled=len(names) != len(set(names)),
        peer=(scope.get("client") or ("",))[0],
        local=(scope.get("server") or ("",))[0],
    )
