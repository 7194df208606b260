"""Listeners of the real program: under load and with cut connections nothing is lost, and what the docs say works."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from node_client import NODE, installed
from serving import MOONLOCK, Server, environment, eventually, server
from system.asking import counted
from system.test_sockets import answered_now

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/realtime.md").read_text("utf-8")
HERE = "127.0.0.1:3001"


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Server]:
    with server(tmp_path) as one:
        answered_now(tmp_path, 1)
        eventually(lambda: counted(one) == 1)
        yield one


def followed(*asked: str) -> str:
    """What the bench says of a short run; it fails when a client was told too little, or something twice."""
    command = [sys.executable, str(ROOT / "benches/bench_listeners.py"), *asked]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_under_load_every_client_hears_every_fact_once() -> None:
    said = followed("--clients", "8", "--sessions", "20", "--rate", "10", "--seconds", "3")
    assert "300 facts for each of 8 clients" in said
    assert "nothing lost, nothing twice" in said


def test_connections_that_are_cut_leave_no_gap() -> None:
    said = followed("--clients", "6", "--sessions", "5", "--rate", "10", "--seconds", "4", "--cuts", "40")
    assert "40 connections cut, 0 told to begin anew" in said


def code(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


def surroundings(home: Path) -> dict[str, str]:
    env = environment(home)
    return {**env, "PATH": os.pathsep.join((str(Path(MOONLOCK).parent), env["PATH"]))}


def test_the_python_client_of_the_docs_hears_what_is_written(started: Server, tmp_path: Path) -> None:
    program = code("python").replace(HERE, f"127.0.0.1:{started.port}")
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, env=surroundings(tmp_path), stdout=subprocess.PIPE, encoding="utf-8") as client:
        assert client.stdout is not None
        assert client.stdout.readline() == "today so far: 60\n"
        answered_now(tmp_path, 2)
        assert re.fullmatch(r"\d+ \S+\n", client.stdout.readline())
        client.kill()


def test_the_socketio_client_of_the_docs_hears_what_is_written(started: Server, tmp_path: Path) -> None:
    env = surroundings(tmp_path)
    env["MOONLOCK_TOKEN"] = subprocess.run([MOONLOCK, "token"], env=env, capture_output=True, text=True).stdout.strip()
    command = [str(NODE), "--input-type=module", "-e", code("js").replace(HERE, f"127.0.0.1:{started.port}")]
    with subprocess.Popen(command, env=env, cwd=installed(), stdout=subprocess.PIPE, encoding="utf-8") as client:
        assert client.stdout is not None
        assert client.stdout.readline() == "today so far: 60\n"
        answered_now(tmp_path, 2)
        assert re.fullmatch(r"\S+Z \S+ 120\n", client.stdout.readline())
        client.kill()


def test_a_listed_origin_is_all_that_a_front_end_needs(tmp_path: Path) -> None:
    env = {"MOONLOCK_ALLOWED_ORIGINS": "http://localhost:5173"}
    with server(tmp_path, env=env) as one:
        more = {"MOONLOCK_URL": one.url, "MOONLOCK_ORIGIN": "http://localhost:5173"}
        command = [str(NODE), "client.mjs"]
        surrounding = {**os.environ, **more}
        with subprocess.Popen(
            command, env=surrounding, cwd=installed(), stdout=subprocess.PIPE, encoding="utf-8"
        ) as client:
            assert client.stdout is not None
            assert client.stdout.readline() == '{"event":"connect"}\n'
            client.kill()
