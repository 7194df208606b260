"""One's own past five-hour windows, cut as the page cuts the one that is open (decision 0006)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate

from moonlock.analytics import timer
from moonlock.analytics.anchor import latest, placed
from moonlock.analytics.forecast import WINDOW, Seen, seen
from moonlock.model.instant import MINUTE, Instant
from moonlock.model.outlook import PastWindow, Spent
from moonlock.model.window import LENGTH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from moonlock.analytics.anchor import Place
    from moonlock.analytics.timer import Span


def cut(spent: Iterable[Spent], resets: Iterable[Instant], before: Instant) -> list[PastWindow]:
    """The windows that are over by then, oldest first.

    An estimate that was cut short by a window of the provider's was wrong, so it teaches nothing of whole windows.
    """
    named = latest(resets)
    found: dict[Place, list[Spent]] = {}
    open_one: Place | None = None
    for each in spent:
        place = placed(each.at, open_one, named)
        found.setdefault(place, []).append(each)
        if open_one is None or place[0] > open_one[0]:
            open_one = place
    whole = sorted(place for place in found if place[1] - place[0] == LENGTH and place[1] <= before)
    return [past(place, found[place]) for place in whole]


def past(place: Place, spent: Iterable[Spent]) -> PastWindow:
    """A window with what was spent in it."""
    tokens, cost = [0] * WINDOW, [0] * WINDOW
    for each in spent:
        minute = min((each.at - place[0]) // MINUTE, WINDOW - 1)
        tokens[minute] += each.tokens
        cost[minute] += each.cost
    return PastWindow(*place, tuple(tokens), tuple(cost))


def so_far(bins: Sequence[int], minute: int) -> Seen:
    """The window that is open, of which so many minutes have begun; what claims to be later belongs to the last."""
    return seen([*bins[: minute - 1], sum(bins[minute - 1 :])], minute)


def along(spent: Iterable[Spent], spans: Sequence[Span], length: int) -> tuple[list[int], list[int]]:
    """Tokens and cost of each minute of a timer that ran in these spans of the wall clock."""
    tokens, cost = [0] * length, [0] * length
    ran = [*accumulate((0 if end is None else end - start for start, end in spans), initial=0)]
    for each in spent:
        place = next(place for place, span in enumerate(spans) if timer.covers((span,), each.at))
        minute = min((ran[place] + each.at - spans[place][0]) // MINUTE, length - 1)
        tokens[minute] += each.tokens
        cost[minute] += each.cost
    return tokens, cost
