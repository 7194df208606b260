"""The few calm lines by which a server says where it is, and the browser that shows it."""

from __future__ import annotations

import contextlib
import threading
from typing import NamedTuple

from moonlock import __version__


class Where(NamedTuple):
    """A server as it is reached."""

    url: str
    ws_path: str
    mode: str
    exposed: bool


def banner(where: Where) -> str:
    """The address in the first line, where scripts look for it."""
    live = where.url.replace("http", "ws", 1) + where.ws_path
    lines = [
        f"Moonlock {__version__}  {where.url}",
        "",
        f"  live    {live}",
        f"  health  {where.url}/health",
        f"  mode    {where.mode}",
    ]
    if where.exposed:
        lines += [
            "",
            "  Other machines can reach this address. They need the token (`moonlock token`), and what is sent",
            "  can be read on the way: an SSH tunnel to 127.0.0.1 or a TLS proxy is safer.",
        ]
    return "\n".join([*lines, "", "  Ctrl-C ends it."])


def open_page(url: str) -> None:
    """Show the page; a browser that cannot be started is no failure, and none is waited for."""

    def show() -> None:
        import webbrowser

        with contextlib.suppress(webbrowser.Error, OSError):
            webbrowser.open(url)

    threading.Thread(target=show, daemon=True).start()
