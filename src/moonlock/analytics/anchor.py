"""Where the live window lies (decision 0006): the provider's word, else ten minutes. In plain values; loads nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from moonlock.model.window import LENGTH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from moonlock.model.limits import Anchor

    Place = tuple[int, int, Anchor]
    """Start, end and who says so."""

FLOOR = 600_000
"""Resets that were seen are multiples of it."""
LOOK_BACK = 259_200_000
"""Three days: a pause of five hours ends every chain of windows."""
AHEAD = 600_000
"""What claims to happen later than that comes from a clock that is wrong: it waits for its time to come."""


def placed(at: int, open_one: Place | None, resets: Sequence[int]) -> Place:
    """The window of a moment: the one whose end was named (the latest word wins), the open one, or a new one."""
    for reset in reversed(resets):
        if reset - LENGTH <= at < reset:
            return reset - LENGTH, reset, "official"
    if open_one is not None and open_one[2] == "estimated" and open_one[0] <= at <= _last(open_one):
        return open_one
    start = at - at % FLOOR
    named = (reset - LENGTH for reset in resets)  # no window reaches into the next, whose start is known
    return start, min((other for other in named if at < other < start + LENGTH), default=start + LENGTH), "estimated"


def opened_elsewhere(open_one: Place | None, resets: Sequence[int]) -> Place | None:
    """The window of the latest word, when it begins after the one in which these logs show a request last."""
    if not resets or (open_one is not None and open_one[0] >= resets[-1] - LENGTH):
        return None
    return resets[-1] - LENGTH, resets[-1], "official"


def latest(resets: Iterable[int]) -> tuple[int, ...]:
    """Each end once, where it was named last; the latest word stays last."""
    return tuple(dict.fromkeys(reversed([*resets])))[::-1]


def window(moments: Iterable[int], resets: Iterable[int], now: int) -> Place | None:
    """The window that is open now, after these requests, oldest first, and these words of the provider."""
    named = latest(resets)
    found: Place | None = None
    for at in moments:
        place = placed(at, found, named)
        if found is None or place[0] > found[0]:
            found = place
    found = opened_elsewhere(found, named) or found
    return found if found is not None and now < found[1] else None


def _last(window: Place) -> int:
    """The last moment of an estimated window: its end, exactly, unless a named window begins there."""
    start, end, _ = window
    return end if end == start + LENGTH else end - 1
