"""Alerts in the store: what is kept, in which order it is told, and what is left of those that never fired."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import apsw
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_batches import HOUR, NOON, batch, priced, usage

from moonlock.model.alert import Alert, Phase
from moonlock.store import Store
from moonlock.store.alerts import PHASES, Alerts, Which, place_of
from moonlock.store.steps import migrate


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.write(tmp_path / "moon.db", priced)
    yield store
    store.close()


def alert(name: str, phase: Phase = "firing", since: int = NOON, **more: object) -> Alert:
    plain = Alert(
        id=name,
        rule="budget-80",
        subject="h tokens",
        session="h",
        severity="warning",
        phase=phase,
        title="Plan: the token budget runs out",
        measure="share",
        level=0.8125,
        threshold=0.8,
        since=since,
        fired_at=None if phase == "pending" else since + 1,
        resolved_at=since + 2 if phase == "resolved" else None,
    )
    return msgspec.structs.replace(plain, **more)


def names(found: list[Alert]) -> list[str]:
    return [one.id for one in found]


def test_what_is_kept_comes_back_as_it_was_and_again_as_it_became(store: Store) -> None:
    first = alert("a", session=None, level=None, quiet=True)
    with store.alerts().durably():
        store.alerts().keep([first, alert("b", "pending")])
    assert store.alerts().one("a") == first and store.alerts().one("c") is None
    later = alert("a", "resolved", acknowledged_at=NOON + 9)
    store.alerts().keep([later])
    assert store.alerts().one("a") == later
    assert names(store.alerts().open()) == ["b"]


def test_one_that_was_over_before_it_fired_leaves_nothing(store: Store) -> None:
    store.alerts().keep([alert("a", "pending")])
    store.alerts().keep([alert("a", "resolved", fired_at=None)])
    assert store.alerts().one("a") is None


def test_the_list_has_firing_ones_first_and_can_be_narrowed(store: Store) -> None:
    known = [
        alert("a", "resolved", NOON + HOUR),
        alert("b", "pending", NOON),
        alert("c", "firing", NOON - HOUR),
        alert("d", "firing", NOON, rule="waiting", session="s"),
        alert("e", "resolved", NOON - HOUR, session=None),
    ]
    store.alerts().keep(known)
    page = store.alerts().page
    assert names(page(Which(), None, 10)) == ["d", "c", "b", "a", "e"]
    assert names(page(Which(phases=("pending", "resolved")), None, 10)) == ["b", "a", "e"]
    assert names(page(Which(rule="waiting"), None, 10)) == names(page(Which(session="s"), None, 10)) == ["d"]
    assert names(page(Which(since=NOON), None, 10)) == ["d", "b", "a"]
    assert names(store.alerts().of_session("h")) == ["c", "a"]
    assert names(store.alerts().over(NOON)) == ["a"]


def test_the_newest_crossing_of_a_subject_and_when_it_fired_are_remembered(store: Store) -> None:
    kept = [alert("a", "resolved", NOON), alert("b", "pending", NOON + HOUR), alert("c", subject="i tokens", since=5)]
    store.alerts().keep(kept)
    assert store.alerts().last(NOON) == [("budget-80", "h tokens", NOON + HOUR, NOON + 1)]


def test_a_place_was_read_when_a_log_below_it_was(store: Store) -> None:
    store.append([batch("/logs/app/s1.jsonl", [usage("m1")]), batch("C:\\logs\\s2.jsonl", [usage("m2")])])
    was_read = store.alerts().was_read
    assert [was_read(place) for place in ("/logs", "/logs/", "/logs/app", "C:\\logs")] == [True] * 4
    assert [was_read(place) for place in ("/log", "/logs/ap", "/logs-of-others", "/other")] == [False] * 4


@given(
    st.lists(st.tuples(st.sampled_from(PHASES), st.integers(0, 3)), max_size=12),
    st.integers(1, 4),
)
def test_pages_follow_each_other_without_a_gap_or_an_overlap(kinds: list[tuple[Phase, int]], limit: int) -> None:
    db = apsw.Connection(":memory:")
    migrate(db)
    alerts = Alerts(db)
    alerts.keep(alert(f"{number}", phase, NOON + since) for number, (phase, since) in enumerate(kinds))
    whole, parts = names(alerts.page(Which(), None, 100)), list[str]()
    after = None
    while part := alerts.page(Which(), after, limit):
        parts += names(part)
        after = place_of(part[-1])
    assert parts == whole and len(whole) == len(kinds)
    db.close()
