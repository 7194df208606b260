"""Files and commands of one session, by a second, plain computation."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_batches import MINUTE, NOON, batch, call, key, priced, session, usage

from moonlock.model.chronicle import FactKind
from moonlock.model.events import Outcome, ToolCall, ToolEnded
from moonlock.model.toolwork import CommandWork, FileWork
from moonlock.store import Store
from moonlock.store.commandwork import in_a_row
from moonlock.store.work import Work

OUTCOMES: tuple[Outcome | None, ...] = ("ok", "failed", "denied", None)
TOOLS: tuple[FactKind, ...] = ("tool",)
counts = st.none() | st.integers(0, 50)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.write(tmp_path / "moon.db", priced)
    yield store
    store.close()


def work(store: Store, native_id: str = "s") -> Work:
    found = store.session(native_id)
    assert found is not None
    return store.chronicle(found.uid).work()


def edit(label: str, path: str, at: int = NOON, **more: object) -> ToolCall:
    return call(label, at, **{"name": "Edit", "target": path, "outcome": "ok", "duration": 5, **more})


def run(label: str, words: str, mark: int, at: int = NOON, **more: object) -> ToolCall:
    return call(label, at, **{"target": words, "mark": mark, "outcome": "ok", "duration": 5, **more})


@st.composite
def file_calls(draw: st.DrawFn) -> list[ToolCall]:
    found = []
    for number in range(draw(st.integers(0, 12))):
        outcome = draw(st.sampled_from(OUTCOMES))
        lines = draw(counts) if outcome == "ok" else None
        more = {
            "name": draw(st.sampled_from(("Read", "Edit", "Write"))),
            "outcome": outcome,
            "duration": None if outcome is None else 3,
            "agent_id": draw(st.sampled_from(("", "x"))),
            "added": lines,
            "removed": None if lines is None else draw(st.integers(0, 50)),
        }
        path = draw(st.sampled_from(("/w/a", "/w/b", "c")))
        found.append(call(f"t{number}", NOON + draw(st.integers(0, 9)), target=path, **more))
    return found


def told_of(path: str, calls: Sequence[ToolCall]) -> FileWork:
    own = [one for one in calls if one.target == path]
    counted = [one for one in own if one.added is not None]
    return FileWork(
        path=path,
        calls=len(own),
        reads=sum(one.name == "Read" and one.outcome == "ok" for one in own),
        edits=sum(one.name in ("Edit", "Write") and one.outcome == "ok" for one in own),
        failed=sum(one.outcome in ("failed", "denied") for one in own),
        added=sum(one.added or 0 for one in own) if counted else None,
        removed=sum(one.removed or 0 for one in own) if counted else None,
        first_at=min(one.at for one in own),
        last_at=max(one.at for one in own),
    )


@settings(max_examples=30, deadline=None)
@given(file_calls(), st.randoms(use_true_random=False))
def test_every_file_has_its_calls_and_the_most_changed_comes_first(calls: list[ToolCall], luck: Random) -> None:
    shuffled = luck.sample(calls, len(calls))
    with tempfile.TemporaryDirectory() as folder:
        store = Store.write(Path(folder) / "moon.db", priced)
        store.append(
            [batch("s.jsonl", [usage("m"), *shuffled]), batch("o.jsonl", [edit("else", "/w/a")], session("o"))]
        )
        found = work(store).files()
        store.close()
    assert found == sorted((told_of(path, calls) for path in {one.target for one in calls}), key=lambda one: one.order)
    lines = [(one.added or 0) + (one.removed or 0) for one in found]
    assert lines == sorted(lines, reverse=True)


def test_lines_that_come_with_a_result_are_the_calls(store: Store) -> None:
    begun = edit("t1", "/w/a", outcome=None, duration=None)
    store.append([batch("s.jsonl", [usage("m"), begun])])
    assert [(one.calls, one.edits, one.added) for one in work(store).files()] == [(1, 0, None)]
    ended = ToolEnded(begun.key, NOON + 5, "ok", added=7, removed=2)
    store.append([batch("s.jsonl", [ended], offset=200, modified=2)])
    assert [(one.edits, one.added, one.removed) for one in work(store).files()] == [(1, 7, 2)]


def test_a_command_is_no_file_and_a_file_no_command(store: Store) -> None:
    store.append(
        [batch("s.jsonl", [usage("m"), edit("t1", "/w/a"), run("t2", "pytest", 9), call("t3"), run("t4", "", 8)])]
    )
    found = work(store)
    assert [one.path for one in found.files()] == ["/w/a"]
    assert [(one.label, one.runs) for one in found.commands()] == [("", 1), ("pytest", 1)]


def test_runs_that_are_the_same_command_are_repeats_and_their_failures_make_rows(store: Store) -> None:
    outcomes: Sequence[Outcome | None] = ("failed", "failed", "denied", None, "failed", "ok", "failed")
    same = [
        run(f"a{n}", "pytest", 1, NOON + n * MINUTE, outcome=outcome, duration=None if outcome is None else 1_000)
        for n, outcome in enumerate(outcomes)
    ]
    other = [run(f"b{n}", "pytest", 2, NOON + n * MINUTE, outcome="failed", duration=-5) for n in range(2)]
    alone = run("c", "git commit", 3, NOON + 1, duration=70)
    store.append([batch("s.jsonl", [usage("m"), alone, *other, *reversed(same)])])
    assert work(store).commands() == [
        CommandWork("pytest", 9, 6, 1, 1, 3, 7, 6_000, NOON, NOON + 6 * MINUTE),
        CommandWork("git commit", 1, 0, 0, 0, 0, 0, 70, NOON + 1, NOON + 1),
    ]


@given(st.lists(st.sampled_from((0, 1, 2, None))))
def test_a_row_of_failures_has_no_success_in_it(outcomes: list[int | None]) -> None:
    over = "".join(str(one) for one in outcomes if one in (0, 1))
    assert in_a_row(outcomes) == max(map(len, over.split("0")))


def test_calls_are_told_with_what_they_were_about(store: Store) -> None:
    seen = [edit("t1", "/w/a", added=3, removed=1), run("t2", "pytest", 9, NOON + 1), call("t3", NOON + 2)]
    store.append([batch("s.jsonl", [usage("m"), *seen], session("s", last_at=NOON))])
    found = store.session("s")
    assert found is not None
    told = [one.fact for one in store.chronicle(found.uid).page(TOOLS, None, 9)]
    assert told == seen
    assert {fact.event.key: fact.event for fact in store.lately([found.uid], NOON, 9)} == {one.key: one for one in seen}


def test_an_open_call_says_what_it_works_on(store: Store) -> None:
    begun = [edit("t1", "/w/a", outcome=None, duration=None), call("t2", NOON + 1)]
    store.append([batch("s.jsonl", [usage("m"), *begun], session("s", last_at=NOON))])
    found = store.session("s")
    assert found is not None
    assert [(one.name, one.target) for one in found.tail.pending] == [("Edit", "/w/a"), ("Bash", "")]


def test_the_folders_of_a_session_are_its_root_and_where_it_works(store: Store) -> None:
    store.append([batch("s.jsonl", [usage("m")], session("s", cwd="/home/ann/app/src", folder="-home-ann-app"))])
    root, cwd = work(store).folders()
    assert cwd == "/home/ann/app/src" and cwd.startswith(root)
    assert store.chronicle("0" * 16).work().folders() == ()
    assert store.chronicle("0" * 16).work().files() == [] and store.chronicle("0" * 16).work().commands() == []


def test_a_call_of_a_skill_is_its_skills_whichever_way_it_went(store: Store) -> None:
    by, without = usage("m1", skill="review"), usage("m2", NOON + 1)
    called = run("t1", "pytest", 1, request=key("m1"), outcome="failed", duration=9)
    store.append([batch("s.jsonl", [by, without, called, edit("t2", "/w/a", request=key("m2"))])])
    (skill,) = work(store).skills()
    assert (skill.name, skill.calls, skill.failed, skill.duration, skill.times) == ("review", 1, 1, 9, (9, 9))
    assert (skill.usage.requests, skill.usage.tokens) == (1, by.tokens)
