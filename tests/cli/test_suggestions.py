"""``moonlock usage suggestions`` and ``moonlock explain suggestion KEY`` through the real program."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from cli.running import FIRST, answer, log, moonlock, moonlock_at

from moonlock.model.efficiency_shapes import HintBasis, HintShape
from moonlock.outputs.suggestions import render_basis

NOW = "2026-10-20T12:00:00+00:00"
WRITTEN = (10, 100, 300_000, 0)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A context of 300,000 tokens that is written five times, with more than an hour in between."""
    lines = [answer(hour, f"2026-10-19T{8 + 2 * hour:02}:00:00.000Z", WRITTEN) for hour in range(5)]
    log(tmp_path, *lines)
    return tmp_path


def test_a_person_reads_what_could_be_saved_and_where_the_money_went(home: Path) -> None:
    said = moonlock_at(NOW, home, "usage", "suggestions").out
    for words in (
        "Suggestions, 2026-10-14 to 2026-10-20 (UTC)",
        "Caches ran out during breaks  [rebuild-idle]",
        "$4.68 need not have been paid, 78 % of all, 4 times in 1 session",
        "alpha  4 times  $4.68",
        "caches written anew, break longer than the cache lives: $4.68, 4 times",
        "claude-sonnet-5-5: $6.01; at the price of ",
    ):
        assert words in said
    assert max(map(len, said.splitlines())) <= 120


def test_the_name_of_a_model_is_not_torn_apart() -> None:
    said = HintShape(
        key="read-heavy",
        title="A dear model read and searched much",
        advice="Responses of claude-fable-5 that only read or searched cost less on claude-mythos-5-2: it could.",
        measure="difference",
        cost_usd=9.28,
        share=0.08,
        times=122,
        sessions=10,
        evidence=[],
        instead=None,
    )
    basis = HintBasis(
        schema="moonlock.suggestion/1",
        timezone="UTC",
        since=None,
        until=None,
        suggestion=said,
        rebuilds=[],
        repeats=[],
        left_out=0,
    )
    lines = render_basis(basis, 78, 20).splitlines()
    assert "  claude-mythos-5-2: it could." in lines


def test_programs_get_the_document_of_the_server(home: Path) -> None:
    said = json.loads(moonlock_at(NOW, home, "usage", "suggestions", "--last", "7d", "--json").out)
    assert said["schema"] == "moonlock.suggestions/1" and said["nextCursor"] is None
    idle = next(one for one in said["suggestions"] if one["key"] == "rebuild-idle")
    assert (idle["times"], idle["sessions"], idle["costUsd"]) == (4, 1, pytest.approx(4.68, abs=0.01))
    assert said["spending"]["costUsd"] == pytest.approx(6.005, abs=0.01)


def test_each_rebuild_behind_one_is_listed(home: Path) -> None:
    said = moonlock_at(NOW, home, "explain", "suggestion", "rebuild-idle", "--limit", "3").out
    assert said.count("300,000 tokens") == 3 and "and 1 more (--limit, --json)" in said
    assert "break longer than the cache lives, 2 h after the request before" in said
    whole = json.loads(moonlock_at(NOW, home, "explain", "suggestion", "rebuild-idle", "--json").out)
    assert (whole["schema"], len(whole["rebuilds"])) == ("moonlock.suggestion/1", 4)


def ran(number: int, minute: int, outcome: str = "failed") -> tuple[str, str]:
    """A response that runs the tests, and what became of it."""
    at, use = f"2026-10-19T09:{minute:02}", f"toolu_{number:02}"
    shell = {"type": "tool_use", "id": use, "name": "Bash", "input": {"command": "npm run check -- --secret"}}
    said = {"type": "tool_result", "tool_use_id": use, "content": "x", "is_error": outcome == "failed"}
    return answer(number, f"{at}:00.000Z", content=[shell]), result(number, f"{at}:05.000Z", said)


