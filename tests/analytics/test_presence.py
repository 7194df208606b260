"""Who is believed: the registry, then hooks, then the log."""

from __future__ import annotations

import msgspec
import pytest
from analytics.samples import at, helper, session, tail

from moonlock.analytics.hooks import EMPTY, add, read
from moonlock.analytics.hookwords import Word
from moonlock.analytics.presence import NOBODY, Witness, is_live, status, subagent_status
from moonlock.analytics.sessions import Status
from moonlock.model.instant import HOUR, MINUTE, SECOND
from moonlock.model.presence import Doing, HookSeen, Process, WaitingFor
from moonlock.model.session import SessionStatus

T = "2026-10-05T10:00"
NOON = at(T)
RUNS = session(tail("calling", T, ("Bash", T)))
TURN = session(tail("answered", T))
OLD = session(tail("prompted", "2026-10-05T04:00"))


def alive(doing: Doing, moment: int = NOON, wants: WaitingFor | None = None, word: Word | None = None) -> Witness:
    return Witness(Process(7, "11111111", doing, moment, wants), word=word or Word())


def hooks(state: SessionStatus, moment: int = NOON, tool: str = "", wants: WaitingFor | None = None) -> Word:
    return Word(status=state, since=moment, at=moment, tool=tool, waiting_for=wants)


def test_without_a_witness_the_log_speaks_alone() -> None:
    assert status(RUNS, NOON + 2 * MINUTE) == Status("running", NOON, "Bash", certain=False)
    assert is_live(RUNS, NOON + MINUTE, NOBODY)


def test_a_hook_tells_a_permission_from_a_long_tool() -> None:
    held = Witness(word=hooks("waiting", NOON + SECOND, "Bash", "permission"))
    since = NOON + SECOND
    expected = Status("waiting", since, "Bash", source="hook", waiting_for="permission")
    assert status(RUNS, NOON + 30 * SECOND, held) == expected
    assert status(RUNS, NOON + 5 * MINUTE, held).certain is False, "no hook tells that it was given"


def test_a_tool_that_waits_stays_waiting_while_others_end_beside_it() -> None:
    held = Witness(word=hooks("waiting", NOON - MINUTE, "Bash", "permission"))
    assert status(RUNS, NOON, held).waiting_for == "permission"
    assert status(TURN, NOON, held) == Status("waiting", NOON, waiting_for="prompt"), "the log went on"


def test_a_turn_that_was_broken_off_while_it_asked_waits_for_nothing_more() -> None:
    asked = Witness(word=hooks("waiting", NOON - SECOND, "Bash", "permission"))
    assert status(TURN, NOON + MINUTE, asked) == Status("waiting", NOON, waiting_for="prompt"), "no hook tells that"
    question = hooks("waiting", NOON - SECOND, "AskUserQuestion", "question")
    assert status(TURN, NOON + MINUTE, alive("idle", word=question)).waiting_for == "prompt"
    helped = Word("waiting", NOON - SECOND, NOON - SECOND, "Bash", "permission", asker="a1")
    assert status(TURN, NOON, Witness(word=helped)).waiting_for == "permission", "its session may be at its end"


