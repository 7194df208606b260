"""Where it leads: how a window may end, how much stands behind that, and whether it goes faster than usual."""

from __future__ import annotations

from typing import Literal

import msgspec

from moonlock.model.instant import Instant
from moonlock.model.limits import Anchor, Block, BurnRate
from moonlock.model.manual import Budget

Unit = Literal["costUsd", "tokens"]
AnomalyState = Literal["learning", "usual", "high"]


class Band(msgspec.Struct, frozen=True):
    """What is expected, and the range that four of five lie in."""

    expected: float
    low: float
    high: float


class Outcome(msgspec.Struct, frozen=True):
    """How one quantity of a window may end."""

    end: Band
    overrun: float | None
    """The probability that it passes the limit; None without a limit."""
    reached: Band | None
    """Minutes until it does, if it does; None when too few of the futures do."""
    effective: float
    """So many equally good examples are worth as much as all of them together."""
    shares: tuple[float, ...]
    """What each of one's own windows weighed, oldest first; the rest of 1 is the prior."""


class Spent(msgspec.Struct, frozen=True):
    """The requests of one minute, known by the moment of the first."""

    at: Instant
    tokens: int
    cost: int
    """Micro-dollars of the priced ones."""


class PastWindow(msgspec.Struct, frozen=True):
    """A five-hour window that is over, minute by minute."""

    start: Instant
    end: Instant
    anchor: Anchor
    tokens: tuple[int, ...]
    cost: tuple[int, ...]


class Straight(msgspec.Struct, frozen=True):
    """Where it goes if it simply goes on: the rule of ccusage, for comparison."""

    rate: BurnRate
    tokens: float
    cost: float


class Forecast(msgspec.Struct, frozen=True):
    """How the open window may end, as of ``at``."""

    at: Instant
    block: Block
    tokens: Outcome
    cost: Outcome | None
    """None when nothing in the window has a price."""
    windows: int
    """One's own past windows behind it."""
    rate: BurnRate
    straight: Straight | None
    limit: Budget = Budget()
    """What a person says the window may spend."""


class Anomaly(msgspec.Struct, frozen=True):
    """How fast it goes beside one's own habit, in units of a minute."""

    state: AnomalyState
    since: Instant | None
    """When it became high."""
    rate: float
    usual: float
    high: float
    """Where high begins."""
    minutes: int
    """Active minutes that the habit is learned from."""
