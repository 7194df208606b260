"""The provider's five-hour window: how long it is, and which message names its end. Loads nothing."""

from __future__ import annotations

LENGTH = 18_000_000
"""Five hours in ms."""
WORDS = ("session", "unknown")
"""Kinds of limit messages that may speak of this window. Those of 2025 do not say which limit was hit."""


def named_end(kind: str, at: int, resets_at: int | None) -> int | None:
    """The end that a limit message of this moment names; None when it is not about this window.

    No other limit ends so soon: a message that names no limit counts when its reset is at most five hours away.
    """
    if resets_at is None or kind not in WORDS:
        return None
    return resets_at if 0 < resets_at - at <= LENGTH else None
