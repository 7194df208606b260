"""Runs the page's own tests (vitest) inside the one test command, on the Node of the dev group."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def test_the_page_passes_its_own_tests() -> None:
    run = subprocess.run(
        [sys.executable, ROOT / "tools" / "npm.py", "run", "test"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == 0, run.stdout
