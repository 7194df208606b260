"""How a file ended, as one reading saw it: what the status of a live session is told from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from claude_lines import (
    MINUTE,
    OPUS,
    SECOND,
    SESSION,
    TEN,
    batch,
    call,
    encoded,
    line,
    prompted,
    result,
    said,
    synthetic,
    tail,
    transcript,
    usage,
)

from moonlock.model.session import Tail

SUBAGENT = f"{SESSION}/subagents/agent-a1.jsonl"


def ended(home: Path, *lines: Any, name: str = f"{SESSION}.jsonl") -> Tail:
    return tail(batch(transcript(home, *lines, name=name)))


@pytest.mark.parametrize(
    ("last", "phase"),
    [
        (prompted(), "prompted"),
        (prompted("<task-notification>x"), "prompted"),
        (said(), "answering"),
        (said(stop="tool_use"), "answering"),
        (said(stop="end_turn"), "answered"),
        (call("t1", stop="tool_use"), "calling"),
        (result("t0"), "answering"),
        (prompted("[Request interrupted by user]"), "answered"),
        (line("system", subtype="turn_duration"), "answered"),
        (line("system", subtype="stop_hook_summary"), "answered"),
        (line("system", subtype="api_error"), "failed"),
        (line("system", subtype="compact_boundary"), "compacted"),
        (synthetic("No response requested."), "answered"),
        (synthetic("API Error: 500", isApiErrorMessage=True), "failed"),
        (synthetic("You've hit your session limit"), "limited"),
    ],
)
def test_the_last_telling_line_gives_the_phase(tmp_path: Path, last: Any, phase: str) -> None:
    silent = [
        {"type": "last-prompt", "lastPrompt": "x"},
        prompted("x", isMeta=True),
        prompted("<command-name>/cost</command-name>"),
        line("system", subtype="local_command"),
        said("msg_s", isSidechain=True),
        line("assistant", message=None),
        line("attachment"),
    ]
    assert ended(tmp_path, prompted(), said("msg_0"), last, *silent).phase == phase


def test_the_phase_has_the_time_of_its_line(tmp_path: Path) -> None:
    assert (
        ended(tmp_path, prompted(at=TEN), said(at=TEN + SECOND), prompted("x", TEN + MINUTE, isMeta=True)).at
        == TEN + SECOND
    )
    assert ended(tmp_path, prompted(at=TEN), said(at=None)).at == TEN


def test_calls_without_result_are_pending(tmp_path: Path) -> None:
    lines = [call("t1", "Bash", at=TEN), call("t2", "Read", at=TEN + SECOND)]
    assert [(tool.name, tool.since) for tool in ended(tmp_path, *lines).pending] == [
        ("Bash", TEN),
        ("Read", TEN + SECOND),
    ]
    some = ended(tmp_path, *lines, result("t1"))
    assert [tool.name for tool in some.pending] == ["Read"] and some.phase == "calling"
    assert ended(tmp_path, *lines, result("t1"), result("t2")).pending == ()


def test_a_new_prompt_and_an_answer_leave_no_call_open(tmp_path: Path) -> None:
    assert ended(tmp_path, call("t1"), prompted()).pending == ()
    assert ended(tmp_path, call("t1"), said(stop="end_turn")).pending == ()


def test_calls_of_a_sidechain_are_not_the_sessions(tmp_path: Path) -> None:
    assert ended(tmp_path, prompted(), call("t1", isSidechain=True)).pending == ()


def test_the_context_is_what_the_last_own_response_was_sent(tmp_path: Path) -> None:
    lines = [
        said("msg_1", used=usage(5, 9, 10, 250_000), at=TEN),
        said("msg_2", used=usage(5, 9, 10, 100), at=TEN + SECOND),
        said("msg_3", used=usage(5, 9, 10, 900_000), isSidechain=True),
        synthetic("No response requested."),
    ]
    found = ended(tmp_path, *lines)
    assert (found.context, found.context_at, found.model, found.largest_prompt) == (115, TEN + SECOND, OPUS, 250_015)


def test_a_compaction_empties_the_context_until_the_next_response(tmp_path: Path) -> None:
    boundary = line("system", TEN + SECOND, subtype="compact_boundary", compactMetadata={"postTokens": 14_200})
    found = ended(tmp_path, said(used=usage(read=167_000)), boundary)
    assert (found.context, found.context_at, found.largest_prompt) == (14_200, TEN + SECOND, 167_010)
    assert ended(tmp_path, said(used=usage(read=167_000)), boundary, said("msg_b")).context == 10


def test_a_limit_tells_when_it_ends_until_a_response_comes(tmp_path: Path) -> None:
    limit = synthetic("Claude AI usage limit reached|1759669200", isApiErrorMessage=True)
    found = ended(tmp_path, said(), limit)
    assert (found.phase, found.limit_resets_at) == ("limited", 1_759_669_200_000)
    assert ended(tmp_path, limit, said()).limit_resets_at is None


def test_a_subagents_file_tells_the_tail_of_the_subagent(tmp_path: Path) -> None:
    lines = [prompted(isSidechain=True), call("t1", isSidechain=True)]
    read = batch(transcript(tmp_path, *lines, name=SUBAGENT))
    assert read.session.agent_id == "a1"
    assert (tail(read).phase, tail(read).context, len(tail(read).pending)) == ("calling", 10, 1)


def test_a_reading_that_saw_nothing_telling_has_no_tail(tmp_path: Path) -> None:
    path = transcript(tmp_path, said())
    first = batch(path)
    path.write_bytes(path.read_bytes() + encoded({"type": "mode", "mode": "normal"}))
    assert batch(path, first.cursor).session.tail is None
