"""Checkpoints that suggest themselves, against a real store: what is suggested, what a decision makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from live.house import House, lived
from live.logs import answer, line, log, write
from store_batches import HOUR, MINUTE, NOON, batch, key, priced, session, usage

from moonlock.live import clock
from moonlock.live.commands import Commands
from moonlock.live.gathered import final
from moonlock.live.suggesting import Suggesting
from moonlock.model.events import Committed, Compaction, Event, ObjectiveSet, PullRequestOpened
from moonlock.model.label import Relabel
from moonlock.model.manual import Amend, Follow, Hand, Milestone, Plan
from moonlock.model.timer import Clocks
from moonlock.model.wire import SessionCheckpoint
from moonlock.store import Store
from moonlock.store.errors import AcceptedAlready, UnknownSuggestion
from moonlock.store.hands import number_of
from moonlock.store.places import signed

ALL = Follow("all")
DID: list[Event] = [
    ObjectiveSet(key("plan"), NOON + 5 * MINUTE, "plan:1", "Mend the door", "in_progress", "ExitPlanMode"),
    ObjectiveSet(key("again"), NOON + 6 * MINUTE, "plan:1", "Mend the door", "in_progress", "planContent"),
    ObjectiveSet(key("task"), NOON + 7 * MINUTE, "task:1", "Saw", "in_progress", "TaskCreate"),
    Committed(key("c1"), NOON + 10 * MINUTE, "a9cace57"),
    Compaction(key("micro"), NOON + 11 * MINUTE, "micro"),
    Compaction(key("k"), NOON + 12 * MINUTE, "auto"),
    PullRequestOpened(key("pr"), NOON + 70 * MINUTE, 7, "ann/app"),
    Committed(key("c2"), NOON + 80 * MINUTE, ""),
]
TOLD = ["Mend the door", "commit a9cace57", "context compacted", "pull request ann/app#7", "commit"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.write(tmp_path / "moon.db", priced)
    store.append(
        [
            batch(
                "a.jsonl",
                [usage("m1", NOON + MINUTE), usage("m2", NOON + 15 * MINUTE), *DID],
                session("a", first_at=NOON, last_at=NOON + HOUR),
            )
        ]
    )
    yield store
    store.close()


def started(store: Store, follow: Follow = ALL, now: int = NOON) -> Hand:
    return Commands(store).start(Plan("Focus", 5 * HOUR, follow=follow), now)[0]


def titles(store: Store, hand: Hand, now: int = NOON + 2 * HOUR) -> list[str]:
    return [one.phase for one in Suggesting(store).open(hand, now)]


def key_of(store: Store, hand: Hand, phase: str) -> int:
    return next(one.key for one in Suggesting(store).open(hand, NOON + 2 * HOUR) if one.phase == phase)


def again(store: Store, hand: Hand) -> Hand:
    return store.hands().some((number_of(hand.uid),))[0]


def test_plans_commits_compactions_and_pull_requests_are_suggested_once_each_where_they_happened(store: Store) -> None:
    hand = started(store)
    found = Suggesting(store).open(hand, NOON + 2 * HOUR)
    assert [one.phase for one in found] == TOLD
    assert [one.elapsed // MINUTE for one in found] == [5, 10, 12, 70, 80]
    assert {one.uid for one in found} == {one.uid for one in store.sessions()}


@pytest.mark.parametrize(
    ("follow", "many"), [(Follow(), 0), (Follow("session", "a"), 5), (Follow("project", "app"), 5)]
)
def test_only_what_those_did_who_are_followed_is_suggested(follow: Follow, many: int, store: Store) -> None:
    assert len(titles(store, started(store, follow))) == many


def test_nothing_is_suggested_of_a_pause_of_before_the_start_or_of_a_hidden_session(store: Store) -> None:
    hand, commands = started(store, now=NOON + 9 * MINUTE), Commands(store)
    commands.amend("Focus", Amend(status="paused"), NOON + 11 * MINUTE)
    commands.amend("Focus", Amend(status="running"), NOON + 75 * MINUTE)
    found = Suggesting(store).open(again(store, hand), NOON + 2 * HOUR)
    assert [(one.phase, one.elapsed // MINUTE) for one in found] == [("commit a9cace57", 1), ("commit", 7)]
    store.relabel("a", Relabel(hidden=True), NOON)
    assert titles(store, again(store, hand)) == []


def test_what_is_accepted_is_a_phase_in_its_place_with_its_own_time_and_cost(store: Store) -> None:
    hand, waiting = started(store), Suggesting(store)
    Commands(store).reach("Focus", Milestone("by hand"), NOON + HOUR)
    wanted = key_of(store, hand, "commit a9cace57")
    done = waiting.accept("Focus", wanted, NOON + 2 * HOUR)
    assert done is not None and done.fresh
    assert (done.checkpoint.source, done.checkpoint.uid) == ("commit", store.sessions()[0].uid)
    told = final(store, again(store, hand), NOON + 2 * HOUR)
    assert [(one.phase, one.elapsed // MINUTE, one.usage.requests) for one in told.stretches] == [
        ("commit a9cace57", 10, 1),
        ("by hand", 50, 1),
        (None, 60, 0),
    ]
    assert "commit a9cace57" not in titles(store, hand)


def test_accepting_twice_marks_once_and_what_was_accepted_is_not_dismissed(store: Store) -> None:
    hand, waiting = started(store), Suggesting(store)
    wanted = key_of(store, hand, "commit")
    first, second = (waiting.accept("Focus", wanted, NOON + 2 * HOUR) for _ in range(2))
    assert first is not None and second is not None
    assert (first.checkpoint, second.fresh) == (second.checkpoint, False)
    with pytest.raises(AcceptedAlready):
        waiting.dismiss("Focus", wanted, NOON + 2 * HOUR)
    assert len(store.hands().checkpoints(number_of(hand.uid))) == 1


def test_what_is_dismissed_is_suggested_no_more_but_may_still_be_accepted(store: Store) -> None:
    hand, waiting = started(store), Suggesting(store)
    wanted = key_of(store, hand, "context compacted")
    assert [waiting.dismiss("Focus", wanted, NOON + 2 * HOUR) for _ in range(2)] == [True, False]
    assert "context compacted" not in titles(store, hand)
    assert waiting.accept("Focus", wanted, NOON + 2 * HOUR) is not None


def test_a_session_that_is_over_may_still_be_put_in_order(store: Store) -> None:
    hand = started(store)
    Commands(store).amend("Focus", Amend(status="completed"), NOON + HOUR)
    assert titles(store, again(store, hand)) == TOLD[:3]
    assert Suggesting(store).accept("Focus", key("c1"), NOON + 2 * HOUR) is not None


def test_what_was_never_suggested_cannot_be_decided(store: Store) -> None:
    started(store)
    waiting = Suggesting(store)
    for decide in (waiting.accept, waiting.dismiss):
        with pytest.raises(UnknownSuggestion):
            decide("Focus", key("task"), NOON + 2 * HOUR)
        assert decide("nobody", key("c1"), NOON) is None


def test_a_step_of_the_clock_between_does_not_move_a_phase(store: Store) -> None:
    """The clock is set forth by an hour at noon + 8 min: what stands at 70 min on the wall was reached after 10."""
    hand, commands = started(store), Commands(store)
    commands.look(Clocks(NOON, 0, 0), "run")
    commands.look(Clocks(NOON + 68 * MINUTE, 8 * MINUTE, 8 * MINUTE), "run")
    found = Suggesting(store).open(again(store, hand), NOON + 2 * HOUR)
    assert [(one.phase, one.elapsed // MINUTE) for one in found][-2:] == [
        ("pull request ann/app#7", 10),
        ("commit", 20),
    ]


def test_who_listens_hears_what_is_suggested_and_what_becomes_of_it(tmp_path: Path) -> None:
    path = log(tmp_path)
    write(path, answer(clock.now() - MINUTE, 1))

    async def story(house: House) -> None:
        hands = house.engine.by_hand
        begun = await hands.start(Plan("Focus", follow=ALL))
        await hands.start(Plan("Alone"))
        write(path, line("pr-link", clock.now() + 1, "s1", prNumber=7, prRepository="ann/app"))
        told = await house.until(lambda frame: isinstance(frame, SessionCheckpoint))
        assert isinstance(told, SessionCheckpoint)
        assert (told.session_id, told.data.suggested, told.data.phase) == (begun.id, True, "pull request ann/app#7")
        waiting = await hands.suggestions(None, 10)
        assert [(one.id, one.session_name) for one in waiting.suggestions] == [(told.data.id, "Focus")]
        await hands.accept("Focus", signed(int(told.data.id, 16)))
        await house.until(lambda frame: isinstance(frame, SessionCheckpoint) and not frame.data.suggested)
        assert (await hands.suggestions(None, 10)).suggestions == []

    lived(tmp_path, story)
