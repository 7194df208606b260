"""Sub-agents from real logs in a real store: the tree, what each used, how it ends, and what listeners are told."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from claude_lines import MINUTE, SECOND, SESSION, TEN, Line, call, encoded, prompted, result, said, transcript
from claude_lines import usage as tokens
from hypothesis import given, settings
from hypothesis import strategies as st
from live.house import House, lived
from store_batches import NOON, batch, key, priced, session, usage

from moonlock.analytics.cost import price_of
from moonlock.analytics.prices import builtin
from moonlock.live import chronicle, clock
from moonlock.live.shapes import Setting, session_shape
from moonlock.model.aims import agent_aim
from moonlock.model.events import Event, ObjectiveSet, SubagentEnded, SubagentStarted
from moonlock.model.instant import HOUR, Instant
from moonlock.model.reading import Cursor
from moonlock.model.shapes import SessionShape, SubagentShape
from moonlock.model.wire import SessionObjective, SessionStatusChanged
from moonlock.sources.base import look
from moonlock.sources.claude_code import ClaudeCode
from moonlock.store import Store

HELPER, NESTED = f"{SESSION}/subagents/agent-a1.jsonl", f"{SESSION}/subagents/agent-a2.jsonl"


def brief(text: str, kind: str = "Explore") -> Line:
    return {"description": text, "prompt": "…", "subagent_type": kind}


def launched(agent: str) -> Line:
    return {"isAsync": True, "status": "async_launched", "agentId": agent}


def notice(tool: str, agent: str, at: Instant, status: str = "completed") -> Line:
    ids = f"<task-id>{agent}</task-id><tool-use-id>{tool}</tool-use-id><status>{status}</status>"
    return prompted(f"<task-notification>{ids}</task-notification>", at, uuid=f"n{tool}{status}")


def answered(name: str, at: Instant, output: int, **more: Any) -> Line:
    return said(f"msg_{name}", f"req_{name}", tokens(10, output), at, uuid=f"u{name}", **more)


def main(at: Instant = TEN) -> list[Line]:
    return [
        prompted("Do it", at),
        call("t1", "Agent", brief("Find the callers"), at + SECOND, uuid="c1"),
        result("t1", at + 2 * SECOND, toolUseResult=launched("a1"), uuid="r1"),
        answered("own", at + 3 * SECOND, 70, stop="end_turn"),
    ]


def helper(at: Instant = TEN) -> list[Line]:
    side: Line = {"isSidechain": True, "agentId": "a1"}
    return [
        prompted("…", at + 2 * SECOND, uuid="h0", **side),
        answered("h1", at + 4 * SECOND, 100, **side),
        call("t2", "Agent", brief("Look deeper", "general-purpose"), at + 5 * SECOND, uuid="c2", **side),
        result("t2", at + 6 * SECOND, toolUseResult=launched("a2"), uuid="r2", **side),
    ]


def nested(at: Instant = TEN) -> list[Line]:
    side: Line = {"isSidechain": True, "agentId": "a2"}
    return [answered("n1", at + 8 * SECOND, 1000, **side), answered("n2", at + MINUTE, 500, **side)]


def read(store: Store, *paths: Path) -> None:
    for path in paths:
        seen = look(str(path))
        assert seen is not None
        store.append(list(ClaudeCode().read(seen, Cursor(), 1 << 30)))


def shown(store: Store, now: Instant) -> SessionShape:
    session = store.session(SESSION)
    assert session is not None
    return session_shape(session, Setting(now, {}, store.objectives(session.uid)))


def every(agents: Iterable[SubagentShape]) -> Iterator[SubagentShape]:
    for agent in agents:
        yield agent
        yield from every(agent.subagents)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.write(tmp_path / "moon.db", price_of(builtin()))
    read(
        opened,
        transcript(tmp_path, *main()),
        transcript(tmp_path, *helper(), name=HELPER),
        transcript(tmp_path, *nested(), name=NESTED),
    )
    yield opened
    opened.close()


def test_sub_agents_are_a_tree_and_count_once(store: Store) -> None:
    told = shown(store, TEN + MINUTE)
    (top,) = told.subagents
    (child,) = top.subagents
    assert (top.id, top.title, top.kind, top.tokens.output) == ("a1", "Find the callers", "Explore", 150)
    assert (child.id, child.title, child.kind, child.tokens.output) == ("a2", "Look deeper", "general-purpose", 1500)
    assert told.tokens.output == 50 + 70 + 150 + 1500
    assert told.subagent_tokens == top.tokens.total + child.tokens.total


def test_one_in_the_background_runs_until_it_says_that_it_is_done(store: Store, tmp_path: Path) -> None:
    assert [each.status for each in every(shown(store, TEN + 20 * MINUTE).subagents)] == ["running", "running"]
    read(store, transcript(tmp_path, *main(), notice("t1", "a1", TEN + 2 * MINUTE)))
    assert [each.status for each in every(shown(store, TEN + 2 * MINUTE).subagents)] == ["completed", "running"]
    silent = shown(store, TEN + 2 * HOUR)
    assert [each.status for each in every(silent.subagents)] == ["completed", "completed"]


def test_how_far_a_session_is_its_sub_agents_say_only_where_nothing_else_does(store: Store, tmp_path: Path) -> None:
    told = shown(store, TEN + MINUTE).objectives
    assert told is not None and (told.done, told.total, told.current) == (0, 2, "Look deeper")
    todos = call("t9", "TodoWrite", {"todos": [{"content": "Write", "status": "in_progress"}]}, TEN, uuid="t9")
    read(store, transcript(tmp_path, *main(), todos))
    told = shown(store, TEN + MINUTE).objectives
    assert told is not None and (told.done, told.total, told.current) == (0, 1, "Write")


def test_what_a_sub_agent_was_called_for_cost_what_it_used_itself(store: Store, tmp_path: Path) -> None:
    goal = "<command-name>/goal</command-name><command-args>Ship it</command-args>"
    lines = [*main(), prompted(goal, TEN, uuid="g"), notice("t1", "a1", TEN + 2 * MINUTE)]
    read(store, transcript(tmp_path, *lines))
    found = {each.title: each for each in chronicle.objectives(store, shown(store, TEN + 2 * MINUTE), None, 9)[0]}
    first, deeper, goal_ = found["Find the callers"], found["Look deeper"], found["Ship it"]
    assert (first.subagent, first.tokens.output, first.trust, first.source) == ("a1", 150, 4, "Agent")
    assert (deeper.subagent, deeper.tokens.output, deeper.state) == ("a2", 1500, "in_progress")
    assert [change.state for change in first.changes] == ["in_progress", "completed"]
    assert (goal_.subagent, goal_.trust, goal_.source, goal_.tokens.output) == (None, 3, "goal", 1770)


def test_who_is_not_known_shares_what_no_known_sub_agent_used_itself(tmp_path: Path) -> None:
    unknown = call("t7", "Agent", brief("Nobody knows which"), TEN + SECOND, uuid="c7")
    lines = [*main()[:3], unknown, answered("own", TEN + 30 * SECOND, 70)]
    store = Store.write(tmp_path / "moon.db", price_of(builtin()))
    read(store, transcript(tmp_path, *lines), transcript(tmp_path, *helper(), name=HELPER))
    found = {each.title: each for each in chronicle.objectives(store, shown(store, TEN + MINUTE), None, 9)[0]}
    store.close()
    told = found["Nobody knows which"]
    assert (told.subagent, told.tokens.output, told.in_progress_ms) == (None, 50 + 50 + 70, 29 * SECOND)
    assert found["Find the callers"].tokens.output == 150


def test_of_one_that_was_called_again_each_call_has_its_own_part(tmp_path: Path) -> None:
    done = {"status": "completed", "agentId": "a1"}
    lines = [
        call("t1", "Task", brief("First"), TEN, uuid="c1"),
        result("t1", TEN + MINUTE, toolUseResult=done, uuid="r1"),
        call("t2", "Task", brief("Second"), TEN + 2 * MINUTE, uuid="c2"),
        result("t2", TEN + 4 * MINUTE, toolUseResult=done, uuid="r2"),
    ]
    side: Line = {"isSidechain": True, "agentId": "a1"}
    inner = [answered("h1", TEN + SECOND, 100, **side), answered("h2", TEN + 3 * MINUTE, 7, **side)]
    store = Store.write(tmp_path / "moon.db", price_of(builtin()))
    read(store, transcript(tmp_path, *lines), transcript(tmp_path, *inner, name=HELPER))
    told = shown(store, TEN + 4 * MINUTE)
    found = chronicle.objectives(store, told, None, 9)[0]
    store.close()
    assert [(each.title, each.state, each.source, each.tokens.output) for each in found] == [
        ("First", "completed", "Task", 100),
        ("Second", "completed", "Task", 7),
    ]
    assert [(each.id, each.title, each.status) for each in told.subagents] == [("a1", "Second", "completed")]


def test_marks_and_events_know_no_line_that_only_links(store: Store) -> None:
    told = shown(store, TEN + MINUTE)
    marks = chronicle.timeline(store, told, chronicle.Window(), TEN + MINUTE).marks
    spans = chronicle.timeline(store, told, chronicle.Window(), TEN + MINUTE).spans
    assert [span.name for span in spans if span.lane == "agent"] == ["Find the callers", "Look deeper"]
    assert {mark.kind for mark in marks} <= {"prompt", "objective", "model"}
    events, _ = chronicle.events(store, told, ("objective", "prompt"), None, 99)
    assert {event.kind for event in events} == {"objective", "prompt"}


NAMES = "abcdef"
CALLS = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(["", *NAMES, "gone"]), st.integers(1, 900)), max_size=9
)


@settings(max_examples=30, deadline=None)
@given(CALLS, st.integers(0, 500))
def test_the_tree_and_the_own_line_add_up_to_the_session(called: list[tuple[str, str, int]], own: int) -> None:
    events: list[Event] = [usage("own", NOON, own)]
    for number, (name, parent, output) in enumerate(called):
        at, known = NOON + number, key(f"call {number}")
        events.append(usage(f"m{number}", at, output, agent_id=name, sidechain=True))
        events.append(ObjectiveSet(key(f"aim {number}"), at, agent_aim(known), f"{number}", "in_progress", "Agent"))
        events.append(SubagentStarted(key(f"link {number}"), at, name, known, "", parent))
    with tempfile.TemporaryDirectory() as folder:
        store = Store.write(Path(folder) / "moon.db", priced)
        store.append([batch("s1.jsonl", events, session("s1"))])
        (kept,) = store.sessions()
        store.close()
    told = session_shape(kept, Setting(NOON + HOUR, {}))
    agents = list(every(told.subagents))
    assert len(agents) == len({name for name, _, _ in called}) == len({each.id for each in agents})
    mine = usage("own", NOON, own).tokens.total
    assert told.tokens.total == mine + sum(each.tokens.total for each in agents)
    assert told.subagent_tokens == sum(each.tokens.total for each in agents)
    assert told.requests == 1 + sum(each.requests for each in agents)


@settings(max_examples=30, deadline=None)
@given(CALLS, st.sets(st.integers(0, 8)), st.sets(st.integers(0, 8)))
def test_what_objectives_of_one_trust_used_is_never_more_than_the_session(
    called: list[tuple[str, str, int]], linked: set[int], over: set[int]
) -> None:
    events: list[Event] = []
    for number, (name, _, output) in enumerate(called):
        at, aim = NOON + number * MINUTE, agent_aim(key(f"call {number}"))
        events.append(usage(f"m{number}", at, output, agent_id=name, sidechain=True))
        events.append(usage(f"own{number}", at + 1, 3))
        events.append(ObjectiveSet(key(f"aim {number}"), at, aim, f"{number}", "in_progress", "Agent"))
        events.append(ObjectiveSet(key(f"todo {number}"), at, f"todo:{number % 3}", "x", "in_progress", "TodoWrite"))
        if number in linked:
            events.append(SubagentStarted(key(f"link {number}"), at, name, key(f"call {number}")))
        if number in over:
            events.append(SubagentEnded(key(f"end {number}"), at + 2, "completed", name, key(f"call {number}")))
    with tempfile.TemporaryDirectory() as folder:
        store = Store.write(Path(folder) / "moon.db", priced)
        store.append([batch("s1.jsonl", events, session("s1"))])
        (kept,) = store.sessions()
        told = session_shape(kept, Setting(NOON + HOUR, {}))
        found = chronicle.objectives(store, told, None, 99)[0]
        store.close()
    for trust in (1, 4):
        alike = [each for each in found if each.trust == trust]
        assert sum(each.tokens.total for each in alike) <= told.tokens.total
        assert sum(each.cost_usd or 0 for each in alike) <= (told.cost_usd or 0) + 1e-6


def test_listeners_hear_what_a_sub_agent_is_called_for_and_that_it_is_done(tmp_path: Path) -> None:
    now = clock.now() - MINUTE
    first, second = main(now)[:2], [*main(now)[2:], notice("t1", "a1", now + 20 * SECOND)]
    transcript(tmp_path, *first)

    async def story(house: House) -> None:
        path = transcript(tmp_path, *helper(now), name=HELPER)
        await house.until(lambda frame: isinstance(frame, SessionObjective) and frame.data.title == "Look deeper")
        main_path = tmp_path / ".claude/projects/-home-dev-app" / f"{SESSION}.jsonl"
        with main_path.open("ab") as log:
            log.write(encoded(*second))
        over = await house.until(lambda frame: isinstance(frame, SessionObjective) and frame.data.state == "completed")
        assert isinstance(over, SessionObjective) and over.data.title == "Find the callers"
        (told,) = house.snapshot().sessions
        assert (told.subagents[0].title, told.subagents[0].status) == ("Find the callers", "completed")
        assert path.exists() and any(isinstance(frame, SessionStatusChanged) for frame in house.heard)

    lived(tmp_path, story)
