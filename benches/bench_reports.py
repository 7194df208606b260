"""Cold index and warm reports on a generated tree, side by side with ccusage where it is installed.

Its native program is named by MOONLOCK_BENCH_CCUSAGE, its npm launcher found as `ccusage` on PATH or named by
MOONLOCK_BENCH_CCUSAGE_NPM. The cold index is held against one of them, each warm report against both.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

from corpus import environment, moonlock, options, tree
from measure import Figure, middle, run, told
from peers import found

from moonlock.cli.asked import OF_CCUSAGE, REPORTS


def peer() -> list[str] | None:
    named = os.environ.get("MOONLOCK_BENCH_CCUSAGE") or shutil.which("ccusage")
    return [*shlex.split(named), "claude", "daily", "--json", "--offline"] if named else None


def ratio(what: str, ours: list[Figure], theirs: list[Figure]) -> str:
    a, b = middle(ours), middle(theirs)
    wall, cpu, peak = a.wall / b.wall, a.cpu / b.cpu, a.peak / b.peak
    return f"{what}: {wall:.2f} x its wall time, {cpu:.2f} x its CPU, {peak:.2f} x its peak"


def truth(home: Path, env: dict[str, str]) -> str:
    """Whether the report adds up to what the generator wrote down: tokens by kind, and requests."""
    days = json.loads((home / "truth.json").read_text())["days"].values()
    *kinds, requests = (sum(column) for column in zip(*(one for day in days for one in day.values()), strict=True))
    fresh, output, minutes, hour, read = kinds
    said = subprocess.run([*moonlock(), "usage", "daily", "--json"], env=env, stdout=subprocess.PIPE, check=True).stdout
    found = json.loads(said)["totals"]
    names = ("inputTokens", "outputTokens", "cacheCreationTokens", "cacheReadTokens", "requests")
    same = [found[name] for name in names] == [fresh, output, minutes + hour, read, requests]
    return "totals equal truth.json" if same else "totals DIFFER from truth.json"


def again(env: dict[str, str], runs: int) -> None:
    """Each warm report, in turn with the tools that have one like it."""
    rivals = [each for each in found() if each.name.startswith("ccusage")]
    for report in REPORTS:
        commands = {f"moonlock usage {report}": [*moonlock(), "usage", report, "--json"]}
        for each in rivals if report in OF_CCUSAGE else ():
            words = (report if word == "daily" else word for word in each.warm)
            commands[f"{each.name} {report}"] = [*each.program, *words]
        figures: dict[str, list[Figure]] = {name: [] for name in commands}
        for counted in range(-1, runs):
            for name, command in commands.items():
                figure = run(command, env)
                figures[name] += [figure] if counted >= 0 else []
        for name, several in figures.items():
            print(told(name, several))


def main() -> None:
    asked = options(__doc__).parse_args()
    home = tree(asked.mb)
    theirs: list[Figure] = []
    cold: list[Figure] = []
    warm: list[Figure] = []
    with tempfile.TemporaryDirectory() as scratch:
        data = Path(scratch) / "data"
        env = environment(home, data)
        other = peer()
        for counted in range(-1, asked.runs):  # one round in turn to warm the page cache, not counted
            shutil.rmtree(data, ignore_errors=True)
            first = run([*moonlock(), "usage", "daily", "--json"], env)
            second = run([*moonlock(), "usage", "daily", "--json"], env)
            rival = run(other, env) if other else None
            if counted >= 0:
                cold.append(first)
                warm.append(second)
                theirs += [rival] if rival else []
        told_truth = truth(home, env)
        size = sum(path.stat().st_size for path in data.rglob("*.db*"))
        again(env, asked.runs)
    print(told("moonlock usage, first run (cold)", cold))
    print(told("moonlock usage, again (warm)", warm))
    print(f"store {size / 1e6:.1f} MB for {asked.mb} MB of logs: {size / asked.mb / 1e4:.2f} %")
    print(told_truth)
    if theirs:
        print(told("ccusage claude daily", theirs))
        print(ratio("cold", cold, theirs))
        print(ratio("warm", warm, theirs))
    else:
        print("ccusage is not installed: no ratio")


if __name__ == "__main__":
    main()
