"""Whatever lies where logs should lie: it is told in a clear word, nothing stops, nothing is lost or doubled."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from claude_lines import usage
from cli.running import moonlock
from serving import MOONLOCK, environment, eventually, server
from system.asking import (
    TOKENS,
    counted,
    doctor,
    log_of,
    ran,
    report,
    requests_of,
    response,
    status_of,
    told_of,
    written,
)

unix = pytest.mark.skipif(sys.platform == "win32", reason="kinds of files that Windows has not")
LONG_LINE, MOST_MEMORY = 100 << 20, 200 << 20
MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
"""Measured from a small process: Linux counts for a program also what the one had that started it, here all tests."""


def test_a_home_without_logs_is_a_state_and_says_where_was_looked(tmp_path: Path) -> None:
    assert requests_of(tmp_path) == 0
    said = doctor(tmp_path, "sources")
    assert said.status == "healthy" and "no-logs" in said.codes
    assert f"{tmp_path}/.claude/projects: not there" in said.text


def test_a_file_where_the_folder_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude" / "projects").write_text("no folder")
    assert requests_of(tmp_path) == 0
    said = doctor(tmp_path, "sources")
    assert said.status == "degraded" and f"{tmp_path}/.claude/projects: Not a directory" in said.text


def test_a_log_that_may_not_be_read_is_told_and_read_later(tmp_path: Path, ordinary: tuple[str, ...]) -> None:
    written(tmp_path, 1, 2)
    closed = written(tmp_path, 3, session="s2")
    closed.chmod(0)
    done = ran(tmp_path, "sync", within=ordinary)
    assert done.returncode == 0 and "2 requests known; 1 place could not be read" in done.stdout
    said = doctor(tmp_path, "sources", ordinary)
    assert said.status == "degraded" and f"{closed}: Permission denied" in said.text
    counting = ("usage", "--json")
    partly = ran(tmp_path, *counting, within=ordinary)
    assert json.loads(partly.stdout)["totals"]["requests"] == 2
    assert "1 place could not be read" in partly.stderr
    closed.chmod(0o600)
    assert json.loads(ran(tmp_path, *counting, within=ordinary).stdout)["totals"]["requests"] == 3


def test_a_server_tells_of_a_log_that_may_not_be_read(tmp_path: Path, ordinary: tuple[str, ...]) -> None:
    written(tmp_path, 1, 2)
    closed = written(tmp_path, 3, session="s2")
    closed.chmod(0)
    with server(tmp_path, within=ordinary) as started:
        eventually(lambda: status_of("sources", started) == "degraded")
        assert f"{closed}: Permission denied" in told_of("sources", started.get("/health")).text
        closed.chmod(0o600)
        written(tmp_path, 4, session="s2")
        eventually(lambda: counted(started) == 4)


def test_a_folder_that_may_not_be_read_is_told_and_read_later(tmp_path: Path, ordinary: tuple[str, ...]) -> None:
    written(tmp_path, 1, 2)
    closed = written(tmp_path, 3, project="-w-closed").parent
    closed.chmod(0)
    try:
        assert ran(tmp_path, "sync", within=ordinary).returncode == 0
        said = doctor(tmp_path, "sources", ordinary)
    finally:
        closed.chmod(0o700)
    assert said.status == "degraded" and f"{closed}: Permission denied" in said.text
    assert requests_of(tmp_path) == 3


@unix
def test_links_that_lead_back_end_and_count_nothing_twice(tmp_path: Path) -> None:
    log = written(tmp_path, 1, 2)
    folder = log.parent
    (folder / "back").symlink_to(tmp_path / ".claude" / "projects")
    (folder / "self").symlink_to(folder / "self")
    (folder / "self.jsonl").symlink_to(folder / "self.jsonl")
    (folder / "nowhere.jsonl").symlink_to(tmp_path / "nowhere")
    (folder / "again.jsonl").symlink_to(log)
    os.link(log, folder / "hard.jsonl")
    assert requests_of(tmp_path) == 2
    for number in range(3, 6):  # what the links do not lead to is still seen to change
        written(tmp_path, number)
        assert requests_of(tmp_path) == number
    said = doctor(tmp_path, "sources")
    assert said.status == "degraded" and "self.jsonl" in said.text and "nowhere.jsonl" in said.text
    with server(tmp_path) as started:
        written(tmp_path, 6)
        eventually(lambda: counted(started) == 6)


@unix
def test_what_is_no_file_is_never_waited_for_and_told(tmp_path: Path) -> None:
    folder = written(tmp_path, 1, 2).parent
    os.mkfifo(folder / "pipe.jsonl")
    (folder / "folder.jsonl").mkdir()
    (folder / "device.jsonl").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listening:
        here = Path.cwd()
        os.chdir(folder)  # the path of a socket may be no longer than a hundred bytes
        try:
            listening.bind("socket.jsonl")
        finally:
            os.chdir(here)
        for number in range(3, 5):
            written(tmp_path, number)
            assert requests_of(tmp_path) == number
        said = doctor(tmp_path, "sources")
        assert said.status == "degraded" and "not-a-file" in said.codes
        assert all(f"{name}.jsonl" in said.text for name in ("pipe", "folder", "device", "socket"))
        with server(tmp_path) as started:
            written(tmp_path, 5)
            eventually(lambda: counted(started) == 5)
            assert "not-a-file" in told_of("sources", started.get("/health")).codes


@unix
def test_a_line_of_a_hundred_megabytes_costs_no_memory_and_its_neighbours_count(tmp_path: Path) -> None:
    log = written(tmp_path, 1, 2)
    with log.open("ab") as file:
        file.write(b'{"type":"user","message":{"content":"')
        for _ in range(LONG_LINE >> 20):
            file.write(b"A" * (1 << 20))
        file.write(b'"}}\n')
    written(tmp_path, 3, 4)
    measured = subprocess.run(
        [sys.executable, "-c", MEASURE, MOONLOCK, "sync"], env=environment(tmp_path), stdout=subprocess.PIPE, check=True
    )
    assert int(measured.stdout) * (1 if sys.platform == "darwin" else 1024) < MOST_MEMORY
    assert requests_of(tmp_path) == 4
    said = doctor(tmp_path, "sources")
    assert f"{log}, byte {2 * len(response(1)):,}: " in said.text and "too-long" in said.text


def test_bytes_that_are_no_text_cost_nothing(tmp_path: Path) -> None:
    log = log_of(tmp_path)
    broken = response(2).replace(b'"text":"words"', b'"text":"\xff\xfe\xed\xa0\xbd \\ud83d \xe2\x80\xa8"')
    log.write_bytes(b"\xef\xbb\xbf" + response(1) + broken + response(3).replace(b"\n", b"\r\n"))
    assert requests_of(tmp_path) == 3
    assert doctor(tmp_path, "store").status == "healthy"


def test_bad_lines_are_told_with_their_places_and_their_neighbours_count(tmp_path: Path) -> None:
    whole = [response(number) for number in range(6)]
    glued, nuls = whole[1][:80] + whole[2], b"\0" * 4096 + whole[4]
    log = log_of(tmp_path)
    log.write_bytes(whole[0] + glued + whole[3] + nuls + b"no json\n" + b"[" * 50_000 + b"\n" + whole[5])
    assert requests_of(tmp_path) == 5
    said = doctor(tmp_path, "sources")
    assert f"{log}, byte {len(whole[0]):,}: " in said.text
    assert all(shape in said.text for shape in ("cut", "nul", "not-json"))


@pytest.mark.parametrize("count", ["-5", "1.5", "1e30", str(2**70), "1000000000001", '"12"', "NaN", "true"])
def test_a_count_that_no_response_has_is_left_out_and_told(count: str, tmp_path: Path) -> None:
    log = log_of(tmp_path)
    bad = response(2).replace(b'"output_tokens":50', b'"output_tokens":' + count.encode())
    log.write_bytes(response(1) + bad + response(3))
    document = json.loads(ran(tmp_path, "usage", "--json").stdout)
    assert (document["totals"]["requests"], document["totals"]["totalTokens"]) == (2, 2 * TOKENS)
    assert document["reading"]["skipped"] == 1
    said = doctor(tmp_path, "sources")
    assert f"{log}, byte {len(response(1)):,}: " in said.text and "bad-number" in said.text


def test_counts_as_large_as_they_may_be_add_up(tmp_path: Path) -> None:
    most = {"input": 10**12, "output": 10**12, "write": 10**12, "read": 10**12}
    log_of(tmp_path).write_bytes(b"".join(response(number, used=usage(**most)) for number in range(2_000)))
    totals = report(tmp_path)["totals"]
    assert (totals["requests"], totals["totalTokens"]) == (2_000, 8_000 * 10**12)


def test_a_time_that_is_missing_or_still_to_come_counts_at_a_time_that_the_file_has(tmp_path: Path) -> None:
    """That of the line before; in a file that tells none, that of its last change."""
    later = {"at": "2099-01-01T00:00:00.000Z"}
    log_of(tmp_path, "s1").write_bytes(response(1) + response(2, at=None) + response(3, **later) + response(4, at="x"))
    alone = log_of(tmp_path, "s2")
    alone.write_bytes(response(5, "s2", **later))
    changed = 1_790_812_800
    os.utime(alone, (changed, changed))
    days = {row["key"]: row["requests"] for row in report(tmp_path)["rows"]}
    assert days == {"2025-10-05": 4, "2026-10-01": 1}
    said = doctor(tmp_path, "sources")
    assert "time-assumed" in said.codes and "4 requests have no time in the log" in said.text


def test_a_broken_price_file_is_told_each_time_and_the_built_in_table_is_used(tmp_path: Path) -> None:
    written(tmp_path, 1, 2)
    before = report(tmp_path)
    broken = tmp_path / "prices.json"
    broken.write_text('{"models": {\n  "claude-opus-4-8": {"input": 1}\n}}')
    env = {"MOONLOCK_PRICES": str(broken)}
    for _ in range(2):
        done = moonlock(tmp_path, "usage", "--json", env=env)
        assert {name: json.loads(done.out)[name] for name in before} == before
        assert f"{broken}, line 2, column 3: the price of 'claude-opus-4-8' is wrong" in done.err
        assert "the built-in table is used" in done.err
    broken.write_text('{"models": {"claude-opus-4-8": {"input": 0, "output": 1000000}}}')
    mended = moonlock(tmp_path, "usage", "--json", env=env)
    assert mended.err == "" and json.loads(mended.out)["totals"]["costUsd"] == 100
    gone = moonlock(tmp_path, "usage", "--json", env={"MOONLOCK_PRICES": str(tmp_path / "none.json")})
    assert "cannot read the price file" in gone.err and json.loads(gone.out)["totals"] == before["totals"]


def test_a_server_with_a_broken_price_file_serves_and_says_so(tmp_path: Path) -> None:
    written(tmp_path, 1)
    broken, told = tmp_path / "prices.json", tmp_path / "stderr"
    broken.write_text("{")
    with server(tmp_path, env={"MOONLOCK_PRICES": str(broken)}, log=told) as started:
        eventually(lambda: counted(started) == 1)
        said = told_of("prices", started.get("/health"))
        assert said.status == "degraded" and f"{broken}, line 1" in said.text
    assert "the built-in table is used" in told.read_text()


def test_statistics_that_are_no_statistics_stop_nothing(tmp_path: Path) -> None:
    written(tmp_path, 1)
    statistics = tmp_path / ".claude" / "stats-cache.json"
    for content in (b"", b"{", b"\xff" * 1000, b"[" * 100_000, b'{"version":2,"dailyModelTokens":{"a":1}}'):
        statistics.write_bytes(content)
        assert ran(tmp_path, "sync").returncode == 0
        assert requests_of(tmp_path) == 1
    statistics.unlink()
    statistics.mkdir()
    assert ran(tmp_path, "sync").returncode == 0
    assert "statistics" in doctor(tmp_path, "statistics").codes


@pytest.mark.parametrize("served", [False, True], ids=["command", "server"])
def test_a_torn_last_line_counts_once_it_is_whole(served: bool, tmp_path: Path) -> None:
    log, line = written(tmp_path, 1), response(2)
    with log.open("ab") as file:
        file.write(line[:-90])
    if not served:
        document = json.loads(ran(tmp_path, "usage", "--json").stdout)
        assert (document["totals"]["requests"], document["reading"]["pendingTail"]) == (1, 1)
        with log.open("ab") as file:
            file.write(line[-90:])
        assert requests_of(tmp_path) == 2
        return
    with server(tmp_path) as started:
        eventually(lambda: counted(started) == 1)
        for cut in (-60, -30, -1, len(line)):
            with log.open("ab") as file:
                file.write(line[log.stat().st_size - len(response(1)) : cut])
        written(tmp_path, 3)
        eventually(lambda: counted(started) == 3)
    assert requests_of(tmp_path) == 3


def test_logs_that_change_while_they_are_read_end_up_whole(tmp_path: Path) -> None:
    """One grows, one is cut to nothing and written anew, one is replaced by a longer one, all during one reading."""
    each = 6_000
    written(tmp_path, *range(each), session="grows")
    emptied = written(tmp_path, *range(each, 2 * each), session="emptied")
    replaced = written(tmp_path, *range(2 * each, 3 * each), session="replaced")
    with server(tmp_path) as started:
        eventually(lambda: counted(started) > 0)
        early = {log: log.read_bytes() for log in (emptied, replaced)}
        for part in range(20):
            written(tmp_path, *range(3 * each + part * 50, 3 * each + part * 50 + 50), session="grows")
        emptied.write_bytes(b"")
        emptied.write_bytes(early[emptied] + response(5 * each, "emptied"))
        fresh = replaced.with_suffix(".new")
        fresh.write_bytes(response(6 * each, "replaced") + early[replaced])
        fresh.replace(replaced)
        eventually(lambda: counted(started) == 3 * each + 1_002)
    assert requests_of(tmp_path) == 3 * each + 1_002
