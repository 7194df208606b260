"""Every case of the suite, asked through the command line as a person would ask it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from cli.running import moonlock, moonlock_at

SUITE = Path(__file__).parent.parent / "conformance"
LATER = {"40_codex"}
"""Sources that are built later."""
CASES = [case.name for case in sorted((SUITE / "cases").iterdir()) if case.name not in LATER]
ENV = {"MOONLOCK_PRICES": str(SUITE / "prices.json")}
ADDED = ("inputTokens", "outputTokens", "cacheCreationTokens", "cacheReadTokens", "totalTokens", "requests")
ANY_TIME = "2026-11-03T00:00:00Z"
"""A moment at which every block of every case but one is finished."""

Case = tuple[Path, dict[str, Any]]


def expected_of(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SUITE / "cases" / name / "expected.json").read_text("utf-8"))
    return found


WITH_BLOCKS = [name for name in CASES if "blocks" in expected_of(name)["target"]]


def made(name: str, folder: Path) -> Case:
    """The case in a folder of its own: its home, and what has to come out."""
    here = folder / "case"
    shutil.copytree(SUITE / "cases" / name, here)
    expected = expected_of(name)
    for link in expected.get("setup", {}).get("links", []):
        (here / link["at"]).symlink_to(here / link["to"])
    return here / "home", expected["target"]


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Case:
    return made(request.param, tmp_path)


def asked(home: Path, *args: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(moonlock(home, "usage", *args, "--json", env=ENV).out)
    return found


def blocks(home: Path, *args: str, now: str = ANY_TIME) -> dict[str, Any]:
    """Blocks as ccusage cuts them, under our keys and under its own."""
    theirs = json.loads(moonlock_at(now, home, "usage", "blocks", "--format", "ccusage", *args, env=ENV).out)
    ours = json.loads(moonlock_at(now, home, "usage", "blocks", "--json", *args, env=ENV).out)
    return {"theirs": theirs["blocks"], "ours": ours["rows"], **ours}


def test_usage_daily_gives_the_numbers_of_the_case(case: Case) -> None:
    home, target = case
    first = moonlock(home, "usage", "daily", "--json", env=ENV).out
    found = json.loads(first)
    same(found["totals"], target["totals"])
    all_same(found["rows"], target["daily"], ("key",))
    assert {name: ordered(found["reading"][name]) for name in target["reading"]} == {
        name: ordered(value) for name, value in target["reading"].items()
    }
    models = sorted({share["model"] for row in found["rows"] for share in row["breakdown"]})
    assert models == sorted(row["key"] for row in target["model"])
    assert moonlock(home, "usage", "--json", "--timezone", "UTC", env=ENV).out == first


def test_sessions_and_models_have_the_numbers_of_the_case(case: Case) -> None:
    home, target = case
    all_same(asked(home, "model")["rows"], target["model"], ("key",))
    found = [{**row, "sessionId": row["nativeId"]} for row in asked(home, "session")["rows"]]
    all_same(found, target["session"], ("folder", "sessionId"))


def test_the_rows_of_every_report_add_up_to_the_totals(case: Case) -> None:
    home, _ = case
    totals = asked(home)["totals"]
    for report in ("daily", "weekly", "monthly", "hourly", "session", "blocks", "model", "project", "branch", "tool"):
        found = asked(home, report)
        assert found["totals"] == totals, report
        for name in (*ADDED, "unpricedTokens"):
            assert sum(row[name] for row in found["rows"]) == totals[name], (report, name)
        assert sum(row["costUsd"] or 0 for row in found["rows"]) == pytest.approx(totals["costUsd"] or 0, abs=1e-9)
        for row in found["rows"]:
            for name in (*ADDED, "unpricedTokens"):
                assert sum(share[name] for share in row["breakdown"]) == row[name], (report, name)


@pytest.mark.parametrize("name", ["01_basic", "10_subagents", "20_blocks", "25_weeks", "34_tie_timestamps"])
@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kathmandu", "America/St_Johns"])
def test_a_zone_changes_days_and_hours_and_nothing_else(name: str, zone: str, tmp_path: Path) -> None:
    home, _ = made(name, tmp_path)
    for report in ("session", "blocks", "model"):
        usual, found = asked(home, report), asked(home, report, "--timezone", zone)
        assert (found["rows"], found["totals"]) == (usual["rows"], usual["totals"])
    for report in ("daily", "hourly"):
        assert asked(home, report, "--timezone", zone)["totals"] == asked(home)["totals"]


def test_weeks_and_months(tmp_path: Path) -> None:
    home, target = made("25_weeks", tmp_path)
    for first_day, rows in target["weekly"].items():
        all_same(asked(home, "weekly", "--start-of-week", first_day)["rows"], rows, ("key",))
    assert asked(home, "weekly") == asked(home, "weekly", "--start-of-week", "mon")
    all_same(asked(home, "monthly")["rows"], target["monthly"], ("key",))


@pytest.mark.parametrize("mode", ["auto", "calculate", "display"])
def test_cost_modes(mode: str, tmp_path: Path) -> None:
    home, target = made("17_cost_usd", tmp_path)
    expected = target["costModes"][mode]
    for report in ("daily", "session", "model", "blocks", "tool"):
        found = asked(home, report, "--cost", mode)
        same(found["totals"], {name: expected[name] for name in ("costUsd", "unpricedTokens")}, requests=3)
    for row, day in zip(asked(home, "--cost", mode)["rows"], expected["daily"], strict=True):
        same(row, day, requests=1)


@pytest.mark.parametrize("name", [name for name in WITH_BLOCKS if name != "50_active_block"])
def test_blocks_under_the_keys_of_ccusage(name: str, tmp_path: Path) -> None:
    home, target = made(name, tmp_path)
    same_blocks(blocks(home)["theirs"], target["blocks"])


@pytest.mark.parametrize("name", ["20_blocks", "25_weeks", "29_p90", "34_tie_timestamps"])
def test_without_a_word_of_the_provider_our_own_blocks_are_the_same(name: str, tmp_path: Path) -> None:
    home, _ = made(name, tmp_path)
    found = blocks(home)
    assert [
        (row["startAt"], row["endAt"], row["isGap"], row["entries"], row["totalTokens"]) for row in found["ours"]
    ] == [
        (row["startTime"], row["endTime"], row["isGap"], row["entries"], row["totalTokens"]) for row in found["theirs"]
    ]
    assert {row["anchor"] for row in found["ours"] if not row["isGap"]} == {"estimated"}


def test_the_word_of_the_provider_is_kept_with_its_block_and_cuts_our_own(tmp_path: Path) -> None:
    home, target = made("12_limit_reset", tmp_path)
    found = blocks(home)
    assert [row["usageLimitResetTime"] for row in found["theirs"]] == ["2026-10-05T13:00:00.000Z"]
    (ours,) = found["ours"]
    assert (ours["anchor"], ours["startAt"], ours["endAt"]) == (
        "official",
        "2026-10-05T08:00:00.000Z",
        "2026-10-05T13:00:00.000Z",
    )
    assert ours["limitResetAt"] == "2026-10-05T13:00:00.000Z"
    events = [{name: event[name] for name in ("at", "resetsAt")} for event in found["limitEvents"]]
    assert events == target["limitEvents"]


def test_marks_are_those_of_finished_blocks(tmp_path: Path) -> None:
    home, target = made("29_p90", tmp_path)
    assert blocks(home)["marks"] == target["marks"]
    found = blocks(home, "--limit", "max")["ours"]
    assert {row["limit"]["tokens"] for row in found if row["limit"]} == {target["marks"]["maxBlockTokens"]}


def test_the_block_that_runs(tmp_path: Path) -> None:
    home, target = made("50_active_block", tmp_path)
    now = expected_of("50_active_block")["now"]
    found = blocks(home, now=now)
    same_blocks(found["theirs"], target["blocks"])
    active = next(row for row in found["ours"] if row["isActive"])
    assert sum(row["isActive"] for row in found["ours"]) == 1
    tolerance = target["burnRate"]["tolerance"]
    assert active["burnRate"]["tokensPerMinute"] == pytest.approx(target["burnRate"]["tokensPerMinute"], rel=tolerance)
    assert active["burnRate"]["costPerHour"] == pytest.approx(target["burnRate"]["usdPerHour"], rel=tolerance)
    for name, expected in target["burnRateCcusage"].items():
        assert active["burnRateCcusage"][name] == pytest.approx(expected), name
    for name, expected in target["projectionCcusage"].items():
        assert active["projection"][name] == pytest.approx(expected, abs=0.005), name
    (only,) = blocks(home, "--active", now=now)["ours"]
    assert only == active


def ordered(value: object) -> object:
    """Names in no particular order."""
    return sorted(value) if isinstance(value, list) else value


def same(found: dict[str, Any], expected: dict[str, Any], requests: int = 0) -> None:
    """Every number that the case names; money within a micro-dollar a request."""
    for name, value in expected.items():
        if name == "costUsd" and value is not None:
            within = 1e-6 * max(1, requests or expected.get("requests", 1))
            assert found[name] == pytest.approx(value, abs=within)
        else:
            assert found[name] == value, name


def all_same(found: Iterable[dict[str, Any]], expected: Iterable[dict[str, Any]], by: tuple[str, ...]) -> None:
    """The same rows, whatever their order."""

    def name(row: dict[str, Any]) -> tuple[str, ...]:
        return tuple(row[key] for key in by)

    for row, target in zip(sorted(found, key=name), sorted(expected, key=name), strict=True):
        same(row, target)


def same_blocks(found: Iterable[dict[str, Any]], expected: Iterable[dict[str, Any]]) -> None:
    """Blocks under ccusage's keys against those of the suite."""
    counts = {
        "inputTokens": "inputTokens",
        "outputTokens": "outputTokens",
        "cacheCreationTokens": "cacheCreationInputTokens",
        "cacheReadTokens": "cacheReadInputTokens",
    }
    names = {"startAt": "startTime", "endAt": "endTime", "costUsd": "costUSD", "limitResetAt": "usageLimitResetTime"}
    for row, target in zip(found, expected, strict=True):
        known = {**row, **{ours: row["tokenCounts"][theirs] for ours, theirs in counts.items()}}
        same({**known, **{ours: row.get(theirs) for ours, theirs in names.items()}}, target, target["entries"])
