"""What the report of blocks tells beside its sums: rates, the projection, marks, limits (rules B5-B9). Loads little.

The rows are those of the store. What is told here depends on the moment, or on all of them together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from moonlock.analytics.anchor import Place
    from moonlock.model.rows import Fields, Row, Sums

    Mark = tuple[int, int, int]
    """When a request was made, its tokens and its micro-dollars."""

RECENT = 259_200_000
"""How far back ``--recent`` looks: three days, as ccusage does."""
WARNING = 0.8
"""The share of a limit above which its status is a warning, as with ccusage."""

_MINUTE, _HOUR, _MICRO, _TENTHS = 60_000, 60, 1_000_000, 10
_KINDS, _REQUESTS, _COST, _UNPRICED = 5, 5, 6, 7


def active(rows: Iterable[Row]) -> list[Row]:
    """The block that runs, if one does."""
    return [row for row in rows if fact(row, "isActive")]


def recent(rows: Iterable[Row], since: str) -> list[Row]:
    """Blocks and gaps that begin since then, which is said as the contract says moments."""
    return [row for row in rows if str(fact(row, "startAt")) >= since]


def finished(rows: Iterable[Row]) -> list[int]:
    """The tokens of each block that is over."""
    return [_tokens(row[2]) for row in rows if not fact(row, "isGap") and not fact(row, "isActive")]


def marks(sizes: Sequence[int]) -> Fields:
    """How big finished blocks get: the biggest one and the heaviest tenth (rule B6). Marks of habit, never limits."""
    return ("maxBlockTokens", max(sizes, default=None)), ("p90BlockTokens", _heaviest_tenth(sizes))


def held(rows: Iterable[Row], tokens: int, source: str) -> list[Row]:
    """The blocks held against a limit that somebody ``configured``, or against a mark of their own ``history``."""
    return [row if fact(row, "isGap") else _with(row, limit=_limit(row, tokens, source)) for row in rows]


def running(rows: Sequence[Row], used: Sequence[Mark], now: int, window: Place | None) -> list[Row]:
    """The same, with what is told of the block that runs.

    ``used`` are the last days' requests of this report in time order, ``window`` is that of the live page.
    """
    last, told = 0, []
    for row in rows:
        told.append(_running(row, used, now, (window, last)) if fact(row, "isActive") else row)
        last = _moment(row, "actualEndAt") or last
    return told


def fact(row: Row, name: str) -> object:
    """One of the further facts of a row."""
    return next((value for key, value in row[5] if key == name), None)


def burn_rate(used: Iterable[Mark], now: int) -> tuple[float, float]:
    """Tokens a minute and micro-dollars an hour as they fade up to now: what ``burn`` folds, added up at once."""
    from moonlock.analytics.fading import WEIGHT, faded, known

    marks = [*used]
    if not marks:
        return 0.0, 0.0
    newest = max(now, *(at for at, _, _ in marks))
    share = WEIGHT / known(now - min(at for at, _, _ in marks))
    weighed = [(faded(newest - at) * share, tokens, cost) for at, tokens, cost in marks]
    return sum(weight * tokens for weight, tokens, _ in weighed), _HOUR * sum(
        weight * cost for weight, _, cost in weighed
    )


def _running(row: Row, used: Sequence[Mark], now: int, around: tuple[Place | None, int]) -> Row:
    """The row with its rates; ``around`` is the live window, and the last request of the block before."""
    window, before = around
    start, last = _moment(row, "startAt"), _moment(row, "actualEndAt")
    first = next((at for at, _, _ in used if at > before and start is not None and at >= start), None)
    minutes = (last - first) / _MINUTE if last is not None and first is not None else 0.0
    average = _average(row[2], minutes)
    tokens, cost = burn_rate(used, now)
    return _with(
        row,
        burnRate=(
            ("tokensPerMinute", round(tokens, 6)),
            ("costPerHour", None if _is_unpriced(row[2]) else round(cost / _MICRO, 6)),
        ),
        burnRateCcusage=average,
        projection=_projection(row, minutes, now) if average else None,
        window=_place(window),
    )


def _average(sums: Sums, minutes: float) -> Fields | None:
    """ccusage's rates: over the time between the first request and the last (rule B9)."""
    if minutes <= 0:
        return None
    cost = None if _is_unpriced(sums) else sums[_COST] / _MICRO / minutes * _HOUR
    spoken = (sums[0] + sums[1]) / minutes
    return (
        ("tokensPerMinute", _tokens(sums) / minutes),
        ("tokensPerMinuteForIndicator", spoken),
        ("costPerHour", cost),
    )


def _projection(row: Row, minutes: float, now: int) -> Fields:
    """Where it ends if it goes on at ccusage's rate; for comparison only (rule B8)."""
    sums, end = row[2], _moment(row, "endAt") or now
    left = _rounded((end - now) / _MINUTE)
    grown = 1 + left / minutes
    cost = None if _is_unpriced(sums) else _rounded(sums[_COST] * grown / _MICRO * 100) / 100
    tokens = _rounded(_tokens(sums) * grown)
    return ("remainingMinutes", left), ("totalTokens", tokens), ("totalCost", cost), ("method", "linear")


def _limit(row: Row, tokens: int, source: str) -> Fields:
    used = _tokens(row[2])
    projection = fact(row, "projection")
    ahead = dict(projection).get("totalTokens") if isinstance(projection, tuple) else None
    reached = ahead if isinstance(ahead, int) else used
    status = "exceeds" if reached > tokens else "warning" if reached > tokens * WARNING else "ok"
    return (
        ("tokens", tokens),
        ("source", source),
        ("usedShare", round(used / tokens, 6)),
        ("projectedShare", round(ahead / tokens, 6) if isinstance(ahead, int) else None),
        ("status", status),
    )


def _heaviest_tenth(sizes: Sequence[int]) -> float | int | None:
    """``statistics.quantiles(sizes, n=10)[8]``, without a module that takes 10 ms to load; None below two blocks."""
    ordered, count = sorted(sizes), len(sizes)
    if count < 2:
        return None
    place = min(max((count + 1) * 9 // _TENTHS, 1), count - 1)
    above = (count + 1) * 9 - place * _TENTHS
    found = (ordered[place - 1] * (_TENTHS - above) + ordered[place] * above) / _TENTHS
    return int(found) if found.is_integer() else found


def _place(window: Place | None) -> Fields | None:
    if window is None:
        return None
    from moonlock.model.instant import iso

    start, end, anchor = window
    return ("startAt", iso(start)), ("endAt", iso(end)), ("anchor", anchor)


def _moment(row: Row, name: str) -> int | None:
    said = fact(row, name)
    if not isinstance(said, str):
        return None
    from datetime import datetime

    from moonlock.model.instant import instant

    return instant(datetime.fromisoformat(said))


def _with(row: Row, **told: object) -> Row:
    return *row[:5], tuple((name, told.get(name, value)) for name, value in row[5])


def _tokens(sums: Sums) -> int:
    return sum(sums[:_KINDS])


def _is_unpriced(sums: Sums) -> bool:
    return 0 < sums[_REQUESTS] == sums[_UNPRICED]


def _rounded(number: float) -> int:
    """To the nearest whole number, a half up, as ccusage rounds."""
    return int(number // 1 + (number % 1 >= 0.5))
