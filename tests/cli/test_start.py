"""The server as it is started, found, refused, restarted and ended: real processes on free ports of this machine."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from cli.running import answer, log, moonlock
from measured import MEASURED
from serving import MOONLOCK, environment

needs_signals = pytest.mark.skipif(os.name == "nt", reason="signals")


class Server(NamedTuple):
    process: subprocess.Popen[str]
    url: str
    said: list[str]

    @property
    def port(self) -> str:
        return self.url.rsplit(":", 1)[1]

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(self.url + path, timeout=10) as reply:
            return json.load(reply)


@contextmanager
def started(home: Path, *args: str, **env: str) -> Iterator[Server]:
    """A server of this home; whatever happens, it has ended afterwards."""
    command = [MOONLOCK, *(args or ("start",)), "--no-browser"]
    if "--port" not in args and "restart" not in args:
        command += ["--port", "0"]
    if "restart" in args:
        command.remove("--no-browser")
    known = {**environment(home), **MEASURED, "TZ": "UTC", **env}
    with subprocess.Popen(command, env=known, stdout=subprocess.PIPE, encoding="utf-8") as process:
        try:
            assert process.stdout is not None
            said = [process.stdout.readline()]
            while said[-1] and "Ctrl-C" not in said[-1]:
                said.append(process.stdout.readline())
            found = re.search(r"http://\S+", said[0])
            assert found, said
            yield Server(process, found[0], said)
        finally:
            process.terminate()
            process.wait(10)


def test_it_says_where_it_is_and_answers_there(tmp_path: Path) -> None:
    with started(tmp_path) as server:
        text = "".join(server.said)
        assert f"ws://127.0.0.1:{server.port}/ws" in text
        assert f"{server.url}/health" in text
        assert "mode    live" in text
        assert server.get("/health")["components"].keys() >= {"store", "watcher", "hub", "sources", "page"}
        assert server.get("/api/now")["simulation"] is False


def test_nothing_at_all_and_dashboard_start_are_start(tmp_path: Path) -> None:
    for number, words in enumerate((("--port", "0"), ("dashboard", "start"), ("dashboard", "--port", "0"))):
        with started(tmp_path / str(number), *words) as server:
            assert server.get("/health")["simulation"] is False


def test_what_is_written_is_seen(tmp_path: Path) -> None:
    log(tmp_path, answer(1, "2026-10-05T10:00:00.000Z"))
    with started(tmp_path) as server:
        log(tmp_path, answer(2, "2026-10-06T10:00:00.000Z"))
        deadline = time.monotonic() + 10
        while requests(server) < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert requests(server) == 2
        found = json.loads(moonlock(tmp_path, "usage", "--json").out)
        assert found["totals"]["requests"] == 2


def requests(server: Server) -> int:
    sessions = server.get("/api/now")["sessions"]
    return sum(session["requests"] for session in sessions)


@needs_signals
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP] if os.name != "nt" else [])
def test_it_ends_within_two_seconds_with_a_short_word(sent: signal.Signals, tmp_path: Path) -> None:
    if signal.getsignal(sent) is signal.SIG_IGN:
        pytest.skip("these tests run under nohup, and so does the server")
    with started(tmp_path) as server:
        began = time.monotonic()
        server.process.send_signal(sent)
        assert server.process.wait(5) == 0
        assert time.monotonic() - began < 2
        assert server.process.stdout is not None
        assert server.process.stdout.read().splitlines() == ["", "Moonlock has ended."][-1:]
    assert list((tmp_path / "moonlock" / "run").iterdir()) == []


@needs_signals
def test_a_data_folder_that_may_not_be_written_is_told_by_start_and_by_the_doctor(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        if os.access(tmp_path, os.W_OK):
            pytest.skip("this user may write everywhere")
        told, error = moonlock(tmp_path, "doctor", status=1), moonlock(tmp_path, "start", "--no-browser", status=2).err
    finally:
        tmp_path.chmod(0o700)
    assert f"{tmp_path}: may not be written" in told.out
    assert error.startswith(f"error: cannot write {tmp_path}")


def test_a_taken_port_is_told_in_one_line_with_another_port(tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = moonlock(tmp_path, "start", "--port", str(port), status=2)
    error, hint = said.err.splitlines()
    assert error.startswith("error: ") and str(port) in error
    assert f"--port {port + 1}" in hint


def test_a_port_that_another_moonlock_has_is_told_by_name(tmp_path: Path) -> None:
    with started(tmp_path) as server:
        same = moonlock(tmp_path, "start", "--port", server.port, status=2).err
        assert f"Moonlock is running already at {server.url} (pid {server.process.pid})" in same
        other = moonlock(tmp_path / "other", "start", "--port", server.port, status=2).err
        assert f"Moonlock is running already at {server.url}" in other


def test_a_second_one_on_the_same_store_is_refused_with_pid_and_address(tmp_path: Path) -> None:
    with started(tmp_path) as server:
        said = moonlock(tmp_path, "start", "--port", "0", status=2).err
        assert f"Moonlock at {server.url} (pid {server.process.pid}) uses this store already" in said
        with started(tmp_path, "start", "--db", str(tmp_path / "second.db")) as second:
            assert second.get("/health")["status"] == "healthy"


def test_stop_ends_the_one_that_runs(tmp_path: Path) -> None:
    with started(tmp_path) as server:
        said = moonlock(tmp_path, "stop").out
        assert said == f"Moonlock at {server.url} has ended (pid {server.process.pid})\n"
        assert server.process.wait(5) == 0
    assert moonlock(tmp_path, "stop", status=1).err.startswith("error: no Moonlock is running\n")


def test_of_several_the_one_at_the_port_is_stopped(tmp_path: Path) -> None:
    with started(tmp_path) as first, started(tmp_path, "start", "--simulation") as second:
        said = moonlock(tmp_path, "stop", status=1).err
        assert "several Moonlocks are running" in said and first.port in said and second.port in said
        assert second.url in moonlock(tmp_path, "stop", env={"MOONLOCK_PORT": second.port}).out
        assert first.url in moonlock(tmp_path, "stop", "--port", first.port).out


def test_restart_starts_it_again_with_the_options_it_had(tmp_path: Path) -> None:
    store = tmp_path / "own.db"
    with (
        started(tmp_path, "start", "--db", str(store)) as first,
        started(tmp_path, "restart") as second,
    ):
        assert first.process.wait(5) == 0
        assert second.process.pid != first.process.pid
        assert store.exists() and not (tmp_path / "moonlock" / "moonlock.db").exists()
        assert second.get("/health")["status"] == "healthy"


def test_a_simulation_is_alive_and_touches_nothing_of_the_users(tmp_path: Path) -> None:
    mine = log(tmp_path, answer(1, "2026-10-05T10:00:00.000Z"))
    before = mine.read_bytes()
    with started(tmp_path, "start", "--simulation", "--seed", "5", "--speed", "20") as server:
        assert "simulation, speed 20, seed 5" in "".join(server.said)
        deadline = time.monotonic() + 10
        now = server.get("/api/now")
        while (now["progress"] or len(now["sessions"]) < 4) and time.monotonic() < deadline:
            time.sleep(0.1)
            now = server.get("/api/now")
        assert now["simulation"] is True
        assert 4 <= len(now["sessions"]) <= 12
        assert {"running", "limited", "waiting"} <= {session["status"] for session in now["sessions"]}
        spent = now["today"]["tokens"]["total"]
        while server.get("/api/now")["today"]["tokens"]["total"] == spent and time.monotonic() < deadline:
            time.sleep(0.05)
        assert server.get("/api/now")["today"]["tokens"]["total"] > spent
        folders = [place["path"] for place in now["places"]]
        assert not any(folder.startswith(str(tmp_path)) for folder in folders)
        assert json.loads(moonlock(tmp_path, "doctor", "--json", status=None).out)["running"] is None
    assert not any(Path(folder).exists() for folder in folders)
    assert mine.read_bytes() == before
    assert not (tmp_path / "moonlock" / "moonlock.db").exists()


def test_the_doctor_asks_the_server_that_runs(tmp_path: Path) -> None:
    with started(tmp_path) as server:
        told = json.loads(moonlock(tmp_path, "doctor", "--json", status=None).out)
        assert told["running"] == server.url
        assert {"store", "watcher", "hub", "sources", "page", "prices"} <= told["components"].keys()


def test_a_server_that_everybody_can_reach_and_nobody_guards_does_not_start(tmp_path: Path) -> None:
    said = moonlock(tmp_path, "start", "--host", "0.0.0.0", "--port", "0", env={"MOONLOCK_AUTH": "off"}, status=2)
    assert said.err.startswith("error: auth is off, but 0.0.0.0 can be reached")


def test_a_server_that_everybody_can_reach_says_so(tmp_path: Path) -> None:
    with started(tmp_path, "start", "--host", "0.0.0.0") as server:
        assert "Other machines can reach this address" in "".join(server.said)
        told = json.loads(moonlock(tmp_path, "doctor", "--json", status=None).out)
        assert told["running"] == server.url


@pytest.mark.parametrize(
    ("args", "error"),
    [
        (("--speed", "2"), "--speed goes with --simulation only"),
        (("--seed", "2"), "--seed goes with --simulation only"),
        (("--simulation", "--db", "x.db"), "--db does not go with --simulation"),
        (("--host", "no.such.host.invalid"), "no.such.host.invalid is no address of this machine"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_options_that_make_no_sense_together_are_refused(args: tuple[str, ...], error: str, tmp_path: Path) -> None:
    assert error in moonlock(tmp_path, "start", *args, status=2).err
