"""What became of what sub-agents were called for, and of goals, whatever comes first; and whose child each is."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_batches import HOUR, MINUTE, NOON, batch, call, key, priced, session, usage

from moonlock.model.aims import GOAL, agent_aim, call_of
from moonlock.model.events import Event, ObjectiveSet, SubagentEnded, SubagentStarted
from moonlock.model.session import SessionSeen
from moonlock.store import Store

BRIEF = key("brief")
MAIN, HELPER = "s1.jsonl", "s1/subagents/agent-a1.jsonl"


def begun(label: str = "brief", at: int = NOON, title: str = "Find it") -> list[Event]:
    """A call of a sub-agent, and what it wants."""
    made = call(label, at, name="Agent")
    return [made, ObjectiveSet(key(f"{label} begun"), at, agent_aim(key(label)), title, "in_progress", "Agent")]


def link(agent: str = "a1", label: str = "brief", at: int = NOON, kind: str = "", parent: str = "") -> SubagentStarted:
    return SubagentStarted(key(f"{label} {agent} {kind}"), at, agent, key(label), kind, parent)


def completed(label: str = "brief", at: int = NOON + MINUTE) -> ObjectiveSet:
    return ObjectiveSet(key(f"{label} done"), at, agent_aim(key(label)), "", "completed", "Agent")


def goal(text: str, at: int, state: str = "in_progress") -> ObjectiveSet:
    name = f"{GOAL}{text}"
    return ObjectiveSet(key(f"{name}{at}"), at, name, text, state, "goal")  # type: ignore[arg-type]


@contextmanager
def opened(home: Path) -> Iterator[Store]:
    store = Store.write(home / "m.db", priced)
    try:
        yield store
    finally:
        store.close()


def heard(at: int, agent: str = "") -> SessionSeen:
    return session("s1", agent_id=agent, first_at=NOON, last_at=at)


def states(store: Store) -> list[tuple[str, str, str]]:
    (uid,) = (each.uid for each in store.sessions())
    return [(each.title, each.state, each.source) for each in store.objectives(uid)]


def test_a_call_is_in_progress_until_its_result(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.append([batch(MAIN, [usage("m"), *begun()])])
        assert states(store) == [("Find it", "in_progress", "Agent")]
        gain = store.append([batch(MAIN, [link(kind="Explore"), completed()], offset=200)])
        assert states(store) == [("Find it", "completed", "Agent")]
        (told,) = [fact.event for fact in gain.facts if isinstance(fact.event, ObjectiveSet)]
        assert (told.title, told.state) == ("Find it", "completed")


@pytest.mark.parametrize("ended", [{"agent_id": "a1"}, {"call": BRIEF}])
def test_a_background_call_ends_by_what_is_said_later(tmp_path: Path, ended: dict[str, object]) -> None:
    with opened(tmp_path) as store:
        store.append([batch(MAIN, [usage("m"), *begun(), link()])])
        over = SubagentEnded(key("over"), NOON + MINUTE, "completed", **ended)  # type: ignore[arg-type]
        gain = store.append([batch(MAIN, [over], offset=200)])
        assert [fact.event.state for fact in gain.facts] == ["completed"]  # type: ignore[union-attr]
        assert states(store) == [("Find it", "completed", "Agent")]


def test_who_watches_hears_of_an_end_that_was_read_before_its_beginning(tmp_path: Path) -> None:
    """A notification stands in another file than the call of a sub-agent's own helper."""
    with opened(tmp_path) as store:
        early: list[Event] = [usage("m"), SubagentEnded(key("over"), NOON + MINUTE, "completed", call=BRIEF)]
        assert [fact for fact in store.append([batch(MAIN, early)]).facts] == []
        gain = store.append([batch(HELPER, [*begun(), link()], heard(NOON, "a1"))])
        told = [fact.event for fact in gain.facts if isinstance(fact.event, ObjectiveSet)]
        assert [(one.title, one.state) for one in told] == [("Find it", "in_progress"), ("Find it", "completed")]
        again = store.append([batch(MAIN, [call("other", NOON + 2 * MINUTE, outcome="ok", duration=5)], offset=300)])
        assert not any(isinstance(fact.event, ObjectiveSet) for fact in again.facts)


def test_the_end_of_another_task_says_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        over = SubagentEnded(key("over"), NOON, "completed", "shell")
        gain = store.append([batch(MAIN, [usage("m"), over, completed("lost")])])
        assert states(store) == [] and gain.facts == ()


@pytest.mark.parametrize("outcome", ["failed", "denied"])
def test_a_call_that_fails_gives_up_what_it_wanted(tmp_path: Path, outcome: str) -> None:
    with opened(tmp_path) as store:
        store.append([batch(MAIN, [usage("m"), *begun()])])
        result = call("brief", name="Agent", duration=5, outcome=outcome)
        gain = store.append([batch(MAIN, [result], offset=200)])
        assert states(store) == [("Find it", "deleted", "Agent")]
        assert [each.event.state for each in gain.facts if isinstance(each.event, ObjectiveSet)] == ["deleted"]


