"""`moonlock sync` and `moonlock doctor` without a server."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from cli.running import answer, log, moonlock
from serving import MOONLOCK, environment, serving

from moonlock.live import clock
from moonlock.model.instant import iso

if sys.platform != "win32":
    import pty


def test_sync_reads_once_and_then_finds_nothing_new(tmp_path: Path) -> None:
    log(tmp_path, *(answer(number, "2026-10-05T10:00:00.000Z") for number in range(20)))
    first = moonlock(tmp_path, "sync")
    assert first.out.startswith("Read 1 file, ") and first.out.endswith("20 requests known\n")
    assert first.err == ""
    assert moonlock(tmp_path, "sync").out == "Nothing new; 20 requests known\n"


def test_a_full_sync_reads_everything_and_counts_nothing_twice(tmp_path: Path) -> None:
    log(tmp_path, *(answer(number, "2026-10-05T10:00:00.000Z") for number in range(20)))
    before = json.loads(moonlock(tmp_path, "usage", "--json").out)
    assert moonlock(tmp_path, "sync", "--full").out.startswith("Read 1 file, ")
    assert json.loads(moonlock(tmp_path, "usage", "--json").out) == before


def test_a_damaged_store_is_set_aside_and_that_is_said(tmp_path: Path) -> None:
    log(tmp_path, answer(1, "2026-10-05T10:00:00.000Z"))
    moonlock(tmp_path, "sync")
    db = tmp_path / "moonlock" / "moonlock.db"
    db.write_bytes(b"nothing of ours " * 4096)
    assert "or run `moonlock sync`" in moonlock(tmp_path, "usage", status=2).err
    said = moonlock(tmp_path, "sync")
    assert said.out.endswith("1 request known\n")
    assert said.err.startswith("warning: the store was damaged (file is not a database) and set aside on ")
    (folder,) = (tmp_path / "moonlock" / "quarantine").iterdir()
    assert f"hint: the damaged file is in {folder}; `moonlock restore` takes a backup if you have one" in said.err
    assert moonlock(tmp_path, "sync").err == "", "it is said once; `moonlock doctor` goes on saying it"
    assert "was damaged" in moonlock(tmp_path, "doctor", status=1).out


def test_a_store_of_an_older_moonlock_is_no_broken_one(tmp_path: Path) -> None:
    log(tmp_path, answer(1, "2026-10-05T10:00:00.000Z"))
    moonlock(tmp_path, "sync")
    with contextlib.closing(sqlite3.connect(tmp_path / "moonlock" / "moonlock.db")) as db:
        db.execute("pragma user_version = 1")
    said = moonlock(tmp_path, "doctor", status=1).out
    assert "warn  store       of an older version" in said and "Run `moonlock sync`" in said


def test_a_full_sync_says_that_nothing_differs(tmp_path: Path) -> None:
    log(tmp_path, *(answer(number, "2026-10-05T10:00:00.000Z") for number in range(20)))
    assert moonlock(tmp_path, "sync", "--full").out.splitlines()[1:] == [
        "No difference: the store holds all that the logs say"
    ]
    told = json.loads(moonlock(tmp_path, "sync", "--full", "--json").out)
    assert told["differences"] == {"requests": 0, "totalTokens": 0, "costUsd": 0.0, "unpricedTokens": 0, "days": []}
    assert (told["schema"], told["full"], told["files"], told["requests"]) == ("moonlock.sync/1", True, 1, 20)


def test_a_full_sync_finds_what_a_look_at_size_and_time_cannot_see(tmp_path: Path) -> None:
    """A log that was written anew within its own length and time: nothing but its content differs."""
    days = ("2026-10-05", "2026-10-06", "2026-10-06")
    path = log(tmp_path, *(answer(number, f"{day}T10:00:00.000Z") for number, day in enumerate(days)))
    before, seen = path.read_text(), path.stat()
    moonlock(tmp_path, "sync")
    path.write_text(before.replace("msg_000000000001", "msg_000000000007").replace('_tokens":50', '_tokens":99'))
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    assert moonlock(tmp_path, "sync").out == "Nothing new; 3 requests known\n"
    lines = moonlock(tmp_path, "sync", "--full").out.splitlines()
    assert lines[1:] == [
        "Different from what was known: +1 request, +297 tokens, +$0.00",
        "  2026-10-05  +0 requests   +49 tokens  +$0.00",
        "  2026-10-06   +1 request  +248 tokens  +$0.00",
    ]
    assert json.loads(moonlock(tmp_path, "usage", "--json").out)["totals"]["requests"] == 4
    assert moonlock(tmp_path, "sync", "--full").out.splitlines()[1].startswith("No difference")


def test_a_full_sync_tells_a_script_each_day_that_differs(tmp_path: Path) -> None:
    path = log(tmp_path, answer(1, "2026-10-05T10:00:00.000Z"))
    moonlock(tmp_path, "sync")
    seen = path.stat()
    path.write_text(path.read_text().replace('"output_tokens":50', '"output_tokens":60'))
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    told = json.loads(moonlock(tmp_path, "sync", "--full", "--json").out)["differences"]
    day = {"requests": 0, "totalTokens": 10, "costUsd": 0.0001, "unpricedTokens": 0}
    assert told == {**day, "days": [{"day": "2026-10-05", **day}]}


def test_a_sync_for_a_script_says_what_came(tmp_path: Path) -> None:
    path = log(tmp_path, *(answer(number, "2026-10-05T10:00:00.000Z") for number in range(3)))
    told = json.loads(moonlock(tmp_path, "sync", "--json").out)
    assert told.pop("tookMs") >= 0
    assert told == {
        "schema": "moonlock.sync/1",
        "running": None,
        "full": False,
        "files": 1,
        "bytes": path.stat().st_size,
        "requests": 3,
        "newRequests": 3,
        "unreadable": [],
    }


def test_a_sync_beside_a_server_says_who_reads(tmp_path: Path) -> None:
    log(tmp_path, answer(1, "2026-10-05T10:00:00.000Z"))
    with serving(tmp_path) as url:
        assert json.loads(moonlock(tmp_path, "sync", "--json").out) == {"schema": "moonlock.sync/1", "running": url}
        told = json.loads(moonlock(tmp_path, "sync", "--full", "--json", status=2).out)
        assert told["error"]["code"] == "locked" and "moonlock stop" in told["error"]["hint"]


@pytest.mark.skipif(sys.platform == "win32", reason="no terminals of this kind")
def test_people_see_a_bar_while_much_is_read(tmp_path: Path) -> None:
    log(tmp_path, *(answer(number, "2026-10-05T10:00:00.000Z") for number in range(4_000)))
    ours, theirs = pty.openpty()
    known = environment(tmp_path) | {"TZ": "UTC", "TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen([MOONLOCK, "sync"], env=known, stdout=subprocess.PIPE, stderr=theirs) as process:
        os.close(theirs)
        said = read_all(ours)
        assert process.stdout is not None and b"4,000 requests known" in process.stdout.read()
    assert "1 of 1 file" in said and "MB/s, 0:00 left" in said


def read_all(terminal: int) -> str:
    """What came to a terminal until its program ended."""
    said = b""
    with contextlib.suppress(OSError):  # how Linux tells that the other end is closed
        while part := os.read(terminal, 1 << 16):
            said += part
    os.close(terminal)
    return said.decode()


def test_the_doctor_of_a_fresh_machine_says_where_it_looked(tmp_path: Path) -> None:
    told = json.loads(moonlock(tmp_path, "doctor", "--json", status=None).out)
    assert set(told["components"]) == {
        *("store", "backups", "sources", "connection", "quota", "status", "telemetry"),
        *("plan", "statistics", "settings", "prices", "page", "socketio"),
    }
    assert told["components"]["sources"]["status"] == "healthy"
    said = [finding["message"] for finding in told["components"]["sources"]["findings"]]
    assert f"{tmp_path}/.claude/projects: not there" in said
    assert not (tmp_path / "moonlock").exists()


def test_the_doctor_names_bad_lines_and_their_places(tmp_path: Path) -> None:
    path = log(
        tmp_path,
        answer(1, "2026-10-05T10:00:00.000Z"),
        '{"type":"assistant","mess',
        answer(2, "2026-10-05T10:00:00.000Z"),
    )
    moonlock(tmp_path, "sync")
    text = moonlock(tmp_path, "doctor", status=None).out
    assert f"{path}, byte " in text


def test_the_doctor_names_models_without_a_price_until_they_have_one(tmp_path: Path) -> None:
    log(tmp_path, answer(1, "2026-10-05T10:00:00.000Z", model="mystery-model"))
    moonlock(tmp_path, "sync")
    text = moonlock(tmp_path, "doctor", status=1).out
    assert "warn  prices" in text and "mystery-model has no price" in text and "MOONLOCK_PRICES" in text
    env = {"MOONLOCK_PRICE_OVERRIDES": json.dumps({"mystery-model": {"input": 1, "output": 2}})}
    assert "ok    prices" in moonlock(tmp_path, "doctor", env=env, status=None).out


@pytest.mark.parametrize(("prices", "status", "word"), [("{", 1, "warn"), ('{"models": {}}', None, "ok")])
def test_the_exit_code_is_that_of_the_worst_part(prices: str, status: int | None, word: str, tmp_path: Path) -> None:
    (tmp_path / "prices.json").write_text(prices)
    env = {"MOONLOCK_PRICES": str(tmp_path / "prices.json")}
    text = moonlock(tmp_path, "doctor", env=env, status=status).out
    assert any(line.startswith(f"{word} ") and "prices" in line for line in text.splitlines())


def test_the_doctor_says_where_a_price_file_is_broken_and_what_is_used_instead(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    path.write_text('{"models": {\n  "good": {"input": 1, "output": 2},\n  "bad": {"input": 1, "output": "2"}\n}}')
    told = json.loads(moonlock(tmp_path, "doctor", "--json", env={"MOONLOCK_PRICES": str(path)}, status=1).out)
    (found,) = told["components"]["prices"]["findings"]
    assert f"{path}, line 3, column 23: the price of 'bad' is wrong" in found["message"]
    assert "MOONLOCK_PRICES" in found["message"] and "the built-in table is used" in found["message"]
    assert "in the built-in table" in told["components"]["prices"]["summary"]


def test_the_doctor_tells_of_statistics_that_cannot_be_used(tmp_path: Path) -> None:
    path = tmp_path / ".claude" / "stats-cache.json"
    path.parent.mkdir()
    path.write_text('{"version": 7}')

    def said() -> list[str]:
        told = json.loads(moonlock(tmp_path, "doctor", "--json", status=None).out)
        return [one["message"] for one in told["components"]["statistics"]["findings"] if one["code"] == "statistics"]

    assert said() == [f"{path} has version 7; known is 2"]
    with serving(tmp_path):
        assert said() == [f"{path} has version 7; known is 2"]


def test_the_doctor_says_of_every_source_what_it_told_last_and_what_would_make_it_better(tmp_path: Path) -> None:
    agent, project = tmp_path / ".claude", tmp_path / "project"
    log(tmp_path, answer(1, iso(clock.now()), cwd=str(project)))

    def said() -> dict[str, tuple[str, str]]:
        told = json.loads(moonlock(tmp_path, "doctor", "--json", status=None).out)["components"]
        return {name: (part["summary"], json.dumps(part["findings"])) for name, part in told.items()}

    before = said()
    assert before["sources"][0].startswith("1 log found, the newest written ")
    assert "moonlock connect claude-code" in before["connection"][1]
    assert before["plan"][0] == "not told" and "Log in" in before["plan"][1]
    assert before["statistics"][0] == "none"
    account = {"organizationType": "claude_max", "organizationRateLimitTier": "default_claude_max_5x"}
    (tmp_path / ".claude.json").write_text(json.dumps({"oauthAccount": account}))
    days = [{"date": "2026-08-01", "tokensByModel": {"claude-opus-4-8": 5}}]
    (agent / "stats-cache.json").write_text(json.dumps({"version": 2, "dailyModelTokens": days}))
    (agent / "settings.json").write_text('{"autoCompactWindow": 300000}')
    (project / ".claude").mkdir(parents=True)
    (project / ".claude" / "settings.json").write_text("{")
    moonlock(tmp_path, "sync")
    after = said()
    assert after["plan"][0].startswith("Max 5x")
    assert after["statistics"][0].startswith("1 day, the newest 2026-08-01")
    assert after["settings"][0].startswith("1 file of the user and of 1 project ")
    assert "project/.claude/settings.json is not understood" in after["settings"][1]


def test_the_doctor_counts_requests_without_a_time(tmp_path: Path) -> None:
    log(tmp_path, *(answer(number, at) for number, at in enumerate(("2026-10-05T10:00:00.000Z", "", "2999-01-01"))))
    moonlock(tmp_path, "sync")
    told = json.loads(moonlock(tmp_path, "doctor", "--json", status=None).out)
    (found,) = [each for each in told["components"]["sources"]["findings"] if each["code"] == "time-assumed"]
    assert found["message"].startswith("2 requests have no time in the log, or one that had not come")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_cannot_be_read_degrades(tmp_path: Path) -> None:
    folder = log(tmp_path, answer(1, "2026-10-05T10:00:00.000Z")).parent
    folder.chmod(0)
    try:
        assert "warn  sources" in moonlock(tmp_path, "doctor", status=1).out
    finally:
        folder.chmod(0o700)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_the_doctor_names_a_file_without_what_a_terminal_would_obey(tmp_path: Path) -> None:
    folder = tmp_path / ".claude" / "projects" / "p"
    folder.mkdir(parents=True)
    os.mkfifo(folder / "a\x1b[2Jb.jsonl")
    said = moonlock(tmp_path, "doctor", status=None).out
    assert "[2Jb.jsonl" in said and "\x1b" not in said


def test_a_store_that_is_not_ours_is_left_alone_and_told(tmp_path: Path) -> None:
    (tmp_path / "moonlock").mkdir()
    (tmp_path / "moonlock" / "moonlock.db").write_bytes(b"not a database at all" * 100)
    told = json.loads(moonlock(tmp_path, "doctor", "--json", status=2).out)
    assert told["components"]["store"]["status"] == "unhealthy"
