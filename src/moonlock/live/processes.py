"""How another process of Moonlock is started."""

from __future__ import annotations

import sys


def ours(module: str, *words: str) -> list[str]:
    """The command that runs this module of ours.

    ``-P``: else Python loads what has the name of a module from the folder in which somebody started the server, and
    that may be a repository of strangers.
    """
    return [sys.executable, "-P", "-m", module, *words]
