"""Connecting an agent changes one file, after a look at the change, and undoing it leaves no trace."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from cli.running import Said
from cli.running import moonlock as program
from serving import MOONLOCK, environment, server
from status_lines import body

from moonlock.cli.door import enter

SETTINGS = b"""{
   "model" : "opus",
   "statusLine": {"type": "command", "command": "~/bin/line \\"\xc3\xa9\\" 'x y'", "padding": 0},
   "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "say done"}]}]}, "n": 1e5}"""
CONNECT = ("connect", "claude-code")


Moonlock = Callable[..., Said]


@pytest.fixture
def moonlock(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Moonlock]:
    """The command line in this process: a tenth of the time that a program of its own takes to start."""

    def run(home: Path, *args: str, env: Mapping[str, str] | None = None, status: int = 0) -> Said:
        with monkeypatch.context() as patched, open(os.devnull) as nobody:
            for name in os.environ:
                patched.delenv(name)
            for name, value in {**environment(home), "TZ": "UTC", **(env or {})}.items():
                patched.setenv(name, value)
            patched.setattr("sys.stdin", nobody)
            found = enter(args)
        said = Said(*capsys.readouterr())
        assert found == status, f"{found}: {said.out}{said.err}"
        return said

    yield run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / ".claude" / "settings.json"
    path.parent.mkdir()
    path.write_bytes(SETTINGS)
    path.chmod(0o640)
    return path


def known(file: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads(file.read_bytes())
    return found


def test_undo_leaves_the_file_byte_for_byte_as_it_was(tmp_path: Path, file: Path) -> None:
    said = program(tmp_path, *CONNECT, "--yes").out
    assert "+" in said and "statusline --then" in said and "/api/hooks/claude-code" in said
    assert file.read_bytes() != SETTINGS
    assert file.stat().st_mode & 0o777 == 0o640
    assert "connected already" in program(tmp_path, *CONNECT).out
    assert "as it was before" in program(tmp_path, *CONNECT, "--undo", "--yes").out
    assert file.read_bytes() == SETTINGS
    assert file.stat().st_mode & 0o777 == 0o640
    assert "is not connected" in program(tmp_path, *CONNECT, "--undo").out
    assert {path.name for path in file.parent.iterdir()} == {"settings.json"}
    assert list((tmp_path / "moonlock" / "connect").iterdir()) == []


def test_a_file_that_was_not_there_is_gone_again(moonlock: Moonlock, tmp_path: Path) -> None:
    moonlock(tmp_path, *CONNECT, "--yes", "--no-hooks")
    file = tmp_path / ".claude" / "settings.json"
    assert list(known(file)) == ["statusLine"]
    moonlock(tmp_path, *CONNECT, "--yes")
    assert list(known(file)) == ["statusLine", "hooks"]
    moonlock(tmp_path, *CONNECT, "--undo", "--yes")
    assert not file.exists()


def test_without_anybody_to_ask_the_change_is_shown_and_nothing_is_done(
    moonlock: Moonlock, tmp_path: Path, file: Path
) -> None:
    said = moonlock(tmp_path, *CONNECT, status=2)
    assert "+++" in said.out and "add --yes" in said.err
    assert file.read_bytes() == SETTINGS
    moonlock(tmp_path, *CONNECT, "--yes")
    before = file.read_bytes()
    moonlock(tmp_path, *CONNECT, "--undo", status=2)
    assert file.read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal of its own")
@pytest.mark.parametrize(("answer", "status"), [(b"n\n", 1), (b"y\n", 0)])
def test_a_person_is_asked(tmp_path: Path, file: Path, answer: bytes, status: int) -> None:
    ours, theirs = os.openpty()
    with subprocess.Popen(
        [MOONLOCK, *CONNECT], stdin=theirs, stdout=subprocess.PIPE, env=environment(tmp_path)
    ) as process:
        os.write(ours, answer)
        process.communicate(timeout=30)
    os.close(theirs)
    os.close(ours)
    assert process.returncode == status
    assert (file.read_bytes() == SETTINGS) == bool(status)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal of its own")
def test_what_the_agent_writes_while_a_person_thinks_is_not_lost(tmp_path: Path, file: Path) -> None:
    for words in ((), ("--undo",)):
        ours, theirs = os.openpty()
        with subprocess.Popen(
            [MOONLOCK, *CONNECT, *words],
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(tmp_path),
        ) as process:
            assert process.stdout is not None
            shown = b""
            while b"Change it like this?" not in shown:
                more = os.read(process.stdout.fileno(), 65_536)
                assert more, shown
                shown += more
            written = {**known(file), "theme": f"dark{words}"}
            file.write_text(json.dumps(written))
            os.write(ours, b"y\n")
            _, err = process.communicate(timeout=30)
        os.close(theirs)
        os.close(ours)
        assert (process.returncode, b"at the same time" in err) == (2, True)
        assert known(file) == written
        program(tmp_path, *CONNECT, "--yes")


def test_what_the_agent_writes_while_the_disk_is_slow_is_not_lost(
    moonlock: Moonlock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: Path
) -> None:
    slow = os.fsync

    def fsync(descriptor: int) -> None:
        slow(descriptor)
        file.write_bytes(b'{"theme": "dark"}')

    monkeypatch.setattr(os, "fsync", fsync)
    assert "at the same time" in moonlock(tmp_path, *CONNECT, "--yes", status=2).err
    assert file.read_bytes() == b'{"theme": "dark"}'
    assert {path.name for path in file.parent.iterdir()} == {"settings.json"}


def test_what_somebody_changed_since_stays_and_only_ours_is_taken_out(
    moonlock: Moonlock, tmp_path: Path, file: Path
) -> None:
    moonlock(tmp_path, *CONNECT, "--yes")
    changed = {**known(file), "theme": "dark"}
    file.write_text(json.dumps(changed))
    assert "only what Moonlock had put in" in moonlock(tmp_path, *CONNECT, "--undo", "--yes").out
    assert known(file) == {**json.loads(SETTINGS), "theme": "dark"}


def test_connecting_again_after_a_change_keeps_what_was_before_without_ours(
    moonlock: Moonlock, tmp_path: Path, file: Path
) -> None:
    moonlock(tmp_path, *CONNECT, "--yes")
    file.write_text(json.dumps({**known(file), "theme": "dark"}))
    moonlock(tmp_path, *CONNECT, "--yes", env={"MOONLOCK_PORT": "4000"})
    assert "127.0.0.1:4000" in file.read_text() and "3001" not in file.read_text()
    moonlock(tmp_path, *CONNECT, "--undo", "--yes")
    assert known(file) == {**json.loads(SETTINGS), "theme": "dark"}


def test_another_port_alone_keeps_the_first_copy(moonlock: Moonlock, tmp_path: Path, file: Path) -> None:
    moonlock(tmp_path, *CONNECT, "--yes")
    moonlock(tmp_path, *CONNECT, "--yes", env={"MOONLOCK_PORT": "4000"})
    moonlock(tmp_path, *CONNECT, "--undo", "--yes")
    assert file.read_bytes() == SETTINGS


def test_a_link_is_written_through(moonlock: Moonlock, tmp_path: Path, file: Path) -> None:
    real = tmp_path / "dotfiles" / "claude.json"
    real.parent.mkdir()
    file.rename(real)
    file.symlink_to(real)
    moonlock(tmp_path, *CONNECT, "--yes")
    assert file.is_symlink() and real.read_bytes() != SETTINGS
    moonlock(tmp_path, *CONNECT, "--undo", "--yes")
    assert file.is_symlink() and real.read_bytes() == SETTINGS


@pytest.mark.parametrize("text", [b"{", b"{// mine\n}", b"\xff\xfe{}", b'{"a":1,"a":2}', b"[]", b"\xef\xbb\xbf{}"])
def test_a_file_that_cannot_be_read_is_told_and_not_touched(
    moonlock: Moonlock, tmp_path: Path, file: Path, text: bytes
) -> None:
    file.write_bytes(text)
    for words in (("--yes",), ("--undo", "--yes")):
        assert "was not touched" in moonlock(tmp_path, *CONNECT, *words, status=2).err
    assert file.read_bytes() == text
    assert "repair it" in moonlock(tmp_path, "doctor", status=1).out


def test_a_read_only_file_is_told_and_not_touched(moonlock: Moonlock, tmp_path: Path, file: Path) -> None:
    file.chmod(0o444)
    assert "it is read-only" in moonlock(tmp_path, *CONNECT, "--yes", status=2).err
    assert file.read_bytes() == SETTINGS


def test_a_link_that_leads_nowhere_and_a_folder_are_told(moonlock: Moonlock, tmp_path: Path, file: Path) -> None:
    file.unlink()
    file.symlink_to(tmp_path / "nowhere" / "x.json")
    assert "leads nowhere" in moonlock(tmp_path, *CONNECT, "--yes", status=2).err
    file.unlink()
    file.mkdir()
    assert "was not touched" in moonlock(tmp_path, *CONNECT, "--yes", status=2).err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are none")
def test_a_pipe_is_told_and_not_waited_for(moonlock: Moonlock, tmp_path: Path, file: Path) -> None:
    file.unlink()
    os.mkfifo(file)
    assert "it is no file" in moonlock(tmp_path, *CONNECT, "--yes", status=2).err


def test_half_a_character_stays_what_it_is(moonlock: Moonlock, tmp_path: Path, file: Path) -> None:
    file.write_bytes(text := b'{"a": "\\ud83d", "b": "\xc3\xa9"}')
    moonlock(tmp_path, *CONNECT, "--yes")
    assert file.read_bytes().startswith(text[:-1])
    moonlock(tmp_path, *CONNECT, "--undo", "--yes")
    assert file.read_bytes() == text


def test_a_server_that_asks_for_its_token_gets_it_and_nobody_sees_it(
    moonlock: Moonlock, tmp_path: Path, file: Path
) -> None:
    said = moonlock(tmp_path, *CONNECT, "--yes", env={"MOONLOCK_AUTH": "always"}).out
    token = (tmp_path / "moonlock" / "token").read_text().strip()
    assert f"Bearer {token}" in file.read_text()
    assert token not in said and "Bearer ..." in said
    assert file.stat().st_mode & 0o777 == 0o600, "whoever reads the token reads everything"
    said = moonlock(tmp_path, *CONNECT, "--undo", "--yes", env={"MOONLOCK_AUTH": "always"}).out
    assert token not in said and "Bearer ..." in said
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (SETTINGS, 0o640)


def test_no_port_that_stays_is_told(moonlock: Moonlock, tmp_path: Path, file: Path) -> None:
    assert "another one each time" in moonlock(tmp_path, *CONNECT, "--yes", env={"MOONLOCK_PORT": "0"}, status=2).err


def test_another_folder_of_the_agent_is_the_one_that_is_changed(moonlock: Moonlock, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    moonlock(tmp_path, *CONNECT, "--yes", env={"CLAUDE_CONFIG_DIR": f"{tmp_path}/other/projects,{tmp_path}/x"})
    assert (tmp_path / "other" / "settings.json").is_file()


def test_two_folders_of_the_agent_are_each_put_back(moonlock: Moonlock, tmp_path: Path, file: Path) -> None:
    other = tmp_path / "other"
    moonlock(tmp_path, *CONNECT, "--yes")
    moonlock(tmp_path, *CONNECT, "--yes", env={"CLAUDE_CONFIG_DIR": str(other)})
    moonlock(tmp_path, *CONNECT, "--undo", "--yes")
    assert file.read_bytes() == SETTINGS
    moonlock(tmp_path, *CONNECT, "--undo", "--yes", env={"CLAUDE_CONFIG_DIR": str(other)})
    assert not (other / "settings.json").exists()


def test_what_keeps_the_agent_silent_is_told(moonlock: Moonlock, tmp_path: Path, file: Path) -> None:
    file.write_text('{"disableAllHooks": true}')
    assert "disableAllHooks is true" in moonlock(tmp_path, *CONNECT, "--yes").err
    assert "disableAllHooks is true" in moonlock(tmp_path, "doctor").out


def test_a_status_line_that_was_set_up_elsewhere_is_not_said_to_be_silent(moonlock: Moonlock, tmp_path: Path) -> None:
    assert "official limits and the state of sessions are not told" in moonlock(tmp_path, "doctor").out
    line = [MOONLOCK, "statusline"]
    subprocess.run(line, env=environment(tmp_path), input=body(), check=True, capture_output=True)
    said = moonlock(tmp_path, "doctor").out
    assert "its status line spoke" in said and "does not call Moonlock, something else does or did" in said
    assert "state of sessions are not told" not in said


def test_the_doctor_says_whether_it_is_connected_and_when_it_spoke(
    moonlock: Moonlock, tmp_path: Path, file: Path
) -> None:
    assert "Claude Code is not connected; its status line has not spoken yet" in moonlock(tmp_path, "doctor").out
    with server(tmp_path) as running:
        program(tmp_path, *CONNECT, "--yes", "--no-hooks")
        line = str(known(file)["statusLine"]["command"])  # type: ignore[index]
        subprocess.run(line, shell=True, env=environment(tmp_path), input=body(), check=False, capture_output=True)
        found = moonlock(tmp_path, "doctor", "--json").out
        assert running.url in found
    told = json.loads(found)["components"]["connection"]
    assert told["summary"].startswith("Claude Code is connected (status line)")
    assert told["findings"][0]["code"] == "no-hooks"
    assert "ago" in moonlock(tmp_path, "doctor").out
