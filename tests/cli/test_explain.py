"""``moonlock explain`` through the real program: each kind of number, and every way to ask for what is not there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cli.running import answer, log, moonlock

NATIVE = "11111111-1111-4111-8111-111111111111"
OTHER = "22222222-2222-4222-8222-222222222222"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    first, late = answer(1, "2026-10-05T10:00:00.000Z"), answer(2, "2026-10-05T23:30:00.000Z", model="claude-opus-9-9")
    log(tmp_path, first, first, "not json", late)
    log(tmp_path, answer(3, "2026-10-07T09:00:00.000Z"), session=OTHER)
    return tmp_path


def explained(home: Path, *what: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(moonlock(home, "explain", *what, "--json").out)
    assert found["schema"] == "moonlock.explain/1"
    assert found["addsUp"]
    return found


def reported(home: Path, *what: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(moonlock(home, "usage", *what, "--json").out)
    return found


def test_a_day_adds_up_to_the_report_of_its_zone(home: Path) -> None:
    for zone, count in (("UTC", 2), ("Asia/Kathmandu", 1)):
        rows = reported(home, "--timezone", zone)["rows"]
        (row,) = (row for row in rows if row["key"] == "2026-10-05")
        found = explained(home, "2026-10-05", "--timezone", zone)
        assert found["timezone"] == zone
        assert len(found["records"]) == count
        assert {name: found["totals"][name] for name in found["reported"]} == {
            name: row[name] for name in found["reported"]
        }


def test_the_lines_of_a_day_are_named_with_what_became_of_them(home: Path) -> None:
    found = explained(home, "day", "2026-10-05")
    path = str(home / f".claude/projects/-w-alpha/{NATIVE}.jsonl")
    assert [(one["file"], one["line"]) for one in found["records"]] == [(path, 2), (path, 4)]
    assert found["merged"] == [
        {
            "kept": {"file": path, "line": 2},
            "dropped": [{"file": path, "line": 1}],
            "reason": "same response logged again",
        }
    ]
    assert found["skipped"] == [{"file": path, "line": 3, "reason": "not JSON"}]
    assert found["unpriced"] == [{"model": "claude-opus-9-9", "requests": 1, "tokens": 150}]
    assert found["records"][0]["price"]["table"] == "built-in"


def test_everything_and_a_session_add_up(home: Path) -> None:
    assert explained(home, "total")["totals"]["requests"] == 3
    found = explained(home, "session", OTHER[:8])
    assert (found["of"]["kind"], found["totals"]["requests"]) == ("session", 1)


def test_a_block_is_found_by_the_beginning_of_its_start(home: Path) -> None:
    (row,) = (row for row in reported(home, "blocks")["rows"] if row["key"].startswith("2026-10-07"))
    found = explained(home, "block", "2026-10-07t09")
    assert found["of"]["key"] == row["key"] == "2026-10-07T09:00:00.000Z"
    assert found["totals"]["totalTokens"] == row["totalTokens"]


def test_a_person_reads_what_a_day_is_made_of(home: Path) -> None:
    said = moonlock(home, "explain", "2026-10-05").out
    for line in (
        "2026-10-05 (UTC)",
        "          3  records (5 lines of 2 files read again)",
        "         -1  same response logged again",
        "          2  requests",
        "Adds up to the report: 300 tokens, ≥ $0.00.",
    ):
        assert f"{line}\n" in said
    assert "\x1b" not in said
    assert max(map(len, said.split("\n"))) <= 80
    assert "Largest" not in moonlock(home, "explain", "total", "--limit", "0").out


def test_the_price_file_in_force_is_named(home: Path, tmp_path: Path) -> None:
    own = tmp_path / "prices.json"
    own.write_text('{"models": {"claude-sonnet-5-5": {"input": 1000, "output": 1000}}}')
    env = {"MOONLOCK_PRICES": str(own)}
    found = json.loads(moonlock(home, "explain", "2026-10-07", "--json", env=env).out)
    assert found["records"][0]["price"]["table"] == str(own)
    assert (found["records"][0]["costUsd"], found["addsUp"]) == (0.15, True)


@pytest.mark.parametrize(
    ("what", "status", "message", "hint"),
    [
        (("2026-10-06",), 1, "there is no usage on 2026-10-06", "there is on 2026-10-05 and 2026-10-07"),
        (("day", "2027-01-01"), 1, "there is no usage on 2027-01-01", "there is on 2026-10-07"),
        (("2026-02-31",), 2, "'2026-02-31' is not a day", "February 2026 has 28 days; or say"),
        (("session", "nobody"), 1, "no such session: nobody", "moonlock session list"),
        (("session", f"{NATIVE[:-1]}2"), 1, "no such session: ", "did you mean"),
        (("block", "2026-10-06"), 1, "there is no block '2026-10-06'", "did you mean 2026-10-0"),
        (("block", "2026-10"), 1, "3 blocks begin with '2026-10'", "2026-10-0"),
        ((), 2, "there is no number to explain", "say a day, `session NAME`"),
        (("session",), 2, "`explain session` is not a number", "say a day"),
        (("everything", "else"), 2, "`explain everything else` is not a number", "say a day"),
        (("2026-10-05", "--limit", "-1"), 2, "invalid value for '--limit'", "--help"),
        (("2026-10-05", "--timezone", "Mars"), 2, "Mars", ""),
    ],
)
def test_what_cannot_be_explained_is_one_error_with_the_nearest(
    home: Path, what: tuple[str, ...], status: int, message: str, hint: str
) -> None:
    said = moonlock(home, "explain", *what, status=status)
    first, second = said.err.split("\n")[:2]
    assert (said.out, first.startswith("error: ")) == ("", True)
    assert message in first and hint in second
    told = json.loads(moonlock(home, "explain", *what, "--json", status=status).out)
    assert message in told["error"]["message"]


def test_a_session_without_usage_and_two_of_a_name_are_told_apart(home: Path) -> None:
    log(home, '{"type":"user","timestamp":"2026-10-08T10:00:00.000Z"}', session="33333333-3333")
    assert "has no usage" in moonlock(home, "explain", "session", "33333333", status=1).err
    log(home, answer(5, "2026-10-08T10:00:00.000Z"), session="11111111-2222")
    assert "2 sessions are called" in moonlock(home, "explain", "session", "11111111", status=1).err


def test_a_home_without_logs_has_nothing_to_explain(tmp_path: Path) -> None:
    assert explained(tmp_path, "total")["records"] == []
    assert "no log has any usage yet" in moonlock(tmp_path, "explain", "yesterday", status=1).err
