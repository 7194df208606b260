"""History never shrinks because a log did (promise R5): Claude Code deletes logs, Moonlock has the only copy."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from serving import eventually, server
from system.asking import counted, doctor, log_of, report, response, written

Loss = Callable[[Path], object]


def emptied(home: Path) -> None:
    log_of(home).write_bytes(b"")


def cut(home: Path) -> None:
    log = log_of(home)
    log.write_bytes(log.read_bytes()[: len(response(0)) * 2])


def rewritten(home: Path) -> None:
    log_of(home).write_bytes(response(7))


def replaced(home: Path) -> None:
    fresh = log_of(home).with_suffix(".new")
    fresh.write_bytes(response(2))
    fresh.replace(log_of(home))


def deleted(home: Path) -> None:
    log_of(home).unlink()


def swept(home: Path) -> None:
    """What Claude Code does after ``cleanupPeriodDays``."""
    for log in (home / ".claude" / "projects").rglob("*.jsonl"):
        log.unlink()


def gone(home: Path) -> None:
    shutil.rmtree(home / ".claude" / "projects")


def moved(home: Path) -> None:
    (home / ".claude").rename(home / "elsewhere")


LOSSES: dict[Loss, str] = {
    emptied: "logs-shrank",
    cut: "logs-shrank",
    rewritten: "logs-shrank",
    replaced: "logs-shrank",
    deleted: "logs-gone",
    swept: "logs-gone",
    gone: "logs-gone",
    moved: "logs-gone",
}
losses = pytest.mark.parametrize(("loss", "code"), LOSSES.items(), ids=[loss.__name__ for loss in LOSSES])


def lived(home: Path) -> None:
    written(home, *range(10))
    written(home, *range(10, 15), session="s2")
    written(home, *range(15, 18), session="s3", project="-w-other")


@losses
def test_the_report_stays_when_logs_shrink_or_go(loss: Loss, code: str, tmp_path: Path) -> None:
    lived(tmp_path)
    before = report(tmp_path)
    assert before["totals"]["requests"] == 18
    loss(tmp_path)
    assert report(tmp_path) == before
    said = [doctor(tmp_path, part) for part in ("store", "sources")]
    assert any(code in part.codes and "stays" in part.text for part in said)


@losses
def test_a_running_server_keeps_what_it_has_read_and_says_what_happened(loss: Loss, code: str, tmp_path: Path) -> None:
    lived(tmp_path)
    with server(tmp_path) as started:
        eventually(lambda: counted(started) == 18)
        loss(tmp_path)
        written(tmp_path, 20, session="s4")
        eventually(lambda: counted(started) == 19, "a new log was not read")
    assert report(tmp_path)["totals"]["requests"] == 19
    assert code in doctor(tmp_path, "store").codes


def test_a_log_that_comes_back_counts_no_second_time(tmp_path: Path) -> None:
    lived(tmp_path)
    before = report(tmp_path)
    log = log_of(tmp_path)
    kept = log.read_bytes()
    log.unlink()
    assert report(tmp_path) == before
    log.write_bytes(kept)
    assert report(tmp_path) == before
    assert not any("logs-gone" in doctor(tmp_path, part).codes for part in ("store", "sources"))
