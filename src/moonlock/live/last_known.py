"""What the store alone says of now, where no server runs: nothing live, every figure as of the last reading.

Loaded by the quick path of ``moonlock status``: it imports next to nothing (decision 0007).
"""

from __future__ import annotations

import os

from moonlock.analytics.anchor import AHEAD, LOOK_BACK, window
from moonlock.model.instant import iso
from moonlock.model.question import Question
from moonlock.model.rows import COST, KINDS, REQUESTS, UNDERSTATED, UNPRICED_REQUESTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from moonlock.model.rows import Fields, Sums
    from moonlock.store import Store

    Told = dict[str, object]
    """A part of the picture, by JSON name."""

_MICRO = 1_000_000
_MOMENTS = ("startedAt", "lastActivityAt")


def picture(store: Store, day: tuple[int, int], now: int) -> Told:
    """The keys of a snapshot that the store can answer; what only lives, such as a forecast, is null.

    Limits are for ``last_limits``: what waits for a server counts too.
    """
    with store.still():
        return {
            "today": _usage(store, *day),
            "block": _block(store, now),
            "sessions": [told] if (told := _session(store)) else [],
            "forecast": None,
        }


def written(path: str) -> int | None:
    """When the store was written last, as its files tell."""
    found = [when for part in (path, f"{path}-wal") if (when := _changed(part)) is not None]
    return max(found, default=None)


def _session(store: Store) -> Told | None:
    found = store.newest()
    if found is None:
        return None
    who, sums = found
    known = dict(who)
    left = store.glimpses().of(str(known["id"]), int(str(known["lastActivityAt"] or 0))) or {}
    seen = {name: left.get(name) for name in ("context", "objectives")}
    return {**_moments(who), **_told(sums), "status": None, **seen}


def _moments(who: Fields) -> Told:
    return {name: iso(value) if name in _MOMENTS and isinstance(value, int) and value else value for name, value in who}


def _block(store: Store, now: int) -> Told | None:
    """The open five-hour window, by the rule of the live page (decision 0006)."""
    used = store.pulse(Question("blocks", start=now - LOOK_BACK, end=now + AHEAD + 1))
    place = window((at for at, _, _ in used), store.named_ends(now - LOOK_BACK, now + AHEAD), now)
    if place is None:
        return None
    start, end, anchor = place
    about = {"id": iso(start), "startAt": iso(start), "endAt": iso(end), "isActive": True, "anchor": anchor}
    used_in_it = _usage(store, start, end)
    del used_in_it["understatedRequests"]  # a block has no such key anywhere
    return {**about, **used_in_it, "burnRate": None}


def _usage(store: Store, start: int, end: int) -> Told:
    return _told(store.rows(Question("daily", start=start, end=end)).totals[2])


def _told(sums: Sums) -> Told:
    unpriced = 0 < sums[REQUESTS] == sums[UNPRICED_REQUESTS]
    return {
        "tokens": _tokens(sums[:KINDS]),
        "costUsd": None if unpriced else sums[COST] / _MICRO,
        "requests": sums[REQUESTS],
        "unpricedTokens": sums[UNPRICED_REQUESTS + 1],
        "understatedRequests": sums[UNDERSTATED],
    }


def _tokens(kinds: Sequence[int]) -> Told:
    read, said, brief, long, cached = kinds
    return {"input": read, "output": said, "cacheCreation": brief + long, "cacheRead": cached, "total": sum(kinds)}


def _changed(path: str) -> int | None:
    try:
        return os.stat(path).st_mtime_ns // _MICRO
    except OSError:
        return None
