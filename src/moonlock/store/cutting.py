"""What one block of the report is: time cut into windows of five hours (rules B1-B3, decision 0009). Pure.

Windows whose end the provider named come first, and the latest word wins. What lies between them is cut by the
convention of all tools: from the full UTC hour of a request on. No window reaches into another.
"""

from __future__ import annotations

from bisect import bisect_right, insort

from moonlock.model.window import LENGTH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Named = tuple[int, int, int]
    """Start and end of a window's time, and the end that was named: a later word may have a part of the time."""

HOUR = 3_600_000


class Window:
    """A window and the requests in it, as the first and the last of their places in time order."""

    __slots__ = ("end", "first", "last", "reset", "start")

    def __init__(self, start: int, end: int, reset: int | None) -> None:
        self.start, self.end, self.reset = start, end, reset
        self.first = self.last = 0


def named(ends: Iterable[int]) -> list[Named]:
    """The time of each window whose end was named, oldest first; ``ends`` come in the order in which they were said.

    All windows are equally long, so a later word leaves at most one piece of an older window's time.
    """
    found: list[Named] = []
    for end in dict.fromkeys(reversed([*ends])):
        start, stop = end - LENGTH, end
        place = bisect_right(found, (start, stop, end))
        if place and found[place - 1][1] > start:
            start = found[place - 1][1]
        while place < len(found) and found[place][0] <= start:
            start = max(start, found[place][1])
            place += 1
        if place < len(found):
            stop = min(stop, found[place][0])
        if start < stop:
            insort(found, (start, stop, end))
    return found


def cut(moments: Sequence[int], official: Sequence[Named] = ()) -> list[Window]:
    """The windows that hold these moments, which come in time order, each once or more often.

    A window of the provider's has [start, end). Another one keeps a moment at exactly five hours after its full hour
    (rule B2), and gives up what a window of the provider's has.
    """
    windows: list[Window] = []
    index = place = 0
    while index < len(moments):
        at = moments[index]
        while place < len(official) and official[place][1] <= at:
            place += 1
        window, kept_until = _opened(at, official, place)
        window.first, index = index, bisect_right(moments, kept_until, index)
        window.last = index - 1
        windows.append(window)
    return windows


def _opened(at: int, official: Sequence[Named], place: int) -> tuple[Window, int]:
    """The window that begins with this request, and its last moment; ``place`` is that of the provider's next one."""
    if place < len(official) and official[place][0] <= at:
        start, end, reset = official[place]
        return Window(start, end, reset), end - 1
    hour = at - at % HOUR
    start, end = hour, hour + LENGTH
    if place:
        start = max(start, official[place - 1][1])
    if place < len(official) and official[place][0] <= end:
        return Window(start, official[place][0], None), official[place][0] - 1
    return Window(start, end, None), end
