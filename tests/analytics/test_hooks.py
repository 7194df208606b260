"""What hooks say, in whatever order they come."""

from __future__ import annotations

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moonlock.analytics.hooks import EMPTY, KEPT, WAITS, add, read, settled
from moonlock.analytics.hookwords import Word
from moonlock.model.presence import HookSeen, Wait, WaitingFor
from moonlock.model.session import SessionStatus

EVENTS = (
    *("SessionStart", "SessionEnd", "UserPromptSubmit", "PreToolUse", "PermissionRequest", "PermissionDenied"),
    *("PostToolUse", "PostToolUseFailure", "PostToolBatch", "Notification", "Elicitation", "ElicitationResult"),
    *("Stop", "StopFailure", "PreCompact", "PostCompact", "SubagentStart", "SubagentStop", "TeammateIdle", "New"),
)


def seen(event: str, at: int, took: int | None = None, **more: str) -> HookSeen:
    return HookSeen(session="s", event=event, at=at, took=took, **more)


def told(*hooks: HookSeen) -> Word:
    return read(reduce(add, hooks, EMPTY))


def of(word: Word) -> tuple[SessionStatus | None, int, str, WaitingFor | None]:
    return word.status, word.since, word.tool, word.waiting_for


PROMPT = seen("UserPromptSubmit", 1, prompt_id="p1")
CALL = seen("PreToolUse", 2, tool="Bash", tool_id="t1", prompt_id="p1")
DONE = seen("PostToolUse", 9, tool="Bash", tool_id="t1", prompt_id="p1")
STOP = seen("Stop", 10, prompt_id="p1")


def test_a_turn_runs_from_its_prompt_over_its_tools_to_its_stop() -> None:
    assert of(told()) == (None, 0, "", None)
    assert of(told(PROMPT)) == ("running", 1, "", None)
    assert of(told(PROMPT, CALL)) == ("running", 2, "Bash", None)
    assert of(told(PROMPT, CALL, DONE)) == ("running", 9, "", None)
    assert of(told(PROMPT, CALL, DONE, STOP)) == ("waiting", 10, "", "prompt")


def test_a_permission_is_waited_for_until_its_tool_is_over() -> None:
    asks = seen("PermissionRequest", 3, tool="Bash", prompt_id="p1")
    late = seen("Notification", 9, notice="permission_prompt", prompt_id="p1")
    assert of(told(PROMPT, CALL, asks)) == ("waiting", 3, "Bash", "permission")
    assert of(told(PROMPT, CALL, asks, late)) == ("waiting", 3, "Bash", "permission")
    assert of(told(PROMPT, CALL, late)) == ("waiting", 9, "Bash", "permission")
    assert of(told(PROMPT, CALL, asks, DONE)) == ("running", 9, "", None)
    denied = seen("PermissionDenied", 4, tool="Bash", tool_id="t1")
    assert of(told(PROMPT, CALL, asks, denied)) == ("running", 4, "", None)


def test_another_tool_beside_it_does_not_give_the_permission() -> None:
    asks = seen("PermissionRequest", 3, tool="Bash")
    beside = [seen("PreToolUse", 4, tool="Read", tool_id="t2"), seen("PostToolUse", 5, tool="Read", tool_id="t2")]
    assert of(told(PROMPT, CALL, asks, *beside)) == ("waiting", 3, "Bash", "permission")


def test_only_notifications_that_block_wait_for_somebody() -> None:
    for notice in ("auth_success", "agent_completed", "brand_new", ""):
        assert of(told(PROMPT, seen("Notification", 5, notice=notice))) == ("running", 1, "", None)
    assert of(told(PROMPT, seen("Notification", 5, notice="agent_needs_input")))[3] == "question"
    asked = told(PROMPT, seen("Notification", 5, notice="elicitation_dialog"))
    assert of(asked) == ("waiting", 5, "", "question")
    assert of(told(PROMPT, STOP, seen("Notification", 70, notice="idle_prompt"))) == ("waiting", 10, "", "prompt")
    assert of(told(PROMPT, seen("Notification", 70, notice="idle_prompt"))) == ("waiting", 70, "", "prompt")


@pytest.mark.parametrize("tool", ["AskUserQuestion", "ExitPlanMode"])
def test_a_question_waits_for_its_answer(tool: str) -> None:
    asks = seen("PreToolUse", 3, tool=tool, tool_id="q")
    assert of(told(PROMPT, asks, seen("PermissionRequest", 4, tool=tool))) == ("waiting", 3, tool, "question")
    assert of(told(PROMPT, asks, seen("PostToolUse", 8, tool=tool, tool_id="q"))) == ("running", 8, "", None)


