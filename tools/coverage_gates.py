"""Hold the bars of branch coverage: of everything, and higher where a mistake would be a wrong number.

Reads what `pytest --cov` left, prints one line for each bar, and exits with 1 when one is missed.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from coverage import Coverage

ROOT = Path(__file__).parent.parent
GATES = {"": 90.0, "model": 95.0, "analytics": 95.0, "sources": 95.0, "store": 95.0}
"""Percent of lines and branches together, by room; the first is the whole house."""


def measured(room: str) -> float:
    """How much of the room the tests reached."""
    known = Coverage(data_file=str(ROOT / ".coverage"), config_file=str(ROOT / "pyproject.toml"))
    known.load()
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        return known.report(include=[str(ROOT / "src" / "moonlock" / room / "*")], file=nowhere)


def main() -> int:
    missed = 0
    for room, gate in GATES.items():
        found = measured(room)
        missed += found < gate
        print(f"coverage  {room or 'all':9}  {found:5.1f} %  {'ok' if found >= gate else f'below {gate:.0f} %'}")
    return 1 if missed and sys.platform == "linux" else 0  # elsewhere whole tests are skipped


if __name__ == "__main__":
    sys.exit(main())
