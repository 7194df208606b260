"""A folder in which somebody else's code has the names of modules that we load."""

from __future__ import annotations

from pathlib import Path

NAMES = ("msgspec", "apsw", "selectors", "moonlock")


def trap(folder: Path) -> None:
    """Whoever loads modules from here leaves a trace."""
    for name in NAMES:
        (folder / f"{name}.py").write_text("open(__file__ + '.sprung', 'w').close()\nraise SystemExit(1)\n")


def sprung(folder: Path) -> bool:
    """Whether anybody did."""
    return any(folder.glob("*.sprung"))
