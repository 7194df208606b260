"""How full the model's window is, and how far the next compaction is (domain facts: sizes, thresholds, overrides).

The log does not name the size of the window: it is proven by a large request, or told from the model's name by the
vendor's documented rules; everything else is ``assumed``, and so is what Moonlock's own environment says, which may
not be the session's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from moonlock.analytics import growth as growing
from moonlock.analytics.growth import Growth
from moonlock.analytics.prices import spelling
from moonlock.model.limits import CompactsBy, ContextLevel, ContextWindow, LimitSource
from moonlock.model.session import Tail

STANDARD, MILLION = 200_000, 1_000_000
_BUFFER = 13_000
_RESERVE, _OLD_RESERVE = 20_000, 32_000
"""Kept free for the answer. Up to 2.1.20 the reserve was the model's full output: compaction at 155,000 of 200,000."""
_BELOW: tuple[tuple[float, ContextLevel], ...] = ((0.6, "healthy"), (0.8, "warning"), (0.95, "danger"))
_EARLY, _LATE = 5_000, 15_000
"""A compaction lies up to 10,000 above the formula: the request that crosses it. What is further off is a lesson."""

_ALWAYS_MILLION = re.compile(r"claude-(opus-4-[7-9]|opus-[5-9](-\d)?|(sonnet|fable)-5)$")
_LISTED_MILLION = re.compile(r"claude-((sonnet|fable|mythos|haiku)-(5-\d|[6-9](-\d)?)|mythos-5)$")
"""Known from price tables alone, which were wrong about Opus 4.6."""
_ALWAYS_STANDARD = re.compile(r"claude-(3-.*|haiku-4-\d|opus-4(-[0-5])?)$")


class Size(NamedTuple):
    """Tokens that fit, and who says so."""

    limit: int
    assumed: bool
    source: LimitSource


def read(
    tail: Tail, version: str, env: Mapping[str, str], growth: Growth = growing.EMPTY, told: int | None = None
) -> ContextWindow | None:
    """The window of a chain, or None when no response was read yet; ``told`` is the size that its statusline says."""
    if tail.context is None:
        return None
    size = window_size(tail, env, told)
    trigger, by = trigger_of(size.limit, tail.model, version, env, growth)
    bound = size.limit if trigger is None else trigger
    remaining = max(0, bound - tail.context)
    return ContextWindow(
        used=tail.context,
        limit=size.limit,
        until_compaction=remaining,
        level=_level(tail.context / bound),
        assumed=size.assumed,
        source=size.source,
        compacts_at=trigger,
        compacts_by=by,
        turns=None if trigger is None else growing.turns(growth, remaining),
        as_of=tail.context_at,
    )


def window_size(tail: Tail, env: Mapping[str, str], told: int | None = None) -> Size:
    """Tokens that fit: proof first, then names, then documented rules, and only then what the statusline says.

    A statusline was seen to say 200,000 of windows of a million, never the other way round.
    """
    if max(tail.largest_prompt, tail.context or 0) > STANDARD:
        return Size(MILLION, False, "official")
    if tail.model.lower().endswith("[1m]"):
        return Size(MILLION, False, "configured")
    found = _configured(tail.model, env) or _documented(tail.model)
    if found is not None and not (found.assumed and found.source == "estimated" and told and told > STANDARD):
        return found
    if told is not None:
        return Size(told, told == STANDARD, "official")
    return Size(STANDARD, True, "estimated")


def trigger_of(
    limit: int, model: str, version: str, env: Mapping[str, str], growth: Growth = growing.EMPTY
) -> tuple[int | None, CompactsBy | None]:
    """Where the chain compacts by itself, and how that is known: None when it is told not to."""
    if env.get("DISABLE_AUTO_COMPACT") in ("1", "true"):
        return None, None
    expected = compaction_at(limit, model, version, env)
    taught, before = growth.learned or ("", 0)
    elsewhere = before and not expected - _EARLY <= before <= expected + _LATE
    if elsewhere and spelling(taught) == spelling(model) and (growth.prompt or 0) <= before <= limit:
        return before, "learned"
    return expected, "configured" if _is_set(env) else "estimated"


def compaction_at(limit: int, model: str, version: str, env: Mapping[str, str]) -> int:
    """Tokens at which the agent is expected to summarise by its formula and its environment."""
    reserve = _OLD_RESERVE if _release(version) <= (2, 1, 20) else _RESERVE
    window = _number(env.get("CLAUDE_CODE_AUTO_COMPACT_WINDOW"), 100_000, MILLION)
    if window is not None:
        trigger = min(window, limit) - reserve - _BUFFER
    elif limit < MILLION or spelling(model) == "claude-sonnet-5":
        trigger = limit - reserve - _BUFFER
    else:
        trigger = limit  # documented: other models of a million compact at the context limit (seen: 998,659)
    percent = _number(env.get("CLAUDE_AUTOCOMPACT_PCT_OVERRIDE"), 1, 100)
    return max(1, trigger if percent is None else min(trigger, limit * percent // 100))


def advice(window: ContextWindow) -> str | None:
    """What to do now; None while there is room."""
    if window.level == "healthy":
        return None
    if window.compacts_at is None:
        return "Nothing compacts by itself here: /compact or /clear before the window is full."
    if window.level == "warning":
        left = "" if window.turns is None else f" in about {window.turns.expected} turns"
        return f"It will compact by itself{left}: /compact at the next natural break, while you choose what is kept."
    if window.level == "danger":
        return "It compacts soon: end this step, then /compact and say what must be kept, or /clear for a new task."
    return "It compacts at any moment, perhaps in the middle of a step: /compact now."


def _configured(model: str, env: Mapping[str, str]) -> Size | None:
    """What the environment says; it is Moonlock's own, so it is assumed to be the session's."""
    spelled = spelling(model)
    if _configured_million(spelled, env):
        return Size(MILLION, True, "configured")
    if env.get("CLAUDE_CODE_DISABLE_1M_CONTEXT") == "1":
        return Size(STANDARD, True, "configured")
    size = _number(env.get("CLAUDE_CODE_MAX_CONTEXT_TOKENS"), 2 * _RESERVE, 10 * MILLION)
    return Size(size, True, "configured") if size is not None and "claude" not in spelled else None


def _documented(model: str) -> Size | None:
    """What the vendor's documents say of a model's name; None where they leave it open."""
    spelled = spelling(model)
    if "claude" in spelled and ("anthropic." in model or "@" in model):
        return Size(STANDARD, True, "estimated")  # on Bedrock and Vertex a million needs [1m], which a log may not show
    if _ALWAYS_MILLION.search(spelled):
        return Size(MILLION, False, "estimated")
    if _LISTED_MILLION.search(spelled):
        return Size(MILLION, True, "estimated")
    return Size(STANDARD, False, "estimated") if _ALWAYS_STANDARD.search(spelled) else None


def _is_set(env: Mapping[str, str]) -> bool:
    return any(env.get(name) for name in ("CLAUDE_CODE_AUTO_COMPACT_WINDOW", "CLAUDE_AUTOCOMPACT_PCT_OVERRIDE"))


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
