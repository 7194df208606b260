"""What an append added to what was known: the only thing the live side learns from the store."""

from __future__ import annotations

import msgspec

from moonlock.model.events import Event
from moonlock.model.instant import Instant
from moonlock.model.session import Session
from moonlock.model.tokens import Usage


class UsageGain(msgspec.Struct, frozen=True):
    """A difference in what was used: negative where a request grew, moved to another session, or proved a replay."""

    uid: str
    at: Instant
    usage: Usage
    agent_id: str = ""


class Fact(msgspec.Struct, frozen=True):
    """A new event of a session. A ToolCall comes twice: when it is new, and when its outcome is known."""

    uid: str
    event: Event


class Gain(msgspec.Struct, frozen=True):
    """``sessions`` are those touched, with their totals after the append."""

    sessions: tuple[Session, ...] = ()
    usage: tuple[UsageGain, ...] = ()
    facts: tuple[Fact, ...] = ()
    rows: int = 0
    """Rows written, so that tests can count work instead of time."""
    moved: bool = False
    """Events that were known now belong to another session: what was folded before is no longer theirs."""
    regrouped: bool = False
    """Sessions that are not told here may have another project now: its name had to be told from a new one's, or it
    was moved."""
