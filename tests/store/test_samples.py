"""Of each session the newest word of its status line is remembered, and writing follows what is new."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_batches import priced

from moonlock.model.instant import MINUTE, SECOND
from moonlock.model.session import SessionKey
from moonlock.model.statusline import CacheSeen, LimitSeen, StatusSample, WindowSeen
from moonlock.store import Store, samples

NOON = 1_795_000_000_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    found = Store.write(tmp_path / "moon.db", priced)
    yield found
    found.close()


def sample(session: str = "a", at: int = NOON, **more: object) -> StatusSample:
    return msgspec.structs.replace(StatusSample(at=at, key=SessionKey("claude-code", "-w", session)), **more)


def test_everything_comes_back_as_it_was(store: Store) -> None:
    whole = sample(
        model="claude-opus-5",
        fast=True,
        limits=(LimitSeen("five_hour", 18_000_000, 23.5, NOON + 5),),
        context=WindowSeen(None, 5, None),
        cost=0,
        cache=CacheSeen(False, None, None, 1, None),
    )
    assert store.status_samples().keep([whole]) == 1
    assert store.status_samples().all() == [whole]
    assert store.status_samples().newest_at() == NOON


def test_what_says_nothing_new_is_written_once_a_minute(store: Store) -> None:
    kept = store.status_samples()
    assert [kept.keep([sample(at=NOON + step * SECOND)]) for step in range(0, 121, 20)] == [1, 0, 0, 1, 0, 0, 1]
    assert kept.keep([sample(at=NOON + 2 * MINUTE + 1, cost=5)]) == 1


def test_what_is_older_than_what_is_known_changes_nothing(store: Store) -> None:
    kept = store.status_samples()
    kept.keep([sample(at=NOON, cost=7)])
    assert kept.keep([sample(at=NOON - 1, cost=8)]) == 0
    assert [one.cost for one in kept.all()] == [7]


def test_the_sessions_that_spoke_last_are_kept(store: Store) -> None:
    store.status_samples().keep(sample(str(number), NOON + number) for number in range(samples.MOST + 20))
    found = store.status_samples().all()
    assert len(found) == samples.MOST
    assert (found[0].key.native_id, found[-1].key.native_id) == ("20", str(samples.MOST + 19))


def test_nobody_has_spoken_yet(store: Store) -> None:
    assert (store.status_samples().all(), store.status_samples().newest_at()) == ([], None)


@given(st.permutations([("a", 0, 1), ("a", 5, 2), ("a", 9, 3), ("b", 4, 4), ("b", 6, 5)]))
def test_the_newest_wins_in_whatever_order_they_come(steps: list[tuple[str, int, int]]) -> None:
    import apsw

    from moonlock.store.steps import migrate

    db = apsw.Connection(":memory:")
    migrate(db)
    kept = samples.StatusSamples(db)
    for session, at, cost in steps:
        kept.keep([sample(session, NOON + at, cost=cost)])
    assert [(one.key.native_id, one.cost) for one in kept.all()] == [("b", 5), ("a", 3)]
    db.close()
