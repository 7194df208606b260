"""What telemetry tells is kept once, whatever comes how often and in which order, and is in no total."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_batches import HOUR, MINUTE, NOON, batch, key, priced, session, usage

from moonlock.model.events import UNDERSTATED
from moonlock.model.session import SessionKey
from moonlock.model.telemetry import ApiRequest, Counted, Noted, SessionTelemetry, Telemetry
from moonlock.model.tokens import Tokens
from moonlock.store import Store
from moonlock.store.places import session_id, uid_of
from moonlock.store.telemetry import SETTLED

AGENT = "claude-code"
UID = uid_of(session_id(SessionKey(AGENT, "-home-ann-app", "s1")))
LATER = NOON + HOUR
TOKENS = Tokens(10, 100, 1000, 0, 5000)
"""What ``store_batches.usage`` has, as telemetry tells it."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    found = Store.write(tmp_path / "moon.db", priced)
    yield found
    found.close()


def asked(name: str, request: str = "r", at: int = NOON, **more: object) -> ApiRequest:
    low = key("", request) & 0xFFFF
    plain = ApiRequest(key(name), low, "s1", at, "compact", TOKENS, 7)
    return msgspec.structs.replace(plain, **more)


def known(store: Store, *messages: str, **more: Any) -> None:
    store.append([batch("s1.jsonl", [usage(message, request=message, **more) for message in messages])])


def told(store: Store, now: int = LATER, uid: str = UID) -> SessionTelemetry:
    found = store.telemetry().of_session(AGENT, "s1", uid, now)
    assert found is not None
    return found


def keep(store: Store, *requests: ApiRequest, now: int = NOON) -> int:
    return store.telemetry().keep(AGENT, Telemetry(requests=requests), now)


def test_a_request_of_the_log_has_its_partner_and_what_has_none_stands_alone(store: Store) -> None:
    known(store, "a", "b")
    keep(store, asked("1", "a"), asked("2", "b"), asked("3", "title"))
    found = told(store)
    assert (found.requests, [one.key for one in found.alone]) == (3, [key("3")])
    assert found.last_at == NOON


def test_it_is_in_no_total(store: Store) -> None:
    known(store, "a")
    before = store.totals(), store.sessions(), store.reading()
    keep(store, asked("1", "a"), asked("3", "title"))
    assert (store.totals(), store.sessions(), store.reading()) == before


def test_the_log_may_come_later_and_until_then_nothing_is_said(store: Store) -> None:
    known(store, "a")
    keep(store, asked("2", "b", at=NOON))
    assert told(store, NOON + SETTLED - 1).alone == ()
    assert len(told(store, NOON + SETTLED).alone) == 1
    known(store, "b")
    assert told(store).alone == ()


@pytest.mark.parametrize(
    "other",
    [
        Tokens(11, 100, 1000, 0, 5000),
        Tokens(10, 101, 1000, 0, 5000),
        Tokens(10, 100, 1001, 0, 5000),
        Tokens(10, 100, 1000, 0, 5001),
    ],
)
def test_the_low_bits_alone_make_no_partner(store: Store, other: Tokens) -> None:
    known(store, "a")
    keep(store, asked("1", "a", tokens=other))
    assert len(told(store).alone) == 1


def test_a_log_that_is_known_to_have_less_of_the_answer_is_a_partner_still(store: Store) -> None:
    known(store, "a", output=4, marks=UNDERSTATED)
    keep(store, asked("1", "a"))
    assert told(store).alone == ()


def test_cache_writes_of_both_lengths_count_as_one(store: Store) -> None:
    known(store, "a", tokens=Tokens(10, 100, 300, 700, 5000))
    keep(store, asked("1", "a"))
    assert told(store).alone == ()


def test_a_sub_agent_is_part_of_its_session(store: Store) -> None:
    known(store, "x")
    store.append([batch("s1/agent-1.jsonl", [usage("a", request="a")], session("s1", agent_id="1"))])
    keep(store, asked("1", "a"))
    assert told(store).alone == ()


