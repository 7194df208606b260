"""History never shrinks because a log did (promise R5): Claude Code deletes logs, Moonlock has the only copy."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from claude_lines import OPUS
from cli.running import moonlock
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


QUESTIONS = (
    *(("usage", name, "--json") for name in ("daily", "weekly", "monthly", "hourly", "session", "model", "project")),
    *(("usage", name, "--json") for name in ("branch", "tool", "agent", "blocks")),
    ("usage", "daily", "--json", "--cost", "calculate"),
)


def answers(home: Path) -> list[dict[str, Any]]:
    """The rows and totals of every report."""
    found = [json.loads(moonlock(home, *question).out) for question in QUESTIONS]
    return [{name: document[name] for name in ("report", "rows", "totals")} for document in found]


def test_no_report_loses_anything_when_all_logs_are_gone_and_all_are_read_again(tmp_path: Path) -> None:
    lived(tmp_path)
    before = answers(tmp_path)
    swept(tmp_path)
    assert answers(tmp_path) == before
    assert moonlock(tmp_path, "sync").out == "Nothing new; 18 requests known\n"
    assert moonlock(tmp_path, "sync", "--full").out.splitlines()[1].startswith("No difference")
    gone(tmp_path)
    assert moonlock(tmp_path, "sync", "--full").out.splitlines()[1].startswith("No difference")
    assert answers(tmp_path) == before


def statistics(home: Path, days: dict[str, int]) -> None:
    """What Claude Code counted by itself, also of days whose logs it deleted."""
    document = {
        "version": 2,
        "dailyActivity": [{"date": day, "sessionCount": 2} for day in days],
        "dailyModelTokens": [{"date": day, "tokensByModel": {OPUS: tokens}} for day, tokens in days.items()],
    }
    path = home / ".claude" / "stats-cache.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(document))


def approximate(home: Path, *more: str) -> dict[str, int]:
    document = json.loads(moonlock(home, "usage", *more, "--json").out)
    return {row["key"]: row["tokens"] for row in document.get("approximate", {"rows": []})["rows"]}


DELETED = {"2025-08-30": 1_000, "2025-09-02": 20}


def test_days_before_the_first_log_come_from_the_statistics_and_are_in_no_sum(tmp_path: Path) -> None:
    lived(tmp_path)
    plain = report(tmp_path)
    (tmp_path / "moonlock" / "moonlock.db").unlink()
    statistics(tmp_path, {**DELETED, "2025-10-05": 300, "2025-10-06": 4})
    assert approximate(tmp_path) == DELETED
    assert report(tmp_path) == plain
    assert approximate(tmp_path, "monthly") == {"2025-08": 1_000, "2025-09": 20}
    assert approximate(tmp_path, "weekly") == {"2025-08-25": 1_000, "2025-09-01": 20}
    assert approximate(tmp_path, "--since", "2025-09-01") == {"2025-09-02": 20}
    assert approximate(tmp_path, "--until", "2025-08-31") == {"2025-08-30": 1_000}
    assert approximate(tmp_path, "session") == approximate(tmp_path, "--project", "app") == {}
    assert "~" in moonlock(tmp_path, "usage").out


def test_statistics_are_taken_once_and_outlive_their_file(tmp_path: Path) -> None:
    lived(tmp_path)
    statistics(tmp_path, DELETED)
    moonlock(tmp_path, "sync")
    statistics(tmp_path, dict.fromkeys(DELETED, 7))
    moonlock(tmp_path, "sync")
    assert approximate(tmp_path) == DELETED
    (tmp_path / ".claude" / "stats-cache.json").unlink()
    moonlock(tmp_path, "sync", "--full")
    assert approximate(tmp_path) == DELETED


def test_statistics_without_any_log_are_all_there_is(tmp_path: Path) -> None:
    statistics(tmp_path, DELETED)
    assert approximate(tmp_path) == DELETED
    assert report(tmp_path)["totals"]["totalTokens"] == 0


def test_an_older_log_that_comes_back_takes_the_place_of_its_statistics(tmp_path: Path) -> None:
    lived(tmp_path)
    statistics(tmp_path, DELETED)
    assert approximate(tmp_path) == DELETED
    log_of(tmp_path, "s9").write_bytes(response(90, "s9", at="2025-09-02T10:00:00.000Z"))
    assert approximate(tmp_path) == {"2025-08-30": 1_000}
    assert report(tmp_path)["rows"][0]["key"] == "2025-09-02"


def test_a_running_server_takes_the_statistics_too(tmp_path: Path) -> None:
    lived(tmp_path)
    statistics(tmp_path, DELETED)
    with server(tmp_path) as started:
        eventually(lambda: counted(started) == 18)
        eventually(lambda: approximate(tmp_path) == DELETED)


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
