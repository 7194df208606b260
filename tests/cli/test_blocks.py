"""``usage blocks`` held against limits, cut down, and with what is true now, through the real program."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cli.running import FIRST, answer, log, moonlock_at

SECOND = "22222222-2222-4222-8222-222222222222"
NOW = "2026-10-09T12:30:00Z"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A big block of long ago, one of two days ago in two sessions, and one that runs."""
    log(tmp_path, answer(1, "2026-10-01T10:00:00.000Z", (900, 0, 0, 0)))
    log(tmp_path, answer(2, "2026-10-07T10:20:00.000Z", (200, 0, 0, 0)))
    log(
        tmp_path, answer(3, "2026-10-07T10:40:00.000Z", (100, 0, 0, 0), cwd="/w/beta"), session=SECOND, folder="-w-beta"
    )
    log(tmp_path, answer(4, "2026-10-09T12:03:00.000Z", (60, 0, 0, 0), cwd="/w/beta"), session=SECOND, folder="-w-beta")
    log(tmp_path, answer(5, "2026-10-09T12:23:00.000Z", (40, 0, 0, 0)))
    return tmp_path


def asked(home: Path, *args: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(moonlock_at(NOW, home, "usage", "blocks", "--json", *args).out)
    return found


def test_totals_are_those_of_what_is_shown(home: Path) -> None:
    everything, recent, active = asked(home), asked(home, "--recent"), asked(home, "--active")
    assert [(len(one["rows"]), one["totals"]["totalTokens"]) for one in (everything, recent, active)] == [
        (5, 1300),
        (3, 400),
        (1, 100),
    ]
    assert (everything["totals"]["sessions"], recent["totals"]["sessions"]) == (2, 2)
    assert recent["rows"] == everything["rows"][2:]
    assert active["rows"] == everything["rows"][4:]
    assert everything["marks"] == recent["marks"] == active["marks"]


def test_the_biggest_block_is_looked_for_among_all_of_them(home: Path) -> None:
    (row,) = asked(home, "--active", "--limit", "max")["rows"]
    told = {name: row["limit"][name] for name in ("tokens", "source", "usedShare", "status")}
    assert told == {"tokens": 900, "source": "history", "usedShare": 0.111111, "status": "exceeds"}
    assert row["projection"]["totalTokens"] == 100 + 5 * 270
    assert row["limit"]["projectedShare"] == pytest.approx(1450 / 900, abs=1e-6)


def test_no_limit_can_be_taken_from_a_history_without_finished_blocks(tmp_path: Path) -> None:
    log(tmp_path, answer(1, "2026-10-09T12:03:00.000Z"))
    (row,) = asked(tmp_path, "--limit", "max")["rows"]
    assert (row["limit"], row["isActive"]) == (None, True)


def test_the_block_that_runs_has_the_window_of_the_page_whatever_is_asked(home: Path) -> None:
    (row,) = asked(home, "--active")["rows"]
    assert row["window"] == {
        "startAt": "2026-10-09T12:00:00.000Z",
        "endAt": "2026-10-09T17:00:00.000Z",
        "anchor": "estimated",
    }
    (alpha,) = asked(home, "--active", "--project", "alpha")["rows"]
    assert (alpha["totalTokens"], alpha["window"]) == (40, row["window"])
    assert 0 < alpha["burnRate"]["tokensPerMinute"] < row["burnRate"]["tokensPerMinute"]


def test_a_limit_that_was_hit_moves_the_block_and_the_page_agrees(home: Path) -> None:
    hit = {
        "type": "assistant",
        "uuid": "00000000-0000-4000-8000-000000000099",
        "timestamp": "2026-10-09T12:25:00.000Z",
        "sessionId": FIRST,
        "isApiErrorMessage": True,
        "error": "rate_limit",
        "message": {
            "id": "44444444-0000-4000-8000-000000000032",
            "model": "<synthetic>",
            "role": "assistant",
            "content": [{"type": "text", "text": "You've hit your session limit · resets 1:10pm (UTC)"}],
            "usage": {"input_tokens": 0, "output_tokens": 0},
        },
    }
    log(home, json.dumps(hit))
    found = asked(home, "--active")
    (row,) = found["rows"]
    window = {name: row[name] for name in ("startAt", "endAt", "anchor")}
    assert window == row["window"]
    assert window == {
        "startAt": "2026-10-09T08:10:00.000Z",
        "endAt": "2026-10-09T13:10:00.000Z",
        "anchor": "official",
    }
    assert row["limitResetAt"] == row["endAt"]
    assert found["limitEvents"] == [
        {"at": "2026-10-09T12:25:00.000Z", "kind": "session", "resetsAt": "2026-10-09T13:10:00.000Z"}
    ]


def test_money_and_rates_follow_the_cost_mode(home: Path) -> None:
    (row,) = asked(home, "--active", "--cost", "display")["rows"]
    assert (row["costUsd"], row["burnRate"]["costPerHour"], row["burnRateCcusage"]["costPerHour"]) == (None, None, None)
    assert row["burnRate"]["tokensPerMinute"] == asked(home, "--active")["rows"][0]["burnRate"]["tokensPerMinute"]


def test_nothing_runs_and_nothing_is_recent(tmp_path: Path) -> None:
    log(tmp_path, answer(1, "2026-10-01T10:00:00.000Z"))
    for flag in ("--active", "--recent"):
        found = asked(tmp_path, flag)
        assert (found["rows"], found["totals"]["requests"], found["totals"]["sessions"]) == ([], 0, 0)
    assert asked(tmp_path)["totals"]["requests"] == 1
