"""Generated trees of Claude Code logs, made once and kept in the temporary folder."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

GENERATOR = Path(__file__).parent / "gen_corpus.py"
FOREIGN = ("CLAUDE_CONFIG_DIR", "XDG_", "MOONLOCK_")


def tree(megabytes: int) -> Path:
    """A home folder with about this much of logs and its ``truth.json``."""
    home = Path(tempfile.gettempdir()) / f"moonlock-corpus-{megabytes}"
    if not (home / "truth.json").is_file():
        print(f"making {megabytes} MB of logs in {home}", flush=True)
        subprocess.run(
            [sys.executable, GENERATOR, "--out", home, "--mb", str(megabytes)], check=True, stdout=sys.stderr
        )
    return home


def environment(home: Path, data: Path) -> dict[str, str]:
    """This process's environment with the given home, and a store of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return {**kept, "HOME": str(home), "USERPROFILE": str(home), "MOONLOCK_HOME": str(data), "TZ": "UTC"}


def moonlock() -> list[str]:
    """The installed command beside this Python."""
    return [str(Path(sys.executable).with_name("moonlock"))]


def options(about: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--mb", type=int, default=1000, help="size of the generated tree")
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each command")
    return parser
