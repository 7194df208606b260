"""How a context grows: by its own last responses, whatever was compacted between them."""

from __future__ import annotations

from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from moonlock.analytics.growth import EMPTY, Growth, add, compacted, turns
from moonlock.model.events import Compaction
from moonlock.model.limits import Turns

OPUS = "claude-opus-5"


def grown(*prompts: int) -> Growth:
    return reduce(lambda known, told: add(known, told[0], told[1], OPUS), enumerate(prompts, 1), EMPTY)


def test_the_median_of_the_last_ten_responses_says_how_many_more_fit() -> None:
    known = grown(0, *(9_000_000 + 1_000 * step for step in range(11)))
    assert known.steps == (1_000,) * 10
    assert turns(known, 10_500) == Turns(expected=10, low=10, high=10, growth=1_000)


def test_the_band_comes_from_the_quartiles() -> None:
    known = Growth(steps=(0, 0, 500, 1_000, 1_000, 1_000, 1_000, 2_000, 5_000, 9_000))
    assert turns(known, 20_000) == Turns(expected=20, low=10, high=40, growth=1_000)
    assert turns(Growth(steps=(0, 0, 0, 1_000, 1_000, 1_000, 1_000)), 9_000) == Turns(9, 9, None, 1_000)


def test_of_a_young_or_a_standing_context_nothing_is_said() -> None:
    assert turns(grown(10, 20, 30), 100) is None
    assert turns(grown(10, 10, 10, 10, 10), 100) is None


def test_a_compaction_is_no_growth() -> None:
    known = grown(1_000, 2_000, 3_000, 500, 1_500)
    assert known.steps == (1_000, 1_000, 1_000) and known.largest == 3_000


def test_what_is_older_than_what_is_known_says_nothing() -> None:
    known = grown(10, 20)
    assert add(known, 1, 99, OPUS) == known


def test_a_compaction_of_its_own_teaches_where_the_next_one_is() -> None:
    known = grown(100_000, 140_000)
    assert compacted(known, Compaction(1, 3, "auto", 141_000)).learned == (OPUS, 141_000)
    for nothing in (
        Compaction(1, 3, "manual", 141_000),
        Compaction(1, 3, "auto", None),
        Compaction(1, 3, "auto", 60_000),  # a helper's
        Compaction(1, 1, "auto", 141_000),  # before all this
    ):
        assert compacted(known, nothing) == known
    assert compacted(EMPTY, Compaction(1, 3, "auto", 141_000)) == EMPTY


@given(st.lists(st.integers(0, 10**9), max_size=30), st.integers(0, 10**7))
def test_the_band_is_around_what_is_expected(prompts: list[int], remaining: int) -> None:
    found = turns(grown(*prompts), remaining)
    if found is not None:
        assert 0 <= found.low <= found.expected and (found.high is None or found.expected <= found.high)
