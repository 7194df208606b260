"""Sub-agents: what a call wants of one, which one it led to, and how those in the background end.

Every event stands on one line alone: which call led to a sub-agent that is over, knows who keeps both. A call that
failed ends what it wanted by itself.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec
from msgspec import Raw

from moonlock.model.aims import agent_aim
from moonlock.model.events import Event, ObjectiveSet, SubagentEnded, SubagentStarted
from moonlock.model.instant import Instant
from moonlock.sources.claude_code.identity import name_key, tool_key
from moonlock.sources.claude_code.schema import REFUSED, Block
from moonlock.sources.claude_code.words import NAME, TITLE, clean

CALLS = frozenset({"Agent", "Task"})
_OUTPUT = "TaskOutput"
_KEYS = re.compile(rb'"(?:agentId|task_id)"\s*:')
"""In the result of a call that was read earlier; a name inside a text has a backslash behind it."""
_BACKGROUND = "async_launched"
_Over = Literal["completed", "deleted"]
_ENDS: dict[str | None, _Over] = {
    "completed": "completed",
    "failed": "deleted",
    "error": "deleted",
    "killed": "deleted",
    "stopped": "deleted",
    "cancelled": "deleted",
}
NOTIFIED = "<task-notification>"
_HEAD = 2_000
"""Characters of a notification in which its ids stand; what the sub-agent answered comes behind them."""
_FIELD = re.compile(r"<(task-id|tool-use-id|status)>([^<]{1,200})</")


class Asked(msgspec.Struct, frozen=True):
    """The input of a call."""

    description: str | None = None
    subagent_type: str | None = None


class Waited(msgspec.Struct, frozen=True):
    task_id: str | None = None
    task_type: str | None = None
    status: str | None = None


class Told(msgspec.Struct, frozen=True, rename="camel"):
    """The result of a call."""

    agent_id: str | None = None
    agent_type: str | None = None
    status: str | None = None
    task: Waited | None = None


_asked = msgspec.json.Decoder(Asked).decode
_told = msgspec.json.Decoder(Told).decode


def called(block: Block, at: Instant, parent: str) -> list[Event]:
    """What a sub-agent is called for, and of what kind it is to be."""
    try:
        asked = _asked(block.input) if len(memoryview(block.input)) else Asked()
    except REFUSED:
        asked = Asked()
    tool, name = block.id or "", block.name or ""
    aim = agent_aim(tool_key(tool))
    title = clean(asked.description or "", TITLE)
    begun = ObjectiveSet(name_key("objective", tool, aim, "in_progress"), at, aim, title, "in_progress", name)
    kind = clean(asked.subagent_type or "", TITLE)
    return [begun, _link((tool, ""), at, kind, parent)] if kind else [begun]


def ended(result: Raw, block: Block, at: Instant, parent: str, known: str | None) -> list[Event]:
    """What a result that is no failure tells; ``known`` is the name of its call, None where that was read earlier."""
    if not (known in CALLS or known == _OUTPUT or (known is None and _KEYS.search(result))):
        return []
    try:
        told = _told(result)
    except REFUSED:
        return []
    tool = block.tool_use_id or ""
    if told.task is not None:
        return _task_over(told.task, tool, at)
    if not told.agent_id or (told.status != _BACKGROUND and told.status not in _ENDS):
        return []
    link = _link((tool, clean(told.agent_id, NAME)), at, clean(told.agent_type or "", TITLE), parent)
    if told.status == _BACKGROUND:
        return [link]
    aim, over = agent_aim(tool_key(tool)), _ENDS[told.status]
    return [link, ObjectiveSet(name_key("objective", tool, aim, over), at, aim, "", over, "Agent")]


def notified(text: str, at: Instant) -> list[Event]:
    """How a task in the background ended; the first words count, for what it answered may hold such words too."""
    said = dict(reversed(_FIELD.findall(text[:_HEAD])))
    tool, task, over = said.get("tool-use-id"), said.get("task-id"), _ENDS.get(said.get("status"))
    if over is None or not (tool or task):
        return []
    return [SubagentEnded(name_key("subagent-ended", tool or task or "", over), at, over, *_whose(tool, task))]


def progressed(tool: str, agent_id: str, at: Instant, parent: str) -> SubagentStarted:
    """A line of a sub-agent that names the call which led to it."""
    return _link((tool, clean(agent_id, NAME)), at, "", parent)


def _link(of: tuple[str, str], at: Instant, kind: str, parent: str) -> SubagentStarted:
    tool, agent_id = of
    return SubagentStarted(name_key("subagent", tool, agent_id, kind), at, agent_id, tool_key(tool), kind, parent)


def _task_over(task: Waited, tool: str, at: Instant) -> list[Event]:
    over = _ENDS.get(task.status)
    if over is None or task.task_type != "local_agent" or not task.task_id:
        return []
    return [SubagentEnded(name_key("subagent-ended", tool, task.task_id, over), at, over, clean(task.task_id, NAME))]


def _whose(tool: str | None, task: str | None) -> tuple[str, int]:
    return clean(task or "", NAME), tool_key(tool) if tool else 0
