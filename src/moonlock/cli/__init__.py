"""The front door: reads the command line, wires the house, prints. Nothing imports this.

``usage`` with everyday flags is answered by ``quick`` before Click is imported; all the rest goes through ``door``.
"""

from __future__ import annotations

import os
import sys


def main() -> None:
    """The program ``moonlock``."""
    os.umask(0o077)  # whatever is made here is for its owner alone
    said = sys.argv[1:]
    if said[:1] == ["usage"]:
        from moonlock.cli import quick

        status = quick.answered(said[1:])
        if status is not None:
            quick.leave(status)
    from moonlock.cli import door

    sys.exit(door.enter(said))
