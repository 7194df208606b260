"""Other tools on the same tree, side by side in one run: time, memory, and whether the totals agree.

Looked for on PATH: ccusage, agentsview, claude-monitor; docs/benchmarks.md says how to install them.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

from corpus import environment, moonlock, options, tree
from measure import Figure, middle, run
from peers import KINDS, Peer, Totals, found, linked, totals, version

US = Peer("moonlock", tuple(moonlock()), ("--version",), ("usage", "daily", "--json"), ("usage", "daily", "--json"))
CCUSAGE_COST = ("usage", "daily", "--json", "--cost", "ccusage")


class Measured(NamedTuple):
    """One tool on this tree."""

    peer: Peer
    version: str
    cold: list[Figure]
    warm: list[Figure]
    totals: Totals


def measured(peer: Peer, home: Path, runs: int) -> Measured:
    """First and second question, each time in a home of its own; one round before is not counted."""
    cold: list[Figure] = []
    warm: list[Figure] = []
    said = Totals(None, None)
    for counted in range(-1, runs):
        with tempfile.TemporaryDirectory() as scratch:
            place = linked(home, Path(scratch) / "home")
            env = environment(place, Path(scratch) / "data")
            first, again = run([*peer.program, *peer.cold], env), run([*peer.program, *peer.warm], env)
            if counted >= 0:
                cold.append(first)
                warm.append(again)
            if counted == runs - 1:
                said = totals(peer, env)
            if peer.stop:
                subprocess.run([*peer.program, *peer.stop], env=env, capture_output=True, check=False, timeout=60)
    return Measured(peer, version(peer, environment(home, home)), cold, warm, said)


def row(one: Measured, ours: Measured) -> str:
    cold, warm = middle(one.cold), middle(one.warm)
    us_cold, us_warm = middle(ours.cold), middle(ours.warm)
    ratios = f"{us_cold.wall / cold.wall:.2f} | {us_warm.wall / warm.wall:.3f}"
    failed = "" if cold.code == warm.code == 0 else f" (exit {max(cold.code, warm.code)})"
    first = f"{cold.wall:.2f} s | {cold.cpu:.2f} s | {cold.peak:.0f} MiB"
    again = f"{warm.wall:.3f} s | {warm.peak:.0f} MiB"
    return f"| {one.peer.name} {one.version}{failed} | {first} | {again} | {ratios} |"


def agreement(one: Measured, ours: Totals, costs: float | None) -> str:
    """Where the tool's totals differ from ours, kind by kind."""
    tokens, dollars = one.totals
    if tokens is None or ours.tokens is None:
        return f"{one.peer.name}: gives no totals of all history; {one.peer.note}"
    pairs = zip(KINDS, tokens, ours.tokens, strict=True)
    off = [f"{kind} {theirs - we:+,}" for kind, theirs, we in pairs if theirs != we]
    said = f"{one.peer.name}: tokens {'equal' if not off else 'differ: ' + ', '.join(off)}"
    if dollars is not None and costs is not None:
        said += f"; ${dollars:,.2f} against ${costs:,.2f}"
    return f"{said}; {one.peer.note}" if one.peer.note else said


def parity(home: Path) -> float | None:
    """Our total at ccusage's rules of cost."""
    with tempfile.TemporaryDirectory() as scratch:
        env = environment(home, Path(scratch) / "data")
        done = subprocess.run([*moonlock(), *CCUSAGE_COST], env=env, stdout=subprocess.PIPE, check=True)
    cost: float | None = json.loads(done.stdout)["totals"]["costUsd"]
    return cost


def main() -> None:
    asked = options(__doc__)
    asked.add_argument("--home", type=Path, help="a home folder with logs, instead of a generated tree")
    said = asked.parse_args()
    home: Path = said.home.resolve() if said.home else tree(said.mb)
    peers = found()
    ours = measured(US, home, said.runs)
    others = [measured(peer, home, said.runs) for peer in peers]
    print("| | first: wall | CPU | peak | again: wall | peak | moonlock's first / its first | again / again |")
    print("|---|---|---|---|---|---|---|---|")
    for one in (ours, *others):
        print(row(one, ours))
    if not peers:
        print("no other tool is installed: nothing to compare with")
        return
    print()
    costs = parity(home)
    for one in others:
        same_rules = one.peer.name.startswith("ccusage")
        print(agreement(one, ours.totals, costs if same_rules else ours.totals.dollars))
    missing = [name for name in ("ccusage", "agentsview", "claude-monitor") if not shutil.which(name)]
    if missing:
        print(f"not on PATH: {', '.join(missing)}")


if __name__ == "__main__":
    main()
