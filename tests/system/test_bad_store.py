"""A store that is held, closed, damaged or out of room: it is told in a clear word, and nothing is lost or doubled."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from serving import environment, eventually, server
from system.asking import TOKENS, counted, doctor, ran, report, requests_of, status_of, told_of, written

from moonlock.store.lock import WriterLock


def test_a_second_writer_is_refused_clearly_and_readers_go_on(tmp_path: Path) -> None:
    written(tmp_path, 1, 2)
    with server(tmp_path) as started:
        eventually(lambda: counted(started) == 2)
        second = ran(tmp_path, "start", "--no-browser", "--port", "0")
        assert second.returncode == 2 and f"Moonlock at {started.url} (pid {started.process.pid})" in second.stderr
        reading = ran(tmp_path, "sync")
        assert reading.returncode == 0 and "reads the logs as they are written" in reading.stdout
        again = ran(tmp_path, "sync", "--full")
        assert again.returncode == 2 and "moonlock stop" in again.stderr
        written(tmp_path, 3)
        eventually(lambda: counted(started) == 3)
        assert requests_of(tmp_path) == 3
        assert doctor(tmp_path, "store").status == "healthy"


def test_a_store_held_by_another_program_is_told_and_gone_on_with(tmp_path: Path) -> None:
    written(tmp_path, 1, 2)
    with server(tmp_path) as started:
        eventually(lambda: counted(started) == 2)
        holder = sqlite3.connect(tmp_path / "moonlock" / "moonlock.db", isolation_level=None)
        holder.execute("begin immediate")
        written(tmp_path, 3)
        eventually(lambda: status_of("store", started) == "unhealthy")
        assert "StoreBusy" in told_of("store", started.get("/health")).codes
        assert counted(started) == 2
        holder.execute("rollback")
        holder.close()
        eventually(lambda: counted(started) == 3)
        eventually(lambda: status_of("store", started) == "healthy")
    assert requests_of(tmp_path) == 3


def test_a_store_of_a_newer_moonlock_is_refused_with_advice_and_left_alone(tmp_path: Path) -> None:
    written(tmp_path, 1, 2)
    assert requests_of(tmp_path) == 2
    path = tmp_path / "moonlock" / "moonlock.db"
    newer = sqlite3.connect(path)
    newer.execute("pragma user_version = 99")
    newer.close()
    before = path.read_bytes()
    for command in (("usage",), ("usage", "session"), ("sync",), ("sync", "--full"), ("start", "--no-browser")):
        done = ran(tmp_path, *command)
        assert done.returncode == 2 and done.stdout == ""
        assert "the store has schema 99" in done.stderr and "hint: update Moonlock" in done.stderr
    told = json.loads(ran(tmp_path, "usage", "--json").stdout)["error"]
    assert told["code"] == "store" and "update Moonlock" in told["hint"]
    said = doctor(tmp_path, "store")
    assert said.status == "unhealthy" and "Update Moonlock" in said.text
    assert path.read_bytes() == before


WRITER = """
import sys
from pathlib import Path
from moonlock.sources import ALL
from moonlock.live.catchup import sync
from moonlock.store import Store
from system.asking import written
store, logs = Store.write(Path(sys.argv[1]), lambda event: 1), Path(sys.argv[2])
print("writing", flush=True)
for number in range(1_000, 100_000):
    written(logs, number, session="s9")
    sync(store, ALL, {}, logs)
