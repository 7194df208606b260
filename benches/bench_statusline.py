"""What the agent's status line costs: with a server on a generated tree, without one, and in front of another command.

Figures are of whole processes, from start to end, beside that of a bare interpreter: wall time, and CPU time, which a
busy machine spoils less. Bars: 30 ms with a server, 60 ms without one, whatever the history.
"""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from statistics import median, quantiles

from corpus import environment, moonlock, options, tree

SAID = {
    "session_id": "11111111-1111-4111-8111-111111111111",
    "session_name": "bench",
    "version": "2.1.260",
    "model": {"id": "claude-opus-5", "display_name": "Opus"},
    "cost": {"total_cost_usd": 0.42},
    "context_window": {"context_window_size": 200000, "used_percentage": 8},
    "rate_limits": {
        "five_hour": {"used_percentage": 23.5, "resets_at": 4_000_000_000},
        "seven_day": {"used_percentage": 41.2, "resets_at": 4_000_000_000},
    },
}
LINE = [*moonlock(), "statusline"]
COMMANDS = {
    "bare interpreter": [sys.executable, "-c", "pass"],
    "statusline": LINE,
    "statusline --then true": [*LINE, "--then", "true"],
}


def figures(what: str, env: dict[str, str], runs: int) -> None:
    """Each command in turn, so that a busy moment of the machine is shared by all."""
    given = json.dumps(SAID).encode()
    took: dict[str, list[float]] = {name: [] for name in COMMANDS}
    spent: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for counted in range(-1, runs * 20):
        for name, command in COMMANDS.items():
            began, cpu = time.perf_counter(), of_children()
            subprocess.run(command, env=env, input=given, stdout=subprocess.DEVNULL, check=True)
            if counted >= 0:
                took[name].append((time.perf_counter() - began) * 1000)
                spent[name].append((of_children() - cpu) * 1000)
    for name, several in took.items():
        print(told(f"{what}: {name}", several), f" CPU median {median(spent[name]):5.1f} ms", flush=True)


def of_children() -> float:
    """Seconds of CPU that finished children used, in all."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def told(name: str, several: Sequence[float]) -> str:
    high = quantiles(several, n=20)[-1]
    return f"{name:<45} median {median(several):6.1f} ms  p95 {high:6.1f} ms  least {min(several):6.1f} ms"


def caught_up(url: str) -> None:
    """Wait until the server has read all there is."""
    while True:
        with urllib.request.urlopen(f"{url}/api/now") as reply:
            if json.load(reply)["progress"] is None:
                return
        time.sleep(0.5)


def main() -> None:
    asked = options(__doc__).parse_args()
    home = tree(asked.mb)
    with tempfile.TemporaryDirectory() as scratch:
        env = environment(home, Path(scratch))
        figures("no server, no history", env, asked.runs)
        command = [*moonlock(), "start", "--no-browser", "--port", "0"]
        with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            found = re.search(r"http://\S+", server.stdout.readline())
            assert found
            caught_up(found[0])
            figures(f"server, {asked.mb} MB", env, asked.runs)
            server.terminate()
        figures(f"no server, {asked.mb} MB", env, asked.runs)


if __name__ == "__main__":
    main()
