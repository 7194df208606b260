"""A first report leaves tool calls packed; whoever asks for them next has them all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli.running import answer, log, moonlock

from moonlock.live.catchup import MUCH
from moonlock.store.connection import open_reader, rows

SHELL = {"type": "tool_use", "id": "toolu_01", "name": "Bash", "input": {"command": "ls"}}

LONG = json.dumps({"type": "user", "message": {"role": "user", "content": [{"type": "text", "text": "x" * 2**20}]}})


def history(home: Path) -> None:
    """So much that processes of their own read it."""
    log(home, answer(1, "2026-10-05T10:00:00.000Z", content=[SHELL]), *[LONG] * (MUCH // len(LONG) + 1))


def waiting(home: Path) -> int:
    """Pieces that are still packed."""
    (store,) = home.rglob("moonlock.db")
    db = open_reader(store)
    try:
        found: int = rows(db, "select count(*) from packed")[0][0]
        return found
    finally:
        db.close()


@pytest.mark.parametrize(
    "asked", ["usage tool --json", "usage skill --json", "session show 1111", "explain session 1111"]
)
def test_what_is_asked_after_a_first_report_is_what_a_sync_would_have_told(tmp_path: Path, asked: str) -> None:
    for name in ("early", "whole"):
        history(tmp_path / name)
    moonlock(tmp_path / "early", "usage", "--json")
    moonlock(tmp_path / "whole", "sync")
    assert waiting(tmp_path / "early") > waiting(tmp_path / "whole") == 0
    wide = {"COLUMNS": "400"}
    told = [moonlock(tmp_path / name, *asked.split(), env=wide).out.replace(name, "") for name in ("early", "whole")]
    assert told[0] == told[1]
    assert waiting(tmp_path / "early") == 0
