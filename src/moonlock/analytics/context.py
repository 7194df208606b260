"""How full the model's window is, and how far the next compaction is (domain facts: sizes, thresholds, overrides).

The log does not name the size of the window: it is proven by a large request, or told from the model's name by the
vendor's documented rules; everything else is ``assumed``, and so is what Moonlock's own environment says, which may
not be the session's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from moonlock.analytics.prices import spelling
from moonlock.model.limits import ContextLevel, ContextWindow
from moonlock.model.session import Tail

STANDARD, MILLION = 200_000, 1_000_000
_BUFFER = 13_000
_RESERVE, _OLD_RESERVE = 20_000, 32_000
"""Kept free for the answer. Up to 2.1.20 the reserve was the model's full output: compaction at 155,000 of 200,000."""
_BELOW: tuple[tuple[float, ContextLevel], ...] = ((0.6, "healthy"), (0.8, "warning"), (0.95, "danger"))

_ALWAYS_MILLION = re.compile(r"claude-(opus-4-[7-9]|opus-[5-9](-\d)?|(sonnet|fable)-5)$")
_LISTED_MILLION = re.compile(r"claude-((sonnet|fable|mythos|haiku)-(5-\d|[6-9](-\d)?)|mythos-5)$")
"""Known from price tables alone, which were wrong about Opus 4.6."""
_ALWAYS_STANDARD = re.compile(r"claude-(3-.*|haiku-4-\d|opus-4(-[0-5])?)$")


def read(tail: Tail, version: str, env: Mapping[str, str]) -> ContextWindow | None:
    """The window of a session's main chain, or None when no response was read yet."""
    if tail.context is None:
        return None
    limit, assumed = window_size(tail, env)
    trigger = compaction_at(limit, tail.model, version, env)
    return ContextWindow(tail.context, limit, max(0, trigger - tail.context), _level(tail.context / trigger), assumed)


def window_size(tail: Tail, env: Mapping[str, str]) -> tuple[int, bool]:
    """Tokens that fit, and whether that is assumed: proof first, then names, then documented rules."""
    model = spelling(tail.model)
    if max(tail.largest_prompt, tail.context or 0) > STANDARD or tail.model.lower().endswith("[1m]"):
        return MILLION, False
    if _configured_million(model, env):
        return MILLION, True
    if env.get("CLAUDE_CODE_DISABLE_1M_CONTEXT") == "1":
        return STANDARD, True
    if "claude" not in model:
        return _number(env.get("CLAUDE_CODE_MAX_CONTEXT_TOKENS"), 2 * _RESERVE, 10 * MILLION) or STANDARD, True
    if "anthropic." in tail.model or "@" in tail.model:
        return STANDARD, True  # on Bedrock and Vertex the large window needs [1m], which the log's model may not show
    if _ALWAYS_MILLION.search(model):
        return MILLION, False
    if _LISTED_MILLION.search(model):
        return MILLION, True
    return STANDARD, _ALWAYS_STANDARD.search(model) is None


def compaction_at(limit: int, model: str, version: str, env: Mapping[str, str]) -> int:
    """Tokens at which the agent is expected to summarise; the window itself when it does not."""
    if env.get("DISABLE_AUTO_COMPACT") in ("1", "true"):
        return limit
    reserve = _OLD_RESERVE if _release(version) <= (2, 1, 20) else _RESERVE
    window = _number(env.get("CLAUDE_CODE_AUTO_COMPACT_WINDOW"), 100_000, MILLION)
    if window is not None:
        trigger = min(window, limit) - reserve - _BUFFER
    elif limit < MILLION or spelling(model) == "claude-sonnet-5":
        trigger = limit - reserve - _BUFFER
    else:
        trigger = limit  # documented: other models of a million compact at the context limit (seen: 998,659)
    percent = _number(env.get("CLAUDE_AUTOCOMPACT_PCT_OVERRIDE"), 1, 100)
    return trigger if percent is None else min(trigger, limit * percent // 100)


def _level(share: float) -> ContextLevel:
    for bound, level in _BELOW:
        if share < bound:
            return level
    return "critical"


def _configured_million(model: str, env: Mapping[str, str]) -> bool:
    """``ANTHROPIC_MODEL=sonnet[1m]`` speaks of this model."""
    configured = env.get("ANTHROPIC_MODEL", "")
    return configured.endswith("[1m]") and spelling(configured) in model


def _number(text: str | None, least: int, most: int) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and least <= int(text) <= most else None


def _release(version: str) -> tuple[int, ...]:
    """``2.1.20`` as numbers; what is not known counts as new."""
    found = re.match(r"(\d+)\.(\d+)\.(\d+)", version)
    return tuple(map(int, found.groups())) if found else (1 << 30,)
