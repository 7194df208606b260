"""What the provider said of its limits, as the store and the status lines that wait for a server have it.

Loaded by the quick path of ``moonlock status`` (decision 0007), so it knows the plain case alone: one window of each
limit, and no limit that was hit. What is not plain is for the fold that everyone else uses.
"""

from __future__ import annotations

from moonlock.analytics.anchor import AHEAD, FLOOR
from moonlock.model.instant import EARLIEST, MINUTE, iso
from moonlock.model.window import FULLEST, LENGTHS, SLACK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from moonlock.store import Store

    Told = dict[str, object]

WAITING = 1 << 16
"""Bytes of what waits that are looked at: its end."""


class Limit:
    """One window of a limit: what each session said last, and the most that any did."""

    def __init__(self, name: str, length: int, resets_at: int) -> None:
        self.name, self.length, self.resets_at = name, length, resets_at
        self.used, self.at = -1.0, 0
        self._last: dict[str, float] = {}

    def hear(self, session: str, used: float, at: int) -> None:
        """What is only repeated is no younger."""
        if self._last.get(session) != used:
            self._last[session] = used
            self.used, self.at = max((self.used, self.at), (used, at))

    def remember(self, session: str, last: float) -> None:
        """What it said last, if that was not the most."""
        self._last[session] = last


def plain(store: Store, spool: str, now: int) -> list[Limit] | None:
    """The windows that are open, the shortest first; None where that is not plain."""
    found = None if store.limited(now) else _kept(store, now)
    if found is None:
        return None
    for at, session, limits in _lines(store, spool, now):
        for name, window in limits.items():
            if name not in LENGTHS:
                return None
            sample = _sample(name, window, at)
            if sample is None or sample[0] <= now:
                continue
            limit = found.setdefault(name, Limit(name, LENGTHS[name], sample[0]))
            if limit.resets_at != sample[0]:
                return None
            limit.hear(session, sample[1], at)
    return sorted(found.values(), key=lambda one: (one.length, one.name))


def _kept(store: Store, now: int) -> dict[str, Limit] | None:
    found: dict[str, Limit] = {}
    for name, length, resets_at, session, used, at, last in store.resets(now, now + AHEAD):
        limit = found.setdefault(name, Limit(name, length, resets_at))
        if limit.resets_at != resets_at:
            return None
        limit.hear(session, used, at)
        limit.remember(session, last)
    return found


def told(windows: Iterable[Limit], now: int) -> Told | None:
    """As ``GET /api/quota`` says it, without what only a server works out; None where nothing is known."""
    shown = [_window(one, now) for one in windows]
    return {"windows": shown, "plan": None, "accounts": 1} if shown else None


def _window(window: Limit, now: int) -> Told:
    even = 100 * min(1.0, max(0.0, 1 - (window.resets_at - now) / window.length))
    return {
        "name": window.name,
        "lengthMs": window.length,
        "usedPercentage": round(window.used, 1),
        "resetsAt": iso(window.resets_at),
        "source": "official",
        "asOf": iso(window.at),
        "ageMs": max(0, now - window.at),
        "pace": {"expectedPercentage": round(even, 1)},
        "endPercentage": None,
        "runsOutAt": None,
        "overrunProbability": None,
        "basis": None,
    }


def _lines(store: Store, spool: str, now: int) -> Iterator[tuple[int, str, Told]]:
    """When it was said, by which session, and the limits in it."""
    read = store.glimpses()
    for line in _news(_end(spool)):
        at, session = read.said(line, "$.at"), read.said(line, "$.said.session_id")
        limits = read.said(line, "$.said.rate_limits")
        if isinstance(at, int) and isinstance(session, str) and isinstance(limits, dict) and 0 < at <= now + AHEAD:
            yield at, session, limits


def _news(lines: Iterable[str]) -> Iterator[str]:
    """Without those that only repeat, letter by letter, what their session said of its limits: most of them."""
    known: dict[str, str] = {}
    for line in lines:
        session = line.partition('"session_id":')[2].partition(",")[0]
        limits = line.partition('"rate_limits":')[2].partition("}}")[0]
        if not (session and limits) or known.get(session) != limits:
            known[session] = limits
            yield line


def _sample(name: str, window: object, at: int) -> tuple[int, float] | None:
    """Reset and percentage, as far as they can be true."""
    used, resets = (_number(window.get(key)) if isinstance(window, dict) else None for key in _KEYS)
    if used is None or resets is None or used > FULLEST:
        return None
    end = round(resets if resets >= EARLIEST else resets * 1000)
    if not max(at, EARLIEST) < end <= at + LENGTHS[name] + SLACK:
        return None
    near = round(end / FLOOR) * FLOOR
    return near if abs(end - near) <= MINUTE else round(end / MINUTE) * MINUTE, round(used, 2)


_KEYS = ("used_percentage", "resets_at")


def _number(said: object) -> float | None:
    return float(said) if isinstance(said, (int, float)) and not isinstance(said, bool) and 0 <= said < 1e15 else None


def _end(path: str) -> list[str]:
    try:
        with open(path, "rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - WAITING))
            lines = file.read(WAITING).split(b"\n")
    except OSError:
        return []
    return [line.decode("utf-8", "replace") for line in (lines[1:] if size > WAITING else lines) if line]
