"""Tool calls and their results, joined where one reading sees both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from claude_lines import (
    SECOND,
    SESSION,
    TEN,
    batch,
    call,
    encoded,
    only,
    requests,
    result,
    said,
    tail,
    transcript,
    usage,
)

from moonlock.model.events import ToolCall, ToolEnded


def tool(home: Path, *lines: Any) -> ToolCall:
    (found,) = only(ToolCall, batch(transcript(home, *lines)))
    return found


def test_a_call_is_joined_with_its_result(tmp_path: Path) -> None:
    read = batch(transcript(tmp_path, call("toolu_1", "Edit"), result("toolu_1", TEN + 3 * SECOND)))
    (found,) = only(ToolCall, read)
    assert (found.name, found.at, found.duration, found.outcome) == ("Edit", TEN, 3000, "ok")
    assert [found.request] == list(requests(read))


def test_a_call_without_result_is_pending(tmp_path: Path) -> None:
    found = tool(tmp_path, call("toolu_1"))
    assert (found.duration, found.outcome) == (None, None)


def test_a_result_of_an_earlier_reading_ends_the_call_by_the_same_key(tmp_path: Path) -> None:
    path = transcript(tmp_path, call("toolu_1"))
    first = batch(path)
    path.write_bytes(path.read_bytes() + encoded(result("toolu_1", TEN + SECOND, error=True)))
    second = batch(path, first.cursor)
    assert only(ToolCall, second) == []
    assert only(ToolEnded, second) == [ToolEnded(only(ToolCall, first)[0].key, TEN + SECOND, "failed")]


def test_parallel_calls_of_one_response_are_told_apart(tmp_path: Path) -> None:
    lines = [call(f"toolu_{n}", message="msg_1") for n in (1, 2)]
    read = batch(transcript(tmp_path, *lines, result("toolu_2", TEN + 1), result("toolu_1", TEN + 2)))
    assert [event.duration for event in only(ToolCall, read)] == [2, 1]


@pytest.mark.parametrize(
    ("message", "asked"), [("msg_1", None), ("chatcmpl-1", None), (None, "req_1"), (None, None), ("msg_1", "req_1")]
)
def test_a_call_belongs_to_its_response_whatever_ids_that_has(
    tmp_path: Path, message: str | None, asked: str | None
) -> None:
    block = {"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {}}
    read = batch(transcript(tmp_path, said(message, asked, content=[block]), result("toolu_1")))
    assert [found.request for found in only(ToolCall, read)] == list(requests(read))


def test_a_call_belongs_to_its_response_although_its_own_line_has_no_counts(tmp_path: Path) -> None:
    block = {"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {}}
    path = transcript(tmp_path, said(used=usage(0, 0), content=[block]))
    first = batch(path)
    path.write_bytes(path.read_bytes() + encoded(said()))
    assert [found.request for found in only(ToolCall, first)] == list(requests(batch(path, first.cursor)))


def test_copied_lines_and_repeated_results_change_nothing(tmp_path: Path) -> None:
    one = [call("toolu_1"), result("toolu_1", TEN + SECOND)]
    late = result("toolu_1", TEN + 9 * SECOND, error=True)
    assert tool(tmp_path, *one, *one, late) == tool(tmp_path, *one)


def test_a_clock_that_ran_back_gives_no_negative_duration(tmp_path: Path) -> None:
    assert tool(tmp_path, call("toolu_1"), result("toolu_1", TEN - SECOND)).duration == 0


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        ({"error": None}, "ok"),
        ({"error": False, "toolUseResult": {"stdout": "x"}}, "ok"),
        ({"error": True}, "failed"),
        ({"error": True, "toolUseResult": "Error: no such file"}, "failed"),
        ({"error": True, "toolUseResult": "User rejected tool use"}, "denied"),
        ({"error": True, "toolUseResult": "Error: User rejected tool use"}, "denied"),
        ({"error": True, "toolDenialKind": "user-rejected"}, "denied"),
        ({"error": True, "content": "The user doesn't want to proceed with this tool use."}, "denied"),
        ({"error": True, "content": [{"type": "text", "text": "Permission to use Bash has been denied."}]}, "denied"),
        ({"error": True, "content": [{"type": "image"}]}, "failed"),
        ({"error": True, "content": 7, "toolUseResult": ["x"]}, "failed"),
    ],
)
def test_the_outcome_is_told_from_the_result(tmp_path: Path, more: dict[str, Any], outcome: str) -> None:
    assert tool(tmp_path, call("toolu_1"), result("toolu_1", TEN, **more)).outcome == outcome


def test_calls_without_an_id_and_calls_of_the_server_are_no_calls(tmp_path: Path) -> None:
    nameless = said(content=[{"type": "tool_use", "name": "Bash"}])
    server = said(content=[{"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search"}])
    read = batch(transcript(tmp_path, nameless, server, result(""), result("toolu_9")))
    assert only(ToolCall, read) == [] and len(only(ToolEnded, read)) == 1


def test_a_call_in_a_line_that_was_not_billed_has_no_request(tmp_path: Path) -> None:
    block = {"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {}}
    read = batch(transcript(tmp_path, said("msg_b"), said(used={}, content=[block])))
    assert only(ToolCall, read)[0].request not in requests(read)


def test_calls_of_a_subagent_name_it(tmp_path: Path) -> None:
    read = batch(transcript(tmp_path, call("toolu_1", isSidechain=True), name=f"{SESSION}/subagents/agent-a1.jsonl"))
    assert only(ToolCall, read)[0].agent_id == "a1"
    assert [pending.name for pending in tail(read).pending] == ["Bash"]


def test_names_of_tools_are_short_and_clean(tmp_path: Path) -> None:
    assert tool(tmp_path, call("toolu_1", "mcp__\u0000\u202ex" + "y" * 500)).name.startswith("mcp__ xyy")
    assert len(tool(tmp_path, call("toolu_1", "y" * 500)).name) == 120
    assert tool(tmp_path, call("toolu_1", None)).name == ""  # type: ignore[arg-type]
