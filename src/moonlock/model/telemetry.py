"""What an agent says of itself over OpenTelemetry, as far as it is kept: ids of sessions and requests, and numbers."""

from __future__ import annotations

from typing import Literal

import msgspec

from moonlock.model.instant import Instant
from moonlock.model.tokens import Tokens

Counter = Literal["lines_added", "lines_removed", "commits", "pull_requests", "active_user", "active_cli"]
"""What is counted of a session; the last two in milliseconds."""


class ApiRequest(msgspec.Struct, frozen=True):
    """One request as the client made it. The client's log may tell of it too, or not."""

    key: int
    low: int
    """The low 16 bits that the key of the same request in a log has."""
    session: str
    """The agent's own id."""
    at: Instant
    source: str
    """What it was for, in the agent's word; "" where it does not say."""
    tokens: Tokens
    """Cache writes are not told apart by their time; they stand under ``write_5m``."""
    cost: int | None
    """Micro-dollars by the agent's own estimate."""


class Counted(msgspec.Struct, frozen=True):
    """How far one counter came, over a stretch of time or since it began."""

    session: str
    counter: Counter
    series: int
    """Of whom: two with the same one count one thing after the other, never at once."""
    start: int
    """Nanoseconds since 1970."""
    end: int
    """The same, of a stretch; 0 for what was counted since the start, which later says more."""
    value: float


class Noted(msgspec.Struct, frozen=True):
    """A request that failed, or a compaction."""

    key: int
    session: str
    at: Instant
    kind: Literal["error", "compaction"]
    trigger: str = ""
    before: int | None = None
    after: int | None = None
    """Tokens of the context, of a compaction."""
    duration: Instant | None = None


class Telemetry(msgspec.Struct, frozen=True):
    """What one message, or several, told."""

    requests: tuple[ApiRequest, ...] = ()
    counted: tuple[Counted, ...] = ()
    noted: tuple[Noted, ...] = ()
    others: int = 0
    """Events and measurements of which nothing is kept."""

    def __add__(self, more: Telemetry) -> Telemetry:
        return Telemetry(
            self.requests + more.requests,
            self.counted + more.counted,
            self.noted + more.noted,
            self.others + more.others,
        )


class SessionTelemetry(msgspec.Struct, frozen=True):
    """What was heard of one session."""

    last_at: Instant
    requests: int
    alone: tuple[ApiRequest, ...]
    """Those of which no log tells."""
    counters: dict[Counter, float]
    noted: tuple[Noted, ...]
    """In time order."""
