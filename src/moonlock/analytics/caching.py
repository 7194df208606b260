"""Whether a session's cache was lost: its next request wrote anew what the one before had in the cache."""

from __future__ import annotations

import msgspec

from moonlock.model.instant import Instant
from moonlock.model.tokens import Tokens

LARGE = 20_000
"""Tokens of a prompt from which a lost cache is worth a word."""
SAME = 0.8
"""A prompt that is shorter than this share of the one before is another one: after a compaction nothing was lost."""


class Cache(msgspec.Struct, frozen=True):
    """What the newest request of a session's main chain tells; ``prompt`` 0 before there was one."""

    at: Instant = 0
    prompt: int = 0
    lost: float | None = None
    """Share of the prompt before that was not in the cache any more; None when that cannot be told."""
    rewritten: int = 0
    """Tokens that were written into the cache by the request."""


EMPTY = Cache()


def add(acc: Cache, at: Instant, tokens: Tokens) -> Cache:
    """One more request, in time order; an older one tells nothing."""
    if at < acc.at or not tokens.prompt:
        return acc
    return Cache(at, tokens.prompt, _lost(acc.prompt, tokens), tokens.cache_creation)


def _lost(before: int, tokens: Tokens) -> float | None:
    if not before:
        return None
    missing = before - tokens.cache_read
    same = tokens.prompt >= SAME * before
    if before < LARGE or not same or tokens.cache_creation < missing / 2:
        return 0.0
    return max(0.0, missing / before)
