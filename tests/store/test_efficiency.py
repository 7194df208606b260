"""What efficiency is read from: the responses of some days, the ones before them, and what happened beside them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from store_batches import DAY, MINUTE, NOON, batch, call, key, priced, session, usage

from moonlock.model.efficiency import Evidence, Failing
from moonlock.model.events import Committed, Compaction, Event, PromptSent, UsageEvent
from moonlock.model.label import Relabel
from moonlock.store import Store
from moonlock.store.places import signed

SPAN = NOON, NOON + DAY


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A session on two branches with a sub-agent, of which the first response is of the day before; and another one."""
    with closing(Store.write(tmp_path / "moon.db", priced)) as found:
        told: list[Event] = [
            usage("old", NOON - 30 * MINUTE, branch="main"),
            usage("older", NOON - 60 * MINUTE, branch="side"),
            usage("aside", NOON - 20 * MINUTE, agent_id="x", sidechain=True),
            usage("a", NOON, branch="side"),
            usage("b", NOON + MINUTE, branch="main", agent_id="y", sidechain=True),
            call("one", NOON, request=key("a"), outcome="failed", duration=1),
            call("two", NOON + 1, request=key("a"), outcome="failed", duration=1),
            call("three", NOON + 2, request=key("a"), name="Read", outcome="ok", duration=1),
            call("early", NOON - MINUTE, request=key("old"), outcome="failed", duration=1),
            PromptSent(key("p1"), NOON),
            PromptSent(key("p0"), NOON - 1),
            Committed(key("c1"), NOON + 5, "abc"),
            Compaction(key("k1"), NOON - 5, "auto"),
        ]
        found.append([batch("s1.jsonl", told)])
        found.append([batch("s2.jsonl", [usage("z", NOON + 2 * MINUTE)], session("s2", "-w-two", cwd="/w/two"))])
        yield found


def number(store: Store, native: str) -> int:
    known = store.session(native)
    assert known is not None
    return signed(int(known.uid, 16))


def test_the_days_have_their_responses_in_time_order_and_each_line_its_last_one_before(store: Store) -> None:
    story = store.economy().of_days(SPAN)
    assert [(one.at - NOON, one.agent_id, one.model) for one in story.paid] == [
        (0, "", "opus"),
        (MINUTE, "y", "opus"),
        (2 * MINUTE, "", "opus"),
    ]
    assert [(one.at - NOON, one.agent_id) for one in story.before] == [(-60 * MINUTE, ""), (-30 * MINUTE, "")]
    assert story.paid[0].tokens == usage("a").tokens and story.paid[0].cost == usage("a").tokens.total


def test_what_happened_beside_them_is_counted(store: Store) -> None:
    facts, one = store.economy().of_days(SPAN).facts, number(store, "s1")
    assert (facts.prompts, facts.commits, facts.compactions) == (1, 1, [(one, NOON - 5)])
    cost = usage("a").tokens.total
    assert facts.tools == (Failing("Bash", 2, (Evidence(one, 2, cost, NOON, NOON + 1),)), Failing("Read", 1, ()))


def test_days_without_anything_are_empty(store: Store) -> None:
    story = store.economy().of_days((NOON + DAY, NOON + 2 * DAY))
    assert (story.paid, story.before, story.facts.prompts, story.facts.tools) == ([], [], 0, ())
    assert store.economy().called([]) == {}


def test_hidden_sessions_are_left_out(store: Store) -> None:
    store.relabel("s1", Relabel(hidden=True), NOON)
    assert [one.session for one in store.economy().of_days(SPAN).paid] == [number(store, "s2")]


def test_one_session_is_told_from_its_beginning(store: Store) -> None:
    uid = f"{number(store, 's1') % (1 << 64):016x}"
    story = store.economy().of_session(uid)
    assert [one.at - NOON for one in story.paid] == [-60 * MINUTE, -30 * MINUTE, -20 * MINUTE, 0, MINUTE]
    assert (story.before, story.facts.prompts, story.facts.tools[0].calls) == ([], 2, 3)
    nobody = store.economy().of_session("f" * 16)
    assert (nobody.paid, nobody.facts.tools) == ([], ())


def test_sessions_are_called_what_people_call_them(store: Store) -> None:
    store.relabel("s2", Relabel(name="Login"), NOON)
    both = [number(store, "s1"), number(store, "s2")]
    called = store.economy().called(both)
    assert [(called[one].name, called[one].project) for one in both] == [("", "app"), ("Login", "two")]


def test_the_same_with_the_indexes_that_a_watcher_makes(store: Store) -> None:
    before = store.economy().of_days(SPAN)
    store.settle()
    assert store.economy().of_days(SPAN) == before


def test_a_request_of_many_copies_is_told_once(store: Store) -> None:
    again: UsageEvent = usage("a", NOON, branch="side")
    store.append([batch("copy.jsonl", [again], session("s9"))])
    assert len(store.economy().of_days(SPAN).paid) == 3
