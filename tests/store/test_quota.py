"""What the provider said of its limits outlives the server, as little of it as tells the same."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import reduce
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_batches import NOON, batch, priced, session, usage

from moonlock.analytics import quota
from moonlock.model.instant import DAY, HOUR, MINUTE
from moonlock.model.limits import QuotaSample, Rise
from moonlock.model.question import Question
from moonlock.model.window import LENGTH as FIVE_HOURS
from moonlock.model.window import WEEK
from moonlock.store import Store
from moonlock.store.quota import KEPT, MOST_SESSIONS

END = NOON - NOON % HOUR + 4 * HOUR


@contextlib.contextmanager
def opened(path: Path | str) -> Iterator[Store]:
    store = Store.write(Path(path), priced)
    try:
        yield store
    finally:
        store.close()


def said(used: float, at: int = NOON, session: str = "a", end: int = END) -> QuotaSample:
    return QuotaSample("five_hour", FIVE_HOURS, used, end, at, session)


def test_the_most_and_the_last_of_each_session_come_back(tmp_path: Path) -> None:
    with opened(tmp_path / "moon.db") as store:
        store.quotas().keep([said(5.0), said(9.0, NOON + 1), said(7.0, NOON + 2), said(2.0, NOON + 3, "b")])
    with opened(tmp_path / "moon.db") as store:
        assert store.quotas().told(NOON) == [said(9.0, NOON + 1), said(7.0, NOON + 2), said(2.0, NOON + 3, "b")]
        assert store.quotas().told(END) == []
        assert store.quotas().rises("five_hour", END, END) == [Rise(NOON, 5.0), Rise(NOON + 1, 9.0)]


def test_saying_it_again_changes_nothing(tmp_path: Path) -> None:
    with opened(tmp_path / "moon.db") as store:
        for _ in range(2):
            store.quotas().keep([said(5.0), said(9.0, NOON + 1)])
        assert store.quotas().told(NOON) == [said(9.0, NOON + 1)]
        assert len(store.quotas().rises("five_hour", END, END)) == 2


def test_windows_that_are_long_over_are_forgotten_and_sessions_are_bounded(tmp_path: Path) -> None:
    with opened(tmp_path / "moon.db") as store:
        store.quotas().keep(said(1.0, session=f"s{number:03}") for number in range(100))
        assert len(store.quotas().told(NOON)) == MOST_SESSIONS
        store.quotas().forget(END + KEPT)
        assert len(store.quotas().told(NOON)) == MOST_SESSIONS
        store.quotas().forget(END + KEPT + 1)
        assert (store.quotas().told(NOON), store.quotas().rises("five_hour", END, END)) == ([], [])


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.builds(said, st.integers(0, 105).map(float), st.integers(NOON, NOON + HOUR), st.sampled_from("abc")),
        max_size=8,
    )
)
def test_what_is_kept_folds_into_the_same_as_what_was_said(samples: list[QuotaSample]) -> None:
    import apsw

    from moonlock.store.steps import migrate

    db = apsw.Connection(":memory:")
    migrate(db)
    kept = Store(db, ":memory:").quotas()
    kept.keep(samples)
    now = NOON + 2 * HOUR
    whole, again = (reduce(quota.add, each, quota.EMPTY) for each in (samples, kept.told(now)))
    assert quota.read(again, now) == quota.read(whole, now)
    db.close()


def test_a_window_that_was_told_is_a_block_of_the_report_and_an_anchor_of_the_past(tmp_path: Path) -> None:
    with opened(tmp_path / "moon.db") as store:
        store.append([batch("a.jsonl", [usage("m1", at=NOON)], session("a", first_at=NOON, last_at=NOON))])
        store.quotas().keep([said(5.0), QuotaSample("seven_day", WEEK, 5.0, NOON + DAY, NOON, "a")])
        assert store.named_ends(NOON - DAY, NOON + DAY) == [END]
        assert [(hit.at, hit.resets_at) for hit in store.quotas().hits(NOON - DAY)] == [(NOON, END)]
        (row,) = store.rows(Question("blocks", now=NOON + MINUTE)).rows
        assert dict(row[5])["anchor"] == "official"
        assert dict(store.rows(Question("blocks", now=NOON)).extra)["limitEvents"] == []
        (row,) = store.rows(Question("blocks", now=NOON, agents=("claude-code",))).rows
        assert dict(row[5])["anchor"] == "official"


def test_hours_add_up_what_was_used(tmp_path: Path) -> None:
    with opened(tmp_path / "moon.db") as store:
        spoken = [usage("m1", at=NOON), usage("m2", at=NOON + 1), usage("m3", at=NOON + HOUR)]
        store.append([batch("a.jsonl", spoken, session("a", first_at=NOON, last_at=NOON))])
        found = store.quotas().hours(NOON - DAY)
        total = store.totals().usage
        assert sum(tokens for tokens, _ in found.values()) == total.tokens.total
        assert sum(cost for _, cost in found.values()) == total.cost
        assert sorted(found) == [NOON // HOUR, NOON // HOUR + 1]


@pytest.mark.parametrize("count", [1, 3])
def test_a_store_of_before_gets_the_tables(tmp_path: Path, count: int) -> None:
    from moonlock.store import connection, steps

    db = connection.open_writer(tmp_path / "moon.db")
    steps.migrate(db, steps.STEPS[:count])
    db.close()
    with opened(tmp_path / "moon.db") as store:
        assert store.quotas().told(0) == []
