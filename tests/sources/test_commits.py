"""Commits that tool calls made, as the results of the calls tell of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from claude_lines import SECOND, SESSION, TEN, batch, call, only, result, transcript

from moonlock.model.events import Committed

OUTPUT = {"stdout": "x" * 5_000, "stderr": "", "interrupted": False, "isImage": False}
BASH = {"command": "git commit -m secret"}


def committed(sha: str = "b5e8dfc5", kind: str = "committed") -> dict[str, Any]:
    return OUTPUT | {"gitOperation": {"commit": {"sha": sha, "kind": kind}, "push": {"branch": "feature/1"}}}


def told(home: Path, *lines: Any) -> list[str]:
    return [event.sha for event in only(Committed, batch(transcript(home, *lines)))]


def test_a_commit_is_told_once_at_the_time_of_its_result(tmp_path: Path) -> None:
    said = result("t1", TEN + SECOND, toolUseResult=committed())
    read = batch(transcript(tmp_path, call("t1", "Bash", BASH), said, said))
    assert [(event.sha, event.at) for event in only(Committed, read)] == [("b5e8dfc5", TEN + SECOND)]


def test_the_result_of_a_call_that_was_read_earlier_tells_it_too(tmp_path: Path) -> None:
    whole = batch(transcript(tmp_path, call("t1", "Bash", BASH), result("t1", toolUseResult=committed())))
    alone = batch(transcript(tmp_path, result("t1", toolUseResult=committed()), name=f"b/{SESSION}.jsonl"))
    assert [event.key for event in only(Committed, whole)] == [event.key for event in only(Committed, alone)]


def test_what_is_no_hash_is_not_kept(tmp_path: Path) -> None:
    assert told(tmp_path, call("t1", "Bash", BASH), result("t1", toolUseResult=committed("my words"))) == [""]


@pytest.mark.parametrize(
    "said",
    [
        committed(kind="amended"),
        OUTPUT,
        OUTPUT | {"gitOperation": {"branch": {"ref": "main", "action": "rebased"}}},
        OUTPUT | {"gitOperation": {"commit": "b5e8dfc5"}},
        OUTPUT | {"gitOperation": {"commit": {"sha": 5}}},
        {"stdout": '"gitOperation":{"commit":{"sha":"b5e8dfc5","kind":"committed"}}'},
        '"gitOperation"',
    ],
)
def test_anything_else_is_no_commit(said: object, tmp_path: Path) -> None:
    assert told(tmp_path, call("t1", "Bash", BASH), result("t1", toolUseResult=said)) == []


def test_a_file_that_quotes_one_made_none(tmp_path: Path) -> None:
    assert told(tmp_path, call("t1", "Read", {}), result("t1", toolUseResult=committed())) == []


def test_a_command_that_failed_made_none(tmp_path: Path) -> None:
    failed = result("t1", toolUseResult=committed(), error=True)
    assert told(tmp_path, call("t1", "Bash", BASH), failed) == []
