"""How time is cut into windows of five hours (rules B1-B3), and what the provider's word takes of it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_batches import HOUR, MINUTE, NOON

from moonlock.model.events import LimitHit
from moonlock.model.window import LENGTH, named_end
from moonlock.store.cutting import cut, named
from moonlock.store.limitwords import decoded

BORDERS = st.builds(
    lambda step, off: NOON + step * 5 * MINUTE + off, st.integers(0, 480), st.sampled_from((0, 0, 0, 1, -1, 77_777))
)
ENDS = st.lists(BORDERS, max_size=7)


def latest(ends: Sequence[int], at: int) -> int | None:
    """The window of a moment: that of the latest word whose five hours hold it."""
    return next((end for end in reversed(ends) if end - LENGTH <= at < end), None)


@given(ENDS)
def test_every_moment_has_the_window_of_the_latest_word(ends: list[int]) -> None:
    found = named(ends)
    assert [start for start, _, _ in found] == sorted(start for start, _, _ in found)
    assert all(one[1] <= other[0] for one, other in pairwise(found))
    borders = {border + off for end in ends for border in (end, end - LENGTH) for off in (-1, 0, 1)}
    for at in borders | {NOON}:
        held = [reset for start, end, reset in found if start <= at < end]
        assert held == [end for end in (latest(ends, at),) if end is not None]


def test_the_full_hour_of_the_first_request_begins_a_window() -> None:
    """Case 20: exactly five hours stay, a millisecond more does not."""
    moments = [NOON + at for at in (37 * MINUTE, LENGTH, LENGTH + 1, 3 * LENGTH)]
    assert [(w.start - NOON, w.end - NOON, w.first, w.last) for w in cut(moments)] == [
        (0, 5 * HOUR, 0, 1),
        (5 * HOUR, 10 * HOUR, 2, 2),
        (15 * HOUR, 20 * HOUR, 3, 3),
    ]


def test_no_window_reaches_into_the_provider_s() -> None:
    end = NOON + 7 * HOUR + 10 * MINUTE  # it began at 14:10
    moments = [NOON, NOON + 2 * HOUR + 10 * MINUTE, end - 1, end, end + 50 * MINUTE]
    assert [(w.start - NOON, w.end - NOON, w.reset, w.last) for w in cut(moments, named([end]))] == [
        (0, 130 * MINUTE, None, 0),
        (130 * MINUTE, 430 * MINUTE, end, 2),
        (430 * MINUTE, 12 * HOUR, None, 4),
    ]


def test_nothing_makes_no_window() -> None:
    assert cut([]) == [] == named([])


def plain(moments: Sequence[int], ends: Sequence[int]) -> list[tuple[int, int, int | None, list[int]]]:
    """The same, a request at a time: start, end, the named end, requests."""
    pieces = {reset: (start, end) for start, end, reset in named(ends)}
    found: list[tuple[int, int, int | None, list[int]]] = []
    hour: int | None = None
    for at in moments:
        reset = latest(ends, at)
        if reset is not None:
            if not found or found[-1][2] != reset:
                found.append((*pieces[reset], reset, []))
            hour = None
        elif hour is None or at - hour > LENGTH:
            hour = at - at % HOUR
            start = max([hour, *(end for _, end in pieces.values() if end <= at)])
            end = min([hour + LENGTH, *(start for start, _ in pieces.values() if start > at)])
            found.append((start, end, None, []))
        found[-1][3].append(at)
    return found


@given(st.lists(BORDERS, max_size=40), ENDS)
def test_a_cut_is_what_a_fold_over_the_requests_gives(moments: list[int], ends: list[int]) -> None:
    moments.sort()
    found = [(w.start, w.end, w.reset, moments[w.first : w.last + 1]) for w in cut(moments, named(ends))]
    assert found == plain(moments, ends)


@given(st.lists(BORDERS, min_size=1, max_size=40), ENDS)
def test_windows_come_one_after_the_other_and_hold_every_request_once(moments: list[int], ends: list[int]) -> None:
    moments.sort()
    windows = cut(moments, named(ends))
    assert [index for w in windows for index in range(w.first, w.last + 1)] == [*range(len(moments))]
    assert all(one.start < one.end <= other.start for one, other in pairwise(windows))
    assert all(w.start <= moments[w.first] and moments[w.last] <= w.end for w in windows)


@pytest.mark.parametrize(
    ("kind", "resets_at", "is_named"),
    [
        ("session", NOON + HOUR, True),
        ("unknown", NOON + LENGTH, True),
        ("unknown", NOON + LENGTH + 1, False),
        ("session", NOON, False),
        ("session", None, False),
        ("weekly", NOON + HOUR, False),
    ],
)
def test_only_a_word_about_the_five_hours_names_their_end(kind: str, resets_at: int | None, is_named: bool) -> None:
    assert named_end(kind, NOON, resets_at) == (resets_at if is_named else None)


WHOLE = st.one_of(st.integers(-(1 << 63), (1 << 63) - 1), st.integers(-300, 300), st.integers(1 << 63, (1 << 64) - 1))


@given(WHOLE, WHOLE, st.sampled_from(("session", "weekly", "model", "spend", "unknown")), st.none() | WHOLE)
def test_a_limit_message_is_read_as_the_decoder_reads_it(key: int, at: int, kind: str, resets_at: int | None) -> None:
    body = msgspec.msgpack.encode(LimitHit(key, at, kind, resets_at))  # type: ignore[arg-type]
    assert decoded(body) == ["limit", key, at, kind, resets_at]
