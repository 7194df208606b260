"""What happens now in one line, for prompts and bars. Loaded by the quick path: it imports next to nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from moonlock.model.words import percent
from moonlock.outputs.figures import dollars, short

TYPE_CHECKING = False
if TYPE_CHECKING:
    from moonlock.model.instant import Instant

    Told = Mapping[str, object]
    """A part of the document, by JSON name; nothing in it is believed to be of any type."""

NOBODY = "no session"
LONGEST = 32
"""Characters of a name."""
WINDOWS = {"five_hour": "5h", "seven_day": "7d"}
WAITING = {"permission": "needs approval", "question": "has a question", "prompt": "your turn"}
LIKELY = 0.1
"""What is less likely than that is no news."""
_MANY = 10
"""So many times one's own habit is no percentage any more."""
_MINUTE, _HOUR, _DAY = 60_000, 3_600_000, 86_400_000


def line(told: Told, now: Instant) -> str:
    """Session, tokens, cost, context, objectives, quota, block, forecast and day, as far as each is known."""
    parts = [*_standing(told), *_session(_part(told, "session"))]
    parts += [*_quota(told, now), *_block(told, now), *_today(_part(told, "today"))]
    return " · ".join(parts)


def _standing(told: Told) -> Iterator[str]:
    if told.get("simulation") is True:
        yield "simulation"
    age = _number(told, "ageMs")
    if _text(told, "trouble"):
        yield "the store cannot be read: moonlock doctor says why"
    if told.get("source") == "store" and age is not None:
        yield f"not live, {left(age)} old"


def _session(session: Told) -> Iterator[str]:
    if not session:
        yield NOBODY
        return
    yield " ".join(filter(None, (_name(session), _state(session))))
    yield _spent(session)
    context = _part(session, "context")
    share = _number(context, "share")
    if share is not None:
        yield f"ctx {'~' if context.get('assumed') is True else ''}{percent(share)}"
    yield from _aims(_part(session, "objectives"))


def _aims(aims: Told) -> Iterator[str]:
    """How many of its objectives are done, and the one that it is at."""
    done, total = _number(aims, "done"), _number(aims, "total")
    if done is not None and total:
        yield f"{done:.0f}/{total:.0f} {_cut(_text(aims, 'current'))}".rstrip()


def _name(session: Told) -> str:
    return _cut(_text(session, "name") or _text(session, "project") or "session")


def _cut(name: str) -> str:
    """As a terminal may see it, and not too long."""
    from moonlock.outputs.shown import shown

    said = shown(name)
    return said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"


def _state(session: Told) -> str:
    from moonlock.outputs.shown import shown

    state, status = _part(session, "state"), _text(session, "status")
    word = WAITING.get(_text(state, "waitingFor"), "your turn") if status == "waiting" else status
    target = shown(_text(state, "target"))
    target = target if len(target) <= LONGEST else f"…{target[1 - LONGEST :]}"  # a path's end tells more
    tool = " ".join(filter(None, (shown(_text(state, "tool"))[:LONGEST], target)))
    word = f"{word} {tool}" if tool and status in ("running", "waiting") else word
    return f"{word}?" if word and state.get("certain") is False else word


def _quota(told: Told, now: Instant) -> Iterator[str]:
    """Each window that has a share; ``~`` where the provider did not say it. Without a server also how old it is."""
    windows, alone = _part(told, "quota").get("windows"), told.get("source") == "store"
    for window in windows if isinstance(windows, list) else ():
        used = _number(window, "usedPercentage") if isinstance(window, dict) else None
        if used is None:
            continue
        name = _text(window, "name")
        said = f"{WINDOWS.get(name, name[:LONGEST])} {_used(window, used / 100)}"
        until = _until(window, "resetsAt", now)
        likely = _number(window, "overrunProbability") or 0.0
        age = _number(window, "ageMs") if alone else None
        said += until if age is None else f"{until}, said {left(age)} ago"
        yield f"{said}, {percent(likely)} to run out" if likely >= LIKELY else said


def _used(window: Told, share: float) -> str:
    """An estimate is a share of one's own habit, and of no limit."""
    if window.get("source") != "estimated":
        return percent(share) if window.get("source") == "official" else f"~{percent(share)}"
    return f"~{percent(share) if share < _MANY else f'{share:.0f}x'} of usual"


def _block(told: Told, now: Instant) -> Iterator[str]:
    block, forecast = _part(told, "block"), _part(told, "forecast")
    if block.get("isActive") is not True:
        return
    yield f"block {_spent(block)}{_until(block, 'endAt', now)}"
    expected = _number(_part(forecast, "tokens"), "expected")
    if expected is not None:
        cost = _number(_part(forecast, "costUsd"), "expected")
        yield f"ends near {short(round(expected))}{'' if cost is None else ' ' + dollars(cost)}"


def _today(today: Told) -> Iterator[str]:
    if today:
        yield f"today {_spent(today)}"


def _spent(used: Told) -> str:
    """Tokens and money; ``≥`` where a part has no price, ``-`` where nothing has one."""
    total = _number(_part(used, "tokens"), "total")
    cost, unpriced = _number(used, "costUsd"), _number(used, "unpricedTokens")
    money = "-" if cost is None else f"{'≥ ' if unpriced else ''}{dollars(cost)}"
    return f"{'-' if total is None else short(round(total))} {money}"


def _until(told: Told, name: str, now: Instant) -> str:
    from datetime import datetime

    from moonlock.model.instant import instant

    try:
        end = instant(datetime.fromisoformat(_text(told, name)))
    except (ValueError, TypeError, OverflowError):
        return ""
    return f" {left(end - now)} left" if end > now else ""


def left(milliseconds: float) -> str:
    """2h10m, 40s: the two largest units, never more than there is."""
    whole = max(0, int(milliseconds))
    if whole < _MINUTE:
        return f"{whole // 1_000}s"
    if whole >= _DAY:
        return f"{whole // _DAY}d{whole % _DAY // _HOUR}h"
    return f"{whole // _HOUR}h{whole % _HOUR // _MINUTE:02d}m" if whole >= _HOUR else f"{whole // _MINUTE}m"


def _part(told: Told, name: str) -> Told:
    part = told.get(name)
    return part if isinstance(part, dict) else {}


def _text(told: Told, name: str) -> str:
    said = told.get(name)
    return said if isinstance(said, str) else ""


def _number(told: Told, name: str) -> float | None:
    """A number that can be shown; what is none, is infinite or absurd is not known."""
    said = told.get(name)
    return said if isinstance(said, (int, float)) and not isinstance(said, bool) and abs(said) < 1e15 else None
