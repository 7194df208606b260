"""Past windows, cut as the page cuts the one that is open."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from moonlock.analytics import blocks
from moonlock.analytics.forecast import WINDOW
from moonlock.analytics.past import along, cut, past, so_far
from moonlock.model.instant import HOUR, MINUTE, Instant
from moonlock.model.outlook import Spent
from moonlock.model.tokens import Tokens, Usage

NINE: Instant = 29_919_360 * MINUTE
LATER = NINE + 1000 * HOUR


def used(*minutes: int) -> list[Spent]:
    return [Spent(NINE + minute * MINUTE, 10, 3) for minute in minutes]


def test_a_window_begins_with_its_first_request_to_ten_minutes_and_lasts_five_hours() -> None:
    (window,) = cut(used(7, 8, 299), (), LATER)
    assert (window.start, window.end, window.anchor) == (NINE, NINE + 5 * HOUR, "estimated")
    assert [minute for minute, tokens in enumerate(window.tokens) if tokens] == [7, 8, 299]
    assert (sum(window.tokens), sum(window.cost), len(window.cost)) == (30, 9, WINDOW)


def test_a_request_at_the_very_end_is_the_windows_own() -> None:
    first, second = cut(used(0, 300, 301), (), LATER)
    assert (sum(first.tokens), first.tokens[-1], second.start) == (20, 10, NINE + 5 * HOUR)


def test_a_session_has_minutes_of_its_timer_and_pauses_are_none() -> None:
    spans = [(NINE + 30_000, NINE + 2 * MINUTE), (NINE + 10 * MINUTE, None)]
    spent = [Spent(NINE + each, 10, 3) for each in (30_000, 2 * MINUTE - 1, 10 * MINUTE, 11 * MINUTE, 99 * MINUTE)]
    tokens, cost = along(spent, spans, 4)
    assert tokens == [10, 20, 10, 10]  # what claims to be later belongs to the last
    assert sum(cost) == 15


def test_the_window_that_is_open_is_none_of_the_past() -> None:
    assert cut(used(0), (), NINE + 5 * HOUR - 1) == []
    assert len(cut(used(0), (), NINE + 5 * HOUR)) == 1


def test_the_providers_word_places_a_window_and_an_estimate_that_it_cuts_short_teaches_nothing() -> None:
    (window,) = cut(used(0, 200), (NINE + 8 * HOUR,), LATER)
    assert (window.start, window.anchor, sum(window.tokens)) == (NINE + 3 * HOUR, "official", 10)


def test_windows_are_told_oldest_first() -> None:
    windows = cut(used(*range(0, 60 * 400, 400)), (), LATER)
    assert len(windows) == 60 and windows[-1].start == NINE + 59 * 400 * MINUTE
    assert windows == sorted(windows, key=lambda window: window.start)


@given(st.lists(st.integers(0, 3_000), min_size=1, max_size=30, unique=True))
def test_the_last_window_is_that_of_the_page(minutes: list[int]) -> None:
    spent = used(*sorted(minutes))
    usage = Usage(Tokens(output=10), 1, 3)
    block = blocks.fold([(each.at, usage) for each in spent]).block
    assert block is not None
    window = cut(spent, (), LATER)[-1]
    assert (window.start, window.end, sum(window.tokens)) == (block.start, block.end, block.usage.tokens.total)


def test_what_claims_to_come_later_belongs_to_the_minute_of_now() -> None:
    window = past((NINE, NINE + 5 * HOUR, "estimated"), used(0, 10, 15))
    found = so_far(window.tokens, 10)
    assert (found.spent, found.lately, found.idle) == (30, 30, 0)
