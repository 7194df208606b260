"""How long REST takes beside a long history: every route that reads, asked again and after a change; and the writes.

The server runs as users run it: its own process, its own store, a real socket. Exit code 1 when a route misses its bar.
"""

from __future__ import annotations

import argparse
import http.client
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import quantiles
from typing import Any

from corpus import environment, moonlock, options, tree

READS, WRITES = 20.0, 50.0
"""Milliseconds that 99 of 100 may take."""
OF_ALL = (
    *("/health", "/metrics", "/api/now", "/api/forecast", "/api/context", "/api/sources", "/api/prices"),
    *("/api/settings", "/api/sessions", "/api/sessions?sort=-costUsd", "/api/sessions?q=api", "/api/objectives"),
    *("/api/analytics/usage", "/api/analytics/usage?period=hour", "/api/analytics/usage?period=week"),
    *("/api/analytics/usage?period=month", "/api/analytics/usage?since=2026-11-01&timezone=Europe/Berlin"),
    *("/api/analytics/usage?groupBy=model", "/api/analytics/usage?groupBy=project"),
    *("/api/analytics/usage?groupBy=branch", "/api/analytics/usage?groupBy=session"),
    *("/api/analytics/usage?groupBy=tool", "/api/blocks", "/api/blocks?recent=true", "/api/projects", "/api/tools"),
    *("/api/alerts", "/api/alert-rules", "/api/suggestions"),
)
OF_ONE = ("", "/tokens", "/events", "/timeline", "/objectives", "/tools", "/report", "/transcript")
OF_HAND = ("", "/tokens", "/checkpoints", "/report")


class Caller:
    """One client on one connection."""

    def __init__(self, address: str) -> None:
        self.line = http.client.HTTPConnection(address, timeout=60)

    def ask(self, method: str, path: str, body: object = None) -> tuple[float, int, Any]:
        """Milliseconds, status, and what was answered."""
        sent = None if body is None else json.dumps(body)
        headers = {} if body is None else {"Content-Type": "application/json"}
        began = time.perf_counter()
        self.line.request(method, path, sent, headers)
        answer = self.line.getresponse()
        text = answer.read()
        took = (time.perf_counter() - began) * 1000
        kind = answer.getheader("content-type", "")
        return took, answer.status, json.loads(text) if kind == "application/json" else None


class Bench:
    """Asks, and prints a row of the table for each route; ``missed`` are those beyond their bar."""

    def __init__(self, caller: Caller, runs: int) -> None:
        self.caller, self.runs = caller, runs
        self.missed: list[str] = []
        self.hand = caller.ask("POST", "/api/sessions", {"name": "bench"})[2]["id"]

    def change(self) -> float:
        """Something is written: what was answered before counts no more."""
        return self.caller.ask("POST", f"/api/sessions/{self.hand}/tokens", {"tokensUsed": 1})[0]

    def read(self, path: str, named: str) -> None:
        status = self.caller.ask("GET", path)[1]
        if status == 404:
            return
        assert status == 200, f"{path}: {status}"
        again = [self.caller.ask("GET", path)[0] for _ in range(self.runs)]
        anew = []
        for _ in range(self.runs):
            self.change()
            anew.append(self.caller.ask("GET", path)[0])
        self.tell(f"GET {named}", READS, again, anew)

    def write(self, named: str, *asked: tuple[str, str, object]) -> None:
        """Each of the requests in turn, timed together with those like it."""
        took = []
        for number in range(self.runs):
            method, path, body = asked[number % len(asked)]
            spent, status, said = self.caller.ask(method, path, body)
            assert status < 300, (named, status, said)
            took.append(spent)
        self.tell(named, WRITES, took)

    def tell(self, named: str, bar: float, *took: list[float]) -> None:
        cells = [(cut[49], cut[98]) for cut in (quantiles(each, n=100) for each in took)]
        if any(late > bar for _, late in cells):
            self.missed.append(named)
        shown = [f"{middle:.1f} / {late:.1f}{' **missed**' if late > bar else ''}" for middle, late in cells]
        print(f"| `{named}` | {' | '.join(shown)} |", flush=True)


def measured(bench: Bench) -> None:
    print("| route | asked again: p50 / p99 ms | after a change |\n|---|---|---|")
    for path in OF_ALL:
        bench.read(path, path)
    largest = bench.caller.ask("GET", "/api/sessions?sort=-tokens&limit=1")[2]["sessions"][0]["id"]
    for part in OF_ONE:
        bench.read(f"/api/sessions/{largest}{part}", f"/api/sessions/{{largest}}{part}")
    for part in OF_HAND:
        bench.read(f"/api/sessions/{bench.hand}{part}", f"/api/sessions/{{by hand}}{part}")
    print("\n| write | p50 / p99 ms |\n|---|---|")
    hand, other = f"/api/sessions/{bench.hand}", f"/api/sessions/{largest}"
    bench.write("POST /api/sessions", ("POST", "/api/sessions", {"name": "more", "follow": "all"}))
    bench.write("POST tokens", ("POST", f"{hand}/tokens", {"tokensUsed": 150}))
    bench.write("POST checkpoints", ("POST", f"{hand}/checkpoints", {"phase": "on"}))
    pause, resume = {"status": "paused"}, {"status": "running"}
    bench.write("PATCH by hand: pause, resume", ("PATCH", hand, pause), ("PATCH", hand, resume))
    bench.write("PATCH tags", ("PATCH", other, {"tags": ["a"]}), ("PATCH", other, {"tags": ["b"]}))


def asked() -> argparse.Namespace:
    parser = options(__doc__)
    parser.add_argument("--home", type=Path, help="a home folder with logs, instead of a generated one")
    parser.set_defaults(runs=100)
    return parser.parse_args()


def main() -> int:
    said = asked()
    home = said.home or tree(said.mb)
    with tempfile.TemporaryDirectory() as scratch:
        command = [*moonlock(), "start", "--no-browser", "--port", "0"]
        with subprocess.Popen(
            command, env=environment(home, Path(scratch)), stdout=subprocess.PIPE, text=True
        ) as server:
            try:
                assert server.stdout
                text = ""
                while not (found := re.search(r"http://(\S+?:\d+)", text)):
                    text += server.stdout.readline()
                    assert server.poll() is None, "the server did not start"
                caller = Caller(found[1])
                while caller.ask("GET", "/api/now")[2]["progress"] is not None:
                    time.sleep(0.2)
                time.sleep(2)
                bench = Bench(caller, said.runs)
                measured(bench)
            finally:
                server.terminate()
                server.wait(10)
    print(f"\n{len(bench.missed)} missed: {', '.join(bench.missed)}" if bench.missed else "\nevery route in its bar")
    return 1 if bench.missed else 0


if __name__ == "__main__":
    sys.exit(main())
