"""`moonlock status`: with a server and without one, what it may load, and that no server makes it fail."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw
import pytest
from cli.running import answer, log, moonlock, moonlock_at
from cli.test_quick import NEVER, loaded
from serving import eventually, server

from moonlock.cli import nearby
from moonlock.live import clock
from moonlock.model.instant import HOUR, iso

AT = "2026-10-05T10:00:00.000Z"
ON_THE_WAY = {"re", "enum", "functools"}
"""What the library for JSON loads."""


def document(home: Path, **env: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(moonlock(home, "status", "--json", env=env).out)
    return found


@contextmanager
def deaf(reply: bytes = b"") -> Iterator[int]:
    """A port at which somebody listens who says this and hangs up, or keeps silent."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        kept = []

        def serve() -> None:
            while True:
                try:
                    link, _ = door.accept()
                except OSError:
                    return
                kept.append(link)
                if reply:
                    link.recv(4096)
                    link.sendall(reply)
                    link.close()

        threading.Thread(target=serve, daemon=True).start()
        yield door.getsockname()[1]
        for link in kept:
            link.close()


def announce(home: Path, port: int, **told: object) -> None:
    """A runtime file of this very process."""
    import os

    runs = home / "moonlock" / "run"
    runs.mkdir(parents=True, exist_ok=True)
    run = {"pid": os.getpid(), "host": "127.0.0.1", "port": port, "store": "x", "began": 1, **told}
    (runs / f"{port}.json").write_text(json.dumps(run))


def test_with_nothing_at_all_it_says_that_there_is_no_session(tmp_path: Path) -> None:
    assert moonlock(tmp_path, "status").out == "no session\n"
    found = document(tmp_path)
    assert found["source"] == "none" and found["schema"] == "moonlock.status/1"
    assert {name for name, value in found.items() if value is None} >= {"session", "block", "quota", "today", "context"}
    assert not (tmp_path / "moonlock").exists()


def test_with_a_server_it_says_what_the_api_says(tmp_path: Path) -> None:
    log(tmp_path, answer(1, iso(clock.now()), (1000, 50, 0, 90_000)))
    with server(tmp_path) as running:
        eventually(lambda: running.get("/api/now")["today"]["requests"] == 1)
        found, picture = document(tmp_path), running.get("/api/now")
        assert found["source"] == "server"
        assert {name: found[name] for name in ("today", "quota")} == {
            name: picture[name] for name in ("today", "quota")
        }
        assert found["block"]["id"] == picture["block"]["id"]
        assert found["session"]["id"] == picture["sessions"][0]["id"]
        assert found["context"] == picture["sessions"][0]["context"] is not None
        said = moonlock(tmp_path, "status").out
        assert said.startswith("alpha ") and " · ctx " in said and " · block 91.0K " in said
        assert not (NEVER - ON_THE_WAY) & loaded(tmp_path, "status")


def test_without_a_server_the_store_answers_and_says_how_old_it_is(tmp_path: Path) -> None:
    log(tmp_path, answer(1, "2026-10-05T08:00:00.000Z"), answer(2, AT, gitBranch="main"))
    moonlock(tmp_path, "sync")
    at = "2026-10-05T10:30:00Z"
    found = json.loads(moonlock_at(at, tmp_path, "status", "--json").out)
    report = json.loads(moonlock_at(at, tmp_path, "usage", "session", "--json").out)["rows"][0]
    assert found["source"] == "store" and found["at"] is not None
    session = found["session"]
    assert (session["project"], session["branch"], session["lastActivityAt"]) == ("alpha", "main", AT)
    assert session["model"] == "claude-sonnet-5-5"
    assert session["tokens"]["total"] == report["totalTokens"] and session["costUsd"] == report["costUsd"]
    assert found["today"]["requests"] == found["block"]["requests"] == 2
    assert (found["block"]["startAt"], found["block"]["anchor"]) == ("2026-10-05T08:00:00.000Z", "estimated")
    assert found["quota"] is None
    assert (found["context"]["used"], found["context"]["level"], found["context"]["asOf"]) == (100, "healthy", AT)
    assert "alpha · 300 $" in moonlock_at(at, tmp_path, "status").out


