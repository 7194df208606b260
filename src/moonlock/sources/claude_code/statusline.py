"""The JSON that Claude Code gives to its status line: read as what it should be, whatever version wrote it.

Nothing in it is trusted. A field that is missing, of another type or impossible says nothing; the others still do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moonlock.model.instant import DAY, EARLIEST, HOUR, MINUTE, SECOND, Instant
from moonlock.model.session import SessionKey
from moonlock.model.statusline import CacheSeen, LimitSeen, StatusSample, WindowSeen
from moonlock.model.window import FULLEST, LENGTHS
from moonlock.sources.claude_code.identity import AGENT, whereabouts

MOST_WINDOWS = 8
TTLS = {"5m": 5 * MINUTE, "1h": HOUR}
LONGEST_WORD, LONGEST_PATH = 200, 4_096
MOST = 10**12
"""Far above any count of tokens or requests, and any cost in dollars."""


def status_line(said: object, at: Instant) -> StatusSample | None:
    """What was said, at the moment when it came; None when it names no session."""
    known = _table(said)
    native = _word(known.get("session_id"))
    if not native:
        return None
    path = _word(known.get("transcript_path"), LONGEST_PATH)
    model, workspace = _table(known.get("model")), _table(known.get("workspace"))
    cost = _number(_table(known.get("cost")).get("total_cost_usd"), MOST)
    fast = known.get("fast_mode")
    return StatusSample(
        at=at,
        key=SessionKey(AGENT, whereabouts(path).key.folder if path else "", native),
        version=_word(known.get("version")),
        model=_word(model.get("id")),
        cwd=_word(workspace.get("project_dir"), LONGEST_PATH) or _word(known.get("cwd"), LONGEST_PATH),
        name=_word(known.get("session_name")),
        effort=_word(_table(known.get("effort")).get("level")),
        fast=fast if isinstance(fast, bool) else None,
        limits=tuple(_limits(_table(known.get("rate_limits")), at)),
        context=_window(_table(known.get("context_window"))),
        cost=None if cost is None else round(cost * 1_000_000),
        cache=_cache(_table(known.get("prompt_cache"))),
    )


def _limits(told: dict[str, Any], at: Instant) -> Iterator[LimitSeen]:
    for name in list(told)[:MOST_WINDOWS]:
        window = _table(told[name])
        length = next((LENGTHS[known] for known in LENGTHS if name.startswith(known)), None)
        used = _number(window.get("used_percentage"), FULLEST)
        resets = _moment(window.get("resets_at"))
        if length is None or used is None or resets is None or not _word(name):
            continue
        if resets <= at + length + DAY:  # a day for clocks that disagree; what is past is for the fold to tell
            yield LimitSeen(name, length, used, resets)


def _window(told: dict[str, Any]) -> WindowSeen | None:
    usage = _table(told.get("current_usage"))
    parts = [_count(usage.get(f"{kind}input_tokens")) for kind in ("", "cache_creation_", "cache_read_")]
    used = sum(part or 0 for part in parts) if parts[0] is not None else None
    share = _number(told.get("used_percentage"), FULLEST)
    found = WindowSeen(_count(told.get("context_window_size")) or None, used, share)
    return None if found == WindowSeen(None, None, None) else found


def _cache(told: dict[str, Any]) -> CacheSeen | None:
    warm, ttl = told.get("warm"), told.get("ttl")
    found = CacheSeen(
        warm=warm if isinstance(warm, bool) else None,
        ttl=TTLS.get(ttl) if isinstance(ttl, str) else None,
        expires_at=_moment(told.get("expires_at")),
        requests=_count(told.get("requests")),
        misses=_count(told.get("misses")),
    )
    return None if found == CacheSeen(None, None, None, None, None) else found


def _table(said: object) -> dict[str, Any]:
    return said if isinstance(said, dict) else {}


def _word(said: object, longest: int = LONGEST_WORD) -> str:
    """A short text without control characters; of anything else nothing."""
    fits = isinstance(said, str) and len(said) <= longest and said.isprintable()
    return said.strip() if isinstance(said, str) and fits else ""


def _number(said: object, most: float) -> float | None:
    is_number = isinstance(said, int | float) and not isinstance(said, bool)
    return float(said) if isinstance(said, int | float) and is_number and 0 <= said <= most else None


def _count(said: object) -> int | None:
    found = _number(said, MOST)
    return None if found is None else int(found)


def _moment(said: object) -> Instant | None:
    """Seconds since 1970, or milliseconds where the number can be nothing else."""
    found = _number(said, MOST * 100)
    if found is None:
        return None
    at = round(found if found >= EARLIEST else found * SECOND)
    return at if at >= EARLIEST else None