def test_an_elicitation_ends_with_its_result() -> None:
    asks = seen("Elicitation", 3)
    assert of(told(PROMPT, asks)) == ("waiting", 3, "", "question")
    assert of(told(PROMPT, asks, seen("ElicitationResult", 4))) == ("running", 4, "", None)
    assert of(told(PROMPT, asks, seen("Notification", 4, notice="elicitation_complete"))) == ("running", 4, "", None)


def test_a_compaction_goes_on_with_the_turn_or_hands_it_back() -> None:
    began = seen("PreCompact", 3, reason="auto")
    assert of(told(PROMPT, began)) == ("compacting", 3, "", None)
    assert of(told(PROMPT, began, seen("PostCompact", 5, reason="auto"))) == ("running", 5, "", None)
    assert of(told(PROMPT, began, seen("PostCompact", 5, reason="manual"))) == ("waiting", 5, "", "prompt")
    assert of(told(PROMPT, began, seen("SessionStart", 4, reason="compact"))) == ("compacting", 3, "", None)


def test_a_batch_of_tools_that_is_over_goes_on_but_not_after_the_end_of_a_turn() -> None:
    assert of(told(PROMPT, CALL, seen("PostToolBatch", 5))) == ("running", 5, "", None)
    assert of(told(PROMPT, STOP, seen("PostToolBatch", 11))) == ("waiting", 10, "", "prompt")
    assert of(told(PROMPT, CALL, CALL, seen("PreToolUse", 4, tool="Bash", tool_id="t1"))) == (
        "running",
        2,
        "Bash",
        None,
    )


def test_an_end_says_of_what_kind_it_is() -> None:
    assert of(told(PROMPT, seen("StopFailure", 3, reason="rate_limit"))) == ("limited", 3, "", None)
    assert of(told(PROMPT, seen("StopFailure", 3, reason="overloaded"))) == ("error", 3, "", None)
    assert of(told(PROMPT, seen("SessionEnd", 3, reason="clear"))) == ("completed", 3, "", None)


def test_what_comes_after_the_end_of_a_turn_does_not_begin_it_again() -> None:
    assert of(told(PROMPT, CALL, STOP, seen("PostToolUse", 11, tool="Bash", tool_id="t1"))) == of(told(PROMPT, STOP))
    assert of(told(PROMPT, STOP, seen("PostToolUse", 11, tool="Bash", tool_id="x"))) == of(told(PROMPT, STOP))
    again = seen("UserPromptSubmit", 20, prompt_id="p2")
    assert of(told(PROMPT, again, seen("Stop", 21, prompt_id="p1"))) == ("running", 20, "", None)
    assert of(told(PROMPT, CALL, DONE, seen("PreToolUse", 12, tool="Bash", tool_id="t1"))) == ("running", 9, "", None)


def test_a_helper_says_only_that_it_works_or_needs_somebody() -> None:
    works = seen("PreToolUse", 11, tool="Read", tool_id="h", agent_id="a1")
    word = told(PROMPT, STOP, works)
    assert (of(word), word.helper_at) == (("waiting", 10, "", "prompt"), 11)
    asks = seen("PermissionRequest", 5, tool="Bash", agent_id="a1")
    assert of(told(PROMPT, CALL, asks)) == ("waiting", 5, "Bash", "permission")
    goes_on = seen("PostToolUse", 7, tool="Bash", tool_id="h", agent_id="a1")
    assert of(told(PROMPT, CALL, asks, goes_on)) == ("running", 2, "Bash", None)


def test_a_helper_that_stops_after_the_turn_keeps_nobody_at_work() -> None:
    starts, stops = (seen(event, at, agent_id="a1") for event, at in (("SubagentStart", 5), ("SubagentStop", 11)))
    assert told(PROMPT, starts, STOP, stops).helper_at == 5
    assert told(PROMPT, starts, stops).left == (("a1", 11),)


def test_a_helper_that_goes_on_after_its_stop_is_not_done() -> None:
    starts, stops = (seen(event, at, agent_id="a1") for event, at in (("SubagentStart", 5), ("SubagentStop", 11)))
    goes_on = seen("PreToolUse", 12, agent_id="a1", tool="Bash")
    other = seen("PreToolUse", 13, agent_id="a2", tool="Bash")
    assert told(PROMPT, starts, stops, other).left == (("a1", 11),)
    assert told(PROMPT, starts, stops, goes_on).left == ()
    asks = seen("PermissionRequest", 6, tool="Bash", agent_id="a1")
    assert of(told(PROMPT, starts, asks, stops)) == ("running", 11, "", None)


ASKS = seen("PermissionRequest", 3, tool="Bash", prompt_id="p1")


