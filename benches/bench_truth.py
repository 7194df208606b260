"""Totals by day, model and project on a generated tree, held against the generator and a second, plain reader."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from corpus import environment, moonlock, options, tree
from plain import Sums, account

NAMES = ("inputTokens", "outputTokens", "cacheCreationTokens", "cacheReadTokens", "requests")


def rows(env: dict[str, str], report: str) -> list[dict[str, Any]]:
    done = subprocess.run([*moonlock(), "usage", report, "--json"], env=env, stdout=subprocess.PIPE, check=True)
    found: list[dict[str, Any]] = json.loads(done.stdout)["rows"]
    return found


def sums(row: dict[str, Any]) -> Sums:
    return tuple(row[name] for name in NAMES)


def by_day(env: dict[str, str]) -> dict[tuple[str, str], Sums]:
    return {(row["key"], part["model"]): sums(part) for row in rows(env, "daily") for part in row["breakdown"]}


def by_project(env: dict[str, str]) -> dict[str, Sums]:
    """By the folder that Claude Code makes of a project's path."""
    return {row["path"].replace("/", "-"): sums(row) for row in rows(env, "project")}


def generator(home: Path) -> dict[tuple[str, str], Sums]:
    days = json.loads((home / "truth.json").read_text())["days"]
    return {
        (day, model): (fresh, output, short + long, read, requests)
        for day, models in days.items()
        for model, (fresh, output, short, long, read, requests) in models.items()
    }


def told(what: str, found: Mapping[Any, Sums], expected: Mapping[Any, Sums]) -> bool:
    off = [key for key in {*found, *expected} if found.get(key) != expected.get(key)]
    print(f"{what}: {len(expected)} rows, " + ("all equal" if not off else f"{len(off)} DIFFER, such as {min(off)}"))
    return not off


def added(days: Mapping[tuple[str, str], Sums]) -> dict[str, Sums]:
    models: dict[str, Sums] = {}
    for (_, model), counts in days.items():
        models[model] = tuple(map(int.__add__, models.get(model, (0,) * 5), counts))
    return models


def main() -> None:
    home = tree(options(__doc__).parse_args().mb)
    plain, made = account(home), generator(home)
    with tempfile.TemporaryDirectory() as data:
        env = environment(home, Path(data) / "data")
        days, projects = by_day(env), by_project(env)
        models = {row["key"]: sums(row) for row in rows(env, "model")}
    whole = [
        told("by model, against the generator", models, added(made)),
        told("by day and model, against the plain reader", days, plain.days),
        told("by project, against the plain reader", projects, plain.projects),
    ]
    off = sum(days.get(key) != made.get(key) for key in {*days, *made})
    print(f"by day and model, against the generator: {off} of {len(made)} rows differ (it books by the last line)")
    sys.exit(0 if all(whole) else 1)


if __name__ == "__main__":
    main()
