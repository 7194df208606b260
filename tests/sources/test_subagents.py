"""Sub-agents and goals: what calls want, which sub-agent each led to, and how those in the background end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from claude_lines import (
    SECOND,
    SESSION,
    TEN,
    batch,
    batches,
    call,
    encoded,
    line,
    only,
    prompted,
    result,
    said,
    transcript,
)
from hypothesis import given
from hypothesis import strategies as st

from moonlock.model.aims import agent_aim
from moonlock.model.events import ObjectiveSet, PromptSent, SubagentEnded, SubagentStarted
from moonlock.sources.claude_code import goals, subagents
from moonlock.sources.claude_code.identity import tool_key

BRIEF = {"description": "Find the callers", "prompt": "secret words", "subagent_type": "Explore"}
DONE = {"status": "completed", "prompt": "secret words", "agentId": "a1", "agentType": "Explore", "totalTokens": 9}
LAUNCHED = {"isAsync": True, "status": "async_launched", "agentId": "a1", "description": "Find", "prompt": "secret"}
AIM = agent_aim(tool_key("t1"))


def told(home: Path, *lines: Any, name: str = f"{SESSION}.jsonl") -> list[tuple[str, str, str, str]]:
    """Objective, title, state and source of each."""
    found = only(ObjectiveSet, batch(transcript(home, *lines, name=name)))
    return sorted((one.objective, one.title, one.state, one.source) for one in found)


def links(home: Path, *lines: Any, name: str = f"{SESSION}.jsonl") -> set[tuple[str, int, str, str]]:
    """Sub-agent, call, kind and parent of each."""
    found = only(SubagentStarted, batch(transcript(home, *lines, name=name)))
    return {(one.agent_id, one.call, one.kind, one.parent) for one in found}


@pytest.mark.parametrize("name", ["Agent", "Task"])
def test_what_a_sub_agent_is_called_for_is_in_progress_until_its_result(tmp_path: Path, name: str) -> None:
    lines = [call("t1", name, BRIEF), result("t1", TEN + SECOND, toolUseResult=DONE)]
    assert told(tmp_path, *lines) == [
        (AIM, "", "completed", "Agent"),
        (AIM, "Find the callers", "in_progress", name),
    ]
    key = tool_key("t1")
    assert links(tmp_path, *lines) == {("", key, "Explore", ""), ("a1", key, "Explore", "")}


def test_nothing_of_the_prompt_is_kept(tmp_path: Path) -> None:
    lines = [call("t1", "Agent", BRIEF), result("t1", toolUseResult=DONE, content="secret answer")]
    assert "secret" not in repr(batch(transcript(tmp_path, *lines)))


def test_a_sub_agent_that_calls_another_is_its_parent(tmp_path: Path) -> None:
    lines = [call("t1", "Agent", BRIEF, agentId="b7"), result("t1", toolUseResult=DONE, agentId="b7")]
    found = links(tmp_path, *lines, name=f"{SESSION}/subagents/agent-b7.jsonl")
    assert found == {("", tool_key("t1"), "Explore", "b7"), ("a1", tool_key("t1"), "Explore", "b7")}


def test_a_background_call_only_says_which_sub_agent_it_led_to(tmp_path: Path) -> None:
    lines = [call("t1", "Agent", {"description": "Find"}), result("t1", toolUseResult=LAUNCHED)]
    assert told(tmp_path, *lines) == [(AIM, "Find", "in_progress", "Agent")]
    assert links(tmp_path, *lines) == {("a1", tool_key("t1"), "", "")}


def ends(home: Path, *lines: Any) -> set[tuple[str, int, str]]:
    """Sub-agent, call and state of each."""
    found = only(SubagentEnded, batch(transcript(home, *lines)))
    return {(one.agent_id, one.call, one.state) for one in found}


NOTICE = "<task-notification>\n<task-id>a1</task-id>\n{}<status>{}</status>\n<result>secret</result>"


@pytest.mark.parametrize("status", ["completed", "failed", "killed"])
@pytest.mark.parametrize("shape", ["text", "blocks", "queue"])
def test_a_notification_ends_it(tmp_path: Path, status: str, shape: str) -> None:
    text = NOTICE.format("<tool-use-id>t1</tool-use-id>\n", status)
    lines = {
        "text": prompted(text, origin={"kind": "task-notification"}),
        "blocks": prompted([{"type": "text", "text": text}]),
        "queue": {
            "type": "queue-operation",
            "operation": "enqueue",
            "timestamp": line("x")["timestamp"],
            "content": text,
        },
    }
    state = "completed" if status == "completed" else "deleted"
    assert ends(tmp_path, lines[shape]) == {("a1", tool_key("t1"), state)}
    assert only(PromptSent, batch(transcript(tmp_path, lines[shape]))) == []


def test_the_same_notification_twice_is_one_event(tmp_path: Path) -> None:
    text = NOTICE.format("<tool-use-id>t1</tool-use-id>\n", "completed")
    queued = {"type": "queue-operation", "timestamp": line("x")["timestamp"], "content": text}
    found = only(SubagentEnded, batch(transcript(tmp_path, queued, prompted(text, TEN + SECOND))))
    assert len({one.key for one in found}) == 1


def test_a_notification_without_its_call_names_the_sub_agent(tmp_path: Path) -> None:
    assert ends(tmp_path, prompted(NOTICE.format("", "completed"))) == {("a1", 0, "completed")}


def test_what_a_sub_agent_answers_says_nothing_of_how_it_ended(tmp_path: Path) -> None:
    answer = "<task-id>a2</task-id><tool-use-id>t2</tool-use-id><status>killed</status>"
    text = NOTICE.format("<tool-use-id>t1</tool-use-id>\n", "completed").replace("secret", answer)
    assert ends(tmp_path, prompted(text)) == {("a1", tool_key("t1"), "completed")}


def test_a_notification_that_a_person_pasted_ends_nothing(tmp_path: Path) -> None:
    text = NOTICE.format("<tool-use-id>t1</tool-use-id>\n", "completed")
    assert ends(tmp_path, prompted(text, origin={"kind": "human"}), prompted(f"Look: {text}", uuid="u2")) == set()


@pytest.mark.parametrize("status", ["running", "odd"])
def test_a_notification_or_an_output_of_one_that_works_ends_nothing(tmp_path: Path, status: str) -> None:
    waited = {"retrieval_status": "timeout", "task": {"task_id": "a1", "task_type": "local_agent", "status": status}}
    lines = [prompted(NOTICE.format("", status)), call("t2", "TaskOutput"), result("t2", toolUseResult=waited)]
    assert ends(tmp_path, *lines) == set()


def test_its_output_ends_it_and_a_commands_does_not(tmp_path: Path) -> None:
    task = {"task_id": "a1", "task_type": "local_agent", "status": "completed"}
    output = {"retrieval_status": "success", "task": task}
    shell = {"retrieval_status": "success", "task": {**task, "task_type": "local_bash"}}
    lines = [call("t2", "TaskOutput"), result("t2", toolUseResult=output), result("t3", toolUseResult=shell)]
    assert ends(tmp_path, *lines) == {("a1", 0, "completed")}


def test_progress_lines_of_older_clients_name_the_call(tmp_path: Path) -> None:
    inner = said("msg_x", "req_x")
    nested = {"type": "assistant", "timestamp": inner["timestamp"], "message": inner["message"], "uuid": "u"}
    data = {"type": "agent_progress", "agentId": "a1", "message": nested}
    lines = [line("progress", TEN + n * SECOND, data=data, parentToolUseID="t1", toolUseID="x") for n in range(3)]
    assert links(tmp_path, *lines) == {("a1", tool_key("t1"), "", "")}
    assert len(only(SubagentStarted, batch(transcript(tmp_path, *lines)))) == 1


LINES = [
    call("t1", "Agent", BRIEF),
    call("t2", "Agent", {"description": "Test"}, message="msg_b"),
    result("t2", TEN + SECOND, toolUseResult={**LAUNCHED, "agentId": "a2"}),
    result("t1", TEN + 2 * SECOND, toolUseResult=DONE),
    prompted("<command-name>/goal</command-name><command-args>Ship it\nmore</command-args>", TEN + 3 * SECOND),
    prompted(NOTICE.format("", "completed").replace("a1", "a2"), TEN + 4 * SECOND),
]


def test_in_pieces_the_lines_tell_the_same(tmp_path: Path) -> None:
    whole = batch(transcript(tmp_path, *LINES))
    pieces = batches(transcript(tmp_path / "pieces", *LINES), limit=1)
    path = transcript(tmp_path / "grown", LINES[0])
    found = [batch(path)]
    for count in range(2, len(LINES) + 1):
        path.write_bytes(encoded(*LINES[:count]))
        found.append(batch(path, found[-1].cursor))
    for kind in (ObjectiveSet, SubagentStarted, SubagentEnded):
        assert sorted(only(kind, whole), key=repr) == sorted(only(kind, pieces), key=repr)
        assert sorted(only(kind, whole), key=repr) == sorted(only(kind, found), key=repr)


@pytest.mark.parametrize(
    "answer", ["Error", {"agentId": 7}, {"agentId": "a1", "status": "odd"}, {"agentId": ""}, {"task": 1}]
)
def test_a_result_of_another_shape_links_nothing(tmp_path: Path, answer: Any) -> None:
    assert links(tmp_path, call("t1", "Agent", {"description": "x"}), result("t1", toolUseResult=answer)) == set()
    assert links(tmp_path, result("t9", toolUseResult=answer)) == set()


def test_a_failed_call_says_nothing_here_because_the_call_itself_does(tmp_path: Path) -> None:
    lines = [call("t1", "Agent", BRIEF), result("t1", error=True, toolUseResult="Error: no")]
    assert told(tmp_path, *lines) == [(AIM, "Find the callers", "in_progress", "Agent")]


@pytest.mark.parametrize("given_", [None, 7, {"description": 7}, {"description": "\u202e\x07Do\nit"}])
def test_an_odd_call_is_one_without_words(tmp_path: Path, given_: Any) -> None:
    ((aim, title, state, _),) = told(tmp_path, call("t1", "Agent", given_))
    assert (aim, title, state) == (
        AIM,
        "Do it" if isinstance(given_, dict) and given_["description"] != 7 else "",
        "in_progress",
    )


def test_a_goal_is_the_first_line_of_what_was_typed(tmp_path: Path) -> None:
    typed = (
        "<command-message>goal</command-message>\n<command-name>/goal</command-name>\n<command-args>{}</command-args>"
    )
    lines = [
        prompted(typed.format("All tests pass\nand secret"), uuid="g1"),
        prompted(typed.format(" Clear "), uuid="g2"),
    ]
    found = told(tmp_path, *lines)
    assert [(title, state, source) for _, title, state, source in found] == [
        ("", "deleted", "goal"),
        ("All tests pass", "in_progress", "goal"),
    ]
    assert "secret" not in repr(batch(transcript(tmp_path, *lines)))


@pytest.mark.parametrize(
    "text",
    [
        "<command-name>/goal</command-name><command-args></command-args>",
        "<command-name>/goal</command-name>",
        "<command-name>/goals</command-name><command-args>x</command-args>",
        "Write <command-name>/goal</command-name><command-args>x</command-args>",
        "<command-name>/compact</command-name><command-args>x</command-args>",
        "<command-name>/review</command-name><command-args><command-name>/goal</command-name>"
        "<command-args>x</command-args></command-args>",
        "<bash-stdout><command-name>/goal</command-name><command-args>secret</command-args></bash-stdout>",
        "<local-command-stdout>\n<command-name>/goal</command-name><command-args>x</command-args>",
    ],
)
def test_what_is_no_goal_sets_none(tmp_path: Path, text: str) -> None:
    assert told(tmp_path, prompted(text)) == []


def test_a_sub_agent_sets_no_goal(tmp_path: Path) -> None:
    text = "<command-name>/goal</command-name><command-args>x</command-args>"
    assert told(tmp_path, prompted(text), name=f"{SESSION}/subagents/agent-b7.jsonl") == []
    assert told(tmp_path, prompted(text, isSidechain=True)) == []


@given(st.text() | st.builds("<task-notification>{}".format, st.text()) | st.text("<>/taskidool-use\n "))
def test_no_text_breaks_the_readers(text: str) -> None:
    assert len(subagents.notified(text, TEN)) <= 1
    assert len(goals.typed(text, TEN, "x")) <= 1
