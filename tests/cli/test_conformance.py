"""Every case of the suite, asked through the command line as a person would ask it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from cli.running import moonlock

SUITE = Path(__file__).parent.parent / "conformance"
LATER = {"40_codex"}
"""Sources that are built later."""
CASES = [case.name for case in sorted((SUITE / "cases").iterdir()) if case.name not in LATER]


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    here = tmp_path / "case"
    shutil.copytree(SUITE / "cases" / request.param, here)
    expected = json.loads((here / "expected.json").read_text("utf-8"))
    for link in expected.get("setup", {}).get("links", []):
        (here / link["at"]).symlink_to(here / link["to"])
    return here / "home", expected["target"]


def test_usage_daily_gives_the_numbers_of_the_case(case: tuple[Path, dict[str, Any]]) -> None:
    home, target = case
    env = {"MOONLOCK_PRICES": str(SUITE / "prices.json")}
    first = moonlock(home, "usage", "daily", "--json", env=env).out
    found = json.loads(first)
    same(found["totals"], target["totals"])
    assert [row["key"] for row in found["rows"]] == [row["key"] for row in target["daily"]]
    for row, expected in zip(found["rows"], target["daily"], strict=True):
        same(row, expected)
    assert {name: ordered(found["reading"][name]) for name in target["reading"]} == {
        name: ordered(value) for name, value in target["reading"].items()
    }
    models = sorted({share["model"] for row in found["rows"] for share in row["breakdown"]})
    assert models == sorted(row["key"] for row in target["model"])
    assert moonlock(home, "usage", "--json", "--timezone", "UTC", env=env).out == first


def ordered(value: object) -> object:
    """Names in no particular order."""
    return sorted(value) if isinstance(value, list) else value


def same(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Every number that the case names; money within a micro-dollar a request."""
    for name, value in expected.items():
        if name == "costUsd" and value is not None:
            assert found[name] == pytest.approx(value, abs=1e-6 * max(1, expected["requests"]))
        else:
            assert found[name] == value, name


def test_the_breakdown_of_a_day_adds_up_to_the_day(case: tuple[Path, dict[str, Any]]) -> None:
    home, _ = case
    for row in json.loads(moonlock(home, "usage", "--json").out)["rows"]:
        for name in ("inputTokens", "outputTokens", "totalTokens", "requests", "unpricedTokens"):
            assert sum(share[name] for share in row["breakdown"]) == row[name]
