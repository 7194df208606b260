"""Backups, exports and imports as a person types them, with a server and without one."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cli.running import moonlock
from serving import MOONLOCK, environment, eventually, server
from system.asking import counted, doctor, requests_of, told_of, written


def exported(home: Path, *words: str) -> bytes:
    """What goes to stdout."""
    done = subprocess.run([MOONLOCK, *words], env=environment(home), capture_output=True, timeout=60, check=True)
    return done.stdout


def document(home: Path, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(moonlock(home, *words, "--json").out)
    return found


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_backup_goes_into_its_folder_and_comes_back_by_its_name(tmp_path: Path) -> None:
    written(tmp_path, 1, 2)
    said = moonlock(tmp_path, "backup").out
    (kept,) = (tmp_path / "moonlock" / "backups").iterdir()
    assert said.startswith(f"Kept 2 requests of 1 session in {kept}")
    moonlock(tmp_path, "session", "name", "s1", "Door")
    told = document(tmp_path, "restore", kept.name)
    assert (told["schema"], told["backup"]["requests"]) == ("moonlock.restore/1", 2)
    assert (Path(told["aside"]) / "moonlock.db").is_file()
    assert moonlock(tmp_path, "session", "show", "Door", status=1).out == ""
    again = moonlock(tmp_path, "restore", str(Path(told["aside"]) / "moonlock.db")).out
    assert "Restored 2 requests of 1 session" in again and "The store of before is in" in again
    assert "Door" in moonlock(tmp_path, "session", "show", "Door").out


def test_a_backup_goes_where_it_is_asked_for_and_never_over_anything(tmp_path: Path) -> None:
    written(tmp_path, 1)
    (tmp_path / "stick").mkdir()
    told = document(tmp_path, "backup", str(tmp_path / "stick"))
    (kept,) = (tmp_path / "stick").iterdir()
    assert (told["schema"], told["path"], told["bytes"]) == ("moonlock.backup/1", str(kept), kept.stat().st_size)
    if os.name == "posix":
        assert mode(kept) == 0o600
    moonlock(tmp_path, "backup", str(tmp_path / "stick" / "mine.db"))
    before = (tmp_path / "stick" / "mine.db").read_bytes()
    refused = moonlock(tmp_path, "backup", str(tmp_path / "stick" / "mine.db"), status=2)
    assert "is there already" in refused.err and (tmp_path / "stick" / "mine.db").read_bytes() == before
    own = moonlock(tmp_path, "backup", str(tmp_path / "moonlock" / "moonlock.db"), status=2)
    assert "is there already" in own.err
    assert "there is no folder" in moonlock(tmp_path, "backup", str(tmp_path / "no" / "mine.db"), status=2).err


def test_what_is_no_backup_is_refused_with_advice(tmp_path: Path) -> None:
    written(tmp_path, 1)
    assert requests_of(tmp_path) == 1
    (tmp_path / "x.db").write_text("nothing")
    wrong = moonlock(tmp_path, "restore", str(tmp_path / "x.db"), status=2)
    assert "is no database" in wrong.err and "hint:" in wrong.err
    missing = json.loads(moonlock(tmp_path, "restore", "nowhere.db", "--json", status=2).out)
    assert missing["error"]["code"] == "store"
    assert requests_of(tmp_path) == 1


def test_a_running_server_makes_the_backup_and_lets_nobody_restore(tmp_path: Path) -> None:
    written(tmp_path, 1, 2)
    with server(tmp_path) as started:
        eventually(lambda: counted(started) == 2)
        told = document(tmp_path, "backup")
        assert Path(told["path"]).parent == tmp_path / "moonlock" / "backups" and told["requests"] == 2
        document(tmp_path, "backup", str(tmp_path / "mine.db"))
        refused = moonlock(tmp_path, "restore", str(tmp_path / "mine.db"), status=2)
        assert f"Moonlock at {started.url} uses the store" in refused.err and "moonlock stop" in refused.err
        eventually(lambda: "backups" in started.get("/health")["components"])
    assert document(tmp_path, "restore", str(tmp_path / "mine.db"))["backup"]["requests"] == 2


def test_history_moves_to_another_home_and_counts_once(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    written(here, 1, 2, 3)
    written(there, 3, 4, session="s2")
    said = moonlock(here, "export", str(tmp_path / "all.jsonl"))
    assert (said.out, said.err) == ("", f"Written to {tmp_path / 'all.jsonl'}\n")
    if os.name == "posix":
        assert mode(tmp_path / "all.jsonl") == 0o600
    assert "is there already" in moonlock(here, "export", str(tmp_path / "all.jsonl"), status=2).err
    assert requests_of(there) == 2
    assert "new: 2 requests, 1 session" in moonlock(there, "import", str(tmp_path / "all.jsonl")).out
    told = document(there, "import", str(tmp_path / "all.jsonl"))
    assert (told["schema"], set(told["new"].values())) == ("moonlock.import/1", {0})
    assert requests_of(there) == 4


def test_a_running_server_takes_in_what_is_imported_and_shows_it(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    written(here, 1, 2, 3)
    (tmp_path / "all.jsonl").write_bytes(exported(here, "export"))
    written(there, 9, session="s9")
    with server(there) as started:
        eventually(lambda: counted(started) == 1)
        assert document(there, "import", str(tmp_path / "all.jsonl"))["new"]["requests"] == 3
        assert counted(started) == 4
        (tmp_path / "cut.jsonl").write_bytes((tmp_path / "all.jsonl").read_bytes()[:-20])
        refused = moonlock(there, "import", str(tmp_path / "cut.jsonl"), status=2)
        assert "cut off. Nothing was written" in refused.err
        assert exported(there, "export").splitlines()[1:-1]
    assert requests_of(there) == 4


def test_a_session_is_carried_alone(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    written(here, 1, 2)
    written(here, 5, session="t1")
    moonlock(here, "session", "name", "s1", "Door")
    moonlock(here, "session", "export", "Door", str(tmp_path / "one.jsonl"))
    rows = list(csv.DictReader(io.StringIO(exported(here, "session", "export", "door", "--format", "csv").decode())))
    assert [row["inputTokens"] for row in rows] == ["10", "10"]
    assert "new: 2 requests, 1 session" in moonlock(there, "session", "import", str(tmp_path / "one.jsonl")).out
    assert "Door" in moonlock(there, "session", "list").out
    (tmp_path / "all.jsonl").write_bytes(exported(here, "export", "-"))
    wrong = json.loads(moonlock(there, "session", "import", str(tmp_path / "all.jsonl"), "--json", status=2).out)
    assert wrong["error"]["code"] == "unfit_import"
    assert "no such session" in moonlock(here, "session", "export", "nobody", status=1).err
    assert "there is no file" in moonlock(there, "import", str(tmp_path / "none.jsonl"), status=1).err


def test_a_name_that_was_left_out_is_told(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for home, session in ((here, "s1"), (there, "s2")):
        written(home, 1 if home == here else 2, session=session)
        moonlock(home, "session", "name", session, "Door")
    (tmp_path / "all.jsonl").write_bytes(exported(here, "export"))
    assert "The name Door was left out" in moonlock(there, "import", str(tmp_path / "all.jsonl")).out


def test_a_damaged_store_comes_back_from_its_backup_with_what_no_log_has_any_more(tmp_path: Path) -> None:
    log = written(tmp_path, 1, 2)
    moonlock(tmp_path, "session", "name", "s1", "Door")
    moonlock(tmp_path, "backup")
    log.unlink()
    written(tmp_path, 7, session="s2")
    assert requests_of(tmp_path) == 3
    (tmp_path / "moonlock" / "moonlock.db").write_bytes(b"nothing of ours" * 4096)
    with server(tmp_path) as started:
        eventually(lambda: counted(started) == 3)
        found = told_of("store", started.get("/health"))
        assert found.codes >= {"store-repaired"} and "backup of" in found.text
    assert requests_of(tmp_path) == 3
    assert "Door" in moonlock(tmp_path, "session", "show", "Door").out
    told = doctor(tmp_path, "store")
    assert told.status == "degraded" and "2 requests took its place" in told.text


@pytest.mark.skipif(os.name != "posix", reason="a pipe that closes early")
def test_a_reader_that_goes_away_is_no_failure(tmp_path: Path) -> None:
    written(tmp_path, *range(2_000))
    command = f"{MOONLOCK} export | head -n 1"
    done = subprocess.run(["sh", "-c", command], env=environment(tmp_path), capture_output=True, timeout=60, check=True)
    assert json.loads(done.stdout)["schema"] == "moonlock.export/1" and done.stderr == b""


@pytest.mark.skipif(shutil.which("curl") is None, reason="the page says it with curl")
def test_what_the_page_tells_people_to_type_works_as_it_stands_there(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "backups.md").read_text("utf-8")
    lines = "".join(re.findall(r"```sh\n(.*?)```", page, re.DOTALL))
    assert len(lines.splitlines()) == 12
    written(tmp_path, 1, 2)
    moonlock(tmp_path, "session", "start", "Fix login")
    (tmp_path / "here").mkdir()
    with server(tmp_path) as started:
        eventually(lambda: counted(started) == 2)
        (session,) = started.get("/api/sessions?origin=observed")["sessions"]
        script = lines.replace("127.0.0.1:3001", f"127.0.0.1:{started.port}").replace("3f2a", session["id"][:6])
        env = environment(tmp_path)
        env["PATH"] = os.pathsep.join((str(Path(MOONLOCK).parent), env["PATH"]))
        done = subprocess.run(
            ["sh", "-ec", script.replace("curl ", "curl -sSf --noproxy '*' ")],
            env=env,
            cwd=tmp_path / "here",
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    made = {path.name for path in (tmp_path / "here").iterdir()}
    assert made == {"moon.db", "history.jsonl", "session.jsonl", "session.csv", "report.html", "all.jsonl", "one.csv"}
    assert (tmp_path / "here" / "session.csv").read_bytes() == (tmp_path / "here" / "one.csv").read_bytes()


def test_a_session_by_hand_is_carried_to_another_store_and_read_as_a_page(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for home in (here, there):
        home.mkdir()
    moonlock(here, "session", "start", "Focus <1>", "--follow", "none")
    moonlock(here, "session", "tokens", "70")
    moonlock(here, "session", "export", "focus", str(tmp_path / "focus.jsonl"))
    said = moonlock(there, "session", "import", str(tmp_path / "focus.jsonl")).out
    assert "1 session by hand, 1 posting" in said
    assert document(there, "session", "show", "focus")["tokens"]["total"] == 70
    moonlock(there, "session", "export", "focus", str(tmp_path / "focus.html"), "--format", "html")
    text = (tmp_path / "focus.html").read_text("utf-8")
    assert "Focus &lt;1&gt;" in text and "<script" not in text
    assert (
        exported(there, "session", "export", "focus", "-", "--format", "csv").splitlines()[1].endswith(b",api,,,,70,")
    )
