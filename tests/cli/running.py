"""The real program in a home of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from measured import MEASURED
from serving import MOONLOCK, environment


def moonlock(home: Path, *args: str, env: Mapping[str, str] | None = None, status: int | None = 0) -> Said:
    """Run the program to its end; ``status`` is the exit code that is expected, None any."""
    return _run([MOONLOCK, *args], home, env or {}, status)


def moonlock_at(now: str, home: Path, *args: str, env: Mapping[str, str] | None = None, status: int = 0) -> Said:
    """The same while the one clock of the house says ``now``."""
    at = round(datetime.fromisoformat(now).timestamp() * 1000)
    code = (
        "import sys\n"
        "from moonlock.live import clock\n"
        f"clock.now = lambda: {at}\n"
        f"sys.argv = ['moonlock', *{args!r}]\n"
        "from moonlock.cli import main\n"
        "main()"
    )
    return _run([sys.executable, "-c", code], home, env or {}, status)


def _run(command: Sequence[str], home: Path, env: Mapping[str, str], status: int | None) -> Said:
    known = {**environment(home), **MEASURED, "TZ": "UTC", "COLUMNS": "80", **env}
    done = subprocess.run(command, env=known, capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert status is None or done.returncode == status, f"{done.returncode}: {done.stdout}{done.stderr}"
    return Said(done.stdout, done.stderr)


class Said:
    def __init__(self, out: str, err: str) -> None:
        self.out, self.err = out, err


FIRST = "11111111-1111-4111-8111-111111111111"


def log(home: Path, *lines: str, session: str = FIRST, folder: str = "-w-alpha") -> Path:
    """A transcript of Claude Code below this home; ``session`` may go on with ``/subagents/agent-x``."""
    path = home / ".claude" / "projects" / folder / f"{session}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in lines)
    return path


def answer(
    number: int,
    at: str,
    tokens: Sequence[int] = (100, 50, 0, 0),
    model: str = "claude-sonnet-5-5",
    content: Sequence[Mapping[str, object]] = (),
    **more: object,
) -> str:
    """One billed response: input, output, cache write, cache read; ``more`` are further keys of its line."""
    given, output, written, read = tokens
    usage = {
        "input_tokens": given,
        "output_tokens": output,
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": read,
    }
    message = {"id": f"msg_{number:012d}", "role": "assistant", "model": model, "content": content, "usage": usage}
    line = {
        "type": "assistant",
        "uuid": f"00000000-0000-4000-8000-{number:012d}",
        "timestamp": at,
        "sessionId": FIRST,
        "version": "2.1.318",
        "cwd": "/w/alpha",
        "requestId": f"req_{number:012d}",
        "message": message,
        **more,
    }
    return json.dumps(line, separators=(",", ":"))
