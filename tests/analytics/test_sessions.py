"""What a session does now, as far as its log can tell."""

from __future__ import annotations

import pytest
from analytics.samples import at, helper, session, tail
from msgspec.structs import replace

from moonlock.analytics.sessions import Status, is_live, last_activity, status, subagent_status
from moonlock.model.session import CallState, Phase, Session, SessionStatus, Tail

T = "2026-10-05T10:00"


def test_a_prompt_makes_the_session_run_for_five_silent_minutes() -> None:
    found = session(tail("prompted", T))
    assert status(found, at("2026-10-05T10:05")) == Status("running", at(T))
    assert status(found, at("2026-10-05T10:05:01")) == Status("idle", at(T), certain=False)


@pytest.mark.parametrize("phase", ["answering", "calling"])
def test_an_agent_in_the_middle_of_its_answer_runs(phase: Phase) -> None:
    assert status(session(tail(phase, T)), at("2026-10-05T10:01")) == Status("running", at(T))


def test_after_a_compaction_it_probably_goes_on() -> None:
    assert status(session(tail("compacted", T)), at("2026-10-05T10:01")) == Status("running", at(T), certain=False)


def test_after_an_answer_it_is_the_persons_turn_for_fifteen_minutes() -> None:
    found = session(tail("answered", T))
    assert status(found, at("2026-10-05T10:05")) == Status("waiting", at(T), waiting_for="prompt")
    assert status(found, at("2026-10-05T10:15")) == Status("waiting", at(T), certain=False, waiting_for="prompt")
    assert status(found, at("2026-10-05T10:15:01")) == Status("idle", at(T), certain=False)


def test_an_open_question_waits_for_a_person() -> None:
    for name in ("AskUserQuestion", "ExitPlanMode"):
        asking = session(tail("calling", T, ("Bash", "2026-10-05T09:59"), (name, T)))
        assert status(asking, at("2026-10-05T10:04")) == Status("waiting", at(T), name, waiting_for="question")
        assert status(asking, at("2026-10-05T10:50")).certain is False


def test_an_open_tool_runs_and_after_a_minute_it_may_be_waiting_for_approval() -> None:
    found = session(tail("calling", T, ("Read", T), ("Bash", "2026-10-05T09:59:50")))
    since = at("2026-10-05T09:59:50")
    assert status(found, at("2026-10-05T10:00:40")) == Status("running", since, "Bash")
    assert status(found, at("2026-10-05T10:10")) == Status("running", since, "Bash", certain=False)


def test_a_session_that_is_silent_for_an_hour_has_ended() -> None:
    for phase in ("prompted", "answered", "failed", "calling", ""):
        found = session(tail(phase, T, ("Bash", T)))
        assert status(found, at("2026-10-05T11:00:01")) == Status("completed", at(T), certain=False)


def test_an_error_stays_until_the_session_goes_on_or_ends() -> None:
    failed = session(tail("failed", T))
    assert status(failed, at("2026-10-05T10:05")) == Status("error", at(T))
    assert status(failed, at("2026-10-05T10:59")) == Status("error", at(T), certain=False)


@pytest.mark.parametrize(
    ("now", "resets", "found"),
    [
        ("2026-10-05T10:01", None, Status("limited", at(T))),
        ("2026-10-05T10:01", "2026-10-05T13:00", Status("limited", at(T))),
        ("2026-10-05T12:59", "2026-10-05T13:00", Status("limited", at(T))),
        ("2026-10-05T10:30", "2026-10-05T10:30", Status("idle", at("2026-10-05T10:30"), certain=False)),
        ("2026-10-05T13:00", "2026-10-05T13:00", Status("completed", at(T), certain=False)),
        ("2026-10-05T12:00", None, Status("completed", at(T), certain=False)),
    ],
)
def test_a_limit_holds_until_it_resets(now: str, resets: str | None, found: Status) -> None:
    assert status(session(tail("limited", T, resets=resets)), at(now)) == found


