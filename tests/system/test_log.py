"""The log of the server, and settings that must reach it: seen through a real `moonlock start`."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from claude_lines import call, encoded, prompted
from serving import Server, eventually, server
from system.asking import counted, log_of, status_of, told_of, written
from system.test_sockets import answered_now, heard_by, line_to

from moonlock.live import clock

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (DEBUG|INFO|WARNING|ERROR) moonlock\.(\w+): ")
PROMPT = "the words of a prompt"


def at_level(home: Path, level: str, name: str = "MOONLOCK_LOG_LEVEL") -> list[str]:
    """What a server says that reads two logs, sees a line come and ends."""
    with log_of(home).open("ab") as file:
        file.write(encoded(prompted(PROMPT)))
    written(home, 1, 2)
    with server(home, env={name: level}, log=home / "log") as started:
        eventually(lambda: counted(started) == 2 and started.get("/api/now")["progress"] is None)
        written(home, 3)
        eventually(lambda: counted(started) == 3)
    said = (home / "log").read_text("utf-8").splitlines()
    return [line for line in said if "moonlock.live: page is" not in line]  # where it could not be built


def test_a_server_that_does_well_is_silent(tmp_path: Path) -> None:
    assert at_level(tmp_path, "warning") == []


@pytest.mark.parametrize("name", ["MOONLOCK_LOG_LEVEL", "TOKEN_MONITOR_LOG_LEVEL"])
def test_at_info_it_says_that_it_started_what_it_read_and_that_it_ended(name: str, tmp_path: Path) -> None:
    said = at_level(tmp_path, "info", name)
    assert all(LINE.match(line) for line in said)
    begun, read, ended = said
    assert re.search(r"INFO moonlock.cli: started: version \S+, process \d+, http://127.0.0.1:\d+, live", begun)
    assert re.search(r"INFO moonlock.live: caught up: 1 file, [1-9]\d* \w+ in [\d.]+ m?s$", read)
    assert ended.endswith("INFO moonlock.cli: ended")


def test_at_debug_every_batch_that_is_kept_has_its_line_and_no_secret_is_in_it(tmp_path: Path) -> None:
    said = at_level(tmp_path, "debug")
    kept = [line for line in said if " DEBUG moonlock.live: kept " in line]
    assert [line.partition(f"{log_of(tmp_path)} ")[2].partition(": ")[2] for line in kept] == [
        "3 lines, 3 events",
        "1 line, 1 event",
    ]
    text = "\n".join(said)
    assert PROMPT not in text
    assert (tmp_path / "moonlock" / "token").read_text().strip() not in text


def test_a_failure_is_logged_once_with_its_place_and_a_cure_is_logged_too(tmp_path: Path) -> None:
    written(tmp_path, 1)
    with server(tmp_path, log=tmp_path / "log") as started:
        eventually(lambda: counted(started) == 1 and started.get("/api/now")["progress"] is None)
        renamed(tmp_path, "request", "away")
        written(tmp_path, 2)
        eventually(lambda: status_of("store", started) == "unhealthy")
        time.sleep(1)  # it is tried again meanwhile, and fails again
        renamed(tmp_path, "away", "request")
        eventually(lambda: counted(started) == 2)
        eventually(lambda: status_of("store", started) == "healthy")
        eventually(lambda: "store is healthy" in (tmp_path / "log").read_text("utf-8"))
    text = (tmp_path / "log").read_text("utf-8")
    assert text.count("ERROR moonlock.live: following failed: SQLError\n  File ") == 1
    assert "WARNING moonlock.live: store is unhealthy: paused; goes on by itself" in text
    assert "Traceback" not in text and "no such table" not in text  # words that nobody foresaw may quote a log


def renamed(home: Path, table: str, name: str) -> None:
    """A store whose table is not where it was."""
    db = sqlite3.connect(home / "moonlock" / "moonlock.db")
    db.execute(f"alter table {table} rename to {name}")
    db.close()


@pytest.mark.parametrize(("interval", "shortest", "longest"), [("1500", 1.4, 60.0), ("0", 0.0, 1.3)])
def test_frames_wait_as_long_as_the_setting_says(
    interval: str, shortest: float, longest: float, tmp_path: Path
) -> None:
    """Two bursts: the first leaves at once, the second when its turn has come."""
    answered_now(tmp_path, 1)
    with server(tmp_path, env={"BATCH_INTERVAL": interval}) as started, line_to(started) as line:
        eventually(lambda: counted(started) == 1 and started.get("/api/now")["progress"] is None)
        heard = []
        for burst in range(2):
            now = clock.now()
            calls = [call(f"toolu_{burst}_{number}", at=now, sessionId="s1") for number in range(40)]
            with log_of(tmp_path).open("ab") as file:
                file.write(encoded(*calls))
            tools: list[Mapping[str, object]] = []
            while not tools:
                tools = [message for message in heard_by(line) if message["type"] == "session:tool"]
            heard.append(time.monotonic())
        assert shortest <= heard[1] - heard[0] <= longest


def test_the_page_finds_the_live_line_also_when_the_setting_names_another_address(tmp_path: Path) -> None:
    with server(tmp_path, env={"WS_PATH": "/live"}) as started:
        for path in ("/ws", "/live"):
            assert greeted(started, path)


def greeted(started: Server, path: str) -> bool:
    with line_to(started, path):
        return True


def test_the_first_answer_says_how_the_store_does_also_when_it_was_damaged(tmp_path: Path) -> None:
    written(tmp_path, 1, 2)
    with server(tmp_path) as started:
        assert status_of("store", started) == "healthy"
    (tmp_path / "moonlock" / "moonlock.db").write_bytes(b"nothing of ours " * 4096)
    with server(tmp_path) as started:
        store = told_of("store", started.get("/health"))
    assert store.status == "degraded" and store.codes == {"store-repaired"}
    assert "nobody can tell what it held" in store.text
