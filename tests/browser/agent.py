"""An agent that works this moment, and writes its log line by line."""

from __future__ import annotations

import itertools
import time
from pathlib import Path
from typing import Any

from claude_lines import encoded, result, said, usage

_numbers = itertools.count(1)
MODEL = "claude-haiku-4-5"
"""Its window is of 200,000, without a doubt."""


class Agent:
    """Writes the log of session ``s1``, or that of a sub-agent in it."""

    def __init__(self, log: Path, helper: str = "") -> None:
        self._log = log
        self._envelope: dict[str, Any] = {"sessionId": "s1"}
        if helper:
            log.parent.mkdir(parents=True, exist_ok=True)
            self._envelope |= {"isSidechain": True, "agentId": helper}

    def answers(self, context: int) -> None:
        """A response with so much context, which ends its turn."""
        self._says(context, [{"type": "text", "text": "Done."}], "end_turn")

    def calls(self, tool: str, name: str, context: int = 40_000, **given: object) -> None:
        """A response with so much context, which calls a tool."""
        self._says(context, [{"type": "tool_use", "id": tool, "name": name, "input": given}], "tool_use")

    def hears(self, tool: str, error: bool | None = None, **told: Any) -> None:
        """A tool is over."""
        more = {"toolUseResult": told} if told else {}
        self._write(result(tool, _now(), error=error, **self._envelope, **more))

    def plans(self, tool: str, context: int, *states: str) -> None:
        """Objectives stand like this."""
        todos = [{"content": f"Part {n}", "activeForm": "", "status": state} for n, state in enumerate(states)]
        self.calls(tool, "TodoWrite", context, todos=todos)
        self.hears(tool)

    def _says(self, context: int, content: list[dict[str, Any]], stop: str) -> None:
        number, used = next(_numbers), usage(read=context - 10, output=50)
        more = {"content": content, "stop": stop, "model": MODEL, **self._envelope}
        self._write(said(f"msg_a{number}", f"req_a{number}", used, _now(), **more))

    def _write(self, line: dict[str, Any]) -> None:
        with self._log.open("ab") as log:
            log.write(encoded(line))


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + ".000Z"
