"""``moonlock session start`` and the rest, beside a server and without one: the real program each time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from cli.running import answer, log, moonlock
from serving import eventually, server

from moonlock.analytics.cost import price_of
from moonlock.analytics.prices import builtin
from moonlock.live import clock
from moonlock.live.commands import Commands
from moonlock.model.instant import HOUR, MINUTE, iso
from moonlock.model.manual import Plan
from moonlock.store import Store


@pytest.fixture(params=["alone", "beside a server"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    log(tmp_path, answer(1, "2026-10-05T10:00:00.000Z"))
    with server(tmp_path) if request.param != "alone" else nullcontext():
        yield tmp_path


def document(home: Path, *args: str) -> Any:
    return json.loads(moonlock(home, "session", *args, "--json").out)


def refused(home: Path, *args: str, status: int = 1) -> str:
    said = moonlock(home, "session", *args, status=status)
    assert [line.partition(":")[0] for line in said.err.splitlines()] == ["error", "hint"], said.err
    return said.err


def test_a_session_lives_its_whole_life(home: Path) -> None:
    begun = document(home, "start", "Fix login", "--duration", "90m", "--tokens", "2k", "--cost", "5")
    assert (begun["name"], begun["timer"]["durationMs"], begun["follow"]) == ("Fix login", 90 * MINUTE, "all")
    assert begun["budget"] == {"tokens": 2000, "costUsd": 5.0, "usedShare": 0.0}
    moonlock(home, "session", "tokens", "1.5k", "--operation", "embed")
    assert moonlock(home, "session", "checkpoint", "tests green").out.startswith("tests green was reached after")
    assert "status      paused" in moonlock(home, "session", "pause").out
    assert document(home, "resume", "fix")["status"] == "running"
    log(home, answer(2, iso(clock.now())))
    assert document(home, "show", "fix")["tokens"]["total"] >= 1500
    said = moonlock(home, "session", "complete").out
    assert "status      completed" in said and "tests green" in said
    assert "wrong" not in said
    assert "The session is" in refused(home, "complete", "fix") or "is over" in refused(home, "complete", "fix")


def test_what_an_agent_did_is_suggested_accepted_and_dismissed(home: Path) -> None:
    moonlock(home, "session", "start", "Fix")
    assert moonlock(home, "session", "checkpoint", "--list").out == "No checkpoints\n"
    now, link = clock.now(), {"type": "pr-link", "sessionId": "s1", "prRepository": "ann/app"}
    opened = (json.dumps({**link, "prNumber": n, "timestamp": iso(now + n)}) for n in (7, 8))
    log(home, answer(2, iso(now)), *opened)
    eventually(lambda: len(document(home, "checkpoint", "--list")["checkpoints"]) == 2)
    listed = document(home, "checkpoint", "--list")["checkpoints"]
    assert [(one["phase"], one["suggested"]) for one in listed] == [
        ("pull request ann/app#7", True),
        ("pull request ann/app#8", True),
    ]
    seven, eight = (one["id"] for one in listed)
    assert f"--accept {seven[:8]}" in moonlock(home, "session", "checkpoint", "--list").out
    assert "ann/app#7 was reached after" in moonlock(home, "session", "checkpoint", "--accept", seven[:8]).out
    assert "not suggested any more" in moonlock(home, "session", "checkpoint", "--dismiss", eight).out
    assert "ann/app#7" in moonlock(home, "session", "checkpoint", "--list").out
    assert "nothing that is suggested" in refused(home, "checkpoint", "--accept", eight)
    assert [one["phase"] for one in document(home, "complete")["phases"]] == ["pull request ann/app#7", None]


def test_it_has_words_and_can_be_deleted_like_any_other(home: Path) -> None:
    moonlock(home, "session", "start", "One", "--follow", "none")
    moonlock(home, "session", "name", "one", "Two")
    moonlock(home, "session", "tag", "two", "+b", "+a", "-b")
    moonlock(home, "session", "describe", "two", "why")
    (listed,) = document(home, "list", "--by-hand")["sessions"]
    assert (listed["name"], listed["tags"], listed["description"]) == ("Two", ["a"], "why")
    assert "running  Two" in moonlock(home, "session", "list", "--by-hand").out
    assert "has a name" in refused(home, "name", "two", "", status=2)
    assert "is deleted" in moonlock(home, "session", "delete", "two", "--yes").out
    assert document(home, "list", "--by-hand")["sessions"] == []
    assert "is back" in moonlock(home, "session", "delete", "--undo", "two").out
    assert document(home, "show", "two")["status"] == "completed"


def test_which_one_is_meant_must_be_clear(home: Path) -> None:
    assert "no session by hand is open" in refused(home, "pause")
    for name in ("One", "Two"):
        moonlock(home, "session", "start", name)
    assert "2 sessions by hand are open" in refused(home, "pause")
    assert "no s" in refused(home, "pause", "Three").lower()
    assert document(home, "pause", "Two")["status"] == "paused"
    assert len(document(home, "list", "--by-hand", "--limit", "1")["sessions"]) == 1


def test_a_project_is_followed_by_name(home: Path) -> None:
    begun = document(home, "start", "Web", "--follow", "project:alpha")
    assert (begun["follow"]["project"], begun["project"]) == ("/w/alpha", "alpha")
    for whom in ("project:nowhere", "session:nobody"):
        said = moonlock(home, "session", "start", "x", "--follow", whom, status=None)
        assert said.err.startswith("error: ")
    assert len(document(home, "list", "--by-hand")["sessions"]) == 1


@pytest.mark.parametrize(
    "args",
    [
        ("start",),
        ("start", "x", "--duration", "0s"),
        ("start", "x", "--duration", "25h"),
        ("start", "x", "--duration", "soon"),
        ("start", "x", "--tokens", "0"),
        ("start", "x", "--tokens", "some"),
        ("start", "x", "--cost", "0"),
        ("start", "x", "--cost", "-1"),
        ("start", "x", "--cost", "1e9"),
        ("start", "x", "--follow", "me"),
        ("start", "x\x1b[2J"),
        ("start", ""),
        ("tokens", "-5"),
        ("tokens", "9999999999999999"),
        ("checkpoint", ""),
        ("checkpoint", "x", "--prompts", "-1"),
        ("checkpoint",),
        ("checkpoint", "x", "--list"),
        ("checkpoint", "--accept", "a", "--dismiss", "b"),
        ("checkpoint", "--list", "--prompts", "1"),
        ("list", "--by-hand", "--deleted"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, args: tuple[str, ...]) -> None:
    refused(tmp_path, *args, status=2)


def test_time_that_ran_out_while_nothing_ran_is_over(tmp_path: Path) -> None:
    store = Store.write(tmp_path / "moonlock" / "moonlock.db", price_of(builtin()))
    began = clock.now() - 2 * HOUR
    Commands(store).start(Plan("Old", HOUR), began)
    store.close()
    found = document(tmp_path, "show", "old")
    assert (found["timer"]["state"], found["timer"]["elapsedMs"]) == ("expired", HOUR)
    assert found["endedAt"] == iso(began + HOUR)
    assert "ran out" in moonlock(tmp_path, "session", "list", "--by-hand").out
    refused(tmp_path, "complete", "old")
