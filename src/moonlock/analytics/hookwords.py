"""What hooks say of a session: the state that they are folded into."""

from __future__ import annotations

import msgspec

from moonlock.model.instant import Instant
from moonlock.model.presence import HookSeen, Wait, WaitingFor
from moonlock.model.session import SessionStatus

ANSWERS = ("PostToolUse", "PostToolUseFailure", "PermissionDenied", "ElicitationResult", "Notification")
"""What ends a question when it is answered; whatever else does comes when nobody knows what became of it."""


class OpenTool(msgspec.Struct, frozen=True):
    """A tool that runs, by the agent's own id of the call."""

    id: str
    name: str
    since: Instant


class Word(msgspec.Struct, frozen=True):
    """What hooks say; ``status`` None is nothing."""

    status: SessionStatus | None = None
    since: Instant = 0
    at: Instant = 0
    """The newest hook of the session's own line."""
    tool: str = ""
    waiting_for: WaitingFor | None = None
    asker: str = ""
    """The sub-agent that waits for a person."""
    helper_at: Instant = 0
    """The newest hook of a sub-agent."""
    left: tuple[tuple[str, Instant], ...] = ()
    """Sub-agents that said they were done, and when."""
    open: tuple[OpenTool, ...] = ()
    ended: tuple[str, ...] = ()
    prompt: str = ""
    past: tuple[str, ...] = ()
    """Prompts before this one."""
    waits: tuple[Wait, ...] = ()
    """How long a person was waited for, the newest last."""

    @property
    def asks(self) -> bool:
        """Whether a person is to give leave or an answer."""
        return self.status == "waiting" and not self.at_turn

    @property
    def heard(self) -> Instant:
        """When its own line spoke last, or a sub-agent said something else of it."""
        return max(self.at, self.since)

    @property
    def at_turn(self) -> bool:
        """Whether the person is to say what is next."""
        return self.status == "waiting" and self.waiting_for == "prompt"


def waited(word: Word, seen: HookSeen) -> Wait:
    """The wait that this hook is the end of."""
    over: Instant | None = None
    if word.waiting_for == "question":
        over = seen.at if seen.event in ANSWERS else None
    elif seen.tool == word.tool and seen.event == "PermissionDenied":
        over = seen.at
    elif seen.tool == word.tool and seen.took is not None:
        over = seen.at - seen.took
    wants = word.waiting_for or "permission"
    return Wait(word.since, None if over is None else max(over, word.since), wants, word.tool, seen.at)
