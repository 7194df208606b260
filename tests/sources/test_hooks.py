"""What is kept of a hook: ids and names, never what anybody wrote."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moonlock.model.instant import DAY, iso
from moonlock.model.presence import HookSeen
from moonlock.sources.claude_code import ClaudeCode
from moonlock.sources.claude_code.hooks import hook

NOW = 1_795_161_600_000
SECRET = "the text of somebody"
SESSION = "0b1c2d3e-1111-4111-8111-111111111111"
COMMON = {
    "session_id": SESSION,
    "prompt_id": "p-1",
    "transcript_path": "/home/dev/.claude/projects/-w/0b1c.jsonl",
    "cwd": "/home/dev/secret-project",
    "permission_mode": "acceptEdits",
    "effort": {"level": "high"},
}
TOOL: dict[str, object] = {"tool_name": "Bash", "tool_input": {"command": SECRET}, "tool_use_id": "toolu_1"}
SAID = {"message": SECRET, "title": SECRET}
EVENTS: dict[str, dict[str, object]] = {
    "SessionStart": {"source": "resume", "model": "claude-opus-5", "session_title": SECRET},
    "SessionEnd": {"reason": "prompt_input_exit"},
    "Setup": {"trigger": "init"},
    "InstructionsLoaded": {"file_path": SECRET, "memory_type": "User", "load_reason": "session_start"},
    "ConfigChange": {"source": "user_settings", "file_path": SECRET},
    "CwdChanged": {"old_cwd": SECRET, "new_cwd": SECRET},
    "DirectoryAdded": {"directory": SECRET, "source": "slash"},
    "FileChanged": {"file_path": SECRET, "event": "change"},
    "UserPromptSubmit": {"prompt": SECRET},
    "UserPromptExpansion": {"expansion_type": "slash", "command_name": "x", "command_args": SECRET, "prompt": SECRET},
    "MessageDisplay": {"turn_id": "t", "message_id": "m", "index": 0, "final": False, "delta": SECRET},
    "PreToolUse": TOOL,
    "PermissionRequest": {**TOOL, "permission_suggestions": [{"type": SECRET}]},
    "PermissionDenied": {**TOOL, "reason": SECRET},
    "PostToolUse": {**TOOL, "tool_response": {"stdout": SECRET}, "duration_ms": 12},
    "PostToolUseFailure": {**TOOL, "error": SECRET, "is_interrupt": False, "duration_ms": 3},
    "PostToolBatch": {"tool_calls": [TOOL]},
    "Notification": {**SAID, "notification_type": "permission_prompt"},
    "SubagentStart": {"agent_id": "a1", "agent_type": "Explore"},
    "SubagentStop": {"agent_id": "a1", "agent_type": "Explore", "last_assistant_message": SECRET},
    "TaskCreated": {"task_id": "1", "task_subject": SECRET},
    "TaskCompleted": {"task_id": "1", "task_subject": SECRET},
    "TeammateIdle": {"teammate_name": SECRET},
    "Stop": {"stop_hook_active": False, "last_assistant_message": SECRET, "background_tasks": []},
    "StopFailure": {"error": "rate_limit", "error_details": SECRET, "last_assistant_message": SECRET},
    "PreCompact": {"trigger": "auto", "custom_instructions": SECRET},
    "PostCompact": {"trigger": "manual", "compact_summary": SECRET},
    "WorktreeCreate": {"name": SECRET},
    "WorktreeRemove": {"worktree_path": SECRET},
    "Elicitation": {"mcp_server_name": "x", "mode": "form", **SAID},
    "ElicitationResult": {"mcp_server_name": "x", "mode": "form", **SAID},
    "SomethingNew": {"anything": SECRET},
}


def posted(event: str, /, **more: object) -> bytes:
    return json.dumps({**COMMON, "hook_event_name": event, **more}).encode()


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_is_known_by_its_session_and_name_and_keeps_no_text(event: str) -> None:
    seen = hook(posted(event, **EVENTS[event]), NOW)
    assert seen is not None
    assert (seen.session, seen.event, seen.at, seen.prompt_id) == (SESSION, event, NOW, "p-1")
    assert SECRET not in repr(seen)
    assert "secret-project" not in repr(seen)


def test_what_matters_of_an_event_is_kept() -> None:
    call = ClaudeCode().registry({}, Path("/nowhere")).hook(posted("PreToolUse", **TOOL), NOW)
    assert call == HookSeen(
        session=SESSION, event="PreToolUse", at=NOW, tool="Bash", tool_id="toolu_1", prompt_id="p-1"
    )
    failed = hook(posted("StopFailure", **EVENTS["StopFailure"]), NOW)
    assert failed is not None
    assert failed.reason == "rate_limit"
    compacted = hook(posted("PostCompact", **EVENTS["PostCompact"]), NOW)
    assert compacted is not None
    assert compacted.reason == "manual"
    helped = hook(posted("PreToolUse", **TOOL, agent_id="a1"), NOW)
    assert helped is not None
    assert helped.agent_id == "a1"


def test_how_long_a_tool_ran_is_kept_where_it_can_be_true() -> None:
    said = [hook(posted("PostToolUse", **TOOL, duration_ms=took), NOW) for took in (7, 7.9, 0, -1, True, "7", 10**12)]
    assert [seen and seen.took for seen in said] == [7, 7, 0, None, None, None, None]


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"null", b"[]", b"7", b"{", b"\xff\xfe", b'{"session_id":"a"}', b'{"hook_event_name":"Stop"}'),
        b'{"session_id":7,"hook_event_name":"Stop"}',
        b'{"session_id":"a b","hook_event_name":"Stop"}',
        b'{"session_id":"%s","hook_event_name":"Stop"}' % (b"x" * 200),
        b"[" * 100_000,
    ],
)
def test_what_is_no_hook_is_none(body: bytes) -> None:
    assert hook(body, NOW) is None


def test_fields_of_another_kind_are_as_if_they_were_not_there() -> None:
    seen = hook(posted("PreToolUse", tool_name=[1], tool_use_id={"a": 1}, agent_id=None, prompt_id=5), NOW)
    assert seen == HookSeen(session=SESSION, event="PreToolUse", at=NOW)


def test_its_own_time_counts_where_it_can_be_true() -> None:
    def at(stamp: object) -> int:
        seen = hook(posted("Stop", timestamp=stamp), NOW)
        assert seen is not None
        return seen.at

    assert at(iso(NOW - 5_000)) == NOW - 5_000
    assert [at(stamp) for stamp in (iso(NOW + 5_000), iso(NOW - 2 * DAY), "yesterday", 7, None)] == [NOW] * 5


@given(st.dictionaries(st.sampled_from([*COMMON, *TOOL, "hook_event_name", "timestamp"]), st.text() | st.integers()))
def test_no_hook_is_an_error(fields: dict[str, object]) -> None:
    hook(json.dumps(fields).encode(), NOW)