def test_a_session_that_says_nothing_is_idle_at_best() -> None:
    assert status(session(tail("", T)), at("2026-10-05T10:01")) == Status("idle", at(T), certain=False)
    assert status(session(Tail()), at(T)) == Status("completed", None, certain=False)


def test_helpers_keep_a_waiting_session_at_work() -> None:
    agents = (helper("2026-10-05T09:50", "2026-10-05T10:03"),)
    calling = session(tail("calling", T, ("Task", T)), agents)
    assert status(calling, at("2026-10-05T10:04")).status == "running"
    answered = session(tail("answered", T), agents)
    assert status(answered, at("2026-10-05T10:04")) == Status("running", at(T), certain=False)
    assert status(answered, at("2026-10-05T10:04:01")) == Status("waiting", at(T), waiting_for="prompt")
    assert last_activity(answered) == at("2026-10-05T10:03")


def test_a_helper_that_finished_before_the_answer_changes_nothing() -> None:
    agents = (helper("2026-10-05T09:50", "2026-10-05T09:59:59"),)
    assert status(session(tail("answered", T), agents), at("2026-10-05T10:00:10")).status == "waiting"


@pytest.mark.parametrize(
    ("phase", "pending", "now", "expected"),
    [
        ("calling", (("Task", T),), "2026-10-05T10:05", "running"),
        ("calling", (("Task", T),), "2026-10-05T10:06", "completed"),
        ("answered", (), "2026-10-05T10:01", "running"),
        ("answered", (), "2026-10-05T10:02", "completed"),
    ],
)
def test_a_helper_runs_while_it_is_heard_of(
    phase: Phase, pending: tuple[tuple[str, str], ...], now: str, expected: SessionStatus
) -> None:
    agent = helper("2026-10-05T09:50", "2026-10-05T10:00")
    found = subagent_status(session(tail(phase, T, *pending), (agent,)), agent, at(now))
    assert found.status == expected
    assert found.since == (agent.first_at if expected == "running" else agent.last_at)


@pytest.mark.parametrize(
    ("state", "now", "expected"),
    [
        ("in_progress", "2026-10-05T10:05", Status("running", at("2026-10-05T09:50"))),
        ("in_progress", "2026-10-05T11:00", Status("running", at("2026-10-05T09:50"), certain=False)),
        ("in_progress", "2026-10-05T11:01", Status("completed", at("2026-10-05T10:00"), certain=False)),
        ("completed", "2026-10-05T10:00", Status("completed", at("2026-10-05T10:00"))),
        ("deleted", "2026-10-05T10:00", Status("completed", at("2026-10-05T10:00"))),
    ],
)
def test_a_helper_whose_call_is_known_runs_until_that_is_over(state: CallState, now: str, expected: Status) -> None:
    agent = replace(helper("2026-10-05T09:50", "2026-10-05T10:00"), state=state)
    assert subagent_status(session(tail("answered", T), (agent,)), agent, at(now)) == expected


@pytest.mark.parametrize(
    ("found", "now", "live"),
    [
        (session(tail("answered", T)), "2026-10-05T11:00", True),
        (session(tail("answered", T)), "2026-10-05T11:01", False),
        (session(tail("prompted", T)), "2026-10-05T10:59", True),
        (session(tail("failed", T)), "2026-10-05T10:59", True),
        (session(tail("limited", T, resets="2026-10-09T10:00")), "2026-10-05T11:01", False),
        (session(tail("calling", T, ("Bash", T))), "2026-10-05T10:59", True),
        (session(tail("calling", T, ("Bash", T))), "2026-10-05T11:01", False),
        (session(tail("calling", T, ("AskUserQuestion", T))), "2026-10-05T10:59", True),
        (session(tail("answered", T), (helper(T, "2026-10-05T10:14"),)), "2026-10-05T11:14", True),
        (session(Tail()), "2026-10-05T10:00", False),
    ],
)
def test_live_is_what_was_heard_of_in_the_last_hour(found: Session, now: str, live: bool) -> None:
    assert is_live(found, at(now)) is live
