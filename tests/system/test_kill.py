"""kill -9 at any moment while agents write: what is read afterwards equals one clean reading (promise R1)."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import apsw
import pytest
from serving import server
from system import killing
from system.restless import writing

from moonlock.analytics.cost import price_of
from moonlock.analytics.prices import builtin
from moonlock.live.catchup import sync
from moonlock.model.report import ReportRow
from moonlock.model.session import SessionKey
from moonlock.sources import ALL
from moonlock.store import Store

KILLS, SERVER_KILLS = 200, 5
Said = tuple[ReportRow, list[ReportRow], list[tuple[SessionKey, ReportRow]], list[ReportRow]]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no fork and no SIGKILL")


def test_readers_killed_two_hundred_times_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    path = tmp_path / "moon.db"
    with writing(tmp_path, 1) as wrote:
        command = [sys.executable, killing.__file__, str(tmp_path), str(path), str(KILLS), "2"]
        said = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=120).stdout
    killed: dict[str, int] = json.loads(said)
    taking_in = killed["reading"] + killed["keeping"]
    assert sum(killed.values()) == KILLS
    assert taking_in + killed["looking"] > KILLS / 2 and taking_in > KILLS / 10, killed
    compared(tmp_path, path, wrote)


def test_servers_killed_while_they_read_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    path, chance = tmp_path / "moonlock" / "moonlock.db", random.Random(3)
    with writing(tmp_path, 4) as wrote:
        for _ in range(SERVER_KILLS):
            with server(tmp_path) as started:
                time.sleep(chance.random() * 0.6)
                started.kill()
    compared(tmp_path, path, wrote)


def compared(home: Path, path: Path, wrote: dict[str, int]) -> None:
    """The store that lived through it, one clean reading, and what was written: all say the same."""
    lived, clean = said_by(home, path), said_by(home, home / "clean.db")
    assert lived == clean
    assert lived[0].usage.requests == wrote["requests"] > 1000
    assert lived[0].usage.tokens.output == wrote["output"]
    db = apsw.Connection(str(path))
    assert db.execute("pragma integrity_check").fetchall() == [("ok",)]
    db.close()


def said_by(home: Path, path: Path) -> Said:
    """Everything that the store reports once all is read."""
    store = Store.write(path, price_of(builtin()))
    try:
        sync(store, ALL, {}, home)
        assert sync(store, ALL, {}, home).rows == 0
        assert store.reading().pending_tail == 0
        return store.totals(), store.daily(((0, 0),)), store.by_session(), store.by_model()
    finally:
        store.close()
