"""What an agent says of itself at the machines' doors: the page, the terminal and the API show the same."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any, NamedTuple

from browser.agent import Agent
from browser.axe import violations
from browser.figures import response_now, until
from browser.homes import folder_of
from cli.running import moonlock
from playwright.sync_api import Page, expect
from serving import PATIENCE, Server, eventually, server

from moonlock.live import clock

HOUR = 3_600
CALL = {"tool_name": "Bash", "tool_use_id": "toolu_9"}
WINDOW = 200_000


def post(started: Server, path: str, body: object) -> None:
    said = urllib.request.Request(
        started.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(said, timeout=PATIENCE) as reply:
        assert reply.status == 204


def hook(started: Server, event: str, **more: object) -> None:
    post(started, "/api/hooks/claude-code", {"session_id": "s1", "hook_event_name": event, **more})


def status_line(started: Server, five_hours: float, week: float, context: int | None = None) -> None:
    limits = {
        "five_hour": {"used_percentage": five_hours, "resets_at": clock.now() // 1000 + 2 * HOUR},
        "seven_day": {"used_percentage": week, "resets_at": clock.now() // 1000 + 60 * HOUR},
    }
    told: dict[str, object] = {"session_id": "s1", "version": "2.1.318", "rate_limits": limits}
    if context is not None:
        current = {"input_tokens": 10, "cache_creation_input_tokens": 0, "cache_read_input_tokens": context - 10}
        told["context_window"] = {"context_window_size": WINDOW, "current_usage": current}
    post(started, "/api/statusline", told)


def test_limits_and_waiting_are_the_same_in_page_terminal_and_api(patient_page: Page, tmp_path: Path) -> None:
    page = patient_page
    (folder_of(tmp_path) / "s1.jsonl").write_bytes(response_now(1, "s1"))
    with server(tmp_path) as started:
        page.goto(started.url)
        limits, lane = page.locator("#limits"), page.locator("[data-session]")
        expect(limits).to_contain_text("moonlock connect claude-code")
        status_line(started, 84, 31.6)
        expect(limits.get_by_role("meter", name="5 hours")).to_have_attribute("aria-valuenow", "84")
        expect(limits).to_contain_text("84 % high".replace(" %", "\u00a0%"))
        expect(limits.get_by_role("meter", name="Week")).to_have_attribute("aria-valuenow", "32")
        expect(limits).to_contain_text("official")
        told = [round(window["usedPercentage"]) for window in started.get("/api/quota")["windows"]]
        assert told == [84, 32]
        said = moonlock(tmp_path, "status").out
        assert " · 5h 84% " in said and " · 7d 32% " in said
        until(page, lambda: "84" in page.title())

        hook(started, "UserPromptSubmit", prompt_id="p1")
        hook(started, "PreToolUse", **CALL)
        hook(started, "PermissionRequest", **CALL)
        expect(lane).to_contain_text("Needs approval")
        eventually(lambda: started.get("/api/now")["sessions"][0]["state"]["waitingFor"] == "permission")
        assert "needs approval Bash" in moonlock(tmp_path, "status").out
        hook(started, "PostToolUse", **CALL)
        expect(lane).to_contain_text("Running")
        assert " running ·" in moonlock(tmp_path, "status").out


# What the page shows of its one session, in the words and figures that a person reads.
SHOWN = """() => {
  const lane = document.querySelector("[data-session]");
  const meter = (name) => lane?.querySelector(`[role=meter][aria-label="${name}"]`);
  const limits = [...document.querySelectorAll("#limits [role=meter]")];
  return [
    limits.map((limit) => Number(limit.getAttribute("aria-valuenow"))),
    Number(meter("Context")?.getAttribute("aria-valuenow") ?? -1),
    lane?.querySelector(".lane-status p")?.textContent.toLowerCase() ?? "",
    lane?.querySelector(".lane-status p + p > span[title]")?.getAttribute("title") ?? "",
    meter("Objectives")?.getAttribute("aria-valuetext") ?? "",
  ];
}"""
WORDS = {"permission": "needs approval", "question": "has a question", "prompt": "your turn", None: "running"}


class Moment(NamedTuple):
    """Limits and context in percent, what is waited for, the open tool with what it is about, and objectives."""

    limits: list[int]
    context: int
    state: str
    tool: str
    objectives: str


def told(now: dict[str, Any]) -> Moment:
    """The same as the API has it."""
    (session,) = now["sessions"]
    state, aims = session["state"], session["objectives"]
    return Moment(
        [round(window["usedPercentage"]) for window in now["quota"]["windows"]],
        round(session["context"]["share"] * 100),
        WORDS[state["waitingFor"]],
        " ".join(filter(None, (state["tool"], state["target"]))),
        f"{aims['done']} of {aims['total']} done",
    )


def alike(page: Page, started: Server, home: Path, moment: Moment) -> None:
    """Wait until the page tells of this moment; the API and the terminal do the same."""
    until(page, lambda: Moment(*page.evaluate(SHOWN)) == moment, lambda: f"{page.evaluate(SHOWN)} is not {moment}")
    assert told(started.get("/api/now")) == moment
    line = moonlock(home, "status").out
    done, _, total, _ = moment.objectives.split()
    five_hours, week = moment.limits
    for part in (f"{moment.state} {moment.tool}".rstrip(), f"ctx {moment.context}%", f"{done}/{total} "):
        assert f" {part}" in line
    assert f" 5h {five_hours}% " in line and f" 7d {week}% " in line


def test_a_day_is_told_alike_on_the_page_in_the_terminal_and_by_the_api(patient_page: Page, tmp_path: Path) -> None:
    page, agent = patient_page, Agent(folder_of(tmp_path) / "s1.jsonl")
    with server(tmp_path) as started:
        page.goto(started.url)
        hook(started, "UserPromptSubmit", prompt_id="p1")
        agent.plans("toolu_1", 40_000, "in_progress", "pending")
        status_line(started, 42, 12, 40_000)
        alike(page, started, tmp_path, Moment([42, 12], 20, "running", "", "0 of 2 done"))

        agent.calls("toolu_2", "Bash", 60_000, command="pytest -q tests/unit")
        hook(started, "PreToolUse", tool_name="Bash", tool_use_id="toolu_2")
        hook(started, "PermissionRequest", tool_name="Bash", tool_use_id="toolu_2")
        status_line(started, 61, 12, 60_000)
        alike(page, started, tmp_path, Moment([61, 12], 30, "needs approval", "Bash pytest", "0 of 2 done"))
        assert violations(page) == []

        hook(started, "PostToolUse", tool_name="Bash", tool_use_id="toolu_2")
        agent.hears("toolu_2")
        agent.plans("toolu_3", 100_000, "completed", "in_progress")
        status_line(started, 83, 14, 100_000)
        alike(page, started, tmp_path, Moment([83, 14], 50, "running", "", "1 of 2 done"))

        agent.plans("toolu_4", 150_000, "completed", "completed")
        agent.answers(150_000)
        hook(started, "Stop")
        status_line(started, 97, 15, 150_000)
        alike(page, started, tmp_path, Moment([97, 15], 75, "your turn", "", "2 of 2 done"))
