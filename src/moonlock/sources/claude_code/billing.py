"""What one usage object says: how many tokens of each kind, and what its price depends on (rules C2, C4 to C6)."""

from __future__ import annotations

import re
from functools import lru_cache

from moonlock.model.events import BATCH_TIER, FAST, GEO_US, TTL_ASSUMED, UNDERSTATED
from moonlock.model.tokens import Tokens
from moonlock.sources.claude_code.schema import Used

_RELEASE = re.compile(r"(\d{1,6})\.(\d{1,6})\.(\d{1,6})")
_HOUR_WRITES = (2, 1, 17)
"""Cache writes without a split: 5 minutes before this version, an hour from then on (claude-code.md, 5.3)."""
_PLACEHOLDER = ((2, 1, 8), (2, 1, 96))
"""These versions wrote the streaming placeholder instead of the output (changelog of 2.1.97)."""


@lru_cache(maxsize=256)
def release(version: str | None) -> tuple[int, int, int]:
    """The version as numbers; zeros when it is none."""
    found = _RELEASE.match(version or "")
    return (int(found[1]), int(found[2]), int(found[3])) if found else (0, 0, 0)


@lru_cache(maxsize=256)
def understated(version: str | None) -> int:
    return UNDERSTATED if _PLACEHOLDER[0] <= release(version) <= _PLACEHOLDER[1] else 0


def billed(usage: Used, version: str | None) -> tuple[Tokens, int]:
    """The tokens, and the marks of the request."""
    marks = understated(version)
    if usage.speed == "fast":
        marks |= FAST
    if usage.inference_geo == "us":
        marks |= GEO_US
    if usage.service_tier == "batch":
        marks |= BATCH_TIER
    minutes, hour, assumed = _writes(usage, version)
    tokens = Tokens(
        usage.input_tokens or 0, usage.output_tokens or 0, minutes, hour, usage.cache_read_input_tokens or 0
    )
    return tokens, marks | TTL_ASSUMED if assumed else marks


def _writes(usage: Used, version: str | None) -> tuple[int, int, bool]:
    """Cache writes for 5 minutes and for an hour, and whether the lifetime is assumed."""
    flat = usage.cache_creation_input_tokens or 0
    split = usage.cache_creation
    if split is not None:
        minutes, hour = split.ephemeral_5m_input_tokens, split.ephemeral_1h_input_tokens
        if minutes is not None or hour is not None:
            minutes, hour = minutes or 0, hour or 0
            return max(minutes, flat - hour), hour, False
    if release(version) >= _HOUR_WRITES:
        return 0, flat, flat > 0
    return flat, 0, flat > 0


def moved(usage: Used) -> bool:
    """Whether anything was billed: all zeros is an event, not a request (rule S5)."""
    split, tools = usage.cache_creation, usage.server_tool_use
    return bool(
        usage.output_tokens
        or usage.input_tokens
        or usage.cache_read_input_tokens
        or usage.cache_creation_input_tokens
        or (split is not None and (split.ephemeral_5m_input_tokens or split.ephemeral_1h_input_tokens))
        or (tools is not None and tools.web_search_requests)
    )