"""
"""Another process that has the store and appends to it as long as it lives, from logs of its own."""


def test_reports_go_on_while_another_process_writes_and_never_fall(tmp_path: Path) -> None:
    written(tmp_path, *range(20))
    assert requests_of(tmp_path) == 20
    command = [sys.executable, "-c", WRITER, str(tmp_path / "moonlock" / "moonlock.db"), str(tmp_path / "other")]
    env = environment(tmp_path) | {"PYTHONPATH": str(Path(__file__).parent.parent)}
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE) as writer:
        try:
            assert writer.stdout is not None and writer.stdout.readline() == b"writing\n"
            seen = []
            for _ in range(20):
                done = ran(tmp_path, "usage", "--json")
                assert done.returncode == 0 and done.stderr == ""
                totals = json.loads(done.stdout)["totals"]
                assert totals["totalTokens"] == totals["requests"] * TOKENS
                seen.append(totals["requests"])
            assert writer.poll() is None
        finally:
            writer.kill()
    assert seen == sorted(seen) and seen[-1] > seen[0] >= 20
    assert requests_of(tmp_path) >= seen[-1]


def test_news_that_cannot_be_kept_while_another_process_writes_are_told_to_be_missing(tmp_path: Path) -> None:
    written(tmp_path, 1)
    assert requests_of(tmp_path) == 1
    held = WriterLock(tmp_path / "moonlock" / "moonlock.db.lock")
    try:
        written(tmp_path, 2)
        done = ran(tmp_path, "usage", "--json")
        assert done.returncode == 0 and json.loads(done.stdout)["totals"]["requests"] == 1
        assert "what is new in the logs may be missing" in done.stderr
    finally:
        held.free()
    assert requests_of(tmp_path) == 2


def test_a_store_that_may_not_be_written_is_still_read_and_told(tmp_path: Path, ordinary: tuple[str, ...]) -> None:
    written(tmp_path, 1, 2)
    before, data = report(tmp_path), tmp_path / "moonlock"
    modes = {path: path.stat().st_mode for path in (data, data / "moonlock.db", data / "moonlock.db.lock")}
    for path in modes:
        path.chmod(0o500 if path == data else 0o400)
    try:
        known = ran(tmp_path, "usage", "daily", "--json", within=ordinary)
        assert json.loads(known.stdout)["totals"] == before["totals"]
        written(tmp_path, 3)
        older = ran(tmp_path, "usage", "daily", "--json", within=ordinary)
        tried = [ran(tmp_path, *words, within=ordinary) for words in (("sync",), ("start", "--port", "0"))]
        said = doctor(tmp_path, "store", ordinary)
    finally:
        for path, mode in modes.items():
            path.chmod(mode)
    assert json.loads(older.stdout)["totals"] == before["totals"]
    assert "what is new in 1 log is missing" in older.stderr and "Permission denied" in older.stderr
    for each in tried:
        assert each.returncode != 0 and "Traceback" not in each.stderr
        assert f"{data}/" in each.stderr and "Permission denied" in each.stderr
    assert said.status == "degraded" and "store-read-only" in said.codes and str(data) in said.text
    assert requests_of(tmp_path) == 3


@pytest.mark.parametrize("damage", ["garbage", "cut", "zeroed"])
def test_a_damaged_store_is_set_aside_and_the_logs_are_read_again(damage: str, tmp_path: Path) -> None:
    written(tmp_path, *range(300))
    before, db = report(tmp_path), tmp_path / "moonlock" / "moonlock.db"
    whole = db.read_bytes()
    middle = len(whole) // 2 // 4096 * 4096
    hurt = {
        "garbage": b"nothing of ours " * 4096,
        "cut": whole[:middle],
        "zeroed": whole[:4096] + b"\0" * (middle - 4096) + whole[middle:],
    }[damage]
    db.write_bytes(hurt)
    with server(tmp_path) as started:
        eventually(lambda: counted(started) == 300)
        eventually(lambda: status_of("store", started) == "degraded")
        assert "store-repaired" in told_of("store", started.get("/health")).codes
    (folder,) = (tmp_path / "moonlock" / "quarantine").iterdir()
    assert (folder / "moonlock.db").read_bytes() == hurt
    assert report(tmp_path) == before
    told = doctor(tmp_path, "store")
    assert told.status == "degraded" and str(folder) in told.text


def test_a_full_disk_pauses_and_space_cures_it(tmp_path: Path) -> None:
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("a small disk of its own needs root on Linux")
    data = tmp_path / "moonlock"
    data.mkdir()
    mount = f'mount -t tmpfs -o size=2m,mode=700 tmpfs {data} && exec "$@"'
    small = ("unshare", "-m", "sh", "-c", mount, "sh")
    if subprocess.run([*small, "true"], check=False).returncode:
        pytest.skip("nothing may be mounted here")
    written(tmp_path, *range(100))
    with server(tmp_path, within=small) as started:
        eventually(lambda: counted(started) == 100)
        filler = Path(f"/proc/{started.process.pid}/root{data}/filler")
        with pytest.raises(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(b"\0" * 4096)
        for part in range(5):
            written(tmp_path, *range(100 + part * 400, 500 + part * 400), session=f"more{part}")
        eventually(lambda: status_of("store", started) == "unhealthy")
        assert "StoreFull" in told_of("store", started.get("/health")).codes
        filler.unlink()
        eventually(lambda: counted(started) == 2_100)
        eventually(lambda: status_of("store", started) == "healthy")
        assert started.process.poll() is None
    assert requests_of(tmp_path) == 2_100
