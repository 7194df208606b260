"""A person's own countdown: what happened to it, from which every figure of it follows at any moment."""

from __future__ import annotations

from typing import Literal

import msgspec

from moonlock.model.instant import DAY, HOUR, SECOND, Instant

MarkKind = Literal["start", "pause", "resume", "complete", "expire", "clock", "suspend"]
TimerState = Literal["running", "paused", "completed", "expired"]

USUAL, SHORTEST, LONGEST = 5 * HOUR, SECOND, DAY
"""Milliseconds that a timer has when nobody says otherwise, and what may be said."""


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """Something that happened to a timer, in the order of happening.

    ``at`` is the wall clock as it stood then. ``by`` is how far it was set (``clock``; negative is back), or how long
    the machine slept (``suspend``), in milliseconds.
    """

    kind: MarkKind
    at: Instant
    by: int = 0


class Jump(msgspec.Struct, frozen=True):
    """The wall clock was set, or the machine slept."""

    kind: Literal["clock", "suspend"]
    at: Instant
    by: int


class Timer(msgspec.Struct, frozen=True):
    """A countdown as it stands at one moment; all lengths in milliseconds."""

    state: TimerState
    elapsed: int
    paused: int
    ends_at: Instant | None
    """When it runs out, on the wall clock; None while it is paused or over."""
    ended_at: Instant | None
    """When it was over, on the wall clock."""
    since: Instant
    """Since when it has been in this state."""


class Clocks(msgspec.Struct, frozen=True, array_like=True):
    """One look at three clocks, in milliseconds."""

    wall: Instant
    """May be set."""
    awake: Instant
    """Only grows, and stands still while the machine sleeps."""
    boot: Instant
    """Only grows, also while the machine sleeps."""


class Anchor(msgspec.Struct, frozen=True, array_like=True):
    """What clocks are compared with; ``machine`` names the run of the machine that they belong to."""

    machine: str
    clocks: Clocks
