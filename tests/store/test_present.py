"""What a picture of now begins with, and what a person should know of logs and prices."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from store_batches import HOUR, MINUTE, NOON, batch, call, key, priced, usage

from moonlock.model.events import AgentError, Event, LimitHit, ObjectiveSet, ObjectiveState, PromptSent, ToolEnded
from moonlock.model.reading import Damage
from moonlock.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.write(tmp_path / "moon.db", priced)
    yield store
    store.close()


def uid(store: Store, native_id: str) -> str:
    found = store.session(native_id)
    assert found is not None
    return found.uid


def aim(at: int, state: ObjectiveState, title: str = "", name: str = "task:1") -> ObjectiveSet:
    return ObjectiveSet(key(f"{name}{at}"), NOON + at, name, title, state, "TaskUpdate")


def test_pulses_are_the_tokens_of_each_session_and_minute(store: Store) -> None:
    early, late = usage("m0", NOON - 1), usage("m1", NOON + MINUTE + 5)
    store.append([batch("s.jsonl", [early, late, usage("m2", NOON + MINUTE + 9)]), batch("t.jsonl", [usage("m3")])])
    assert store.pulses(NOON) == [
        (uid(store, "t"), NOON, 6110),
        (uid(store, "s"), NOON + MINUTE, 2 * 6110),
    ]


def test_a_replay_has_no_pulse(store: Store) -> None:
    main, aside = usage("m1"), usage("m1", sidechain=True, request="other")
    store.append([batch("s.jsonl", [main]), batch("t.jsonl", [aside])])
    assert store.pulses(NOON) == [(uid(store, "s"), NOON, 6110)]


def test_what_happened_lately_is_told_oldest_first(store: Store) -> None:
    limit, error = LimitHit(key("l"), NOON + 3, "session"), AgentError(key("e"), NOON + 4, "overloaded", 529)
    events: list[Event] = [
        call("t0", NOON - HOUR),
        call("t1", NOON),
        PromptSent(key("p"), NOON),
        error,
        limit,
        aim(5, "pending", "A"),
    ]
    store.append(
        [batch("s.jsonl", [*events, ToolEnded(key("t1"), NOON + 9, "failed")]), batch("t.jsonl", [call("t2")])]
    )
    found = store.lately([uid(store, "s")], NOON, 50)
    assert {fact.uid for fact in found} == {uid(store, "s")}
    ended = call("t1", NOON, duration=9, outcome="failed")
    assert [fact.event for fact in found] == [limit, error, aim(5, "pending", "A"), ended]
    assert [fact.event for fact in store.lately([uid(store, "s")], NOON, 2)] == [aim(5, "pending", "A"), ended]
    assert store.lately([], NOON, 50) == []


@pytest.mark.parametrize("at_once", [True, False])
def test_an_objective_told_without_a_title_keeps_the_one_it_had(store: Store, at_once: bool) -> None:
    first, then = aim(1, "pending", "Build it"), aim(2, "in_progress")
    if at_once:
        gain = store.append([batch("s.jsonl", [first, then])])
    else:
        store.append([batch("s.jsonl", [first])])
        gain = store.append([batch("s.jsonl", [then], offset=200)])
    titled = aim(2, "in_progress", "Build it")
    assert gain.facts[-1].event == titled
    assert store.objectives("s") == [titled]
    assert store.lately([uid(store, "s")], NOON, 1)[0].event == titled
    assert store.append([batch("s.jsonl", [then], offset=200)]).facts == ()


def test_an_objective_that_never_had_a_title_has_none(store: Store) -> None:
    store.append([batch("z.jsonl", [aim(1, "pending", "Another's")])])
    gain = store.append([batch("s.jsonl", [aim(2, "in_progress")])])
    assert [fact.event for fact in gain.facts] == store.objectives("s") == [aim(2, "in_progress")]


def test_damage_is_told_file_by_file_with_its_first_place(store: Store) -> None:
    bad = (Damage(60, 9, "cut", 2), Damage(30, 9, "cut"), Damage(90, 1, "nul"))
    store.append([batch("/p/a.jsonl", damage=bad), batch("/p/b.jsonl", damage=bad[:1])])
    first, second = store.wounds()
    assert (first.code, second.code) == ("damaged-lines", "damaged-lines")
    assert first.message.startswith("/p/a.jsonl, byte 30: the first of 3 damaged places (")
    assert first.message.endswith("; 2 records recovered.") and first.hint
    assert second.message == "/p/b.jsonl, byte 60: 1 damaged place, there (cut); 2 records recovered."


def test_files_that_began_again_are_told_with_when_and_that_nothing_is_lost(store: Store) -> None:
    store.append([batch("/p/a.jsonl", [usage("m1")]), batch("/p/b.jsonl", [usage("m2")])])
    store.append([batch("/p/a.jsonl", offset=7, modified=9_000_000, restarted="shrank")])
    store.append([batch("/p/b.jsonl", offset=7, modified=9_000_000, restarted="replaced")])
    replaced, shrank = store.wounds()
    assert (replaced.code, shrank.code) == ("source-replaced", "source-shrank")
    said = "/p/a.jsonl: source shrank at 1970-01-01T00:00:00.009Z, 100 bytes read before; history kept."
    assert shrank.message == said and shrank.hint


def test_a_file_of_another_kind_is_named(store: Store) -> None:
    store.append([batch("/p/notes.jsonl", damage=(Damage(0, 900, "foreign"),))])
    (finding,) = store.wounds()
    assert (finding.code, finding.message) == ("foreign-file", "/p/notes.jsonl is no log of an agent.")


def test_many_troubles_of_one_kind_are_counted(store: Store) -> None:
    store.append([batch(f"/p/{number}.jsonl", damage=(Damage(0, 9, "cut"),)) for number in range(9)])
    found = store.wounds()
    assert len(found) == 6 and found[-1].message == "4 more files like these."


def test_models_without_a_price_are_named_once(store: Store) -> None:
    store.append([batch("a.jsonl", [usage("m1", model="mystery"), usage("m2", model="mystery"), usage("m3")])])
    assert store.unpriced() == ("mystery",)
