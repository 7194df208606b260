"""Objectives of all sessions, however many there are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest
from store_batches import MINUTE, NOON, batch, key, priced, session, usage

from moonlock.model.events import ObjectiveSet
from moonlock.model.label import Relabel
from moonlock.model.session import SessionSeen
from moonlock.store import Store, aims
from moonlock.store.aims import After


def aim(label: str, number: int, state: str = "pending") -> ObjectiveSet:
    return ObjectiveSet(key(label), NOON + number * MINUTE, label, f"do {label}", state, "TaskCreate")  # type: ignore[arg-type]


def seen(number: int) -> SessionSeen:
    return session(
        f"s{number}",
        "-w-web" if number % 2 else "-w-app",
        cwd="/w/web" if number % 2 else "/w/app",
        last_at=NOON + number * MINUTE,
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Four sessions, the last one heard of last; the second has no objective."""
    with closing(Store.write(tmp_path / "moon.db", priced)) as found:
        for number in range(4):
            told = [usage(f"m{number}", NOON + number * MINUTE)]
            aimed = [] if number == 1 else [aim(f"{number}-a", number), aim(f"{number}-b", number, "completed")]
            found.append([batch(f"s{number}.jsonl", [*told, *aimed], seen(number))])
        yield found


def names(store: Store, *asked: object) -> list[str]:
    after, states, projects = (*asked, None, (), ())[:3] if asked else (None, (), ())
    return [one.objective.objective for one in store.aims(after, states, projects)]  # type: ignore[arg-type]


def test_those_of_the_session_heard_of_last_come_first(store: Store) -> None:
    assert names(store) == ["3-a", "3-b", "2-a", "2-b", "0-a", "0-b"]


def test_states_and_projects_choose(store: Store) -> None:
    assert names(store, None, {"completed"}, ()) == ["3-b", "2-b", "0-b"]
    assert names(store, None, (), {"WEB"}) == ["3-a", "3-b"]
    assert names(store, None, (), {"nobody"}) == []


def test_hidden_sessions_have_none(store: Store) -> None:
    store.relabel("s3", Relabel(hidden=True), NOON)
    assert names(store) == ["2-a", "2-b", "0-a", "0-b"]


@pytest.mark.parametrize("limit", [1, 2, 3, 5])
def test_parts_put_together_are_all(store: Store, limit: int) -> None:
    found: list[str] = []
    after: After | None = None
    while page := [*islice(store.aims(after, (), ()), limit)]:
        found += [one.objective.objective for one in page]
        after = page[-1].place
    assert found == names(store)


def test_more_sessions_than_are_asked_for_at_once_lose_none(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = names(store)
    for at_once in (2, 3):
        monkeypatch.setattr(aims, "_AT_ONCE", at_once)
        monkeypatch.setattr(aims, "_SESSIONS", aims._SESSIONS.rpartition("limit")[0] + f"limit {at_once}")
        assert names(store) == whole
