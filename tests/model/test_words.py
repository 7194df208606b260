"""Counts, shares, sizes and durations read as a person would write them."""

from __future__ import annotations

import pytest

from moonlock.model.words import many, percent, size, span


@pytest.mark.parametrize(("count", "said"), [(0, "0 logs"), (1, "1 log"), (2, "2 logs"), (2_800, "2,800 logs")])
def test_one_is_one_and_all_else_is_many(count: int, said: str) -> None:
    assert many(count, "log") == said


def test_words_that_need_more_than_an_s_say_so() -> None:
    assert [many(count, "log is", "logs are") for count in (1, 3)] == ["1 log is", "3 logs are"]


@pytest.mark.parametrize(
    ("used", "said"),
    [
        *((0, "0%"), (0.1, "<1%"), (0.7, "<1%"), (42, "42%"), (104, "104%")),
        *((24.5, "25%"), (28.5, "29%"), (60.5, "61%"), (101.5, "102%")),
    ],
)
def test_a_share_is_whole_and_its_half_goes_up_as_on_the_page(used: float, said: str) -> None:
    assert percent(used / 100) == said


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (36_400, "36 KB"),
        (999_499, "999 KB"),
        (999_500, "1.0 MB"),
        (4_096_000_000, "4,096.0 MB"),
    ],
)
def test_a_size_is_never_nothing_point_nothing(count: int, said: str) -> None:
    assert size(count) == said


@pytest.mark.parametrize(("took", "said"), [(0, "0 ms"), (99, "99 ms"), (100, "0.1 s"), (61_240, "61.2 s")])
def test_a_duration_is_never_nothing_point_nothing(took: int, said: str) -> None:
    assert span(took) == said
