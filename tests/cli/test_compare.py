"""``moonlock session compare``: the real program, on sessions of both kinds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli.running import answer, log, moonlock

ONE, TWO = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    log(tmp_path, answer(1, "2026-10-05T10:00:00.000Z"), session=ONE)
    for number in (2, 3):
        log(tmp_path, answer(number, f"2026-10-05T1{number}:00:00.000Z"), session=TWO, folder="-w-beta")
    moonlock(tmp_path, "session", "start", "Focus", "--follow", "none")
    return tmp_path


def test_differences_are_told_in_words(home: Path) -> None:
    said = moonlock(home, "session", "compare", "1111", "2222", "Focus", env={"COLUMNS": "160"}).out
    lines = {line[:15].strip(): line for line in said.splitlines()}
    assert "2.0 times as much" in lines["tokens"] and "100 % less" in lines["tokens"]
    assert "(the same)" in lines["errors"] and "by hand" in lines["kind"]


def test_on_a_narrow_screen_each_has_a_list_of_its_own(home: Path) -> None:
    said = moonlock(home, "session", "compare", "1111", "nobody", "2222", env={"COLUMNS": "40"}).out
    blocks = said.strip().split("\n\n")
    assert len(blocks) == 3 and "no such session" in blocks[1] and "2.0 times as much" in blocks[2]


def test_programs_get_the_same_document_as_over_http(home: Path) -> None:
    said = json.loads(moonlock(home, "session", "compare", "1111", "2222", "--json").out)
    assert said["schema"] == "moonlock.compare/1"
    assert [one["id"] is None for one in said["sessions"]] == [False, False]
    assert said["sessions"][1]["difference"]["requests"] == 1


@pytest.mark.parametrize(("args", "status"), [(("a",), 2), (tuple("abcde"), 2), (("nobody", "none"), 1)])
def test_what_cannot_be_compared_is_said(args: tuple[str, ...], status: int, home: Path) -> None:
    assert moonlock(home, "session", "compare", *args, status=status).err.startswith("error: ")