def test_a_helper_that_asks_is_heard_where_no_hook_of_its_session_was() -> None:
    """A server that began in the middle of a turn hears it first."""
    asks = HookSeen(session="s", event="PermissionRequest", at=NOON + HOUR // 2, tool="Bash", agent_id="a1")
    word, now, calls = read(add(EMPTY, asks)), NOON + 31 * MINUTE, session(tail("calling", T, ("Task", T)))
    expected = Status("waiting", asks.at, "Bash", source="hook", waiting_for="permission")
    assert status(calls, now, Witness(word=word)) == expected
    assert status(calls, now, alive("busy", word=word)) == expected


def test_a_log_of_a_clock_that_ran_ahead_silences_no_hook() -> None:
    ahead = session(tail("calling", "2026-10-06T10:00", ("Bash", T)))
    asked = Witness(word=hooks("waiting", NOON, wants="prompt"))
    assert status(ahead, NOON + SECOND, asked) == Status("waiting", NOON, source="hook", waiting_for="prompt")
    assert status(ahead, NOON + 2 * HOUR, asked).source == "log", "nor does it keep one that is old"


def test_hooks_that_fell_silent_are_not_believed() -> None:
    assert status(TURN, NOON + MINUTE, Witness(word=hooks("running", NOON - MINUTE))).source == "log"
    assert status(OLD, NOON + 2 * HOUR, Witness(word=hooks("running", NOON))).status == "completed"


def test_the_end_of_a_turn_is_told_at_once_and_idle_follows() -> None:
    over = Witness(word=hooks("waiting", NOON + SECOND, wants="prompt"))
    assert status(RUNS, NOON + MINUTE, over) == Status("waiting", NOON + SECOND, source="hook", waiting_for="prompt")
    assert status(RUNS, NOON + 20 * MINUTE, over) == Status("idle", NOON + SECOND, source="hook")


def test_helpers_keep_a_session_at_work_after_its_stop() -> None:
    word = Word(status="waiting", since=NOON, at=NOON, waiting_for="prompt", helper_at=NOON + MINUTE)
    assert status(TURN, NOON + MINUTE, Witness(word=word)) == Status("running", NOON, certain=False, source="hook")
    found = session(tail("answered", T), (helper(T, "2026-10-05T10:01"),))
    word = hooks("waiting", NOON, wants="prompt")
    assert status(found, NOON + MINUTE, Witness(word=word)).status == "running"


def test_a_helper_is_done_when_its_hook_says_so_and_at_work_again_when_its_log_goes_on() -> None:
    agent = helper(T, T)
    witness = Witness(word=Word(left=((agent.agent_id, NOON + SECOND),)))
    assert subagent_status(RUNS, agent, NOON, NOBODY).status == "running"
    assert subagent_status(RUNS, agent, NOON + 2 * SECOND, witness) == Status("completed", NOON + SECOND, source="hook")
    later = msgspec.structs.replace(agent, last_at=NOON + MINUTE)
    assert subagent_status(RUNS, later, NOON + MINUTE, witness).status == "running"
    other = msgspec.structs.replace(agent, agent_id="a2")
    assert subagent_status(RUNS, other, NOON, witness).status == "running"


def test_an_end_by_a_hook_leaves_the_screen() -> None:
    ended = Witness(word=hooks("completed", NOON))
    assert status(TURN, NOON, ended) == Status("completed", NOON, source="hook")
    assert not is_live(TURN, NOON, ended)


def test_a_limit_by_a_hook_ends_when_the_log_says_so() -> None:
    limited = session(tail("limited", T, resets="2026-10-05T10:30"))
    word = Witness(word=hooks("limited", NOON))
    assert status(limited, NOON + MINUTE, word) == Status("limited", NOON)
    assert status(limited, NOON + 31 * MINUTE, word).status == "idle"
    assert status(TURN, NOON + MINUTE, word) == Status("limited", NOON, source="hook")


def test_a_living_process_keeps_a_silent_session_on_the_screen() -> None:
    here = alive("")
    assert status(OLD, NOON, here) == Status("idle", OLD.tail.at, certain=False, source="registry")
    assert is_live(OLD, NOON, here)
    assert not is_live(OLD, NOON)
    assert status(RUNS, NOON + SECOND, here) == Status("running", NOON, "Bash"), "it says nothing: the log does"


@pytest.mark.parametrize(
    ("doing", "wants", "expected"),
    [
        ("busy", None, Status("running", NOON, "Bash", source="registry")),
        ("waiting", "permission", Status("waiting", NOON, "Bash", source="registry", waiting_for="permission")),
        ("waiting", None, Status("waiting", NOON, "Bash", source="registry")),
        ("idle", None, Status("waiting", NOON, source="registry", waiting_for="prompt")),
    ],
)
def test_the_registry_says_what_a_process_does(doing: Doing, wants: WaitingFor | None, expected: Status) -> None:
    assert status(RUNS, NOON + 2 * MINUTE, alive(doing, wants=wants)) == expected


def test_the_newer_of_registry_and_hooks_is_believed() -> None:
    asks = hooks("waiting", NOON + SECOND, "Bash", "permission")
    assert status(RUNS, NOON + 2 * SECOND, alive("busy", NOON, word=asks)).waiting_for == "permission"
    given = status(RUNS, NOON + 3 * SECOND, alive("busy", NOON + 2 * SECOND, word=asks))
    assert (given.status, given.source, given.tool) == ("running", "registry", "Bash")


def test_a_process_that_is_busy_makes_the_finer_word_of_others_sure() -> None:
    compacts = hooks("compacting", NOON - SECOND)
    found = status(session(tail("prompted", T)), NOON, alive("busy", word=compacts))
    assert found == Status("compacting", NOON - SECOND, source="registry")
    assert status(TURN, NOON, alive("busy")) == Status("running", NOON, source="registry")


def test_an_idle_process_keeps_why_it_stopped() -> None:
    failed = session(tail("failed", T))
    assert status(failed, NOON + 10 * MINUTE, alive("idle")) == Status("error", NOON, source="registry")


def test_a_process_that_is_gone_ends_its_session_until_something_new_is_heard() -> None:
    gone = Witness(gone_at=NOON + MINUTE)
    assert status(TURN, NOON + 2 * MINUTE, gone) == Status("completed", NOON, source="registry")
    assert not is_live(TURN, NOON + 2 * MINUTE, gone)
    resumed = session(tail("prompted", "2026-10-05T10:02"))
    assert status(resumed, NOON + 2 * MINUTE, gone) == Status("running", NOON + 2 * MINUTE)
