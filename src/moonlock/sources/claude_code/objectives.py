"""What a session set out to do: task tools, to-do lists, accepted plans. Titles only, never their descriptions.

Every event stands on one line alone, so it does not matter in how many pieces a file is read. A list is told whole each
time, so a state may be said again; only a change is news.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TypeVar

import msgspec
from msgspec import Raw

from moonlock.model.events import ObjectiveSet, ObjectiveState
from moonlock.model.instant import Instant
from moonlock.sources.claude_code.identity import name_key
from moonlock.sources.claude_code.schema import REFUSED, Attachment, Block, text_of
from moonlock.sources.claude_code.words import TITLE, clean, heading

TODO, CREATE, UPDATE, LIST, PLAN = "TodoWrite", "TaskCreate", "TaskUpdate", "TaskList", "ExitPlanMode"
CALLS = {TODO, UPDATE}
RESULTS = {TODO, CREATE, LIST, PLAN}

_STATES: dict[str | None, ObjectiveState] = {
    "pending": "pending",
    "in_progress": "in_progress",
    "completed": "completed",
    "deleted": "deleted",
    "cancelled": "deleted",
}
_CREATED = re.compile(r"Task #(\w+) created successfully: (.*)")
_T = TypeVar("_T")


class Todo(msgspec.Struct, frozen=True):
    content: str | None = None
    status: str | None = None


class Task(msgspec.Struct, frozen=True):
    id: str | int | None = None
    subject: str | None = None
    status: str | None = None


class Asked(msgspec.Struct, frozen=True, rename="camel"):
    """The input of a call."""

    todos: list[Todo] = []
    task_id: str | int | None = None
    subject: str | None = None
    status: str | None = None


class Told(msgspec.Struct, frozen=True, rename="camel"):
    """The result of a call."""

    task: Task | None = None
    tasks: list[Task] = []
    old_todos: list[Todo] = []
    new_todos: list[Todo] = []
    plan: str | None = None


Item = tuple[str, str, ObjectiveState]
"""An objective's identity within the session, its title (``""`` when this line does not name it), its state."""


def called(block: Block, at: Instant) -> list[ObjectiveSet]:
    """What a call sets; TaskCreate has no number before its result."""
    asked = _decoded(block.input, Asked)
    if asked is None:
        return []
    if block.name == TODO:
        items = list(_todos(asked.todos))
    else:
        items = list(_tasks([Task(asked.task_id, asked.subject, asked.status)], None))
    return _events(items, at, str(block.name), block.id or "")


def ended(result: Raw, block: Block, at: Instant) -> list[ObjectiveSet]:
    """What a result adds: the number of a new task, a whole list, items that vanished from one, an accepted plan."""
    told = _decoded(result, Told) or Told()
    call = block.tool_use_id or ""
    if told.plan is not None:
        return accepted(told.plan, at, PLAN, call)
    if told.new_todos or told.old_todos:
        kept = {todo.content for todo in told.new_todos}
        gone = [todo for todo in told.old_todos if todo.content not in kept and todo.status != "completed"]
        return _events([(item, title, "deleted") for item, title, _ in _todos(gone)], at, TODO, call)
    if told.tasks:
        return _events(_tasks(told.tasks, None), at, LIST, call)
    created = told.task or _created(block)
    return _events(_tasks([created], "pending"), at, CREATE, call) if created else []


def reminded(attachment: Attachment, at: Instant, uuid: str) -> list[ObjectiveSet]:
    """Full snapshots that the client shows the model; most are empty and say nothing."""
    if attachment.type == "task_reminder":
        return _events(_tasks(_decoded(attachment.content, list[Task]) or [], None), at, "task_reminder", uuid)
    if attachment.type == "todo_reminder":
        return _events(_todos(_decoded(attachment.content, list[Todo]) or []), at, "todo_reminder", uuid)
    return []


def accepted(plan: str, at: Instant, source: str, said_by: str) -> list[ObjectiveSet]:
    """A plan becomes an objective when it is accepted, not when it is proposed."""
    title = heading(plan)
    return _events([(f"plan:{_mark(title)}", title, "in_progress")], at, source, said_by) if title else []


def _todos(todos: Iterable[Todo]) -> Iterator[Item]:
    for todo in todos:
        state = _STATES.get(todo.status)
        if todo.content and state:
            yield f"todo:{_mark(todo.content)}", clean(todo.content, TITLE), state


def _tasks(tasks: Iterable[Task], state: ObjectiveState | None) -> Iterator[Item]:
    for task in tasks:
        now = state or _STATES.get(task.status)
        if task.id is not None and now:
            yield f"task:{clean(str(task.id), 40)}", clean(task.subject or "", TITLE), now


def _events(items: Iterable[Item], at: Instant, source: str, said_by: str) -> list[ObjectiveSet]:
    return [
        ObjectiveSet(name_key("objective", said_by, item, state), at, item, title, state, source)
        for item, title, state in items
    ]


def _created(block: Block) -> Task | None:
    found = _CREATED.search(text_of(block.content))
    return Task(found[1], found[2]) if found else None


def _mark(text: str) -> str:
    return f"{name_key(text) & 0xFFFFFFFFFFFFFFFF:016x}"


def _decoded(raw: Raw, shape: type[_T]) -> _T | None:
    try:
        return msgspec.json.decode(raw, type=shape) if len(memoryview(raw)) else None
    except REFUSED:
        return None
