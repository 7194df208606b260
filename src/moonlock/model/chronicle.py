"""One session from its beginning to its end: the facts of it in time order, and what was said in it."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

from moonlock.model.events import (
    AgentError,
    Committed,
    Compaction,
    LimitHit,
    ObjectiveSet,
    Outcome,
    PromptSent,
    PullRequestOpened,
    SubagentEnded,
    SubagentStarted,
    ToolCall,
)
from moonlock.model.instant import Instant
from moonlock.model.manual import Checkpoint
from moonlock.model.timer import Mark
from moonlock.model.tokens import Tokens, Usage

FactKind = Literal[
    "request",
    "tool",
    "prompt",
    "compaction",
    "limit",
    "error",
    "objective",
    "pull-request",
    "commit",
    "checkpoint",
    "status",
]
FACT_KINDS: tuple[FactKind, ...] = get_args(FactKind)
Lane = Literal["turn", "tool", "agent", "waiting", "timer"]
Speech = Literal["prompt", "answer", "thinking", "call", "result", "note"]


class Billed(msgspec.Struct, frozen=True, gc=False):
    """A response as every report counts it."""

    key: int
    at: Instant
    last_at: Instant
    model: str
    """As reports name it."""
    tokens: Tokens
    cost: int | None
    """Micro-dollars; None where nobody knows the price."""
    agent_id: str = ""
    understated: int = 0


Fact = (
    Billed
    | ToolCall
    | PromptSent
    | Compaction
    | LimitHit
    | AgentError
    | ObjectiveSet
    | SubagentStarted
    | SubagentEnded
    | PullRequestOpened
    | Committed
    | Checkpoint
    | Mark
)
After = tuple[Instant, str, int]
"""Where a list of facts goes on: moment, kind and key of the last one."""


class Told(msgspec.Struct, frozen=True, gc=False):
    """A fact, and its place in the order of all facts of its session."""

    at: Instant
    kind: FactKind
    key: int
    fact: Fact

    @property
    def order(self) -> After:
        return self.at, self.kind, self.key


class Shared(msgspec.Struct, frozen=True):
    """A tool in one session: how it went, and its share of what the responses that called it used."""

    name: str
    calls: int
    failed: int
    denied: int
    open: int
    duration: int
    """Milliseconds of all calls whose end is known."""
    usage: Usage
    server: str | None = None
    """The MCP server that it belongs to."""
    times: tuple[int, int] | None = None
    """How long half of the calls, and nineteen of twenty, took at most."""


class Chapter(msgspec.Struct, frozen=True):
    """A log of a session: which file, of which agent, and whether it was there when it was looked for last."""

    path: str
    source: str


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was said in a session, as its log has it."""

    at: Instant | None
    kind: Speech
    text: str
    """Of a call what was handed to the tool, as JSON."""
    cut: int = 0
    """Characters that were left out at the end."""
    tool: str = ""
    call: str = ""
    """The log's own id of the call, by which its result is found."""
    outcome: Outcome | None = None
    model: str = ""
    agent_id: str = ""
    readable: bool = True
    """False for a line that makes no sense, or is longer than a record can be."""


Spot = tuple[int, int]
"""A place in a log: the offset of a line, and how many things that it says come before."""


class Page(msgspec.Struct, frozen=True):
    """A stretch of a log: what was said in it, and where the next one begins; None at the end."""

    said: list[Said]
    next: Spot | None
