"""Claude Code logs for tests: real lines, each with its own ids, at any moment."""

from __future__ import annotations

import itertools
import json
import os
from pathlib import Path

from moonlock.model.instant import Instant, iso

_numbers = itertools.count(1)
MODEL = "claude-opus-4-8"


def answer(at: Instant, tokens: int = 100, session: str = "s1", tool: str = "", message: str = "") -> str:
    """A response with ``tokens`` output tokens; with a tool it calls that, without it is the user's turn."""
    number = next(_numbers)
    call = {"type": "tool_use", "id": f"toolu_{number}", "name": tool, "input": {}}
    said = {
        "id": message or f"msg_{number}",
        "type": "message",
        "role": "assistant",
        "model": MODEL,
        "content": [call if tool else {"type": "text", "text": "done"}],
        "stop_reason": "tool_use" if tool else "end_turn",
        "usage": {"input_tokens": 0, "output_tokens": tokens},
    }
    return line("assistant", at, session, message=said, requestId=f"req_{message or number}")


def result(at: Instant, tool: int, session: str = "s1") -> str:
    said = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": f"toolu_{tool}", "content": "ok"}]}
    return line("user", at, session, message=said)


def prompt(at: Instant, session: str = "s1") -> str:
    return line("user", at, session, message={"role": "user", "content": "do it"})


def line(kind: str, at: Instant, session: str, **more: object) -> str:
    head = {
        "type": kind,
        "uuid": f"uuid-{next(_numbers)}",
        "timestamp": iso(at),
        "sessionId": session,
        "cwd": "/work/thing",
        "version": "2.1.250",
        "isSidechain": False,
    }
    return json.dumps({**head, **more}) + "\n"


def last_number(text: str) -> int:
    """The number of the tool call in a line of ``answer``."""
    return int(text.split('"toolu_')[1].split('"')[0])


def write(path: Path, *lines: str, modified: Instant | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write("".join(lines))
    if modified is not None:
        os.utime(path, ns=(modified * 1_000_000, modified * 1_000_000))
    return path


def log(home: Path, session: str = "s1", project: str = "-work-thing") -> Path:
    return home / ".claude" / "projects" / project / f"{session}.jsonl"
