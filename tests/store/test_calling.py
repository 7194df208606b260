"""What a person says of rules, and what became of messages: kept, and kept apart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_batches import NOON, priced

from moonlock.model.channel import Message
from moonlock.model.rule_change import RuleChange
from moonlock.store import Store, deliveries
from moonlock.store.steps import migrate

CHANNELS = ("webhook-1", "webhook-2")
CHANGES = st.builds(
    RuleChange,
    enabled=st.none() | st.booleans(),
    threshold=st.none() | st.floats(0, 10),
    clear=st.none() | st.floats(0, 10),
    hold=st.none() | st.integers(0, 86_400_000),
    cooldown=st.none() | st.integers(0, 86_400_000),
    severity=st.none() | st.sampled_from(["info", "warning", "error"]),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    found = Store.write(tmp_path / "moon.db", priced)
    yield found
    found.close()


def message(alert: str, news: str = "firing", quiet: bool = False) -> Message:
    return Message(alert, news, b"{}", quiet)  # type: ignore[arg-type]


@settings(max_examples=30, deadline=None)
@given(steps=st.lists(st.dictionaries(st.sampled_from(["anomaly", "overrun"]), CHANGES), max_size=4))
def test_what_was_said_last_of_a_rule_is_so(steps: list[dict[str, RuleChange]]) -> None:
    db = apsw.Connection(":memory:")
    migrate(db)
    known = Store(db, ":memory:").rule_changes()
    for step in steps:
        known.put(step, NOON)
    last = {rule: change for step in steps for rule, change in step.items()}
    assert known.all() == {rule: change for rule, change in last.items() if change != RuleChange()}


def test_what_a_person_says_outlives_the_process(tmp_path: Path) -> None:
    store = Store.write(tmp_path / "moon.db", priced)
    store.rule_changes().put({"anomaly": RuleChange(enabled=False, cooldown=5)}, NOON)
    store.close()
    again = Store.write(tmp_path / "moon.db", priced)
    assert again.rule_changes().all() == {"anomaly": RuleChange(enabled=False, cooldown=5)}
    again.close()


def test_a_message_is_known_by_its_alert_its_news_and_its_channel(store: Store) -> None:
    known = store.deliveries()
    for _ in range(3):
        known.put([message("a1"), message("a2")], CHANNELS, NOON)
    found = known.of(["a1", "a2", "a3"])
    assert {name: [one.channel for one in each] for name, each in found.items()} == {
        "a1": [*CHANNELS],
        "a2": [*CHANNELS],
    }


def test_an_end_is_for_those_who_heard_of_the_beginning(store: Store) -> None:
    known = store.deliveries()
    known.put([message("a1")], CHANNELS, NOON)
    known.tried(1, "failed", "410", (NOON, NOON))
    known.put([message("a1", "resolved")], CHANNELS, NOON)
    assert [(one.channel, one.news) for one in known.of(["a1"])["a1"]] == [
        ("webhook-1", "firing"),
        ("webhook-2", "firing"),
        ("webhook-2", "resolved"),
    ]


def test_the_oldest_message_that_waits_is_the_next(store: Store) -> None:
    known = store.deliveries()
    known.put([message("a1"), message("a2", quiet=True), message("a3")], ["webhook-1"], NOON)
    seen = []
    while (one := known.next("webhook-1")) is not None:
        known.trying(one.number, NOON + 1)
        again = known.next("webhook-1")
        assert again is not None and (again.number, again.tries, again.at) == (one.number, 1, NOON + 1)
        seen.append(one.alert)
        known.tried(one.number, "sent", "204", (NOON + 2, NOON + 2))
    assert seen == ["a1", "a3"]
    assert known.next("webhook-2") is None


def test_of_what_is_over_only_the_newest_is_remembered(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "KEPT", 3)
    known = store.deliveries()
    known.put([message("held", quiet=True)], ["webhook-1"], NOON)
    for number in range(6):
        known.put([message(f"a{number}")], ["webhook-1"], NOON)
        known.tried(number + 2, "sent", "204", (NOON, NOON))
    assert [*known.of(["held", *(f"a{number}" for number in range(6))])] == ["held", "a3", "a4", "a5"]


def test_nothing_is_written_when_there_is_nothing_to_let_go_of(store: Store) -> None:
    known = store.deliveries()
    before = store.changes()
    known.release(NOON)
    known.leave_out([], NOON)
    assert store.changes() == before
