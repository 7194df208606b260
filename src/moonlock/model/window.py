"""The provider's windows: how long they are, what may be said of them, which message names an end. Loads nothing."""

from __future__ import annotations

LENGTH = 18_000_000
"""Five hours in ms."""
WEEK = 604_800_000
LENGTHS = {"five_hour": LENGTH, "seven_day": WEEK}
"""By how the name of a window begins: there are, or were, ``seven_day_opus`` and the like."""
FULLEST = 105.0
"""Percent. Values a little above 100 are real; an epoch in this place (claude-code #52326) is not."""
SLACK = 3_600_000
"""So much may two clocks disagree about how far a reset is away."""
WORDS = ("session", "unknown")
"""Kinds of limit messages that may speak of this window. Those of 2025 do not say which limit was hit."""


def named_end(kind: str, at: int, resets_at: int | None) -> int | None:
    """The end that a limit message of this moment names; None when it is not about this window.

    No other limit ends so soon: a message that names no limit counts when its reset is at most five hours away.
    """
    if resets_at is None or kind not in WORDS:
        return None
    return resets_at if 0 < resets_at - at <= LENGTH else None
