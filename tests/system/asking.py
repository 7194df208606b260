"""Questions to the real program, and real lines for it to read."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from claude_lines import TEN, encoded, said, usage
from cli.running import moonlock
from serving import MOONLOCK, Server, environment

TOKENS = 60
"""Of one ``response``: 10 in, 50 out."""


def response(number: int, session: str = "s1", **more: Any) -> bytes:
    """A line that carries one request."""
    given = {"at": TEN + number * 1000, "sessionId": session, **more}
    return encoded(said(f"msg_{number}", f"req_{number}", given.pop("used", usage()), **given))


def log_of(home: Path, session: str = "s1", project: str = "-w-app") -> Path:
    """Where the transcript of a session lies; its folder is there."""
    path = home / ".claude" / "projects" / project / f"{session}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def written(home: Path, *numbers: int, session: str = "s1", project: str = "-w-app") -> Path:
    """A transcript that has gained a response of each number."""
    path = log_of(home, session, project)
    with path.open("ab") as file:
        file.write(b"".join(response(number, session) for number in numbers))
    return path


def report(home: Path) -> dict[str, Any]:
    """``moonlock usage daily --json``, without what tells how it was read."""
    document: dict[str, Any] = json.loads(moonlock(home, "usage", "daily", "--json").out)
    return {name: document[name] for name in ("rows", "totals")}


def requests_of(home: Path) -> int:
    found: int = report(home)["totals"]["requests"]
    return found


class Told(NamedTuple):
    """What ``doctor`` or ``/health`` says of one part."""

    status: str
    codes: set[str]
    text: str


def told_of(part: str, health: Mapping[str, Any]) -> Told:
    """The word on one part, all its findings together."""
    found = health["components"][part]
    findings = found["findings"]
    text = "\n".join([found["summary"] or "", *(f"{each['message']} {each['hint']}" for each in findings)])
    return Told(found["status"], {each["code"] for each in findings}, text)


def doctor(home: Path, part: str, within: Sequence[str] = ()) -> Told:
    """What ``moonlock doctor --json`` says of one part."""
    return told_of(part, json.loads(ran(home, "doctor", "--json", within=within).stdout))


def ran(home: Path, *args: str, within: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """The program, started by another one that gives it surroundings of its own."""
    command, env = [*within, MOONLOCK, *args], environment(home) | {"TZ": "UTC"}
    return subprocess.run(command, env=env, capture_output=True, encoding="utf-8", timeout=120, check=False)


def status_of(part: str, server: Server) -> str:
    """How a part of the server does now; empty while it has not said so."""
    found = server.get("/health")["components"].get(part)
    return str(found["status"]) if found else ""


def counted(server: Server) -> int:
    """Requests of all sessions that the server knows."""
    return sum(each["requests"] for each in server.get("/api/sessions")["sessions"])
