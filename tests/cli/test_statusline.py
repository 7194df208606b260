"""The agent's status line: recorded, drawn or handed on, quickly, and never a failure of the agent's."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest
from measured import MEASURED
from serving import MOONLOCK, environment, eventually, server
from status_lines import FULL, body

from moonlock.cli import shim
from moonlock.live import clock
from moonlock.store import Store

NEVER = {
    *("click", "rich", "yaml", "msgspec", "asyncio", "litestar", "http.client", "socket", "ssl", "logging", "apsw"),
    *("typing", "pathlib", "contextlib", "dataclasses", "hashlib", "subprocess", "datetime", "threading", "shlex"),
    *("moonlock.sources", "moonlock.store", "moonlock.server", "moonlock.live.engine", "moonlock.cli.door"),
    *("moonlock.config.settings", "moonlock.config.values", "moonlock.model.statusline"),
}
EMPTY = b"\n"


def drawn(home: Path, given: bytes, *args: str, env: Mapping[str, str] | None = None) -> bytes:
    known = {**environment(home), **MEASURED, "TZ": "UTC", **(env or {})}
    done = subprocess.run(
        [MOONLOCK, "statusline", *args], input=given, env=known, capture_output=True, timeout=30, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


def soon(**more: object) -> bytes:
    """A status line of now."""
    resets = clock.now() // 1000 + 7_830
    return body(rate_limits={"five_hour": {"used_percentage": 23.5, "resets_at": resets}}, **more)


def waiting(home: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (home / "moonlock" / "statusline.jsonl").read_text().splitlines()]


def test_without_a_server_the_line_is_drawn_and_what_was_said_waits(tmp_path: Path) -> None:
    assert drawn(tmp_path, soon()).decode() == "5h 24% ↺2h11 · ctx 8% · $0.42 · my-session\n"
    (line,) = waiting(tmp_path)
    assert line["said"] == {name: json.loads(soon()).get(name) for name in shim.KEPT} | {
        "rate_limits": line["said"]["rate_limits"]  # type: ignore[index]
    }
    path = tmp_path / "moonlock" / "statusline.jsonl"
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_server_takes_what_waited_and_what_comes(tmp_path: Path) -> None:
    drawn(tmp_path, soon(session_id="before"))
    settings = {"MOONLOCK_STATUSLINE": "ctx {ctx}", "MOONLOCK_STATUSLINE_COLOR": "yes"}
    spool = tmp_path / "moonlock" / "statusline.jsonl"

    def known() -> set[str]:
        store = Store.read(tmp_path / "moonlock" / "moonlock.db")
        found = {one.key.native_id for one in store.status_samples().all()}
        store.close()
        return found

    with server(tmp_path, env=settings):  # on a busy machine it may need more than the time it has
        eventually(lambda: drawn(tmp_path, soon()) == b"ctx \x1b[32m8%\x1b[0m\n" and not spool.exists())
        eventually(lambda: known() == {"before", str(FULL["session_id"])})


@pytest.mark.parametrize("given", [b"", b"{", b"[]", b"\xff\xfe", b'{"session_id":', b"[" * 100_000], ids=len)
def test_what_is_no_status_line_is_an_empty_line(tmp_path: Path, given: bytes) -> None:
    assert drawn(tmp_path, given) == EMPTY


def test_a_huge_one_is_drawn_and_not_recorded(tmp_path: Path) -> None:
    assert drawn(tmp_path, soon(filler="x" * 300_000)).startswith(b"5h 24%")
    assert not (tmp_path / "moonlock").exists()


def test_one_with_huge_words_is_not_kept_either(tmp_path: Path) -> None:
    assert drawn(tmp_path, soon(cwd="/x" * 20_000)).startswith(b"5h 24%")
    assert not (tmp_path / "moonlock").exists()


def test_a_server_that_hangs_is_not_waited_for_and_what_was_said_waits(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        env = {"MOONLOCK_PORT": str(silent.getsockname()[1])}
        began = clock.monotonic()
        assert drawn(tmp_path, soon(), env=env).startswith(b"5h 24%")
        assert clock.monotonic() - began < 5_000
    assert len(waiting(tmp_path)) == 1


def test_nobody_at_the_port_and_a_port_that_is_none(tmp_path: Path) -> None:
    for number, port in enumerate(("1", "99999", "x"), 1):
        assert drawn(tmp_path, soon(), env={"MOONLOCK_PORT": port}).startswith(b"5h 24%")
        assert len(waiting(tmp_path)) == number


def test_broken_settings_draw_the_usual_line(tmp_path: Path) -> None:
    for said_of_it in ("{cxt}", "{name"):
        assert drawn(tmp_path, soon(), env={"MOONLOCK_STATUSLINE": said_of_it}).startswith(b"5h 24%")
    assert drawn(tmp_path, soon(), env={"MOONLOCK_STATUSLINE": "{name}"}) == b"my-session\n"


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs a folder that cannot be made")
def test_a_disk_that_takes_nothing_changes_nothing_for_the_agent(tmp_path: Path) -> None:
    (tmp_path / "moonlock").write_text("a file where the folder should be")
    assert drawn(tmp_path, soon()).startswith(b"5h 24%")


@pytest.mark.skipif(sys.platform == "win32", reason="there another shell runs it")
class TestChained:
    def test_the_users_own_command_gets_the_same_input_and_draws_the_line(self, tmp_path: Path) -> None:
        given = soon()
        assert drawn(tmp_path, given, "--then", "cat; printf '\\033[1m%s' é") == given + b"\x1b[1m\xc3\xa9"
        assert drawn(tmp_path, given, "--then=cat") == given
        assert len(waiting(tmp_path)) == 2

    def test_a_large_input_reaches_it_whole_and_one_that_it_does_not_read_is_no_trouble(self, tmp_path: Path) -> None:
        given = soon(filler="x" * 400_000)
        assert drawn(tmp_path, given, "--then", "cat") == given
        assert drawn(tmp_path, given, "--then", "echo mine") == b"mine\n"

    def test_it_runs_as_if_nobody_stood_between(self, tmp_path: Path) -> None:
        known = environment(tmp_path)
        for last, status in (("exit 3", 3), ("kill -PIPE $$; echo ignored", -signal.SIGPIPE)):
            shell = f"umask 027; exec {MOONLOCK} statusline --then 'umask; {last}'"
            done = subprocess.run(["sh", "-c", shell], env=known, input=b"{}", capture_output=True, check=False)
            assert (done.returncode, done.stdout) == (status, b"0027\n")

    def test_broken_input_reaches_it_too(self, tmp_path: Path) -> None:
        assert drawn(tmp_path, b"{broken", "--then", "cat") == b"{broken"


def test_an_agent_that_leaves_its_pipe_open_is_not_waited_for(tmp_path: Path) -> None:
    known = {**environment(tmp_path), "TZ": "UTC"}
    with subprocess.Popen(
        [MOONLOCK, "statusline"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=known
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(soon())
        process.stdin.flush()
        assert process.stdout.readline().startswith(b"5h 24%")
        assert process.wait(10) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="there another shell runs it")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_an_agent_that_closed_a_stream_is_not_failed(tmp_path: Path, closed: str) -> None:
    known = {**environment(tmp_path), "TZ": "UTC"}
    shell = ["sh", "-c", f"{MOONLOCK} statusline {closed}"]
    done = subprocess.run(shell, input=soon(), env=known, capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_wrong_words_are_told_like_any_other(tmp_path: Path) -> None:
    done = subprocess.run(
        [MOONLOCK, "statusline", "--thne", "x"], env=environment(tmp_path), input=b"", capture_output=True, check=False
    )
    assert done.returncode == 2
    assert b"did you mean --then?" in done.stderr


def loaded(home: Path, args: tuple[str, ...]) -> set[str]:
    code = (
        "import sys, os\n"
        "bare = set(sys.modules)\n"
        f"sys.argv = ['moonlock', 'statusline', *{args!r}]\n"
        "leave, become = os._exit, os.execv\n"
        "told = lambda: sys.stderr.write('\\n'.join({*sys.modules} - bare))\n"
        "os._exit = lambda status: (told(), leave(status))\n"
        "os.execv = lambda *rest: (told(), sys.stderr.flush(), become(*rest))\n"
        "from moonlock.cli import main\n"
        "main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(home), input=soon(), capture_output=True, check=True
    )
    return set(done.stderr.decode().split("\n"))


@pytest.mark.parametrize("args", [(), ("--then", "true")], ids=["drawn", "chained"])
def test_it_loads_next_to_nothing(tmp_path: Path, args: tuple[str, ...]) -> None:
    found = loaded(tmp_path, args)
    assert "moonlock.cli.shim" in found
    assert not NEVER & found
    assert len(found) <= 60


def test_beside_a_server_it_loads_not_even_what_reads_json(tmp_path: Path) -> None:
    with server(tmp_path):
        found = loaded(tmp_path, ())
    assert "moonlock.cli.nearby" in found
    assert not (NEVER | {"json", "re", "collections", "moonlock.outputs.statusline", "moonlock.cli.asked"}) & found
    assert len(found) <= 15


class TestWhatWaits:
    def test_it_begins_anew_before_it_grows_too_large(self, tmp_path: Path) -> None:
        path = tmp_path / "deep" / "spool"
        shim.leave(str(path), soon())
        size = path.stat().st_size
        path.write_bytes(b"x" * (shim.SPOOL + 1))
        shim.leave(str(path), soon())
        assert path.stat().st_size == size

    def test_what_names_nothing_of_ours_is_still_a_line(self, tmp_path: Path) -> None:
        shim.leave(str(tmp_path / "spool"), b'{"prompt":"secret"}')
        assert json.loads((tmp_path / "spool").read_text())["said"] == {}

    def test_no_link_is_followed(self, tmp_path: Path) -> None:
        (tmp_path / "spool").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(OSError):
            shim.leave(str(tmp_path / "spool"), soon())
        assert not (tmp_path / "elsewhere").exists()


def test_the_line_of_the_server_is_printed_as_it_is_and_an_older_one_draws_none() -> None:
    assert shim._given(b"HTTP/1.1 204 No Content\r\nmoonlock-drawn: 637478c3a9\r\nx: y\r\n\r\n") == "ctxé"
    assert shim._given(b"HTTP/1.1 204 No Content\r\nmoonlock-line: 1 2140000 7b6374787d\r\n\r\n") is None
    assert shim._given(b"HTTP/1.1 204 No Content\r\n\r\n") is None


@pytest.mark.parametrize(
    ("line", "printed"),
    [
        ("5h \x1b[32m24%\x1b[0m · app", True),
        ("\x1b[1;31mred\x1b[0m", True),
        ("\x1b]52;c;aGk=\x07", False),
        ("\x1b[2J", False),
        ("one\ntwo", False),
        ("one\x9b2Jtwo", False),
        ("\x1b", False),
        ("x" * 4_001, False),
    ],
)
def test_a_server_that_may_be_anothers_gives_the_terminal_text_and_colours_alone(
    tmp_path: Path, line: str, printed: bool
) -> None:
    said = f"HTTP/1.1 204 No Content\r\nmoonlock-drawn: {line.encode().hex()}\r\n\r\n".encode()
    with socket.create_server(("127.0.0.1", 0)) as foreign:
        answering = threading.Thread(target=answer_once, args=(foreign, said))
        answering.start()
        shown = drawn(tmp_path, soon(), env={"MOONLOCK_PORT": str(foreign.getsockname()[1])}).decode()
        answering.join()
    assert (shown == f"{line}\n") is printed
    assert printed or shown.startswith("5h 24%")


def answer_once(door: socket.socket, said: bytes) -> None:
    link = door.accept()[0]
    with link:
        link.recv(65_536)
        link.sendall(said)
