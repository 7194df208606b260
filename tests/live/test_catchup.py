"""Reading what nobody watched: newest first, each byte once, by one process or several."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from live.house import open_store
from live.logs import answer, log, prompt, write
from live.traps import sprung, trap

from moonlock.live import workers
from moonlock.live.catchup import gathered, pending, read_backlog, sync
from moonlock.live.jobs import Group, Job, read_jobs
from moonlock.live.processes import ours
from moonlock.model.reading import Cursor
from moonlock.sources import ALL
from moonlock.store import Store

DAY = 1_795_161_600_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "data")
    yield opened
    opened.close()


def archive(home: Path, sessions: int = 6, lines: int = 5) -> None:
    for number in range(sessions):
        name = f"s{number}"
        said = [answer(DAY + each, 1, name) for each in range(lines)]
        write(log(home, name), *said, modified=DAY + number * 1000)


def tokens(store: Store) -> int:
    return store.usage_between(0, 1 << 60).tokens.total


def test_a_second_sync_parses_nothing_and_writes_nothing(tmp_path: Path, store: Store) -> None:
    archive(tmp_path)
    first, again = sync(store, ALL, {}, tmp_path), sync(store, ALL, {}, tmp_path)
    assert (first.files, again.files, again.bytes, again.rows) == (6, 0, 0, 0)
    assert first.rows > 30
    assert tokens(store) == 30


def test_only_what_was_added_is_read(tmp_path: Path, store: Store) -> None:
    archive(tmp_path)
    sync(store, ALL, {}, tmp_path)
    line = answer(DAY, 100)
    write(log(tmp_path, "s3"), line)
    report = sync(store, ALL, {}, tmp_path)
    assert (report.files, report.bytes) == (1, len(line))
    assert tokens(store) == 130


def test_a_last_line_without_newline_is_read_again_and_counts_once(tmp_path: Path, store: Store) -> None:
    path = write(log(tmp_path), answer(DAY, 7).rstrip("\n"))
    sync(store, ALL, {}, tmp_path)
    assert tokens(store) == 7
    write(path, "\n", answer(DAY, 10))
    sync(store, ALL, {}, tmp_path)
    assert tokens(store) == 17
    assert sync(store, ALL, {}, tmp_path).files == 0


def test_the_newest_files_come_first(tmp_path: Path) -> None:
    archive(tmp_path)
    jobs = pending(ALL, {}, {}, tmp_path).jobs
    assert [Path(job.seen.path).stem for job in jobs] == ["s5", "s4", "s3", "s2", "s1", "s0"]


def test_vanished_files_are_told_and_what_they_said_stays(tmp_path: Path, store: Store) -> None:
    archive(tmp_path)
    sync(store, ALL, {}, tmp_path)
    shutil.rmtree(tmp_path / ".claude")
    report = sync(store, ALL, {}, tmp_path)
    assert report.gone == 6
    assert tokens(store) == 30
    assert sync(store, ALL, {}, tmp_path).gone == 0


def test_progress_ends_with_everything(tmp_path: Path, store: Store) -> None:
    archive(tmp_path)
    told: list[tuple[int, int, int]] = []
    sync(store, ALL, {}, tmp_path, lambda files, size, backlog: told.append((files, size, backlog.bytes)))
    files, size, whole = told[-1]
    assert (files, size) == (6, whole)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_cannot_be_read_is_reported_and_read_later(tmp_path: Path, store: Store) -> None:
    archive(tmp_path)
    path = log(tmp_path, "s2")
    path.chmod(0)
    report = sync(store, ALL, {}, tmp_path)
    assert [trouble.code for trouble in report.troubles] == ["unreadable"]
    path.chmod(0o600)
    assert sync(store, ALL, {}, tmp_path).files == 1
    assert tokens(store) == 30


def test_a_file_that_vanishes_between_walk_and_reading_is_reported(tmp_path: Path) -> None:
    archive(tmp_path)
    jobs = pending(ALL, {}, {}, tmp_path).jobs
    log(tmp_path, "s2").unlink()
    (group,) = read_jobs(jobs, ALL)
    assert [trouble.code for trouble in group.troubles] == ["unreadable"]
    assert (len(group.batches), group.files) == (5, 6)


def said(groups: Iterator[Group]) -> list[bytes]:
    """All batches in one order, as bytes, so that they can be compared."""
    return sorted(msgspec.msgpack.encode(batch) for group in groups for batch in group.batches)


def test_several_processes_read_what_one_would(tmp_path: Path) -> None:
    archive(tmp_path, sessions=30, lines=40)
    backlog = pending(ALL, {}, {}, tmp_path)
    assert said(read_backlog(backlog, ALL, much=0)) == said(read_backlog(backlog, ALL))


def test_started_processes_read_what_forked_ones_would(tmp_path: Path) -> None:
    archive(tmp_path, sessions=5)
    jobs = pending(ALL, {}, {}, tmp_path).jobs
    handed = workers.hand_out(len(jobs))
    command = ours("moonlock.live.reader", str(handed))
    given = msgspec.msgpack.encode(jobs)
    out = subprocess.run(command, input=given, capture_output=True, check=True, pass_fds=(handed,)).stdout
    os.close(handed)
    finished, group = msgspec.msgpack.decode(out[4:], type=tuple[list[int], Group])
    assert finished == list(range(5))
    assert int.from_bytes(out[:4], "little") == len(out) - 4
    assert said(iter([group])) == said(read_jobs(jobs, ALL))


def test_a_server_with_threads_starts_processes_instead_of_forking(tmp_path: Path) -> None:
    archive(tmp_path, sessions=5)
    code = (
        "import threading, sys\nfrom pathlib import Path\n"
        "from moonlock.live.catchup import pending, read_backlog\nfrom moonlock.sources import ALL\n"
        "threading.Thread(target=threading.Event().wait, daemon=True).start()\n"
        "backlog = pending(ALL, {}, {}, Path(sys.argv[1]))\n"
        "print(sum(group.files for group in read_backlog(backlog, ALL, 0)), flush=True)\n"
    )
    out = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, check=True, text=True)
    assert out.stdout == "5\n"
    assert out.stderr == ""


def test_a_process_that_reads_runs_no_code_that_lies_where_the_server_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive(tmp_path, sessions=5)
    jobs = pending(ALL, {}, {}, tmp_path).jobs
    trap(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(threading, "active_count", lambda: 2)
    assert sum(group.files for group in workers.read_parallel(jobs, ALL)) == 5
    assert not sprung(tmp_path)


def test_what_a_process_that_died_left_undone_is_read_all_the_same(tmp_path: Path) -> None:
    class Doomed:
        """Reads as the real one does, but dies on one file unless it runs in this process."""

        name = ALL[0].name
        roots, claims = ALL[0].roots, ALL[0].claims
        here = os.getpid()

        def read(self, seen, cursor, limit):  # type: ignore[no-untyped-def]
            if os.getpid() != self.here and seen.path.endswith("s3.jsonl"):
                os._exit(9)
            return ALL[0].read(seen, cursor, limit)

    archive(tmp_path, sessions=8)
    backlog = pending(ALL, {}, {}, tmp_path)
    found = {batch.path for group in workers.read_parallel(backlog.jobs, (Doomed(),)) for batch in group.batches}
    assert found == {job.seen.path for job in backlog.jobs}


def test_a_backlog_that_is_left_leaves_no_process_behind(tmp_path: Path) -> None:
    archive(tmp_path, sessions=20, lines=2000)
    groups = read_backlog(pending(ALL, {}, {}, tmp_path), ALL, much=0)
    next(groups)
    groups.close()  # type: ignore[attr-defined]
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_every_file_is_handed_out_once_however_many_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_MOST_HANDED", 7)
    archive(tmp_path, sessions=40)
    backlog = pending(ALL, {}, {}, tmp_path)
    groups = list(workers.read_parallel(backlog.jobs, ALL))
    paths = [batch.path for group in groups for batch in group.batches]
    assert sorted(paths) == sorted(job.seen.path for job in backlog.jobs)
    assert sum(group.files for group in groups) == 40


def test_small_groups_are_gathered_into_larger_ones(tmp_path: Path) -> None:
    archive(tmp_path, sessions=10)
    jobs = pending(ALL, {}, {}, tmp_path).jobs
    singles = (group for job in jobs for group in read_jobs([job], ALL))
    gatherings = list(gathered(singles, 20))
    assert [group.files for group in gatherings] == [4, 4, 2]


def test_how_much_of_a_job_is_new() -> None:
    def job(size: int, offset: int, inode: int = 1) -> Job:
        from moonlock.model.reading import Seen

        return Job("claude-code", Seen("p", 1, 1, size, 0), Cursor(offset=offset, device=1, inode=inode))

    assert job(100, 60).bytes == 40
    assert job(50, 60).bytes == 50  # it shrank
    assert job(100, 60, inode=2).bytes == 100  # another file


def test_a_large_file_that_lost_its_last_line_is_read_again_once(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its first batch alone must not pass for one that was kept already: its rest would be read again and again."""
    monkeypatch.setattr("moonlock.live.jobs.LIMIT", 1)
    lines = [answer(DAY + each, 1).replace('"done"', f'"{"x" * 10_000}"') for each in range(60)]
    path = write(log(tmp_path), *lines)
    sync(store, ALL, {}, tmp_path)
    os.truncate(path, path.stat().st_size - len(lines[-1]))
    assert [sync(store, ALL, {}, tmp_path).files for _ in range(2)] == [1, 0]
    assert (store.cursor(str(path)).offset, store.reading().records) == (path.stat().st_size, 59)
    assert tokens(store) == 60


@pytest.mark.skipif(sys.platform == "win32", reason="one process reads there")
def test_processes_put_tool_calls_aside_until_somebody_asks(tmp_path: Path, store: Store) -> None:
    for number in range(4):
        name = f"s{number}"
        write(log(tmp_path, name), prompt(DAY, name), answer(DAY + 1, 5, name, "Bash"), modified=DAY + number)
    groups = list(read_backlog(pending(ALL, {}, {}, tmp_path), ALL, 1))
    assert all(batch.packed for group in groups for batch in group.batches)
    with store.together() as append:
        for group in groups:
            append(group.batches)
    assert tokens(store) == 20
    found = store.sessions()
    assert [session.tail.phase for session in found] == ["calling"] * 4
    assert [use.name for session in found for use in store.tools(session.uid)] == ["Bash"] * 4
