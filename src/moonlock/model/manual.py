"""A session by hand: a stretch of work that a person planned, with a timer, a budget, and what it gathers."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from moonlock.model.alert import Alert
from moonlock.model.instant import Instant
from moonlock.model.session import Session
from moonlock.model.timer import USUAL, Mark
from moonlock.model.tokens import Usage

CheckpointSource = Literal["person", "plan", "commit", "pull-request", "compaction"]
"""Who marked it: a person, or what an agent did and a person accepted."""
FollowKind = Literal["none", "all", "project", "session"]
LONGEST_PHASE, LONGEST_WORD, LONGEST_KEY, LONGEST_METADATA = 80, 200, 200, 4_000
MOST_TOKENS = 10**12
"""Of one posting, and of a budget: far above what anybody uses, far below what sums of 64 bits hold."""
MOST_MONEY = 10**12
"""Micro-dollars of a budget."""


class Follow(msgspec.Struct, frozen=True):
    """Whose usage is gathered. ``of`` is a project's folder (its name where no folder is known) or a session's uid."""

    kind: FollowKind = "none"
    of: str = ""

    def fits(self, session: Session) -> bool:
        """Whether this session's usage is gathered."""
        if self.kind == "project":
            return self.of in (session.root, session.project)
        return self.kind == "all" or (self.kind == "session" and session.uid == self.of)


class Budget(msgspec.Struct, frozen=True):
    """What the person allows: tokens, and micro-dollars; None is no bound."""

    tokens: int | None = None
    cost: int | None = None


class Plan(msgspec.Struct, frozen=True):
    """What a person wants of a new session."""

    name: str
    duration: int = USUAL
    budget: Budget = Budget()
    project: str = ""
    follow: Follow = Follow()


class Amend(msgspec.Struct, frozen=True):
    """What a person changes of a session by hand, all at once or not at all; None leaves as it is.

    Of a budget, which can be taken away, UNSET does.
    """

    status: Literal["running", "paused", "completed"] | None = None
    name: str | None = None
    description: str | None = None
    tags: tuple[str, ...] | None = None
    hidden: bool | None = None
    duration: int | None = None
    token_budget: int | UnsetType | None = UNSET
    cost_budget: int | UnsetType | None = UNSET


class Hand(msgspec.Struct, frozen=True):
    """A session by hand as the store remembers it."""

    uid: str
    plan: Plan
    description: str = ""
    tags: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    usage: Usage = Usage()
    """What was gathered from logs."""
    posted: int = 0
    """Tokens that were posted; nobody knows their price."""
    posted_at: Instant = 0
    hidden: bool = False

    @property
    def over(self) -> bool:
        return any(mark.kind in ("complete", "expire") for mark in self.marks)

    @property
    def tokens(self) -> int:
        return self.usage.tokens.total + self.posted


class Posting(msgspec.Struct, frozen=True):
    """Tokens that a program counted by itself; ``at`` None is the moment they arrive."""

    tokens: int
    operation: str | None = None
    model: str | None = None
    at: Instant | None = None


class Milestone(msgspec.Struct, frozen=True):
    """What a person marks: the phase that was reached; ``metadata`` is a JSON object as text, or ""."""

    phase: str
    prompts: int | None = None
    metadata: str = ""


class Checkpoint(msgspec.Struct, frozen=True):
    """A milestone that was reached."""

    number: int
    at: Instant
    elapsed: int
    """Milliseconds that the timer had run by then."""
    milestone: Milestone
    source: CheckpointSource = "person"
    uid: str | None = None
    """The agent's session that did what was accepted."""


class Suggestion(msgspec.Struct, frozen=True):
    """What a followed session did that may be a phase: a checkpoint, as soon as a person accepts it."""

    key: int
    at: Instant
    elapsed: int
    """Milliseconds that the timer had run by then."""
    source: CheckpointSource
    phase: str
    uid: str
    """The agent's session that did it."""


class Entry(msgspec.Struct, frozen=True):
    """One count of tokens of a session: a request in a log, or a posting."""

    at: Instant
    source: Literal["log", "api"]
    number: int
    tokens: int
    model: str | None = None
    operation: str | None = None
    cost: int | None = None
    uid: str | None = None
    """The agent's session that the request belongs to."""


class Stretch(msgspec.Struct, frozen=True):
    """The way to a checkpoint from the one before it; ``phase`` None is what came after the last one."""

    phase: str | None
    started_at: Instant
    ended_at: Instant
    elapsed: int
    usage: Usage
    posted: int


class Own(msgspec.Struct, frozen=True):
    """Medians over one's own sessions by hand that were over before this one ended."""

    sessions: int
    elapsed: int
    tokens: int
    cost: int


class Final(msgspec.Struct, frozen=True):
    """What is to be said of a session by hand when it is over, or as it stands now."""

    hand: Hand
    stretches: tuple[Stretch, ...]
    past: Own | None
    """None when there is none to compare with."""
    alerts: tuple[Alert, ...] = ()
    """Those that fired, oldest first."""