def test_a_permission_was_waited_for_until_its_tool_began_to_run() -> None:
    ran = seen("PostToolUse", 9, 4, tool="Bash", tool_id="t1", prompt_id="p1")
    assert told(PROMPT, CALL, ASKS).waits == ()
    assert told(PROMPT, CALL, ASKS, ran).waits == (Wait(3, 5, "permission", "Bash", 9),)
    longer = seen("PostToolUseFailure", 9, 8, tool="Bash", tool_id="t1")
    assert told(PROMPT, CALL, ASKS, longer).waits == (Wait(3, 3, "permission", "Bash", 9),)
    denied = seen("PermissionDenied", 4, tool="Bash", tool_id="t1")
    assert told(PROMPT, CALL, ASKS, denied).waits == (Wait(3, 4, "permission", "Bash", 4),)


def test_when_a_permission_was_given_is_unknown_where_nobody_says_how_long_the_tool_ran() -> None:
    assert told(PROMPT, CALL, ASKS, DONE).waits == (Wait(3, None, "permission", "Bash", 9),)
    again = seen("UserPromptSubmit", 8, prompt_id="p2")
    assert told(PROMPT, CALL, ASKS, again).waits == (Wait(3, None, "permission", "Bash", 8),)
    helper = seen("PermissionRequest", 3, tool="Bash", agent_id="a1")
    other = seen("PostToolUse", 7, 1, tool="Read", tool_id="h", agent_id="a1")
    assert told(PROMPT, helper, other).waits == (Wait(3, None, "permission", "Bash", 7),)


def test_a_call_that_began_after_the_wait_is_another_one_whose_end_tells_nothing_of_it() -> None:
    asks = seen("PermissionRequest", 3, tool="Bash")
    later = seen("PreToolUse", 500, tool="Bash", tool_id="t2")
    assert of(told(PROMPT, asks, later)) == ("running", 500, "Bash", None)
    over = seen("PostToolUse", 900, 100, tool="Bash", tool_id="t2")
    assert told(PROMPT, asks, later, over).waits == (Wait(3, None, "permission", "Bash", 500),)
    denied = seen("PermissionDenied", 600, tool="Edit", tool_id="t3")
    notice = seen("Notification", 3, notice="permission_prompt")
    assert told(PROMPT, notice, denied).waits == (Wait(3, None, "permission", "", 600),)


def test_a_question_was_waited_for_until_its_answer() -> None:
    asks = [PROMPT, seen("Elicitation", 3)]
    assert told(*asks, seen("ElicitationResult", 6)).waits == (Wait(3, 6, "question", "", 6),)
    assert told(*asks, seen("SessionEnd", 6)).waits == (Wait(3, None, "question", "", 6),)


def test_waits_that_are_known_are_the_newest_ones() -> None:
    hooks = [
        seen(event, 10 * n + more)
        for n in range(WAITS + 9)
        for event, more in (("Elicitation", 0), ("ElicitationResult", 5))
    ]
    course = reduce(add, hooks, EMPTY)
    assert [(one.start, one.over) for one in read(course).waits] == [(10 * n, 10 * n + 5) for n in range(9, WAITS + 9)]
    assert settled(course) == hooks[-KEPT - 1].at
    assert (settled(EMPTY), settled(add(EMPTY, ASKS))) == (0, ASKS.at - 1)


def test_what_is_older_than_all_that_is_kept_changes_nothing() -> None:
    many = [seen("PreToolUse", 10 + n, tool="Read", tool_id=f"t{n}") for n in range(KEPT + 5)]
    course = reduce(add, [PROMPT, *many], EMPTY)
    assert add(course, seen("SessionEnd", 2)) == course
    assert len(course.kept) == KEPT


HOOKS = st.builds(
    HookSeen,
    session=st.just("s"),
    event=st.sampled_from(EVENTS),
    at=st.integers(0, 10_000),
    tool=st.sampled_from(["", "Bash", "Read", "AskUserQuestion"]),
    tool_id=st.sampled_from(["", "t1", "t2", "t3"]),
    prompt_id=st.sampled_from(["", "p1", "p2"]),
    notice=st.sampled_from(["", "permission_prompt", "idle_prompt", "elicitation_response"]),
    agent_id=st.sampled_from(["", "", "a1"]),
    reason=st.sampled_from(["", "rate_limit", "manual", "compact"]),
    took=st.none() | st.integers(0, 2_000),
)


@given(
    st.lists(HOOKS, max_size=KEPT, unique_by=lambda hook: hook.at).flatmap(
        lambda hooks: st.tuples(st.just(hooks), st.permutations(hooks), st.lists(st.sampled_from(hooks or [PROMPT])))
    )
)
def test_neither_their_order_nor_repetitions_change_what_hooks_say(
    case: tuple[list[HookSeen], list[HookSeen], list[HookSeen]],
) -> None:
    hooks, shuffled, again = case
    if not hooks:
        return
    assert told(*shuffled, *again) == told(*sorted(hooks, key=lambda hook: hook.at))
