"""``moonlock session``: beside a server and without one, the real program each time."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from cli.running import answer, log, moonlock
from measured import MEASURED
from serving import MOONLOCK, environment, eventually, server

from moonlock.cli.runs import Run, announced

ONE = "11111111-1111-4111-8111-111111111111"
TWO = "22222222-2222-4222-8222-222222222222"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Two sessions: one in alpha, one of the same project's worktree on another day."""
    log(tmp_path, answer(1, "2026-10-05T10:00:00.000Z"), answer(2, "2026-10-06T10:00:00.000Z"))
    other = answer(3, "2026-10-07T10:00:00.000Z").replace("/w/alpha", "/w/alpha/.worktrees/x").replace(ONE, TWO)
    log(tmp_path, other, session=TWO)
    return tmp_path


def document(home: Path, *args: str) -> Any:
    return json.loads(moonlock(home, "session", *args, "--json").out)


def requests(home: Path) -> int:
    found = json.loads(moonlock(home, "usage", "--json").out)
    return int(found["totals"]["requests"])


def refused(home: Path, *args: str, status: int = 1) -> str:
    said = moonlock(home, "session", *args, status=status)
    assert said.out == ""
    assert [line.partition(":")[0] for line in said.err.splitlines()] == ["error", "hint"], said.err
    return said.err


def test_sessions_are_listed_newest_first(home: Path) -> None:
    found = document(home, "list")
    assert (found["schema"], found["more"]) == ("moonlock.sessions/1", False)
    assert [each["agentSessionId"] for each in found["sessions"]] == [TWO, ONE]
    assert {each["project"] for each in found["sessions"]} == {"alpha"}
    assert document(home, "list", "--limit", "1")["more"] is True
    assert len(document(home, "list", "--since", "2026-10-07", "--project", "ALPHA")["sessions"]) == 1
    table = moonlock(home, "session", "list", "--limit", "1").out.splitlines()
    assert table[0].split() == ["Id", "Session", "Project", "Total", "Cost", "Last", "active"]
    assert (table[1].split()[3:5], table[-1]) == (["alpha", "150"], "there are more: --limit N shows them")
    assert max(map(len, table)) <= 80
    wide = moonlock(home, "session", "list", env={"COLUMNS": "200"}).out.splitlines()
    assert "Status" in wide[0] and "completed" in wide[1]


def test_what_is_not_there_is_named_with_the_nearest(home: Path) -> None:
    moonlock(home, "session", "name", ONE, "Fix the login")
    moonlock(home, "session", "tag", ONE, "done")
    assert "did you mean alpha?" in refused(home, "list", "--project", "alhpa")
    assert "did you mean claude-code?" in refused(home, "list", "--agent", "claude")
    assert "did you mean done?" in refused(home, "list", "--tag", "dune")
    assert "did you mean Fix the login?" in refused(home, "show", "Fix teh login")
    assert "`moonlock session list`" in refused(home, "show", "nobody")
    assert "is not a day" in refused(home, "list", "--since", "2026-02-30", status=2)
    error = json.loads(moonlock(home, "session", "show", "nobody", "--json", status=1).out)["error"]
    assert (error["code"], error["message"]) == ("no_such_session", "no such session: nobody")


def test_logs_are_looked_for_where_the_settings_say(home: Path, tmp_path: Path) -> None:
    moved = (home / ".claude").rename(tmp_path / "elsewhere")
    settings = home / "moonlock" / "config.yaml"
    settings.parent.mkdir()
    settings.write_text(f"claude_config_dir: {moved}\n")
    assert len(document(home, "list")["sessions"]) == 2
    assert "no longer there" not in moonlock(home, "doctor").out


