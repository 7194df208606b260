"""What an agent says of itself at the machines' doors: the page, the terminal and the API show the same."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path

from browser.figures import response_now, until
from browser.homes import folder_of
from cli.running import moonlock
from playwright.sync_api import Page, expect
from serving import PATIENCE, Server, eventually, server

from moonlock.live import clock

HOUR = 3_600
CALL = {"tool_name": "Bash", "tool_use_id": "toolu_9"}


def post(started: Server, path: str, body: object) -> None:
    said = urllib.request.Request(
        started.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(said, timeout=PATIENCE) as reply:
        assert reply.status == 204


def hook(started: Server, event: str, **more: object) -> None:
    post(started, "/api/hooks/claude-code", {"session_id": "s1", "hook_event_name": event, **more})


def status_line(started: Server, five_hours: float, week: float) -> None:
    limits = {
        "five_hour": {"used_percentage": five_hours, "resets_at": clock.now() // 1000 + 2 * HOUR},
        "seven_day": {"used_percentage": week, "resets_at": clock.now() // 1000 + 60 * HOUR},
    }
    post(started, "/api/statusline", {"session_id": "s1", "version": "2.1.318", "rate_limits": limits})


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
