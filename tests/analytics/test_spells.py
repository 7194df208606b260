"""Every moment of a session is in one state."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from moonlock.analytics.spells import Lived, states, timed
from moonlock.model.events import AgentError, Compaction, LimitHit, ToolCall
from moonlock.model.instant import MINUTE, SECOND
from moonlock.model.presence import Wait, Waited

M = MINUTE


def of(lived: Lived) -> dict[str, int]:
    return {name: spent // M for name, spent in states(lived).items() if spent}


def test_turns_are_work_and_pauses_wait_until_they_are_idle() -> None:
    lived = Lived((0, 60 * M), [(0, 10 * M), (20 * M, 30 * M)])
    assert of(lived) == {"working": 20, "waiting": 25, "idle": 15}


def test_a_question_waits_in_the_middle_of_a_turn() -> None:
    asked = ToolCall(1, 2 * M, "AskUserQuestion", duration=3 * M)
    still = ToolCall(2, 8 * M, "ExitPlanMode")
    other = ToolCall(3, 5 * M, "Bash", duration=M)
    assert of(Lived((0, 10 * M), [(0, 10 * M)], [asked, still, other])) == {"working": 5, "question": 5}


def test_a_compaction_is_no_work() -> None:
    event = Compaction(1, 6 * M, "auto", duration=2 * M)
    assert of(Lived((0, 10 * M), [(0, 10 * M)], (), [event])) == {"working": 8, "compacting": 2}


def test_a_pause_says_why_it_began() -> None:
    turn = [(0, 10 * M)]
    assert of(Lived((0, 60 * M), turn, (), [AgentError(1, 10 * M, "overloaded")])) == {"working": 10, "error": 50}
    retried = AgentError(1, 10 * M, "overloaded", retrying=True)
    assert "error" not in of(Lived((0, 60 * M), turn, (), [retried]))
    limit = LimitHit(1, 10 * M, "session", resets_at=40 * M)
    assert of(Lived((0, 60 * M), turn, (), [limit])) == {"working": 10, "limited": 30, "idle": 20}
    assert of(Lived((0, 60 * M), turn, (), [LimitHit(1, 10 * M, "session")])) == {"working": 10, "limited": 50}


def test_a_permission_is_no_work_and_neither_is_an_elicitation() -> None:
    waits = [Wait(2 * M, 5 * M, "permission", "Bash"), Wait(7 * M, 8 * M, "question"), Wait(9 * M, None, "permission")]
    assert of(Lived((0, 10 * M), [(0, 10 * M)], (), (), waits)) == {"working": 6, "permission": 3, "question": 1}


def test_a_wait_is_no_longer_than_its_call_for_hooks_that_nobody_heard_are_missing() -> None:
    next_one = Wait(2 * M, 50 * M, "permission", "Bash")
    first, second = ToolCall(1, 2 * M, "Bash", duration=3 * M), ToolCall(2, 40 * M, "Bash", duration=12 * M)
    assert [one.over for one in timed(Waited(True, (next_one,)), [first, second])] == [None]
    for calls in ([], [second], [ToolCall(1, 2 * M, "Bash"), second], [ToolCall(1, M, "Bash", duration=50 * M)]):
        assert [one.over for one in timed(Waited(True, (next_one,)), calls)] == [50 * M]


def test_of_a_leave_that_was_refused_the_log_knows_when_and_questions_of_tools_it_knows_anyhow() -> None:
    asked, given = Wait(2 * M, None, "permission", "Bash"), Wait(20 * M, None, "permission", "Bash")
    question = Wait(3 * M, None, "question", "AskUserQuestion")
    calls = [
        ToolCall(1, 2 * M - SECOND, "Bash", duration=3 * M, outcome="denied"),
        ToolCall(2, 2 * M, "Read", duration=M, outcome="denied"),
        ToolCall(3, 20 * M, "Bash", duration=3 * M, outcome="ok"),
    ]
    assert [(one.start, one.over) for one in timed(Waited(True, (asked, question, given)), calls)] == [
        (2 * M, 5 * M - SECOND),
        (20 * M, None),
    ]


def test_a_session_without_a_length_was_in_no_state() -> None:
    assert of(Lived((5, 5))) == {}


MOMENT = st.integers(-50 * M, 200 * M)
TURNS = st.lists(st.tuples(MOMENT, st.integers(0, 60 * M)).map(lambda turn: (turn[0], turn[0] + turn[1])), max_size=8)
CALLS = st.lists(
    st.builds(
        ToolCall,
        key=st.just(1),
        at=MOMENT,
        name=st.sampled_from(["Bash", "AskUserQuestion"]),
        duration=st.none() | st.integers(-M, 40 * M),
    ),
    max_size=5,
)
EVENTS = st.lists(
    st.builds(Compaction, key=st.just(1), at=MOMENT, trigger=st.just("auto"), duration=st.none() | st.integers(0, M))
    | st.builds(AgentError, key=st.just(1), at=MOMENT, kind=st.just("x"), retrying=st.booleans())
    | st.builds(LimitHit, key=st.just(1), at=MOMENT, kind=st.just("session"), resets_at=st.none() | MOMENT),
    max_size=5,
)
WAITS = st.lists(
    st.builds(
        Wait,
        start=MOMENT,
        over=st.none() | MOMENT,
        wants=st.sampled_from(["permission", "question"]),
        tool=st.just("x"),
    ),
    max_size=5,
)
HAPPENED = st.tuples(TURNS, CALLS, EVENTS, WAITS)


@given(HAPPENED, MOMENT, st.integers(0, 300 * M))
def test_the_states_add_up_to_the_length_of_the_session(
    told: tuple[list[tuple[int, int]], list[ToolCall], list[object], list[Wait]], start: int, length: int
) -> None:
    turns, calls, happened, waits = told
    found = states(Lived((start, start + length), turns, calls, happened, timed(Waited(True, tuple(waits)), calls)))
    assert sum(found.values()) == length
    assert all(spent >= 0 for spent in found.values())
