"""What a forecast asks of the store: the minutes of past windows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from store_batches import HOUR, MINUTE, NOON, batch, priced, usage

from moonlock.model.label import Relabel
from moonlock.model.manual import Follow
from moonlock.model.outlook import Spent
from moonlock.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.write(tmp_path / "moon.db", priced)
    yield store
    store.close()


def test_a_minute_has_the_sums_of_its_requests_and_the_moment_of_the_first(store: Store) -> None:
    store.append([batch("s.jsonl", [usage("m1", NOON + 9), usage("m2", NOON + 7), usage("m3", NOON + MINUTE)])])
    assert store.spent(NOON, NOON + HOUR) == [Spent(NOON + 7, 12220, 12220), Spent(NOON + MINUTE, 6110, 6110)]
    assert store.spent(NOON + 8, NOON + MINUTE) == [Spent(NOON + 9, 6110, 6110)]


def test_what_has_no_price_counts_its_tokens_alone(store: Store) -> None:
    store.append([batch("s.jsonl", [usage("m1", model="mystery")])])
    assert store.spent(NOON, NOON + 1) == [Spent(NOON, 6110, 0)]


def test_hidden_sessions_and_replays_have_no_minutes_and_no_windows(store: Store) -> None:
    store.append([batch("s.jsonl", [usage("m1")]), batch("t.jsonl", [usage("m1", sidechain=True, request="other")])])
    assert store.spent(NOON, NOON + 1) == [Spent(NOON, 6110, 6110)]
    store.relabel("s", Relabel(hidden=True), NOON)
    assert store.spent(NOON, NOON + 1) == []
    assert store.windows_ago(1, NOON + HOUR) == 0


def test_minutes_of_a_session_by_hand_are_those_of_whom_it_follows_while_it_ran(store: Store) -> None:
    store.append([batch(f"{name}.jsonl", [usage(f"{name}{at}", NOON + at) for at in (0, 7, HOUR)]) for name in "st"])
    uid, minutes = store.sessions()[0].uid, store.gathering().minutes
    ran = [(NOON, NOON + 5), (NOON + 6, NOON + MINUTE), (NOON + HOUR, None)]
    parts = [Spent(NOON + at, 6110, 6110) for at in (0, 7, HOUR)]
    assert minutes(Follow("session", uid), ran) == parts
    assert minutes(Follow("all"), ran[:1]) == [Spent(NOON, 12220, 12220)]
    assert minutes(Follow(), ran) == minutes(Follow("project", "nowhere"), ran) == []


def test_windows_are_counted_back_from_a_moment(store: Store) -> None:
    store.append([batch("s.jsonl", [usage(f"m{hour}", NOON + hour * HOUR) for hour in (0, 1, 4, 6, 20, 30)])])
    starts = [NOON, NOON + 6 * HOUR, NOON + 20 * HOUR]
    assert [store.windows_ago(count, NOON + 30 * HOUR) for count in (3, 2, 1)] == starts
    assert store.windows_ago(4, NOON + 30 * HOUR) == 0