def edited(number: int) -> tuple[str, str]:
    """A response that changes a file."""
    at, use = "2026-10-19T08:30", f"toolu_{number:02}"
    edit = {"type": "tool_use", "id": use, "name": "Edit", "input": {"file_path": "/w/alpha/a.py", "old_string": "x"}}
    patch = {"structuredPatch": [{"lines": [" a", "-b", "+c", "+d"]}]}
    said = {"type": "tool_result", "tool_use_id": use, "content": "done"}
    return answer(number, f"{at}:00.000Z", content=[edit]), result(number, f"{at}:01.000Z", said, toolUseResult=patch)


def result(number: int, at: str, said: Mapping[str, object], **more: object) -> str:
    line = {
        "type": "user",
        "uuid": f"00000000-0000-4000-9000-{number:012d}",
        "timestamp": at,
        "sessionId": FIRST,
        "cwd": "/w/alpha",
        "message": {"role": "user", "content": [said]},
        **more,
    }
    return json.dumps(line, separators=(",", ":"))


def test_a_command_that_fails_in_a_row_is_named_by_its_first_words_alone(tmp_path: Path) -> None:
    log(tmp_path, *edited(9), *(line for number in range(3) for line in ran(number, number)))
    said = moonlock_at(NOW, tmp_path, "usage", "suggestions").out
    for words in (
        "The same command failed again and again: npm run  [command-repeats]",
        "3 times in 1 session",
        "for each changed line: $0.001, 3 lines (+2 -1; attributed)",
        "for each edited file: $0.00, 1 file (attributed)",
    ):
        assert words in said
    rows = moonlock_at(NOW, tmp_path, "explain", "suggestion", "command-repeats").out
    assert "Rows of failures, dearest first" in rows
    assert f"2026-10-19T09:00:00.000Z  {said[said.index('alpha') - 10 :][:8]}  npm run  3 times  $0.00  until" in rows
    whole = moonlock_at(NOW, tmp_path, "explain", "suggestion", "command-repeats", "--json").out
    assert [(one["label"], one["times"]) for one in json.loads(whole)["repeats"]] == [("npm run", 3)]
    assert "secret" not in said + rows + whole
    log(tmp_path, *ran(7, 1, "ok"))
    assert "command-repeats" not in moonlock_at(NOW, tmp_path, "usage", "suggestions").out


def test_other_days_have_other_suggestions(home: Path) -> None:
    said = moonlock_at(NOW, home, "usage", "suggestions", "--last", "1d").out
    assert "Nothing is suggested" in said and "$0.00 in 0 requests" in said
    gone = moonlock_at(NOW, home, "explain", "suggestion", "sub-agents", status=1)
    assert "nothing called 'sub-agents' is suggested for the last 7d" in gone.err


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--branch", "main"), "--branch does not go with suggestions"),
        (("--model", "opus"), "--model does not go with suggestions"),
        (("--breakdown",), "--breakdown does not go with suggestions"),
        (("--start-of-week", "sun"), "--start-of-week does not go with suggestions"),
        (("--cost", "display"), "--cost does not go with suggestions"),
        (("--csv",), "suggestions have no form csv"),
        (("--last", "7d", "--since", "today"), "--last does not go with --since"),
    ],
)
def test_what_does_not_go_with_them_is_refused(tmp_path: Path, flags: tuple[str, ...], words: str) -> None:
    assert words in moonlock(tmp_path, "usage", "suggestions", *flags, status=2).err


def test_nothing_without_a_price_is_free(tmp_path: Path) -> None:
    log(tmp_path, *(answer(n, f"2026-10-19T{8 + 2 * n:02}:00:00.000Z", WRITTEN, "mystery") for n in range(5)))
    said = moonlock_at(NOW, tmp_path, "usage", "suggestions").out
    assert "5 requests without a price" in said and "$" not in said.partition("Where")[2]
