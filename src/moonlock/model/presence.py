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
    took: int | None = None
    """Milliseconds that a tool ran, without the time in which a person was asked for leave."""


class Wait(msgspec.Struct, frozen=True):
    """A person was waited for, as hooks tell it."""

    start: Instant
    over: Instant | None
    """None where no hook tells when: the leave that was given is only known from a tool that says how long it ran."""
    wants: WaitingFor
    tool: str = ""
    heard: Instant = 0
    """When it was known to be over."""


class Waited(msgspec.Struct, frozen=True):
    """What hooks tell of one session; ``hooked`` is whether any of its hooks was ever heard."""

    hooked: bool = False
    waits: tuple[Wait, ...] = ()


class Remembered(msgspec.Struct, frozen=True):
    """What is known of a session beside its log, as it outlives a restart; ``course`` is what hooks said, or b""."""

    agent: str
    session: str
    """The agent's own id."""
    at: Instant
    alive: bool = False
    """Whether a process of it was registered."""
    gone_at: Instant | None = None
    course: bytes = b""
    waits: tuple[Wait, ...] = ()
    """The newest ones."""
    settled: Instant = 0
    """Waits that were over by then are not told differently any more."""


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
