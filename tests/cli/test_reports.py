"""Every report of `moonlock usage`: what its rows are, that all add up to the same, filters, zones, order, formats."""

from __future__ import annotations

import csv
import io
import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from cli.running import FIRST, answer, log, moonlock, moonlock_at

from moonlock.cli.asked import OF_CCUSAGE, REPORTS
from moonlock.cli.usage import EXAMPLES
from moonlock.outputs.csv import FURTHER

SECOND, THIRD = "22222222-2222-4222-8222-222222222222", "33333333-3333-4333-8333-333333333333"
SUMS = ("inputTokens", "outputTokens", "cacheCreationTokens", "cacheReadTokens", "totalTokens", "requests")
BASH = {"type": "tool_use", "id": "toolu_01", "name": "Bash", "input": {"command": "ls"}}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two projects, three branches, three models, a helper, a tool, and a day in each of two months."""
    home = tmp_path_factory.mktemp("reports")
    log(
        home,
        answer(1, "2026-09-30T22:30:00.000Z", gitBranch="main"),
        answer(2, "2026-10-05T10:00:00.000Z", (10, 20, 30, 40), "claude-opus-5-5", [BASH], gitBranch="main"),
        answer(3, "2026-10-05T14:59:59.999Z", (1, 2, 3, 4), gitBranch="fix/login"),
    )
    helper = answer(4, "2026-10-05T10:01:00.000Z", (7, 7, 7, 7), gitBranch="main", agentId="a1", isSidechain=True)
    log(home, helper, session=f"{FIRST}/subagents/agent-a1")
    beta: dict[str, Any] = {"sessionId": SECOND, "cwd": "/w/beta"}
    log(
        home,
        answer(5, "2026-10-06T23:10:00.000Z", (500, 5, 0, 0), gitBranch="feature", **beta),
        answer(6, "2026-10-07T00:20:00.000Z", (1, 1, 1, 1), "mystery-model", **beta),
        session=SECOND,
        folder="-w-beta",
    )
    return home


def asked(home: Path, *args: str, **env: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(moonlock(home, "usage", *args, "--json", env=env).out)
    return found


def keys(home: Path, *args: str) -> list[str]:
    return [row["key"] for row in asked(home, *args)["rows"]]


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("filters", ["", "--project alpha", "--model opus-5-5,mystery-model", "--branch main"])
def test_every_report_adds_up_to_the_same(home: Path, report: str, filters: str) -> None:
    found, daily = asked(home, report, *shlex.split(filters)), asked(home, *shlex.split(filters))
    assert found["report"] == report
    for name in SUMS:
        assert sum(row[name] for row in found["rows"]) == found["totals"][name] == daily["totals"][name], name
    spent = sum(row["costUsd"] or 0 for row in found["rows"])
    assert spent == pytest.approx(found["totals"]["costUsd"] or 0, abs=1e-9)
    assert found["totals"] == daily["totals"]


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ("weekly", ["2026-09-28", "2026-10-05"]),
        ("weekly --start-of-week sun", ["2026-09-27", "2026-10-04"]),
        ("weekly --start-of-week WEDNESDAY", ["2026-09-30", "2026-10-07"]),
        ("monthly", ["2026-09", "2026-10"]),
        ("monthly --timezone Europe/Berlin", ["2026-10"]),
        ("hourly --since 2026-10-06", ["2026-10-06T23:00+00:00", "2026-10-07T00:00+00:00"]),
        ("hourly --timezone Asia/Kathmandu --since 2026-10-07", ["2026-10-07T04:00+05:45", "2026-10-07T06:00+05:45"]),
        ("project", ["alpha", "beta"]),
        ("branch", ["main", "feature", "fix/login", ""]),
        ("agent", ["claude-code"]),
        ("tool", ["(no tool)", "Bash"]),
        ("model --order asc", ["mystery-model", "claude-opus-5-5", "claude-sonnet-5-5"]),
        ("daily --order desc --until 2026-10-05", ["2026-10-05", "2026-09-30"]),
    ],
)
def test_rows_are_what_the_report_is_by(home: Path, args: str, expected: list[str]) -> None:
    found = keys(home, *args.split())
    assert found == expected if args.split()[0] not in ("branch", "tool") else sorted(found) == sorted(expected)


def test_weeks_begin_where_the_settings_say(home: Path) -> None:
    assert [row["key"] for row in asked(home, "weekly", MOONLOCK_START_OF_WEEK="sunday")["rows"]] == [
        "2026-09-27",
        "2026-10-04",
    ]


def test_the_dearest_comes_first_where_rows_are_no_times(home: Path) -> None:
    rows = asked(home, "session")["rows"]
    costs = [row["costUsd"] for row in rows]
    assert costs == sorted(costs, reverse=True)
    assert asked(home, "session", "--order", "desc")["rows"] == rows
    assert asked(home, "session", "--order", "asc")["rows"] == rows[::-1]


def test_a_session_has_its_helpers_with_it_and_shown_apart(home: Path) -> None:
    alpha = next(row for row in asked(home, "session")["rows"] if row["project"] == "alpha")
    assert alpha["subagentTokens"] == 28
    assert alpha["totalTokens"] == 150 + 100 + 10 + 28
    assert (alpha["firstAt"], alpha["lastAt"]) == ("2026-09-30T22:30:00.000Z", "2026-10-05T14:59:59.999Z")
    assert [name for name in alpha if name in ("lastAt", "status", "subagentTokens")] == [
        *("lastAt", "status", "subagentTokens")
    ]
    assert alpha["status"] == "completed"


@pytest.mark.parametrize(
    ("now", "status"),
    [
        ("2026-10-07T00:20:30Z", "running"),
        ("2026-10-07T00:40:00Z", "idle"),
        ("2026-10-07T01:20:00Z", "idle"),
        ("2026-10-07T01:20:01Z", "completed"),
    ],
)
def test_the_status_of_a_session_is_that_of_now(home: Path, now: str, status: str) -> None:
    for path in ((), ("--", "session")):
        words = ("usage", "--json", *(path or ("session",)))
        rows = json.loads(moonlock_at(now, home, *words).out)["rows"]
        assert {row["project"]: row["status"] for row in rows} == {"alpha": "completed", "beta": status}


@pytest.mark.parametrize(
    ("filters", "tokens"),
    [
        ("--project alpha", 288),
        ("--project ALPHA,beta", 797),
        ("--project alpha --project beta", 797),
        ("--branch main", 278),
        ("--branch main --model claude-opus-5-5", 100),
        ("--branch (none)", 4),
        ("--model opus-5-5", 100),
        ("--model mystery-model --project alpha", 0),
        ("--agent claude-code --project beta --since 2026-10-07", 4),
    ],
)
def test_filters_narrow_and_combine(home: Path, filters: str, tokens: int) -> None:
    assert asked(home, *filters.split())["totals"]["totalTokens"] == tokens


def test_what_was_filtered_and_how_it_was_priced_is_told(home: Path) -> None:
    assert not {"filters", "cost"} & asked(home).keys()
    found = asked(home, "--project", "beta,alpha", "--branch", "(none)", "--cost", "calculate")
    assert found["filters"] == {"projects": ["beta", "alpha"], "branches": ["(none)"]}
    assert found["cost"] == "calculate"


@pytest.mark.parametrize(
    ("args", "error", "hint"),
    [
        ("--project alhpa", "no such project: alhpa", "did you mean alpha?"),
        ("--model claude-opus-5", "no such model: claude-opus-5", "did you mean claude-opus-5-5?"),
        ("--branch mian", "no such branch: mian", "did you mean main?"),
        ("--agent claude", "no such agent: claude", "did you mean claude-code?"),
        ("session --project zzz", "no such project: zzz", "there is alpha, beta"),
        ("--project alpha,beta,zzz", "no such project: zzz", "there is alpha, beta"),
    ],
)
def test_a_name_that_nobody_has_is_told_with_the_nearest(home: Path, args: str, error: str, hint: str) -> None:
    said = moonlock(home, "usage", *args.split(), status=1)
    assert said.err == f"error: {error}\nhint: {hint}\n"
    told = json.loads(moonlock(home, "usage", *args.split(), "--json", status=1).out)["error"]
    assert (told["code"], told["message"]) == (f"unknown_{error.split()[2][:-1]}", error)


def test_an_agent_may_be_named_before_it_wrote_anything(tmp_path: Path) -> None:
    found = json.loads(moonlock(tmp_path, "usage", "--agent", "claude-code", "--format", "ccusage").out)
    assert (found["daily"], found["totals"]["totalTokens"], found["totals"]["totalCost"]) == ([], 0, 0)


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Pacific/Chatham", "America/St_Johns", "Australia/Lord_Howe"])
def test_a_zone_moves_borders_only(home: Path, zone: str) -> None:
    for report in ("session", "model", "blocks", "tool"):
        found, usual = asked(home, report, "--timezone", zone), asked(home, report)
        assert (found["rows"], found["totals"]) == (usual["rows"], usual["totals"])
    for report in ("daily", "hourly", "weekly", "monthly"):
        assert asked(home, report, "--timezone", zone)["totals"] == asked(home, "daily")["totals"]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("Australia/Lord_Howe", "2026-04-05", 25),
        ("Australia/Lord_Howe", "2026-10-04", 24),
        ("Asia/Kathmandu", "2026-10-25", 24),
        ("Pacific/Chatham", "2026-04-05", 26),
        ("America/St_Johns", "2026-03-08", 23),
    ],
)
def test_a_day_on_which_the_clocks_change_has_every_hour_once(tmp_path: Path, zone: str, day: str, hours: int) -> None:
    """A request each quarter of an hour for three days. Where clocks go back in the middle of an hour, that hour has
    its part under each of two offsets."""
    from datetime import UTC, datetime, timedelta

    first = datetime.fromisoformat(f"{day}T00:00:00+00:00") - timedelta(days=1)
    moments = [first + timedelta(minutes=15 * step) for step in range(3 * 96)]
    lines = [answer(n, f"{at:%Y-%m-%dT%H:%M:%S}.000Z", (1, 0, 0, 0)) for n, at in enumerate(moments)]
    log(tmp_path, *lines)
    found = asked(tmp_path, "hourly", "--timezone", zone, "--since", day, "--until", day)
    names = [row["key"] for row in found["rows"]]
    assert len(names) == len(set(names)) == hours
    assert [datetime.fromisoformat(name).astimezone(UTC) for name in names] == sorted(
        datetime.fromisoformat(name).astimezone(UTC) for name in names
    )
    (whole,) = asked(tmp_path, "daily", "--timezone", zone, "--since", day, "--until", day)["rows"]
    assert whole["key"] == day
    assert whole["requests"] == found["totals"]["requests"] == sum(row["requests"] for row in found["rows"])


@pytest.mark.parametrize("report", REPORTS)
def test_every_report_is_a_table_within_eighty_columns_and_a_sheet(home: Path, report: str) -> None:
    table = moonlock(home, "usage", report).out
    assert "\x1b" not in table and max(map(len, table.splitlines())) <= 80
    sheet = list(csv.DictReader(io.StringIO(moonlock(home, "usage", report, "--csv").out)))
    assert len(sheet) == len(asked(home, report)["rows"])
    longer = moonlock(home, "usage", report, "--format", "csv", "--breakdown").out
    assert len(longer.splitlines()) >= len(sheet) + 1


@pytest.mark.parametrize("report", FURTHER)
def test_a_sheet_has_columns_for_facts_that_rows_have(home: Path, report: str) -> None:
    facts = asked(home, report)["rows"][0]
    assert {name.partition(".")[0] for name in FURTHER[report]} <= facts.keys()


@pytest.mark.parametrize("report", OF_CCUSAGE)
def test_reports_that_ccusage_has_can_be_had_under_its_keys(home: Path, report: str) -> None:
    found = json.loads(moonlock(home, "usage", report, "--format", "ccusage").out)
    assert report in found
    claude = json.loads(moonlock(home, "usage", report, "--format", "ccusage", "--agent", "claude-code").out)
    assert ("sessions" if report == "session" else report) in claude


def test_blocks_can_be_cut_down_and_held_against_a_limit(home: Path) -> None:
    rows = asked(home, "blocks")["rows"]
    assert [row["totalTokens"] for row in rows if not row["isGap"]] == [150, 138, 509]
    assert all(row["limit"] is None for row in rows)
    now = "2026-10-07T00:30:00Z"
    active = json.loads(moonlock_at(now, home, "usage", "blocks", "--json", "--active", "--limit", "1000").out)["rows"]
    assert [row["isActive"] for row in active] == [True]
    assert active[0]["limit"]["tokens"] == 1000
    assert moonlock(home, "usage", "blocks", "--active").out == "No usage found (only the active block).\n"
    assert asked(home, "blocks", "--recent")["filters"] == {"blocks": "recent"}
    recent = json.loads(moonlock_at(now, home, "usage", "blocks", "--json", "--recent", "--limit", "max").out)["rows"]
    assert [row["totalTokens"] for row in recent if not row["isGap"]] == [138, 509]
    assert {row["limit"]["tokens"] for row in recent if row["limit"]} == {150}


def test_the_same_is_said_beside_a_server(home: Path, tmp_path: Path) -> None:
    import shutil

    from serving import serving

    shutil.copytree(home / ".claude", tmp_path / ".claude")
    moonlock(tmp_path, "sync")
    with serving(tmp_path):
        found = {report: asked(tmp_path, report) for report in ("daily", "model", "branch")}
    assert found == {report: asked(tmp_path, report) for report in ("daily", "model", "branch")}


def test_the_examples_of_the_help_can_be_typed_as_they_stand(home: Path, tmp_path: Path) -> None:
    lines = [line.partition("  ")[0] for line in map(str.strip, EXAMPLES.splitlines()) if line.startswith("moonlock")]
    assert len(lines) >= 5
    for line in lines:
        words = shlex.split(line.partition(" > ")[0].replace("web,api", "alpha,beta").replace("web", "alpha"))
        moonlock(home, *words[1:])


def test_every_option_stands_under_a_heading(home: Path) -> None:
    rest = moonlock(home, "usage", "--help").out.partition("Other:\n")[2]
    assert rest.splitlines()[0].split()[:2] == ["-h,", "--help"]
    assert rest.splitlines()[1] == ""
