"""Two looks at the same history: what is in one and not in the other."""

from __future__ import annotations

from functools import reduce
from operator import add

from hypothesis import given
from hypothesis import strategies as st

from moonlock.analytics.differences import differences
from moonlock.model.tokens import Tokens, Usage


def usage(requests: int) -> Usage:
    return Usage(Tokens(10 * requests, requests), requests, 100 * requests)


def test_only_days_that_differ_are_told_in_order() -> None:
    before = {"2026-10-02": usage(2), "2026-10-03": usage(3), "2026-10-04": usage(1)}
    after = {"2026-10-04": usage(4), "2026-10-03": usage(3), "2026-10-01": usage(1), "2026-10-02": usage(1)}
    found = differences(before, after)
    assert list(found.items()) == [
        ("2026-10-01", usage(1)),
        ("2026-10-02", usage(1) - usage(2)),
        ("2026-10-04", usage(3)),
    ]


_HISTORY = st.dictionaries(st.sampled_from("abcd"), st.integers(1, 5).map(usage))


@given(_HISTORY, _HISTORY)
def test_what_differs_leads_from_one_to_the_other(before: dict[str, Usage], after: dict[str, Usage]) -> None:
    found = differences(before, after)
    total = reduce(add, found.values(), Usage())
    assert total == reduce(add, after.values(), Usage()) - reduce(add, before.values(), Usage())
    assert all(before.get(day, Usage()) + change == after.get(day, Usage()) for day, change in found.items())
    assert differences(after, after) == {}
