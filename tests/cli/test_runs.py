"""Which servers run: files that are believed only after a look."""

from __future__ import annotations

import json
import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from moonlock.cli.runs import Answer, Refused, Run, announced, answers, living, of_process

HEALTHY = {"status": "healthy", "version": "9.9.9", "uptimeMs": 5, "simulation": False, "components": {}}
LOCKED = {"error": {"code": "token_needed", "message": "…", "hint": "the token that `moonlock token` prints"}}


@contextmanager
def answering(status: int, body: object) -> Iterator[int]:
    """Something that listens on a port of this machine and always says the same."""

    class Always(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Always)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def run(port: int, pid: int | None = None) -> Run:
    return Run(pid or os.getpid(), "127.0.0.1", port, "/m.db", "9.9.9", 0)


def test_a_server_is_known_while_it_runs_and_to_its_owner_alone(tmp_path: Path) -> None:
    with answering(200, HEALTHY) as port, announced(tmp_path / "run", run(port)):
        assert living(tmp_path / "run", None) == [run(port)]
        assert of_process(tmp_path / "run", os.getpid()) == run(port)
        if os.name != "nt":
            assert stat.S_IMODE((tmp_path / "run" / f"{port}.json").stat().st_mode) == 0o600
    assert list((tmp_path / "run").iterdir()) == []


def test_the_file_of_a_process_that_is_gone_is_removed(tmp_path: Path) -> None:
    with answering(200, HEALTHY) as port, announced(tmp_path / "run", run(port, pid=2**22 + 1)):
        assert living(tmp_path / "run", None) == []
        assert list((tmp_path / "run").iterdir()) == []


def test_the_number_of_a_process_alone_proves_nothing(tmp_path: Path) -> None:
    with answering(200, HEALTHY) as port:
        pass
    with announced(tmp_path / "run", run(port)):
        assert living(tmp_path / "run", None) == []
        assert list((tmp_path / "run").iterdir()) == []


def test_the_file_of_a_successor_is_left_alone(tmp_path: Path) -> None:
    with announced(tmp_path / "run", run(4000)):
        (tmp_path / "run" / "4000.json").write_text(
            '{"pid":7,"host":"127.0.0.1","port":4000,"store":"","version":"","began":0}'
        )
    assert of_process(tmp_path / "run", 7) is not None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid":"x"}'])
def test_a_file_that_makes_no_sense_is_removed(text: str, tmp_path: Path) -> None:
    (tmp_path / "3001.json").write_text(text)
    assert living(tmp_path, None) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, HEALTHY, Answer("healthy", "9.9.9")),
        (503, HEALTHY | {"status": "unhealthy"}, Answer("unhealthy", "9.9.9")),
        (401, LOCKED, Refused(LOCKED["error"])),
        (200, b"<html>", None),
        (200, {"status": "UP"}, None),
        (401, {"error": {"hint": "log in"}}, None),
        (404, b"", None),
    ],
    ids=str,
)
def test_only_a_moonlock_is_taken_for_one(status: int, body: object, expected: Answer | Refused | None) -> None:
    with answering(status, body) as port:
        assert answers("127.0.0.1", port, "token") == expected


def test_a_port_where_nobody_listens_is_no_moonlock() -> None:
    with answering(200, HEALTHY) as port:
        pass
    assert answers("0.0.0.0", port, None) is None
