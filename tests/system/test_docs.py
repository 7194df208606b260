"""What the documentation tells people to type works as it stands there."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from serving import MOONLOCK, Server, environment, eventually, server
from system.asking import counted
from system.test_sockets import answered_now

DOCS = Path(__file__).parents[2] / "docs"
API = (DOCS / "api.md").read_text("utf-8")
HERE = "127.0.0.1:3001"


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Server]:
    with server(tmp_path) as one:
        answered_now(tmp_path, 1)
        eventually(lambda: counted(one) == 1)
        yield one


def blocks(language: str) -> str:
    return "".join(re.findall(rf"```{language}\n(.*?)```", API, re.DOTALL))


def curl(started: Server, line: str) -> int:
    """The status of the answer to what the line asks for."""
    _, *words = shlex.split(line)
    path = words.pop().partition(HERE)[2]
    said = dict(zip(words[::2], words[1::2], strict=True))
    headers = dict([said["-H"].split(": ")]) if "-H" in said else {}
    link = HTTPConnection("127.0.0.1", started.port, timeout=30)
    try:
        link.request(said.get("-X", "GET"), path, said.get("-d"), headers)
        return link.getresponse().status
    finally:
        link.close()


def test_the_curl_lines_are_answered(started: Server) -> None:
    (session,) = started.get("/api/sessions")["sessions"]
    lines = [line for line in blocks("sh").splitlines() if HERE in line]
    assert len(lines) >= 8
    for line in lines:
        assert curl(started, line.replace("/3f2a", "/" + session["id"][:4])) in (200, 204), line


@pytest.mark.skipif(shutil.which("curl") is None or sys.platform == "win32", reason="no curl, or another shell")
def test_sessions_by_hand_go_as_written(started: Server) -> None:
    lines = [line for line in blocks("bash").splitlines() if HERE in line]
    assert len(lines) >= 5
    answers = []
    for line in lines:
        typed = line.replace(HERE, f"127.0.0.1:{started.port}").replace("curl ", "curl --silent --noproxy '*' ", 1)
        said = json.loads(subprocess.run(shlex.split(typed), capture_output=True, check=True).stdout)
        assert "error" not in said, line
        answers.append(said)
    assert [said["bySource"]["api"] for said in answers if "phases" in said] == [150]


def test_the_three_lines_are_enough(started: Server, tmp_path: Path) -> None:
    env = {**environment(tmp_path), "MOONLOCK_PORT": str(started.port)}
    subprocess.run([sys.executable, "-c", blocks("py")], env=env, check=True)
    (found,) = [one for one in started.get("/api/sessions")["sessions"] if one["origin"] == "manual"]
    assert (found["name"], found["tokens"]["total"]) == ("Fix login", 150)


def test_the_example_of_a_session_by_hand_stops_when_its_budget_is_gone(started: Server, tmp_path: Path) -> None:
    env = {**environment(tmp_path), "MOONLOCK_PORT": str(started.port)}
    example = DOCS.parent / "examples" / "by-hand" / "plan.py"
    said = subprocess.run([sys.executable, str(example)], env=env, check=True, capture_output=True, encoding="utf-8")
    first, *phases = said.stdout.splitlines()
    assert first == "the budget is gone after test"
    assert [line.partition(" tokens")[0] for line in phases][:3] == ["read: 12000", "plan: 8000", "write: 45000"]


def test_the_client_hears_what_is_written(started: Server, tmp_path: Path) -> None:
    program = blocks("python").replace(HERE, f"127.0.0.1:{started.port}")
    env = environment(tmp_path)
    env["PATH"] = os.pathsep.join((str(Path(MOONLOCK).parent), env["PATH"]))
    with subprocess.Popen([sys.executable, "-c", program], env=env, stdout=subprocess.PIPE, encoding="utf-8") as client:
        assert client.stdout is not None
        assert re.fullmatch(r"today so far: \d+\n", client.stdout.readline())
        answered_now(tmp_path, 2)
        assert re.fullmatch(r"\w+ \d+\n", client.stdout.readline())
        client.kill()
