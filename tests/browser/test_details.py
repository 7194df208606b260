"""A session in its details: what the page says of tools, files, commands and sub-agents is what the server says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser.agent import Agent
from browser.axe import violations
from browser.homes import folder_of
from playwright.sync_api import Locator, Page, expect
from serving import Server, server

PATCH: dict[str, Any] = {"structuredPatch": [{"lines": ["+a", "+b", "-c", " d"]}]}

WIDTHS = "(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth])(document.querySelector('dialog'))"


def worked(home: Path) -> None:
    """A session that changed files, ran a command in vain three times, and sent a sub-agent that sent another."""
    folder = folder_of(home)
    agent = Agent(folder / "s1.jsonl")
    agent.plans("toolu_p", 30_000, "completed", "in_progress")
    agent.calls("toolu_e", "Edit", file_path="/home/dev/app/src/app.py")
    agent.hears("toolu_e", **PATCH)
    agent.calls("toolu_r", "Read", file_path="/home/dev/app/docs/an/endless/path/to/a/file/that/is/read.md")
    agent.hears("toolu_r")
    for number in range(3):
        agent.calls(f"toolu_b{number}", "Bash", command="pytest -q tests/unit")
        agent.hears(f"toolu_b{number}", error=True)
    agent.calls("toolu_m", "mcp__github__create_issue")
    agent.hears("toolu_m")
    sends(agent, "toolu_a1", "a1", "Look for the cause")
    first = Agent(folder / "s1" / "subagents" / "agent-a1.jsonl", "a1")
    sends(first, "toolu_a2", "a2", "Read the tests")
    second = Agent(folder / "s1" / "subagents" / "agent-a2.jsonl", "a2")
    for helper in (first, second):
        helper.answers(20_000)
    agent.calls("toolu_o", "Edit", 60_000, file_path="/home/dev/app/src/app.py")


def sends(agent: Agent, tool: str, helper: str, title: str) -> None:
    agent.calls(tool, "Agent", description=title, subagent_type="Explore", prompt="Go")
    agent.hears(tool, agentId=helper, agentType="Explore", status="completed")


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("details")
    worked(home)
    with server(home) as found:
        yield found


def drawer(page: Page, started: Server) -> Locator:
    """The details, opened from the lane by keyboard."""
    page.goto(started.url)
    lane = page.locator("[data-session]")
    lane.focus()
    lane.press("Enter")
    found = page.get_by_role("dialog")
    expect(found.get_by_role("heading", name="Time")).to_be_visible()
    return found


def test_a_lane_says_on_what_its_tool_works_and_shows_subagents_below_each_other(page: Page, started: Server) -> None:
    page.goto(started.url)
    lane = page.locator("[data-session]")
    expect(lane).to_contain_text("Edit src/app.py")
    page.get_by_role("button", name="2 subagents").click()
    page.get_by_role("button", name="1 below Look for the cause").click()  # nobody works there: it is folded
    below = page.get_by_role("list", name="Subagents of Look for the cause")
    expect(below).to_contain_text("Read the tests")
    expect(below).not_to_contain_text("Look for the cause")


def test_enter_opens_the_details_and_every_figure_is_the_servers(page: Page, started: Server) -> None:
    found = drawer(page, started)
    (session,) = started.get("/api/now")["sessions"]
    report = started.get(f"/api/sessions/{session['id']}/report")
    assert f"session={session['id']}" in page.url
    expect(found.get_by_role("region", name="Files")).to_contain_text("src/app.py")
    expect(found.get_by_role("region", name="Files")).to_contain_text("1 of 2 files changed")
    assert report["files"]["totals"]["added"] == 2 and report["files"]["totals"]["removed"] == 1
    expect(found.get_by_role("row", name="src/app.py")).to_contain_text("+2 \u22121")
    commands = found.get_by_role("region", name="Commands")
    expect(commands).to_contain_text("3 runs, 2 repeated")
    expect(commands.get_by_role("row", name="pytest")).to_contain_text("3 in a row")
    (command,) = report["commands"]["commands"]
    assert (command["label"], command["failedInRow"], command["repeats"]) == ("pytest", 3, 2)
    expect(found.get_by_role("row", name="Bash")).to_contain_text("3")
    found.get_by_role("button", name="by MCP server").click()
    expect(found.get_by_role("row", name="github, 1 tool")).to_be_visible()
    aims = found.get_by_role("region", name="What it set out to do")
    for title in ("Part 0", "Part 1", "Look for the cause"):
        expect(aims).to_contain_text(title)
    done, total = (session["objectives"][part] for part in ("done", "total"))
    assert (done, total, len(report["objectives"])) == (1, 2, 4)
    expect(aims).to_contain_text(f"{done} of {total} done")
    expect(aims.get_by_role("list", name="For 2 subagents")).to_contain_text("Look for the cause")


def test_back_and_close_lead_to_the_list_and_a_link_to_the_session(page: Page, started: Server) -> None:
    found = drawer(page, started)
    address = page.url
    page.go_back()
    expect(found).to_have_count(0)
    page.goto(address)
    expect(page.get_by_role("dialog").get_by_role("heading", name="Time")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert "session=" not in page.url


def test_the_details_are_for_everyone_on_any_screen(page: Page, started: Server) -> None:
    drawer(page, started)
    for theme, width in (("dark", 360), ("light", 360), ("light", 1280), ("dark", 1280)):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("(theme) => { document.documentElement.dataset.theme = theme }", theme)
        page.wait_for_timeout(200)  # the page arranges itself anew
        wide, seen = page.evaluate(WIDTHS)
        assert wide <= seen, f"{width} px"
        assert violations(page) == [], f"{theme}, {width} px"