def test_a_result_that_names_no_sub_agent_ends_it_too(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        made = begun()
        done = call("brief", name="Agent", duration=5, outcome="ok")
        store.append([batch(MAIN, [usage("m"), done, *made[1:]])])
        assert states(store) == [("Find it", "completed", "Agent")]


def test_a_call_without_a_result_is_given_up_once_a_person_goes_on(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.append([batch(MAIN, [usage("m"), *begun()])])
        store.append([batch(MAIN, [usage("n", NOON + MINUTE)], offset=200, prompted_at=NOON + MINUTE)])
        assert states(store) == [("Find it", "deleted", "Agent")]


def test_one_that_its_session_left_an_hour_behind_is_over(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        done = call("brief", name="Agent", duration=5, outcome="ok")
        lines = [usage("m"), done, *begun()[1:], link()]
        store.append([batch(MAIN, lines, heard(NOON + HOUR))])
        store.append([batch(HELPER, [usage("h", NOON, agent_id="a1", sidechain=True)], heard(NOON, "a1"))])
        assert states(store) == [("Find it", "in_progress", "Agent")]
        store.append([batch(MAIN, [usage("n", NOON + 2 * HOUR)], heard(NOON + 2 * HOUR), offset=200)])
        assert states(store) == [("Find it", "completed", "Agent")]
        (agent,) = store.sessions()[0].agents
        assert (agent.title, agent.state, agent.call) == ("Find it", "completed", BRIEF)


def test_of_two_calls_of_one_sub_agent_the_newer_is_ended(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        first = [*begun(), link(), completed()]
        again = [*begun("again", NOON + 2 * MINUTE, "Go on"), link(label="again", at=NOON + 2 * MINUTE)]
        store.append([batch(MAIN, [usage("m"), *first, *again])])
        store.append(
            [batch(MAIN, [SubagentEnded(key("o"), NOON + 3 * MINUTE, "deleted", "a1"), usage("n")], offset=200)]
        )
        assert states(store) == [("Find it", "completed", "Agent"), ("Go on", "deleted", "Agent")]


def test_a_sub_agent_has_the_title_kind_and_parent_of_its_call(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.append([batch(MAIN, [usage("m"), *begun(), link("", kind="Explore"), link()])])
        inner = [*begun("inner", NOON, "Look"), link("a2", "inner", parent="a1")]
        helper = usage("h", agent_id="a1", sidechain=True)
        store.append([batch(HELPER, [helper, *inner], heard(NOON, "a1"))])
        below = usage("i", agent_id="a2", sidechain=True)
        store.append([batch("s1/subagents/agent-a2.jsonl", [below], heard(NOON, "a2"))])
        agents = {each.agent_id: each for each in store.sessions()[0].agents}
        assert [(each.title, each.kind, each.parent, each.state) for each in map(agents.get, ("a1", "a2")) if each] == [
            ("Find it", "Explore", "", "in_progress"),
            ("Look", "", "a1", "in_progress"),
        ]


def test_the_next_goal_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.append([batch(MAIN, [usage("m"), goal("One", NOON)])])
        gain = store.append([batch(MAIN, [goal("Two", NOON + MINUTE)], offset=200)])
        told = [(each.event.title, each.event.state) for each in gain.facts]  # type: ignore[union-attr]
        assert told == [("One", "deleted"), ("Two", "in_progress")]
        assert states(store) == [("One", "deleted", "goal"), ("Two", "in_progress", "goal")]
        gain = store.append([batch(MAIN, [goal("", NOON + 2 * MINUTE, "deleted")], offset=300)])
        assert [(each.event.title, each.event.state) for each in gain.facts] == [("Two", "deleted")]  # type: ignore[union-attr]
        assert [state for _, state, _ in states(store)] == ["deleted", "deleted"]


def test_what_is_called_an_objective_of_a_call_and_is_none_breaks_nothing(tmp_path: Path) -> None:
    odd = [ObjectiveSet(n, NOON, name, "?", "in_progress", "Agent") for n, name in enumerate(("agent:", "agent:zz"), 1)]
    assert [call_of(one) for one in odd] == [0, 0]
    with opened(tmp_path) as store:
        store.append([batch(MAIN, [usage("m"), *odd])])
        assert len(states(store)) == 2


def test_another_store_learns_all_of_it(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    helper = batch(HELPER, [usage("h", agent_id="a1", sidechain=True)], heard(NOON, "a1"))
    over = SubagentEnded(key("over"), NOON + MINUTE, "completed", "a1")
    with opened(tmp_path) as store, opened(tmp_path / "other") as other:
        store.append([batch(MAIN, [usage("m"), *begun(), link(kind="Explore"), over, goal("One", NOON)]), helper])
        lines = store.lines()
        assert lines is not None
        other.take_in(list(enumerate(lines, 1)), NOON + HOUR)
        assert states(other) == states(store)
        assert [each.agents for each in other.sessions()] == [each.agents for each in store.sessions()]


EVENTS: list[Event] = [
    *begun(),
    link("", kind="Explore"),
    link(),
    completed(),
    *begun("other", NOON + 5, "Test"),
    link("a2", "other", NOON + 6),
    SubagentEnded(key("over"), NOON + MINUTE, "deleted", "a2"),
    goal("One", NOON + 1),
    goal("Two", NOON + 2),
]


@settings(max_examples=12, deadline=None)
@given(st.permutations(EVENTS), st.integers(1, 4))
def test_the_order_in_which_it_is_read_changes_nothing(events: list[Event], size: int) -> None:
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as store:
        for at in range(0, len(events), size):
            store.append([batch(MAIN, [usage("m"), *events[at : at + size]], offset=100 + at)])
        assert sorted(states(store)) == [
            ("Find it", "completed", "Agent"),
            ("One", "deleted", "goal"),
            ("Test", "deleted", "Agent"),
            ("Two", "in_progress", "goal"),
        ]
