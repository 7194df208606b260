"""The front door: reads the command line, wires the house, prints. Nothing imports this.

What prompts, bars and scripts ask for all day long is answered before Click is imported, all the rest by ``door``.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn


def main() -> None:
    """The program ``moonlock``."""
    said = sys.argv[1:]
    if said[:1] == ["statusline"]:  # before the umask: it may become the user's own command
        from moonlock.cli import shim

        told = shim.answered(said[1:])
        if told is not None:
            _leave(told)
    os.umask(0o077)  # whatever is made here is for its owner alone
    status = _quickly(said)
    if status is not None:
        _leave(status)
    from moonlock.cli import door

    sys.exit(door.enter(said))


def _quickly(said: Sequence[str]) -> int | None:
    """The exit code of a command that was answered at once; None when it was not (decision 0007)."""
    if said[:1] == ["usage"]:
        from moonlock.cli.quick import answered
    elif said[:1] == ["status"]:
        from moonlock.cli.glance import answered
    else:
        return None
    return answered(said[1:])


def _leave(status: int) -> NoReturn:
    """End at once: nothing is left to close, and taking the interpreter apart costs 5 ms."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # the caller may have closed it
            stream.flush()
    os._exit(status)
