"""The line that ``moonlock statusline`` prints. On a quick path: it imports next to nothing (decision 0007).

It repeats what the agent just said of itself; only the burn rate comes from the server.
"""

from __future__ import annotations

from moonlock.config.statusline import USUAL, pieces
from moonlock.model.window import FULLEST
from moonlock.model.words import percent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

SEPARATORS = "·|"
HIGH, FULL = 75.0, 90.0
"""Percent from which a share is yellow, and red."""
LONGEST_NAME = 60
_GREEN, _YELLOW, _RED, _PLAIN = "\x1b[32m", "\x1b[33m", "\x1b[31m", "\x1b[0m"
_MINUTE, _HOUR, _DAY = 60_000, 3_600_000, 86_400_000
_NO_SECONDS = 10**11


def drawn(template: str, colour: bool, said: bytes, now: int, burn: int | None) -> str:
    """The line for the agent's JSON as it came; what is no JSON says nothing. ``burn`` is in micro-dollars an hour."""
    import json

    try:
        known = json.loads(said)
    except (ValueError, RecursionError):
        known = None
    return line(template or USUAL, words_of(known, now, burn, colour=colour))


def line(template: str, words: Mapping[str, str]) -> str:
    """The template with its words; a part between separators is left out with any word that is not known."""
    parts, separators, part, known = [], [""], "", True
    for text, word in pieces(template):
        for sign in text:
            if sign in SEPARATORS:
                parts.append(part if known else None)
                separators.append(sign)
                part, known = "", True
            else:
                part += sign
        known = known and (not word or word in words)
        part += words.get(word, "")
    parts.append(part if known else None)
    shown = ""
    for separator, each in zip(separators, parts, strict=True):
        if each is not None and each.strip():
            shown += f" {separator} {each.strip()}" if shown else each.strip()
    return shown


def words_of(said: object, now: int, burn: int | None, *, colour: bool) -> dict[str, str]:
    """What the agent said as words; what it did not say, or cannot be true, is no word."""
    limits = _in(said, "rate_limits")
    shown = _coloured if colour else _percent
    found: dict[str, str] = {}
    for word, name in (("5h", "five_hour"), ("7d", "seven_day")):
        window = _in(limits, name)
        used, resets = _number(_in(window, "used_percentage"), FULLEST), _number(_in(window, "resets_at"), 10.0**14)
        if used is not None and resets is not None and (left := _moment(resets) - now) > 0:
            found |= {word: shown(used), f"{word}_reset": lasting(left)}
    share = filled(_in(said, "context_window"))
    cost = _number(_in(_in(said, "cost"), "total_cost_usd"), 10.0**9)
    found |= {} if share is None else {"ctx": shown(share)}
    found |= {} if cost is None else {"cost": f"${cost:,.2f}"}
    found |= {} if burn is None else {"burn": f"${burn / 1_000_000:,.2f}/h"}
    return found | _names(said)


def filled(window: object) -> float | None:
    """Percent of the context window: by the last request where it is told, else as the agent rounds it."""
    usage, size = _in(window, "current_usage"), _number(_in(window, "context_window_size"), 10.0**9)
    parts = [_number(_in(usage, f"{kind}input_tokens"), 10.0**9) for kind in ("", "cache_creation_", "cache_read_")]
    if size and parts[0] is not None:
        share = 100 * sum(part or 0.0 for part in parts) / size
        return share if share <= FULLEST else None
    return _number(_in(window, "used_percentage"), FULLEST)


def lasting(left: int) -> str:
    """A time that is left, in its two largest units."""
    minutes = -(-left // _MINUTE)
    if left >= _DAY:
        return f"{left // _DAY}d{left % _DAY // _HOUR}h"
    return f"{minutes // 60}h{minutes % 60:02d}" if minutes >= 60 else f"{minutes}m"


def _names(said: object) -> dict[str, str]:
    folder = _text(_in(_in(said, "workspace"), "project_dir")) or _text(_in(said, "cwd"))
    project = folder.replace("\\", "/").rstrip("/").rpartition("/")[2]
    model = _in(said, "model")
    found = {
        "name": _text(_in(said, "session_name")) or project,
        "project": project,
        "model": _text(_in(model, "display_name")) or _text(_in(model, "id")),
        "effort": _text(_in(_in(said, "effort"), "level")),
    }
    return {word: _shown(name) for word, name in found.items() if name}


def _in(said: object, name: str) -> object:
    return said.get(name) if isinstance(said, dict) else None


def _moment(said: float) -> int:
    """Seconds since 1970, or milliseconds where the number can be nothing else."""
    return round(said if said >= _NO_SECONDS else said * 1000)


def _text(said: object) -> str:
    return said.strip() if isinstance(said, str) else ""


def _number(said: object, most: float) -> float | None:
    if isinstance(said, bool) or not isinstance(said, int | float):
        return None
    return float(said) if 0 <= said <= most else None


def _percent(share: float) -> str:
    return percent(share / 100)


def _coloured(share: float) -> str:
    return f"{_RED if share >= FULL else _YELLOW if share >= HIGH else _GREEN}{_percent(share)}{_PLAIN}"


def _shown(name: str) -> str:
    """As a terminal may see it."""
    if not name.isprintable():
        from moonlock.outputs.shown import shown

        name = shown(name)
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
