"""What the demo's agents say beside their logs: hooks and status lines, as a client sends them at the same moment.

Everything is made from the line that was just written, so that log, hooks and status line never tell different stories.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec

from moonlock.model.instant import DAY, HOUR, MINUTE, SECOND, Instant
from moonlock.sources.demo_words import HAIKU, HELPER, OPUS, SMALL, SONNET

ASKS_FIRST = "07"
"""How the id of a call ends that a person has to allow: every eighth of those that change anything."""
ALLOWED_FIRST = frozenset({"Bash", "Edit", "Write"})
FIVE_HOURS, WEEK = 20_000, 260_000
"""Tokens of output that take one percent of these limits."""
SPARE = 33_000
"""Tokens that a client keeps free: it compacts so far before the end of the window."""
WINDOWS = {model.name: model.compacts_at + SPARE for model in (OPUS, SONNET, HAIKU, SMALL, HELPER)}
BEGUN_WITH = (41.0, 52.0)
"""Percent of them that were used when the demo began."""


class Doors(NamedTuple):
    """Where an agent's words go: those of the server, behind the guard."""

    hook: Callable[[bytes], None]
    status_line: Callable[[bytes], None]


class Limit:
    """One limit of the demo's plan."""

    def __init__(self, length: int, used: float, resets_at: Instant, tokens: int) -> None:
        self.length, self.used, self.resets_at, self.tokens = length, used, resets_at, tokens

    def spend(self, output: int, now: Instant) -> None:
        """A response takes its part; a window that is over begins anew."""
        while now >= self.resets_at:
            self.resets_at += self.length
            self.used = 0.0
        self.used = min(100.0, self.used + output / self.tokens)

    def told(self) -> dict[str, float]:
        return {"used_percentage": round(self.used, 1), "resets_at": self.resets_at // SECOND}


class Agents:
    """All agents of the demo, who share one plan."""

    def __init__(self, now: Instant) -> None:
        soon = (now + 97 * MINUTE) // (10 * MINUTE) * 10 * MINUTE
        self._limits = {
            "five_hour": Limit(5 * HOUR, BEGUN_WITH[0], soon, FIVE_HOURS),
            "seven_day": Limit(7 * DAY, BEGUN_WITH[1], now // HOUR * HOUR + 67 * HOUR, WEEK),
        }

    def say(self, data: bytes, now: Instant, doors: Doors) -> None:
        """Tell the doors what belongs to a line of a transcript; sub-agents and bare lines say nothing."""
        line = msgspec.json.decode(data)
        if line.get("isSidechain") is not False:
            return
        for event in _events(line):
            doors.hook(_hook(line, event))
        message = line.get("message", {})
        if line["type"] == "assistant" and message["stop_reason"] in ("tool_use", "end_turn"):
            doors.status_line(self._status(line, message, now))

    def _status(self, line: dict[str, Any], message: dict[str, Any], now: Instant) -> bytes:
        used = message["usage"]
        for limit in self._limits.values():
            limit.spend(used["output_tokens"], now)
        told = {
            "session_id": line["sessionId"],
            "version": line["version"],
            "cwd": line["cwd"],
            "model": {"id": message["model"]},
            "context_window": {
                "context_window_size": WINDOWS[message["model"]],
                "current_usage": {name: used[name] for name in used if name.endswith("_tokens")},
            },
            "rate_limits": {name: limit.told() for name, limit in self._limits.items()},
        }
        return msgspec.json.encode(told)


Event = dict[str, object]


def _events(line: dict[str, Any]) -> Iterator[Event]:
    content = line.get("message", {}).get("content", "")
    if line["type"] == "system" and line.get("subtype") == "compact_boundary":
        yield {"hook_event_name": "PostCompact", "trigger": "auto"}
    elif line["type"] == "user" and isinstance(content, str) and "promptId" in line:
        yield {"hook_event_name": "UserPromptSubmit", "prompt_id": line["promptId"]}
    elif line["type"] == "user" and isinstance(content, list):
        for part in content:
            name = "PostToolUseFailure" if part["is_error"] else "PostToolUse"
            yield {"hook_event_name": name, "tool_use_id": part["tool_use_id"]}
    elif line.get("isApiErrorMessage"):
        yield {"hook_event_name": "StopFailure", "error": line["error"]}
    elif line["type"] == "assistant":
        yield from _answered(content, line["message"]["stop_reason"])


def _answered(content: list[dict[str, Any]], stop: str | None) -> Iterator[Event]:
    for part in content:
        if part["type"] != "tool_use":
            continue
        call: Event = {"tool_name": part["name"], "tool_use_id": part["id"]}
        yield {"hook_event_name": "PreToolUse", **call}
        if part["name"] in ALLOWED_FIRST and part["id"][-1] in ASKS_FIRST:
            yield {"hook_event_name": "PermissionRequest", **call}
    if stop == "end_turn":
        yield {"hook_event_name": "Stop"}


def _hook(line: dict[str, Any], event: Event) -> bytes:
    return msgspec.json.encode({"session_id": line["sessionId"], "cwd": line["cwd"], **event})
