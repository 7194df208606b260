"""What others than its log say of a session: the agent's hooks, and the agent's registry of its running processes."""

from __future__ import annotations

from typing import Literal

import msgspec

from moonlock.model.instant import Instant

Teller = Literal["log", "registry", "hook"]
"""Who says what a session does."""
WaitingFor = Literal["permission", "question", "prompt"]
"""What a person is to give: leave for a tool, an answer, or the next thing to do."""
Doing = Literal["busy", "waiting", "idle", ""]
"""What a process says of itself; "" when it only says that it is there."""


class HookSeen(msgspec.Struct, frozen=True):
    """A hook that an agent called. No prompt, no input and no output of a tool is in it."""

    session: str
    """The agent's own id of the session."""
    event: str
    at: Instant
    tool: str = ""
    tool_id: str = ""
    prompt_id: str = ""
    notice: str = ""
    """The kind of a notification."""
    agent_id: str = ""
    """The sub-agent that called, or "" for the session's own line."""
    reason: str = ""
    """The class of an error, why a session ended, or who asked for a compaction."""


class Process(msgspec.Struct, frozen=True):
    """A process of an agent, as its registry names it."""

    pid: int
    session: str
    """The agent's own id of the session that it works on."""
    doing: Doing
    at: Instant
    """Since when."""
    waiting_for: WaitingFor | None = None


class Roll(msgspec.Struct, frozen=True):
    """One look at a registry: who lives, and whose entry was left behind by a process that is no more."""

    found: bool = False
    """Whether there is a registry that can be judged here."""
    alive: tuple[Process, ...] = ()
    dead: tuple[Process, ...] = ()
