"""What an agent says of itself each time it draws its status line: its limits, its window, its cost."""

from __future__ import annotations

import msgspec

from moonlock.model.instant import Instant
from moonlock.model.session import SessionKey


class LimitSeen(msgspec.Struct, frozen=True, array_like=True):
    """One window of the plan, as the session's last response told it."""

    name: str
    """The provider's own: ``five_hour``, ``seven_day``, or one of these with a model behind it."""
    length: Instant
    used: float
    """Percent; a little above 100 happens."""
    resets_at: Instant


class WindowSeen(msgspec.Struct, frozen=True, array_like=True):
    """The model's window. Its size has been wrong: other evidence comes first."""

    size: int | None
    used: int | None
    """Input and cache of the last request; unknown before the first one, and after compaction until the next."""
    share: float | None
    """Percent of the whole window."""


class CacheSeen(msgspec.Struct, frozen=True, array_like=True):
    """The prompt cache of the session."""

    warm: bool | None
    ttl: Instant | None
    expires_at: Instant | None
    requests: int | None
    misses: int | None


class StatusSample(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One such moment; what was not said, or cannot be true, is None or empty."""

    at: Instant
    """When it reached us: the agent does not date it."""
    key: SessionKey
    """Its folder is empty where the agent names no transcript."""
    version: str = ""
    model: str = ""
    cwd: str = ""
    name: str = ""
    effort: str = ""
    fast: bool | None = None
    limits: tuple[LimitSeen, ...] = ()
    context: WindowSeen | None = None
    cost: int | None = None
    """Micro-dollars by the agent's own estimate, since its last ``/clear``."""
    cache: CacheSeen | None = None
