"""Which sessions run: files of a registry, held against real processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from moonlock.model.instant import HOUR
from moonlock.model.presence import Process, Roll
from moonlock.sources.claude_code import ClaudeCode
from moonlock.sources.claude_code import processes as known_processes
from moonlock.sources.claude_code.processes import lives
from moonlock.sources.claude_code.registry import LARGEST, MOST, Registry

SESSION = "0b1c2d3e-1111-4111-8111-111111111111"
only_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells when a process began")


@pytest.fixture
def agent() -> Iterator[subprocess.Popen[bytes]]:
    """A process that lives until the test is over."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def start_of(pid: int) -> str:
    """Field 22 of its ``stat``."""
    return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[19]


def write(folder: Path, number: int, /, **more: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{number}.json"
    now = time.time_ns() // 1_000_000
    entry = {
        "pid": number,
        "sessionId": SESSION,
        "cwd": "/w/alpha",
        "startedAt": now,
        "version": "2.1.267",
        "kind": "interactive",
        "entrypoint": "cli",
        "messagingSocketPath": f"/tmp/cc-socks/{number}.sock",
        "name": "api-service-55",
        "nameSource": "derived",
        "status": "busy",
        "updatedAt": now,
        "statusUpdatedAt": now,
        **more,
    }
    path.write_text(json.dumps({key: value for key, value in entry.items() if value is not None}), "utf-8")
    return path


def test_a_registry_lies_beside_the_transcripts(tmp_path: Path, agent: subprocess.Popen[bytes]) -> None:
    registry = ClaudeCode().registry({}, tmp_path)
    assert not registry.look().found
    write(tmp_path / ".claude" / "sessions", agent.pid)
    roll = registry.look()
    assert roll.found
    assert [process.session for process in roll.alive] == [SESSION]


def test_a_process_that_ended_is_dead_and_its_file_may_stay(tmp_path: Path, agent: subprocess.Popen[bytes]) -> None:
    write(tmp_path, agent.pid)
    registry = Registry([str(tmp_path)])
    assert len(registry.look().alive) == 1
    agent.kill()
    if sys.platform == "linux":  # elsewhere a process that nobody buried cannot be told from one that lives
        while registry.look().alive:
            time.sleep(0.01)
        assert [process.pid for process in registry.look().dead] == [agent.pid]
    agent.wait()
    roll = registry.look()
    assert (roll.alive, [process.pid for process in roll.dead]) == ((), [agent.pid])


@only_linux
def test_a_number_that_was_used_again_is_not_the_process_that_wrote(
    tmp_path: Path, agent: subprocess.Popen[bytes]
) -> None:
    ours = start_of(agent.pid)
    registry = Registry([str(tmp_path)])
    write(tmp_path, agent.pid, procStart=ours)
    assert len(registry.look().alive) == 1
    write(tmp_path, agent.pid, procStart=str(int(ours) - 700))
    assert len(registry.look().dead) == 1
    write(tmp_path, agent.pid, procStart=int(ours))
    assert len(registry.look().alive) == 1
    write(tmp_path, agent.pid, procStart=None, startedAt=time.time_ns() // 1_000_000 - HOUR)
    assert len(registry.look().dead) == 1, "a process cannot write before it began"


@only_linux
@pytest.mark.parametrize(("zone", "alive"), [(0, True), (2 * HOUR, True), (-HOUR * 9 // 2, True), (7 * 60_000, False)])
def test_a_start_in_words_is_compared_in_any_zone(agent: subprocess.Popen[bytes], zone: int, alive: bool) -> None:
    now = time.time_ns() // 1_000_000
    words = datetime.fromtimestamp((now + zone) / 1000, UTC).strftime("%a %b %d %H:%M:%S %Y")
    assert lives(agent.pid, words, now) is alive


@only_linux
def test_a_process_that_never_was_does_not_live() -> None:
    assert lives(4_194_304 + 5, "12", None) is False


def test_elsewhere_a_process_is_asked_for_by_its_number(
    monkeypatch: pytest.MonkeyPatch, agent: subprocess.Popen[bytes]
) -> None:
    monkeypatch.setattr(known_processes, "LINUX", False)
    assert lives(agent.pid, "", None) is True
    agent.kill()
    agent.wait()
    assert lives(agent.pid, "", None) is False
    monkeypatch.setattr(os, "name", "nt")
    assert lives(agent.pid, "", None) is None, "there, asking would end it"


def told(folder: Path, number: int, /, **more: object) -> Process | None:
    write(folder, number, **more)
    roll = Registry([str(folder)]).look()
    return roll.alive[0] if roll.alive else None


def test_each_status_is_told_and_a_new_one_is_at_work(tmp_path: Path, agent: subprocess.Popen[bytes]) -> None:
    def doing(status: object, **more: object) -> tuple[str, str | None]:
        found = told(tmp_path, agent.pid, status=status, **more)
        assert found is not None
        return found.doing, found.waiting_for

    assert [doing(said)[0] for said in ("busy", "idle", "waiting", "shell", "brand-new", None, 7)] == [
        *("busy", "idle", "waiting", "busy", "busy", "", "")
    ]
    assert doing("waiting", waitingFor="permission prompt") == ("waiting", "permission")
    assert doing("waiting", waitingFor="sandbox request") == ("waiting", "permission")
    assert doing("waiting", waitingFor="input needed") == ("waiting", "question")
    assert doing("waiting", waitingFor="something else") == ("waiting", None)
    assert doing("busy", waitingFor="input needed") == ("busy", None)


def test_a_moment_that_cannot_be_true_is_when_the_file_was_written(
    tmp_path: Path, agent: subprocess.Popen[bytes]
) -> None:
    path = write(tmp_path, agent.pid)
    written = path.stat().st_mtime_ns // 1_000_000
    ahead = told(tmp_path, agent.pid, statusUpdatedAt=written + 9 * HOUR, updatedAt="soon")
    assert ahead is not None
    assert abs(ahead.at - written) < 60_000
    good = told(tmp_path, agent.pid, statusUpdatedAt=written - 5_000)
    assert good is not None
    assert good.at == written - 5_000


def test_what_is_no_entry_is_left_out(tmp_path: Path, agent: subprocess.Popen[bytes]) -> None:
    pid = agent.pid
    assert told(tmp_path, pid, pid=pid + 1) is None
    assert told(tmp_path, pid, sessionId="a b") is None
    assert told(tmp_path, pid, sessionId=None) is None
    other = "darwin" if sys.platform == "linux" else "linux"
    assert told(tmp_path, pid, pidDomain=other) is None
    assert told(tmp_path, pid, pidDomain=sys.platform, pid=None) is not None
    for content in (b"", b"{", b"[]", b"\xff", b"[" * 9_000, b" " * (LARGEST + 1)):
        (tmp_path / f"{pid}.json").write_bytes(content)
        assert Registry([str(tmp_path)]).look().alive == ()
    (tmp_path / f"{pid}.json").unlink()
    for name in (f"pid-{pid}.json", "0.json", "x.json", f"{pid}.json.tmp"):
        (tmp_path / name).write_text(json.dumps({"pid": pid, "sessionId": SESSION}))
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / f"{pid}.json")  # reading it would never end
    assert Registry([str(tmp_path)]).look().alive == ()


def test_a_file_is_read_once_as_long_as_it_stays_the_same(tmp_path: Path, agent: subprocess.Popen[bytes]) -> None:
    write(tmp_path, agent.pid)
    registry = Registry([str(tmp_path), str(tmp_path)])
    for _ in range(3):
        assert len(registry.look().alive) == 1
    assert registry.read == 1
    write(tmp_path, agent.pid, status="idle", waitingFor="a longer file")
    assert registry.look().alive[0].doing == "idle"
    assert registry.read == 2


@pytest.mark.parametrize("half", [b"", b'{"pid": 12, "sess'], ids=["emptied", "begun"])
def test_a_file_that_is_just_being_written_ends_no_session(
    tmp_path: Path, agent: subprocess.Popen[bytes], half: bytes
) -> None:
    path = write(tmp_path, agent.pid)
    registry = Registry([str(tmp_path)])
    before = registry.look().alive
    path.write_bytes(half)
    assert registry.look() == Roll(True, before)
    write(tmp_path, agent.pid, status="idle")
    assert [process.doing for process in registry.look().alive] == ["idle"]
    write(tmp_path, agent.pid, sessionId=None)
    assert registry.look().alive == ()


def test_no_more_files_are_read_than_anybody_has_sessions(tmp_path: Path) -> None:
    for pid in range(1, MOST + 40):
        (tmp_path / f"{pid}.json").write_text("{}")
    registry = Registry([str(tmp_path)])
    registry.look()
    assert registry.read == MOST
