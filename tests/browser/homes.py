"""Homes that a page may show: an empty one, one at work, and one whose logs mean harm."""

from __future__ import annotations

import time
from pathlib import Path

from browser.figures import response_now
from claude_lines import encoded
from serving import PATIENCE, Server

from moonlock.client import Moonlock

HARM = "<img src=x onerror=alert(1)></script><script>alert(2)</script>"
TWISTED = "\u202eTWISTED\u202c \u2066ISOLATED \x1b[31mRED\x1b]0;TITLE\x07 \u200f"
LONG = "an-endless-name-without-a-single-space-" * 12


def folder_of(home: Path) -> Path:
    folder = home / ".claude" / "projects" / "-w-app"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def working(home: Path) -> Path:
    """Sessions that call tools, have helpers and objectives, and names too long for any screen."""
    folder = folder_of(home)
    for number in range(6):
        name = f"s{number}"
        tool = [{"type": "tool_use", "id": f"toolu_{number}", "name": "Bash", "input": {}}]
        cwd = f"/work/{LONG}" if number == 0 else f"/work/project-{number}"
        branch = LONG if number == 0 else "main"
        title = encoded({"type": "custom-title", "customTitle": LONG if number == 0 else f"Task {number}"})
        first = response_now(number, name, cwd=cwd, gitBranch=branch)
        then = response_now(10 + number, name, cwd=cwd, gitBranch=branch, content=tool)
        (folder / f"{name}.jsonl").write_bytes(title + first + then)
    helpers = folder / "s1" / "subagents"
    helpers.mkdir(parents=True)
    (helpers / "agent-a1.jsonl").write_bytes(response_now(30, "s1", isSidechain=True, agentId="a1"))
    return home


def worrying(started: Server) -> None:
    """A session by hand that has used up nearly all of its budget: two alerts fire."""
    Moonlock(started.url).start("Fix login", token_budget=100).tokens(96)
    ended = time.monotonic() + PATIENCE
    while len(started.get("/api/alerts?phase=firing")["alerts"]) < 2:
        assert time.monotonic() < ended, "no alert fired"
        time.sleep(0.05)


def hostile(home: Path, number: int) -> None:
    """One response more of a session in which every text that the page shows is an attack."""
    text = HARM + TWISTED
    tool = [{"type": "tool_use", "id": f"toolu_{number}", "name": text, "input": {}}]
    more = {"cwd": f"/work/{HARM}", "gitBranch": text, "model": text, "version": text}
    title = encoded({"type": "custom-title", "customTitle": text})
    with (folder_of(home) / "s1.jsonl").open("ab") as log:
        log.write(title + response_now(number, "s1", content=tool, **more))
