"""Whether the programs that tests start are measured too (`make test` measures how much of the house is reached).

The commands of ``cli`` are tested as programs, so they must be. Everything else that tests start is left alone: what is
killed, timed or counted would behave otherwise under measurement.
"""

from __future__ import annotations

import os

MEASURED: dict[str, str] = {}
"""For the environment of a program that is to be measured; empty when nothing is."""


def take() -> None:
    """Take out of this process's environment what would measure all programs alike."""
    found = [name for name in os.environ if name.startswith("COVERAGE_PROCESS_")]
    MEASURED.update({name: os.environ.pop(name) for name in found})