def test_of_two_logs_with_one_id_the_one_that_was_written_last_has_it(store: Store) -> None:
    seen = session("s1", "-elsewhere", first_at=NOON + MINUTE, last_at=NOON + MINUTE)
    store.append([batch("s1.jsonl", [usage("a", request="a")], session("s1", first_at=NOON, last_at=NOON))])
    store.append([batch("other.jsonl", [usage("b", NOON + MINUTE, request="b")], seen)])
    keep(store, asked("1", "a"), asked("2", "b"), asked("3", "c"))
    assert store.telemetry().of_session(AGENT, "s1", UID, LATER) is None
    other = uid_of(session_id(SessionKey(AGENT, "-elsewhere", "s1")))
    assert [one.key for one in told(store, uid=other).alone] == [key("3")]


def test_a_session_that_was_never_heard_has_nothing(store: Store) -> None:
    known(store, "a")
    assert store.telemetry().of_session(AGENT, "s1", UID, LATER) is None
    assert store.telemetry().newest_at() is None
    assert keep(store) == 0


def counted(value: float, start: int = 0, end: int = 0, series: int = 1) -> Counted:
    return Counted("s1", "commits", series, start, end, value)


def count(store: Store, *found: Counted) -> float:
    store.telemetry().keep(AGENT, Telemetry(counted=found), NOON)
    return told(store).counters["commits"]


def test_stretches_add_up_and_a_repeated_one_adds_nothing(store: Store) -> None:
    known(store, "a")
    assert count(store, counted(2, 0, 10)) == 2
    assert count(store, counted(3, 10, 20), counted(2, 0, 10)) == 5
    assert count(store, counted(1, 10, 20, series=2)) == 6


def test_what_is_counted_since_a_start_replaces_itself_and_a_new_start_adds(store: Store) -> None:
    known(store, "a")
    assert count(store, counted(2, 5)) == 2
    assert count(store, counted(7, 5), counted(4, 5)) == 7
    assert count(store, counted(1, 90)) == 8


def test_notes_come_back_in_time_order(store: Store) -> None:
    known(store, "a")
    late = Noted(1, "s1", NOON + 9, "compaction", "auto", 160_000, None, 30_000)
    early = Noted(2, "s1", NOON, "error")
    store.telemetry().keep(AGENT, Telemetry(noted=(late, early, late)), NOON)
    assert told(store).noted == (early, late)


ONES = st.integers(0, 5)
TOLD = st.one_of(
    st.builds(lambda n: Telemetry(requests=(asked(f"q{n}", f"r{n}", at=NOON + n),)), ONES),
    st.builds(lambda n, s: Telemetry(counted=(counted(n + 1, n * 10, n * 10 + 10, s),)), ONES, st.integers(0, 1)),
    st.builds(lambda n, s: Telemetry(counted=(counted(n + 1, s),)), ONES, st.integers(100, 101)),
    st.builds(lambda n: Telemetry(noted=(Noted(n, "s1", NOON + n, "error"),)), ONES),
)


@given(st.lists(TOLD, max_size=12), st.randoms(use_true_random=False))
def test_no_order_and_no_repetition_changes_what_is_known(found: list[Telemetry], chance: object) -> None:
    import apsw

    from moonlock.store.steps import migrate

    mixed = found + found[::2]
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    answers = []
    for order in (found, mixed):
        db = apsw.Connection(":memory:")
        migrate(db)
        memory = Store(db, ":memory:")
        known(memory, "a")
        for one in order:
            memory.telemetry().keep(AGENT, one, NOON)
        answers.append(memory.telemetry().of_session(AGENT, "s1", UID, LATER))
        for one in order:
            assert memory.telemetry().keep(AGENT, one, NOON) == 0
        db.close()
    assert answers[0] == answers[1]