def test_everything_that_is_known_of_a_session_is_shown(home: Path) -> None:
    helper = answer(9, "2026-10-06T10:05:00.000Z").replace(
        '"type":"assistant",', '"isSidechain":true,"agentId":"x1",', 1
    )
    path = home / ".claude/projects/-w-alpha" / ONE / "subagents" / "agent-x1.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text(helper.replace("{", '{"type":"assistant",', 1) + "\n")
    moonlock(home, "session", "name", ONE, "Fix the login")
    moonlock(home, "session", "describe", "fix the login", "why\nand how")
    moonlock(home, "session", "tag", "fix", "+a", "b")
    said = moonlock(home, "session", "show", "FIX").out
    for fact in ("Fix the login\n", ONE, "alpha  /w/alpha", "completed", "sub-agents  1, which", "claude-sonnet-5-5"):
        assert fact in said
    for fact in ("branches    (none)", "tags        a, b", "description why\n              and how", "-w-alpha"):
        assert fact in said
    shape = document(home, "show", ONE)
    assert (shape["name"], shape["tags"], shape["description"]) == ("Fix the login", ["a", "b"], "why\nand how")
    assert (shape["requests"], shape["subagentTokens"], len(shape["subagents"])) == (3, 150, 1)


def test_names_tags_and_descriptions_come_and_go(home: Path) -> None:
    assert "is called Mine" in moonlock(home, "session", "name", ONE[:6], "Mine").out
    assert "has the tags a, b" in moonlock(home, "session", "tag", "mine", "+a", "B").out
    assert "has the tags b, h" in moonlock(home, "session", "tag", "mine", "-a", "h").out
    assert "has the tags b" in moonlock(home, "session", "tag", "mine", "-h").out
    assert [each["name"] for each in document(home, "list", "--tag", "b")["sessions"]] == ["Mine"]
    assert "is described" in moonlock(home, "session", "describe", "mine", "text").out
    assert "not described" in moonlock(home, "session", "describe", "mine", "").out
    assert "no name" in moonlock(home, "session", "name", "mine", "").out
    assert (document(home, "show", ONE)["name"], document(home, "show", ONE)["description"]) == (None, None)


def test_words_that_cannot_be_kept_are_refused_before_anything_changes(home: Path) -> None:
    moonlock(home, "session", "name", ONE, "Mine")
    uid = document(home, "show", "mine")["id"]
    assert f"session {uid} is called 'Mine' already" in refused(home, "name", TWO, "MINE")
    assert "control characters" in refused(home, "name", ONE, "a\x1b[2Jb", status=2)
    assert "up to 80" in refused(home, "name", ONE, "x" * 81, status=2)
    assert "cannot be a tag" in refused(home, "tag", ONE, "+two words", status=2)
    moonlock(home, "session", "name", TWO, "Mine too")
    assert "2 sessions are called 'mi' or begin so" in refused(home, "show", "mi")
    assert [each["name"] for each in document(home, "list")["sessions"]] == ["Mine too", "Mine"]


def test_deleting_says_what_goes_asks_and_can_be_undone(home: Path) -> None:
    before = requests(home)
    assert "2 requests, 300 tokens, $0.00, 2 days" in refused(home, "delete", ONE, status=2)
    assert requests(home) == before
    said = moonlock(home, "session", "delete", ONE, "--yes").out
    assert "`moonlock session delete --undo" in said
    assert requests(home) == 1
    assert [each["agentSessionId"] for each in document(home, "list")["sessions"]] == [TWO]
    assert [each["agentSessionId"] for each in document(home, "list", "--deleted")["sessions"]] == [ONE]
    assert "it was deleted" in refused(home, "show", ONE)
    log(home, answer(4, "2026-10-08T10:00:00.000Z"))
    moonlock(home, "sync", "--full")
    assert requests(home) == 1, "what comes of a deleted session is left out too"
    assert "is back: 3 requests" in moonlock(home, "session", "delete", "--undo", ONE).out
    assert requests(home) == 4
    assert "is not deleted" in refused(home, "delete", "--undo", ONE)
    assert "--deleted" in refused(home, "delete", "--undo", "nobody")


@pytest.mark.parametrize(("reply", "status", "left"), [("y\n", 0, 1), ("n\n", 130, 3)])
def test_a_person_is_asked_first(home: Path, reply: str, status: int, left: int) -> None:
    ours, theirs = pty.openpty()
    command = [MOONLOCK, "session", "delete", ONE]
    with subprocess.Popen(
        command, env=environment(home) | MEASURED, stdin=theirs, stderr=subprocess.PIPE, text=True
    ) as run:
        time.sleep(0.1)
        os.write(ours, reply.encode())
        _, err = run.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    assert run.returncode == status
    assert "goes from every list and report: 2 requests" in err and "Delete it?" in err
    assert requests(home) == left


def test_beside_a_server_it_is_the_server_that_keeps_it(home: Path) -> None:
    with server(home) as running:

        def listed() -> Any:
            return running.get("/api/sessions")["sessions"]

        eventually(lambda: len(listed()) == 2)
        moonlock(home, "session", "name", ONE, "Mine")
        moonlock(home, "session", "tag", "mine", "night")
        assert [(each["name"], each["tags"]) for each in listed()] == [(None, []), ("Mine", ["night"])]
        assert running.get("/api/sessions/mine")["agentSessionId"] == ONE
        assert "is called 'Mine' already" in refused(home, "name", TWO, "mine")
        moonlock(home, "session", "delete", "mine", "--yes")
        assert [each["agentSessionId"] for each in listed()] == [TWO]
        assert requests(home) == 1
        moonlock(home, "session", "delete", "mine", "--undo")
        assert len(listed()) == 2
    assert document(home, "show", "mine")["tags"] == ["night"]


def test_a_server_that_asks_for_its_token_gets_it(home: Path) -> None:
    with server(home, env={"MOONLOCK_AUTH": "always"}):
        moonlock(home, "session", "name", ONE, "Mine")
    assert document(home, "show", ONE)["name"] == "Mine"


class Old(BaseHTTPRequestHandler):
    """A server that says it is well and does ``replies`` to every change."""

    replies: ClassVar[tuple[int, bytes]] = (405, b"")

    def do_GET(self) -> None:
        self.say(200, b'{"status": "healthy", "version": "0.0.1"}')

    def do_PATCH(self) -> None:
        self.say(*self.replies)

    def say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: stderr is what is tested."""


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ((405, b""), "has version 0.0.1"),
        ((500, b"<html>"), "answered with 500"),
        (
            (409, b'{"error": {"code": "name_taken", "message": "Another has it.", "hint": "Choose."}}'),
            "another has it\n",
        ),
        ((0, b""), "does not answer"),
    ],
)
def test_a_server_that_does_not_keep_it_is_no_silent_success(home: Path, reply: tuple[int, bytes], said: str) -> None:
    moonlock(home, "usage", "--json")
    known = type("Known", (Old,), {"replies": reply})
    with HTTPServer(("127.0.0.1", 0), known) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        port = listening.server_address[1]
        run = Run(os.getpid(), "127.0.0.1", port, str(home / "moonlock" / "moonlock.db"), "0.0.1", 0)
        with announced(home / "moonlock" / "run", run):
            assert said in refused(home, "name", ONE, "Mine", status=1 if reply[0] == 409 else 2)
        listening.shutdown()
    assert document(home, "show", ONE)["name"] is None
