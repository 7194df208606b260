"""Tool calls of the demo: what goes in, what comes back, how long it takes."""

from __future__ import annotations

from random import Random
from typing import Any, NamedTuple

from moonlock.sources import demo_words as words

WEIGHTS = [tool.weight for tool in words.TOOLS]


class Call(NamedTuple):
    """One call with its result; ``took`` in milliseconds."""

    name: str
    input: dict[str, Any]
    text: str
    told: dict[str, Any] | str
    took: int
    failed: bool = False

    @property
    def weight(self) -> int:
        """Tokens that the result adds to the context."""
        return 40 + len(self.text) // 3


def everyday(rng: Random) -> Call:
    """A call as agents make them most of the time."""
    tool = rng.choices(words.TOOLS, WEIGHTS)[0]
    failed = rng.random() < tool.fails
    start = rng.randrange(600)
    text = words.TEXT[start : start + min(3_000, int(rng.lognormvariate(5.6, 1.0)))]
    took = int(tool.quickest + (tool.slowest - tool.quickest) * rng.random() ** 3)
    if failed:
        text = rng.choice(("Exit code 1\n", "Error: ", "File has not been read yet. ")) + text[:200]
        return Call(tool.name, _input(rng, tool.name), text, f"Error: {text}", took, True)
    return Call(tool.name, _input(rng, tool.name), text, _told(tool.name, text), took)


def _input(rng: Random, name: str) -> dict[str, Any]:
    if name == "Bash":
        return {"command": rng.choice(words.COMMANDS), "description": "Run it"}
    if name in ("Grep", "Glob"):
        return {"pattern": rng.choice(("load\\(", "cache", "**/*.py", "retry"))}
    if name == "WebFetch":
        return {"url": "https://docs.example.com/cache", "prompt": "What are the limits?"}
    if name.startswith("mcp__"):
        return {"number": rng.randrange(1, 400)}
    return {"file_path": rng.choice(words.FILES)}


def _told(name: str, text: str) -> dict[str, Any]:
    if name == "Bash":
        return {"stdout": text, "stderr": "", "interrupted": False, "isImage": False}
    if name == "Read":
        return {"type": "text", "file": {"filePath": "src/loader.py", "numLines": 60, "totalLines": 240}}
    if name in ("Edit", "Write"):
        changed = ["+    cache.put(key, value)"] * (1 + len(text) % 17) + ["-    return value"] * (len(text) % 5)
        return {"filePath": "src/loader.py", "structuredPatch": [{"oldStart": 12, "newStart": 12, "lines": changed}]}
    return {"content": text[:120]}


class Plan:
    """The task list of one wish: made at once, then ticked off one by one."""

    def __init__(self, *, tasks: bool, first: int) -> None:
        self.tasks, self.first, self.done = tasks, first, 0

    @property
    def finished(self) -> bool:
        return self.done >= len(words.PLAN)

    def made(self) -> list[Call]:
        """The calls that write the list down."""
        if not self.tasks:
            return [self._todos()]
        made = []
        for number, (subject, doing) in enumerate(words.PLAN, self.first):
            told = {"task": {"id": str(number), "subject": subject}}
            entry = {"subject": subject, "description": subject, "activeForm": doing}
            made.append(Call("TaskCreate", entry, f"Task #{number} created successfully: {subject}", told, 12))
        return made

    def begun(self) -> list[Call]:
        """The call that takes up the first item: its number is known only after the list was made."""
        return [self._update(self.first, "pending", "in_progress")]

    def ticked(self) -> list[Call]:
        """The calls that finish the present item and take up the next."""
        self.done += 1
        if not self.tasks:
            return [self._todos()]
        number = self.first + self.done - 1
        calls = [self._update(number, "in_progress", "completed")]
        return calls if self.finished else [*calls, self._update(number + 1, "pending", "in_progress")]

    def _update(self, number: int, known: str, status: str) -> Call:
        told = {
            "success": True,
            "taskId": str(number),
            "updatedFields": ["status"],
            "statusChange": {"from": known, "to": status},
        }
        entry = {"taskId": str(number), "status": status}
        return Call("TaskUpdate", entry, f"Updated task #{number} status", told, 9)

    def _todos(self) -> Call:
        states = ("completed", "in_progress", "pending")
        todos = [
            {"content": subject, "activeForm": doing, "status": states[(place > self.done) + (place >= self.done)]}
            for place, (subject, doing) in enumerate(words.PLAN)
        ]
        return Call("TodoWrite", {"todos": todos}, "Todos have been modified", {"oldTodos": [], "newTodos": todos}, 8)
