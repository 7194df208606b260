"""Whether a cache was lost, told from two requests that follow each other."""

from __future__ import annotations

import pytest

from moonlock.analytics.caching import EMPTY, add
from moonlock.model.tokens import Tokens


def asked(read: int, written: int, plain: int = 10) -> Tokens:
    return Tokens(input=plain, output=500, cache_write_5m=written, cache_read=read)


@pytest.mark.parametrize(
    ("second", "lost"),
    [
        (asked(100_000, 2_000), pytest.approx(10 / 100_010)),
        (asked(0, 101_000), 1.0),
        (asked(20_000, 82_000), pytest.approx(80_010 / 100_010)),
        (asked(0, 30_000), 0.0),
        (asked(0, 0, 100_000), 0.0),
    ],
    ids=["kept", "all of it", "most of it", "another prompt after a compaction", "nothing is cached any more"],
)
def test_what_is_written_anew_was_lost(second: Tokens, lost: float) -> None:
    first = add(EMPTY, 1, asked(0, 100_000))
    assert first.lost is None
    assert add(first, 2, second).lost == lost


def test_small_prompts_older_requests_and_such_without_a_prompt_tell_nothing() -> None:
    small = add(add(EMPTY, 1, asked(0, 5_000)), 2, asked(0, 6_000))
    assert small.lost == 0.0
    assert add(small, 1, asked(0, 50_000)) == small == add(small, 3, Tokens(output=7))
