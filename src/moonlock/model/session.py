"""A session: one stretch of work with an agent, found in a log."""

from __future__ import annotations

from typing import Literal

import msgspec

from moonlock.model.instant import Instant
from moonlock.model.label import Label
from moonlock.model.tokens import Usage

SessionStatus = Literal["running", "waiting", "idle", "paused", "compacting", "limited", "error", "completed"]
TitleSource = Literal["", "summary", "agent", "custom"]
CallState = Literal["", "in_progress", "completed", "deleted"]
Phase = Literal["", "prompted", "answering", "calling", "answered", "failed", "limited", "compacted"]


class SessionKey(msgspec.Struct, frozen=True, array_like=True):
    """Who a session is (rule S3): the agent, the folder of its project, and the agent's own name for it."""

    agent: str
    folder: str
    native_id: str


class PendingTool(msgspec.Struct, frozen=True, array_like=True):
    """A tool call without a result so far."""

    key: int
    name: str
    since: Instant
    target: str = ""
    """The file or the first words of the command that it works on, where they are known."""


class Tail(msgspec.Struct, frozen=True, array_like=True):
    """How a file ended when it was last read: what the status of a live session is told from."""

    at: Instant = 0
    phase: Phase = ""
    pending: tuple[PendingTool, ...] = ()
    context: int | None = None
    """Tokens in the model's context at the last main-chain response (input and cache, output left out)."""
    context_at: Instant = 0
    model: str = ""
    limit_resets_at: Instant | None = None
    largest_prompt: int = 0
    """The largest request of the session so far: above 200,000 proves a window of a million."""


class SessionSeen(msgspec.Struct, frozen=True, array_like=True):
    """What one read of one file told about its session; empty fields say nothing."""

    key: SessionKey
    agent_id: str = ""
    """Set when the file belongs to a sub-agent of the session."""
    cwd: str = ""
    """The first working directory that the file's own lines name."""
    branch: str = ""
    version: str = ""
    title: str = ""
    title_source: TitleSource = ""
    first_at: Instant | None = None
    last_at: Instant | None = None
    tail: Tail | None = None


class Subagent(msgspec.Struct, frozen=True):
    """A helper that a session started, with its own share of the usage."""

    agent_id: str
    model: str
    first_at: Instant
    last_at: Instant
    usage: Usage
    title: str = ""
    """What its call says that it is to do."""
    kind: str = ""
    parent: str = ""
    """The sub-agent that called it; ``""`` for the session's own line, and where nobody knows."""
    call: int = 0
    """Key of the newest call that led to it; 0 where none is known."""
    state: CallState = ""
    """How far that call is; ``""`` where none is known."""


class Session(msgspec.Struct, frozen=True):
    """A session as the store remembers it. ``uid`` is stable, short and safe in a URL."""

    uid: str
    key: SessionKey
    title: str
    project: str
    """The name of its root folder, which no other project has; worktrees and moved folders are one project."""
    cwd: str
    branch: str
    version: str
    first_at: Instant | None
    last_at: Instant | None
    model: str
    tail: Tail
    usage: Usage
    subagents: Usage
    """The share of ``usage`` that sub-agents spent."""
    agents: tuple[Subagent, ...] = ()
    root: str = ""
    """The folder of the project; "" when no log names it."""
    label: Label = Label()
