"""What a session set out to do: task tools, to-do lists, accepted plans."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from claude_lines import SECOND, SESSION, TEN, batch, call, encoded, line, only, prompted, result, transcript

from moonlock.model.events import ObjectiveSet

TODOS = [{"content": "Write", "status": "in_progress"}, {"content": "Test", "status": "pending", "activeForm": "x"}]


def told(home: Path, *lines: Any, name: str = f"{SESSION}.jsonl") -> list[tuple[str, str, str]]:
    """Title, state and source of each."""
    read = batch(transcript(home, *lines, name=name))
    return [(event.title, event.state, event.source) for event in only(ObjectiveSet, read)]


def test_a_todo_list_is_told_whole_and_known_by_its_words(tmp_path: Path) -> None:
    later = [{**TODOS[0], "status": "completed"}, TODOS[1]]
    read = batch(
        transcript(tmp_path, call("t1", "TodoWrite", {"todos": TODOS}), call("t2", "TodoWrite", {"todos": later}))
    )
    events = only(ObjectiveSet, read)
    assert [(event.title, event.state) for event in events] == [
        ("Write", "in_progress"),
        ("Test", "pending"),
        ("Write", "completed"),
        ("Test", "pending"),
    ]
    assert events[0].objective == events[2].objective != events[1].objective
    assert len({event.key for event in events}) == 4


def test_items_that_vanish_unfinished_from_a_list_are_deleted(tmp_path: Path) -> None:
    old = [*TODOS, {"content": "Done", "status": "completed"}]
    answer = result("t1", toolUseResult={"oldTodos": old, "newTodos": [TODOS[0]]})
    lines = [call("t1", "TodoWrite", {"todos": [TODOS[0]]}), answer]
    assert told(tmp_path, *lines) == [("Write", "in_progress", "TodoWrite"), ("Test", "deleted", "TodoWrite")]


def test_a_subagents_own_list_is_not_the_sessions(tmp_path: Path) -> None:
    lines = [call("t1", "TodoWrite", {"todos": TODOS}), result("t1", toolUseResult={"oldTodos": TODOS, "newTodos": []})]
    assert told(tmp_path, *lines, name=f"{SESSION}/subagents/agent-a1.jsonl") == []


def test_a_task_is_numbered_by_its_result_and_moved_by_updates(tmp_path: Path) -> None:
    lines = [
        call("t1", "TaskCreate", {"subject": "Write", "description": "long"}),
        result("t1", TEN + SECOND, toolUseResult={"task": {"id": "1", "subject": "Write"}}),
        call("t2", "TaskUpdate", {"taskId": "1", "status": "in_progress"}),
        call("t3", "TaskUpdate", {"taskId": 1, "status": "completed", "subject": "Wrote"}),
        call("t4", "TaskUpdate", {"taskId": "1", "owner": "me"}),
    ]
    read = batch(transcript(tmp_path, *lines))
    events = only(ObjectiveSet, read)
    assert {event.objective for event in events} == {"task:1"}
    assert sorted((event.at, event.title, event.state) for event in events) == [
        (TEN, "", "in_progress"),
        (TEN, "Wrote", "completed"),
        (TEN + SECOND, "Write", "pending"),
    ]


def test_a_task_may_be_numbered_by_the_words_of_its_result(tmp_path: Path) -> None:
    words = "Task #3 created successfully: Write"
    assert told(tmp_path, call("t1", "TaskCreate"), result("t1", content=words)) == [("Write", "pending", "TaskCreate")]
    assert told(tmp_path, result("t9", content=words)) == [("Write", "pending", "TaskCreate")]


def test_results_of_an_earlier_reading_tell_the_same(tmp_path: Path) -> None:
    lines = [call("t1", "TaskCreate"), result("t1", toolUseResult={"task": {"id": "1", "subject": "Write"}})]
    path = transcript(tmp_path, lines[0])
    first = batch(path)
    path.write_bytes(encoded(*lines))
    second = batch(path, first.cursor)
    whole = batch(transcript(tmp_path / "whole", *lines))
    assert only(ObjectiveSet, [first, second]) == only(ObjectiveSet, whole)


@pytest.mark.parametrize(
    "answer",
    [{"toolUseResult": "Error"}, {"toolUseResult": {"task": 7}}, {"error": True}, {"toolUseResult": {"stdout": "x"}}],
)
def test_a_result_that_tells_nothing_sets_nothing(tmp_path: Path, answer: dict[str, Any]) -> None:
    assert told(tmp_path, call("t1", "TaskCreate"), result("t1", **answer)) == []


def test_other_tools_and_large_results_are_not_looked_into(tmp_path: Path) -> None:
    task = {"task": {"id": "1", "subject": "Write"}}
    assert told(tmp_path, call("t1", "Bash"), result("t1", toolUseResult=task)) == []
    assert told(tmp_path, result("t1", toolUseResult={**task, "stdout": "x" * 200_000})) == []


def test_lists_and_reminders_are_snapshots(tmp_path: Path) -> None:
    tasks = [{"id": "1", "subject": "Write", "status": "completed"}, {"id": "2", "subject": "Test", "status": "odd"}]
    lines = [
        call("t1", "TaskList"),
        result("t1", toolUseResult={"tasks": tasks}),
        line("attachment", attachment={"type": "task_reminder", "content": tasks, "itemCount": 2}),
        line("attachment", attachment={"type": "task_reminder", "content": [], "itemCount": 0}),
        line("attachment", attachment={"type": "todo_reminder", "content": TODOS}),
        line("attachment", attachment={"type": "todo_reminder", "content": "?"}),
        line("attachment", attachment=None),
    ]
    assert sorted(told(tmp_path, *lines)) == [
        ("Test", "pending", "todo_reminder"),
        ("Write", "completed", "TaskList"),
        ("Write", "completed", "task_reminder"),
        ("Write", "in_progress", "todo_reminder"),
    ]


def test_a_plan_is_an_objective_once_it_is_accepted(tmp_path: Path) -> None:
    plan = "Intro\n\n## The plan\n\ntext"
    proposed = call("t1", "ExitPlanMode", {"plan": plan})
    assert told(tmp_path, proposed) == []
    assert told(tmp_path, proposed, result("t1", error=True, toolUseResult="User rejected tool use")) == []
    accepted = result("t1", toolUseResult={"plan": plan, "isAgent": False, "filePath": "p"})
    assert told(tmp_path, proposed, accepted) == [("The plan", "in_progress", "ExitPlanMode")]


def test_an_accepted_plan_may_come_with_a_prompt(tmp_path: Path) -> None:
    plain = "\nFirst words " + "x" * 500 + "\nmore"
    ((title, state, source),) = told(tmp_path, prompted("Implement it", planContent=plain))
    assert title.startswith("First words xxx") and len(title) == 120
    assert (state, source) == ("in_progress", "planContent")
    assert told(tmp_path, prompted("Implement it", planContent=" \n ")) == []


def test_odd_inputs_set_nothing(tmp_path: Path) -> None:
    odd = [{"todos": "?"}, {"todos": [{"content": None}, {"content": "x", "status": "odd"}]}, {}]
    assert told(tmp_path, *(call(f"t{n}", "TodoWrite", given) for n, given in enumerate(odd))) == []
    assert told(tmp_path, call("t1", "TaskUpdate", {"status": "completed"})) == []
