"""What the server answers is what the command line prints: the same rows, sums and keys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from claude_lines import HOUR, TEN, encoded, said, usage
from cli.running import moonlock
from serving import Server, eventually, server
from system.asking import log_of

from moonlock.live.clock import now

DAY = 24 * HOUR
REPORTS = {
    "hourly": "period=hour",
    "daily": "",
    "weekly": "period=week&groupBy=model",
    "monthly": "period=month",
    "model": "groupBy=model",
    "project": "groupBy=project",
    "agent": "groupBy=agent",
    "branch": "groupBy=branch",
    "tool": "groupBy=tool",
    "session": "groupBy=session",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two projects on some days, and a window that is open now."""
    found = tmp_path_factory.mktemp("home")
    for number in range(12):
        name = "Bash" if number % 3 else "Read"
        call: list[dict[str, Any]] = [{"type": "tool_use", "id": f"toolu_{number}", "name": name, "input": {}}]
        lines = [
            said(f"m{number}-{turn}", f"r{number}-{turn}", usage(10, number), TEN + number * DAY // 3, content=call)
            for turn in range(2)
        ]
        for line in lines:
            line["sessionId"], line["cwd"] = f"session-{number % 4}", f"/w/{'app' if number % 2 else 'web'}"
        with log_of(found, f"session-{number % 4}", f"-w-{'app' if number % 2 else 'web'}").open("ab") as log:
            log.write(encoded(*lines))
    with log_of(found, "now").open("ab") as log:
        log.write(encoded(said("m-now", "r-now", usage(), now() - HOUR // 2, sessionId="now", cwd="/w/app")))
    return found


@pytest.fixture(scope="module")
def running(home: Path) -> Iterator[Server]:
    with server(home) as started:
        eventually(lambda: started.get("/api/now")["progress"] is None)
        eventually(lambda: started.get("/api/analytics/usage")["totals"]["requests"] == 25)
        yield started


def without_time(found: Any) -> Any:
    """A rate decays, and the two are not asked in the same millisecond."""
    for row in found["rows"]:
        for name in ("burnRate", "burnRateCcusage", "projection"):
            row.pop(name, None)
    return found


def both(running: Server, home: Path, path: str, *words: str) -> tuple[Any, Any]:
    """What the server and the command say, without the cursor, which only one of them has."""
    over_http = running.get(path)
    assert over_http.pop("nextCursor") is None
    return without_time(over_http), without_time(json.loads(moonlock(home, "usage", *words, "--json").out))


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_is_that_of_the_command(running: Server, home: Path, report: str) -> None:
    over_http, printed = both(running, home, f"/api/analytics/usage?limit=1000&{REPORTS[report]}", report)
    assert over_http == printed
    assert len(printed["rows"]) > 0


def test_days_zone_and_filters_mean_what_they_mean_to_the_command(running: Server, home: Path) -> None:
    words = ("--since", "2025-10-06", "--until", "2025-10-08", "--timezone", "Pacific/Auckland", "--project", "app")
    query = "since=2025-10-06&until=2025-10-08&timezone=Pacific/Auckland&project=app"
    over_http, printed = both(running, home, f"/api/analytics/usage?{query}", "daily", *words)
    assert {key: value for key, value in printed.items() if key != "filters"} == over_http
    assert 0 < printed["totals"]["requests"] < 24


@pytest.mark.parametrize(
    ("query", "words"),
    [("", ()), ("recent=true", ("--recent",)), ("active=true", ("--active",)), ("tokenLimit=100", ("--limit", "100"))],
)
def test_blocks_are_those_of_the_command(running: Server, home: Path, query: str, words: tuple[str, ...]) -> None:
    over_http, printed = both(running, home, f"/api/blocks?limit=1000&{query}", "blocks", *words)
    assert over_http == {key: value for key, value in printed.items() if key != "filters"}
    assert any(row["isActive"] for row in printed["rows"])


def test_parts_of_a_report_are_the_report(running: Server) -> None:
    whole = running.get("/api/analytics/usage?groupBy=session")
    told, cursor = [], ""
    while cursor is not None:
        part = running.get(f"/api/analytics/usage?groupBy=session&limit=2{cursor and f'&cursor={cursor}'}")
        assert part["totals"] == whole["totals"]
        told += part["rows"]
        cursor = part["nextCursor"]
    assert told == whole["rows"]


def test_projects_and_tools_have_the_sums_of_their_reports(running: Server) -> None:
    projects, tools = running.get("/api/projects")["projects"], running.get("/api/tools")["tools"]
    rows = running.get("/api/analytics/usage?groupBy=project")["rows"]
    assert [(one["name"], one["tokens"]["total"], one["costUsd"]) for one in projects] == [
        (row["key"], row["totalTokens"], row["costUsd"]) for row in rows
    ]
    assert {one["name"]: one["calls"] for one in tools} == {"Bash": 8, "Read": 4, "(no tool)": 0}
    assert sum(one["requests"] for one in tools) == 25


@pytest.mark.parametrize("words", [("day", "2025-10-05"), ("total",), ("session", "session-1"), ("forecast",)])
def test_an_explanation_is_that_of_the_command(running: Server, home: Path, words: tuple[str, ...]) -> None:
    printed = json.loads(moonlock(home, "explain", *words, "--json").out)
    key = f"&key={words[1]}" if len(words) > 1 else ""
    over_http = running.get(f"/api/explain?of={words[0]}{key}&limit=1000")
    if words == ("forecast",):  # the window went on between the two
        assert (over_http["of"], over_http["totals"]) == (printed["of"], printed["totals"])
        return
    assert over_http == {**printed, "leftOut": {}}
    assert over_http["addsUp"] is True


def test_what_a_limit_leaves_out_of_an_explanation_is_counted(running: Server) -> None:
    found = running.get("/api/explain?of=total&limit=5")
    assert (len(found["records"]), found["leftOut"]["records"], found["counts"]["requests"]) == (5, 20, 25)


def test_a_number_that_is_not_there_cannot_be_explained(running: Server) -> None:
    codes = [running.get(f"/api/explain?{asked}")["error"]["code"] for asked in ASKED]
    assert codes == ["no_such_number", "no_such_number", "no_such_session", "ambiguous_block"]


ASKED = ("of=day&key=2024-01-01", "of=block&key=2024", "of=session&key=nobody", "of=block&key=2025-10")


def test_settings_and_sources_say_what_the_server_works_with(running: Server, home: Path) -> None:
    said = {one["name"]: one for one in running.get("/api/settings")["settings"]}
    printed = json.loads(moonlock(home, "config", "show", "--json").out)["settings"]
    assert said.keys() == printed.keys()
    for name in printed.keys() - {"port", "open_browser"}:
        assert (said[name]["value"], said[name]["origin"]) == (printed[name]["value"], printed[name]["origin"])
    assert (said["port"]["origin"], said["port"]["fixed"], said["host"]["fixed"]) == ("--port", True, False)
    places = running.get("/api/sources")["places"]
    found = [(one["path"], one["files"]) for one in places if one["found"]]
    assert found == [(str(home / ".claude" / "projects"), 5)]
