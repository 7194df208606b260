"""What ccusage printed (recorded by ``scripts/record_ccusage.py``), and what ``--format ccusage`` says of the same."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cli.running import moonlock_at

from moonlock.cli.asked import checked, plain
from moonlock.cli.report import made
from moonlock.config.load import load
from moonlock.outputs import ccusage
from scripts.record_ccusage import CASES, COUNTS, QUESTIONS, RECORDS, move

PRICES = CASES.parent / "prices.json"
SAMPLES = Path(os.environ.get("MOONLOCK_SHARED") or Path(__file__).parents[3] / "shared") / "sample-logs" / "home"
MADE = sorted(path.stem for path in RECORDS.glob("*.json") if path.stem != "sample-logs")
OF_NOW = "50_active_block"
TIMES = ("firstActivity", "lastActivity", "metadata", "actualEndTime")
DIFFERENT = {
    "03_stream_growing": TIMES,
    "12_limit_reset": (*TIMES, "entries"),
    "24_zero_and_cache_only": (*TIMES, "entries"),
}
"""Where it has the time of the line that it kept (rule T3), and where it counts lines that are no requests."""
FALLBACK = {"inputTokens": 2, "outputTokens": 2, "cacheCreationTokens": 21_874, "cacheReadTokens": 32_238}
"""The one request of the sample logs that was billed and that ccusage leaves out (rule C8)."""
PROGRESS = 1_405_475
"""Tokens that ccusage counts by day and leaves out by session and block (rule S2)."""


def words(question: str) -> list[str]:
    """How Moonlock is asked for a document of ccusage."""
    asked = [*question.split(), "--format", "ccusage"]
    return [*asked[1:], "--agent", "claude-code"] if asked[0] == "claude" else asked


def document(home: Path, question: str) -> Any:
    env = {"HOME": str(home), "MOONLOCK_HOME": str(home.parent / "moon"), "TZ": "UTC", "MOONLOCK_PRICES": str(PRICES)}
    asked = plain(words(question))
    assert asked
    report = made(checked(asked), load({"timezone": "UTC"}, env, home), env, home)
    return json.loads(ccusage.render(report, agents=asked.agents))


def alike(found: Any) -> Any:
    """Money and shares to six places."""
    if isinstance(found, dict):
        return {name: alike(value) for name, value in found.items()}
    if isinstance(found, list):
        return [alike(value) for value in found]
    return round(found, 6) if isinstance(found, float) else found


def without(found: Any, *names: str) -> Any:
    """The rows of a document without some keys."""
    rows = next(rows for name, rows in found.items() if name != "totals")
    return [{key: value for key, value in row.items() if key not in names} for row in rows]


@cache
def recorded(name: str) -> Any:
    return json.loads((RECORDS / f"{name}.json").read_text("utf-8"))


@pytest.fixture(scope="module", params=[name for name in MADE if name != OF_NOW])
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    home = tmp_path_factory.mktemp("case") / "home"
    shutil.copytree(CASES / request.param / "home", home)
    return request.param, home


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_documents_are_equal(case: tuple[str, Path], question: str) -> None:
    name, home = case
    expected, found = recorded(name)["documents"][question], document(home, question)
    if name in DIFFERENT and question.split()[-1] in ("session", "blocks"):
        expected, found = without(expected, *DIFFERENT[name]), without(found, *DIFFERENT[name])
    assert alike(found) == alike(expected)


@pytest.mark.parametrize("question", sorted(recorded(OF_NOW)["documents"]))
def test_the_documents_are_equal_while_a_block_runs(question: str, tmp_path: Path) -> None:
    record, home = recorded(OF_NOW), tmp_path / "home"
    shutil.copytree(CASES / OF_NOW / "home", home)
    move(home, record["hours"])
    env = {"MOONLOCK_PRICES": str(PRICES)}
    found = moonlock_at(record["now"], home, "usage", *words(question), env=env)
    assert alike(json.loads(found.out)) == alike(record["documents"][question])


def test_every_case_on_which_ccusage_agrees_is_recorded() -> None:
    agree = [
        path.parent.name
        for path in sorted(CASES.glob("*/expected.json"))
        if json.loads(path.read_text("utf-8"))["ccusage 20.0.24"]["agrees"]
    ]
    assert [name for name in agree if name != "40_codex"] == MADE


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Any]:
    if not SAMPLES.is_dir():
        pytest.skip("no sample logs here: set MOONLOCK_SHARED to their folder")
    moon = tmp_path_factory.mktemp("samples")
    env = {"HOME": str(moon), "MOONLOCK_HOME": str(moon), "TZ": "UTC"}

    def asked_of_samples(question: str) -> Any:
        asked = plain(words(question))
        assert asked
        report = made(checked(asked), load({"timezone": "UTC"}, env, moon), env, SAMPLES)
        return json.loads(ccusage.render(report, agents=asked.agents))

    return asked_of_samples


def test_the_days_of_real_logs_are_those_of_ccusage_and_the_fallback_it_leaves_out(
    samples: Callable[[str], Any],
) -> None:
    expected = recorded("sample-logs")["days"]
    found = {row["date"]: [row[name] for name in COUNTS] for row in samples("claude daily")["daily"]}
    assert found.keys() == expected.keys()
    more = {day: difference(counts, expected[day]) for day, counts in found.items() if counts != expected[day]}
    assert list(more.values()) == [[*FALLBACK.values(), sum(FALLBACK.values())]]


def test_the_sessions_of_real_logs_differ_from_ccusage_only_where_it_contradicts_itself(
    samples: Callable[[str], Any],
) -> None:
    expected = recorded("sample-logs")["sessions"]
    found = {row["sessionId"]: [row[name] for name in COUNTS] for row in samples("claude session")["sessions"]}
    assert found.keys() == expected.keys()
    more = [difference(counts, expected[key]) for key, counts in found.items() if counts != expected[key]]
    assert sum(each[-1] for each in more) == PROGRESS + sum(FALLBACK.values())
    assert all(count >= 0 for each in more for count in each)


def test_the_blocks_of_real_logs_differ_from_ccusage_only_where_it_contradicts_itself(
    samples: Callable[[str], Any],
) -> None:
    expected = recorded("sample-logs")["blocks"]
    found = {row["startTime"]: row["totalTokens"] for row in samples("claude blocks")["blocks"] if not row["isGap"]}
    assert found.keys() == expected.keys()
    more = [tokens - expected[start] for start, tokens in found.items() if tokens != expected[start]]
    assert sum(more) == PROGRESS + sum(FALLBACK.values()) and min(more) > 0


def difference(counts: list[int], others: list[int]) -> list[int]:
    return [count - other for count, other in zip(counts, others, strict=True)]