def test_the_stores_window_is_the_one_of_the_live_page(tmp_path: Path) -> None:
    now = clock.now()
    log(tmp_path, *(answer(number, iso(now - number * HOUR)) for number in range(1, 12)))
    with server(tmp_path) as running:
        eventually(lambda: running.get("/api/now")["progress"] is None and running.get("/api/now")["block"])
        told = running.get("/api/now")["block"]
    found = document(tmp_path)["block"]
    assert {**found, "burnRate": None} == {**told, "burnRate": None}


def test_a_prompt_without_a_server_loads_the_driver_and_little_else(tmp_path: Path) -> None:
    log(tmp_path, answer(1, AT))
    moonlock(tmp_path, "sync")
    found = loaded(tmp_path, "status")
    assert "apsw" in found and not NEVER & found
    assert len(found) <= 80


def rated(session: str, used: float, resets_at: int, **more: object) -> dict[str, object]:
    """What a status line says, with one window of five hours."""
    limits = {"five_hour": {"used_percentage": used, "resets_at": resets_at // 1000}, **more}
    return {"session_id": session, "rate_limits": limits}


def left(home: Path, at: int, said: object) -> None:
    """A status line that no server heard."""
    spool = home / "moonlock" / "statusline.jsonl"
    spool.parent.mkdir(exist_ok=True)
    with spool.open("a") as file:
        file.write((said if isinstance(said, str) else json.dumps({"at": at, "said": said})) + "\n")


def test_what_the_server_knew_of_limits_context_and_objectives_is_said_when_it_is_gone(tmp_path: Path) -> None:
    now = clock.now()
    steps = [{"content": name, "status": state, "activeForm": "…"} for name, state in STEPS]
    todos = {"type": "tool_use", "id": "toolu_1", "name": "TodoWrite", "input": {"todos": steps}}
    log(tmp_path, answer(1, iso(now), (1000, 50, 0, 90_000), content=[todos]))
    left(tmp_path, now, rated("s1", 41.5, now + HOUR))
    with server(tmp_path) as running:
        eventually(lambda: running.get("/api/now")["today"]["requests"] == 1)
        eventually(lambda: [one["source"] for one in running.get("/api/quota")["windows"]] == ["official"])
        told, limits = running.get("/api/now")["sessions"][0], running.get("/api/quota")
    found = document(tmp_path)
    assert found["source"] == "store"
    assert found["context"] == told["context"] is not None
    assert found["session"]["objectives"] == told["objectives"] == {"done": 1, "total": 2, "current": "Mend it"}
    (window,), (known,) = found["quota"]["windows"], limits["windows"]
    same = ("name", "lengthMs", "usedPercentage", "resetsAt", "source", "asOf")
    assert {name: window[name] for name in same} == {name: known[name] for name in same}
    assert window.keys() == known.keys() and window["ageMs"] >= 0
    said = moonlock(tmp_path, "status").out
    assert " · ctx ~9% · 1/2 Mend it · 5h 42% " in said and ", said " in said
    assert not NEVER & loaded(tmp_path, "status")


STEPS = (("Find it", "completed"), ("Mend it", "in_progress"))


def test_a_status_line_that_waits_for_a_server_counts(tmp_path: Path) -> None:
    now = clock.now()
    log(tmp_path, answer(1, iso(now)))
    moonlock(tmp_path, "sync")
    left(tmp_path, now - 60_000, rated("s1", 20, now + HOUR))
    left(tmp_path, now - 30_000, rated("s2", 33.25, now + HOUR))
    left(tmp_path, now - 10_000, rated("s2", 33.25, now + HOUR))
    left(tmp_path, now - 5_000, rated("s1", 25, now + HOUR, seven_day=None, five=[]) | {"rate_limits": 7})
    left(tmp_path, now - 5_000, rated("s1", 900, now + HOUR))
    left(tmp_path, now, '{"at": \xff\n[[[')
    (window,) = document(tmp_path)["quota"]["windows"]
    assert (window["usedPercentage"], window["asOf"]) == (33.2, iso(now - 30_000))
    assert not NEVER & loaded(tmp_path, "status")


def test_of_limits_that_are_not_plain_the_fold_of_the_server_tells(tmp_path: Path) -> None:
    now = clock.now()
    log(tmp_path, answer(1, iso(now)))
    moonlock(tmp_path, "sync")
    opus = {"used_percentage": 5, "resets_at": (now + HOUR) // 1000}
    left(tmp_path, now - 60_000, rated("s1", 20, now + HOUR, seven_day_opus=opus))
    left(tmp_path, now - 20_000, rated("s1", 2, now + 4 * HOUR))
    left(tmp_path, now - 10_000, rated("s1", 3, now + 4 * HOUR))
    found = document(tmp_path)["quota"]
    assert [(one["name"], one["usedPercentage"]) for one in found["windows"]] == [
        ("five_hour", 3),
        ("seven_day_opus", 5),
    ]
    assert found["windows"][0]["asOf"] == iso(now - 10_000)
    told = json.loads(moonlock(tmp_path, "doctor", "--json", status=None).out)["components"]["quota"]
    assert told["summary"] == f"official, of {iso(now - 10_000)}"


def test_a_context_that_is_older_than_its_session_is_not_shown(tmp_path: Path) -> None:
    log(tmp_path, answer(1, AT))
    moonlock(tmp_path, "sync")
    with apsw.Connection(str(tmp_path / "moonlock" / "moonlock.db")) as db:
        db.execute("update session set last_at = last_at + 1")
    assert document(tmp_path)["context"] is None
    moonlock(tmp_path, "sync")
    assert document(tmp_path)["context"] is not None


def test_a_session_that_was_deleted_is_not_shown(tmp_path: Path) -> None:
    log(tmp_path, answer(1, AT))
    moonlock(tmp_path, "sync")
    moonlock(tmp_path, "session", "delete", "11111111", "--yes")
    assert document(tmp_path)["session"] is None


def test_the_session_of_this_folder_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, other = tmp_path / "here", "22222222-2222-4222-8222-222222222222"
    (here / "deep").mkdir(parents=True)
    now = clock.now()
    log(tmp_path, answer(1, iso(now - 60_000), cwd=str(here)))
    log(tmp_path, answer(2, iso(now), sessionId=other, cwd="/w/beta"), session=other, folder="-w-beta")
    with server(tmp_path) as running:
        eventually(lambda: len(running.get("/api/now")["sessions"]) == 2)
        assert document(tmp_path)["session"]["project"] == "beta"
        monkeypatch.chdir(here / "deep")
        assert document(tmp_path)["session"]["project"] == "here"


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"220 mail.example.org ESMTP\r\n",
        b"HTTP/1.1 500 Oops\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"[" * 200_000,
        b"HTTP/1.1 200 OK\r\n\r\n[1]",
        b'HTTP/1.1 200 OK\r\n\r\n{"sessions": 1}',
    ],
    ids=["silent", "not HTTP", "an error", "half", "deep", "a list", "another program"],
)
def test_whoever_answers_instead_of_a_server_the_store_is_asked(tmp_path: Path, reply: bytes) -> None:
    with deaf(reply) as port:
        announce(tmp_path, port)
        assert moonlock(tmp_path, "status").out == "no session\n"


def test_a_server_that_says_nonsense_in_the_right_form_makes_a_line_too(tmp_path: Path) -> None:
    body = json.dumps({"sessions": [1, {"cwd": 5, "tokens": []}], "today": 3, "quota": {"windows": [None]}, "at": {}})
    with deaf(b"HTTP/1.1 200 OK\r\n\r\n" + body.encode()) as port:
        announce(tmp_path, port)
        assert moonlock(tmp_path, "status").out == "session · - -\n"
        assert document(tmp_path)["source"] == "server"


@pytest.mark.parametrize("port", ["1", "99999", "x", "٣٣", "123456789"])
def test_a_port_at_which_nobody_is_is_no_failure(tmp_path: Path, port: str) -> None:
    log(tmp_path, answer(1, AT))
    moonlock(tmp_path, "sync")
    said = moonlock(tmp_path, "status", env={"MOONLOCK_PORT": port}, status=None)
    assert "Traceback" not in said.err
    assert said.err.startswith("error: ") or "alpha" in said.out


def test_the_token_is_for_servers_of_our_own(tmp_path: Path) -> None:
    """A port that only the environment names may be anybody's."""
    heard = []
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(20)
        port = door.getsockname()[1]
        moonlock(tmp_path, "token")

        def listen() -> None:
            for _ in range(2):
                link, _address = door.accept()
                with link:
                    heard.append(link.recv(4096))

        listener = threading.Thread(target=listen)
        listener.start()
        moonlock(tmp_path, "status", env={"MOONLOCK_PORT": str(port)})
        announce(tmp_path, port)
        moonlock(tmp_path, "status")
        listener.join()
    assert [b"Authorization: Bearer" in request for request in heard] == [False, True]


def test_runtime_files_that_make_no_sense_are_passed_over(tmp_path: Path) -> None:
    announce(tmp_path, 5, pid=2**22 + 7)
    announce(tmp_path, 6, host=None)
    announce(tmp_path, 7, began="soon")
    announce(tmp_path, 9, simulation=True, began=9)
    announce(tmp_path, 10, began=3)
    announce(tmp_path, 11, began=4, host="::")
    runs = tmp_path / "moonlock" / "run"
    (runs / "8.json").write_text("[]")
    (runs / "12.json").write_bytes(b"\xff")
    assert [(near.host, near.port) for near in nearby.servers(str(runs))] == [
        *(("::1", 11), ("127.0.0.1", 10), ("127.0.0.1", 9)),
    ]
    assert [near.port for near in nearby.servers(str(runs), "10")] == [10]
    assert nearby.servers(str(tmp_path / "nowhere")) == []


def test_a_server_that_trickles_is_not_waited_for(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        ended = threading.Event()

        def trickle() -> None:
            link, _ = door.accept()
            with link:
                while not ended.wait(0.02):
                    try:
                        link.sendall(b"x")
                    except OSError:
                        return

        talker = threading.Thread(target=trickle)
        talker.start()
        near = nearby.Near("127.0.0.1", door.getsockname()[1])
        before = clock.monotonic()
        assert nearby.exchange(near, b"GET / HTTP/1.0\r\n\r\n", 100) is None
        assert clock.monotonic() - before < 5_000
        ended.set()
        talker.join()


def test_a_damaged_store_is_told_and_no_failure(tmp_path: Path) -> None:
    (tmp_path / "moonlock").mkdir()
    (tmp_path / "moonlock" / "moonlock.db").write_bytes(b"x" * 5000)
    assert "moonlock doctor" in moonlock(tmp_path, "status").out
    assert document(tmp_path)["trouble"]


def test_wrong_settings_and_wrong_words_are_told_as_everywhere(tmp_path: Path) -> None:
    assert moonlock(tmp_path, "status", "--jsn", status=2).err.startswith("error: ")
    wrong = moonlock(tmp_path, "status", "--json", env={"MOONLOCK_PORTT": "1"}, status=2)
    assert json.loads(wrong.out)["error"]["code"] == "unknown_setting"


def test_a_screen_that_cannot_show_a_sign_gets_another(tmp_path: Path) -> None:
    log(tmp_path, answer(1, AT, cwd="/w/月"))
    moonlock(tmp_path, "sync")
    said = moonlock(tmp_path, "status", env={"PYTHONIOENCODING": "ascii"}).out
    assert " ? ? ? " in said.replace("·", "?")
