"""What the screens are like on which a command's answer and its remarks appear."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TextIO


def is_styled() -> bool:
    """Whether the answer may have colours: a person looks at it, and did not forbid them."""
    return _is_seen(sys.stdout) and "NO_COLOR" not in os.environ


def is_watched() -> bool:
    """Whether a person looks at what is said beside the answer."""
    return _is_seen(sys.stderr)


def width() -> int:
    """Columns to fill: those of the terminal, else 80 unless ``COLUMNS`` says something else."""
    return shutil.get_terminal_size((80, 24)).columns


def _is_seen(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False
