"""The warm report: what it may load, and that it reads nothing again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli.running import answer, log, moonlock
from serving import environment

from moonlock.cli.memo import fingerprint

MAY_NOT_LOAD = {
    *("click", "rich", "yaml", "asyncio", "litestar", "uvicorn", "http.client", "socket", "ssl", "logging"),
    *("zoneinfo", "difflib", "platformdirs", "typing_extensions", "subprocess", "importlib.metadata", "tempfile"),
    *("moonlock.model.wire", "moonlock.live.catchup", "moonlock.live.engine", "moonlock.server"),
    *("moonlock.analytics.prices", "moonlock.analytics.cost", "moonlock.store.append", "moonlock.store.lock"),
    *("moonlock.sources.claude_code.reading", "moonlock.outputs.table", "moonlock.cli.door"),
}
MOST_MODULES = 175
"""In all, with those of the interpreter; a new one costs about half a millisecond."""


TO_MAKE_IT = {"msgspec", "apsw", "moonlock.store", "moonlock.sources"}


def loaded(home: Path, *args: str, **env: str) -> set[str]:
    code = (
        "import sys, os\n"
        f"sys.argv = ['moonlock', *{args!r}]\n"
        "leave = os._exit\n"
        "os._exit = lambda status: (sys.stderr.write('\\n'.join(sys.modules)), leave(status))\n"
        "from moonlock.cli import main\n"
        "main()"
    )
    known = {**environment(home), "TZ": "UTC", **env}
    done = subprocess.run([sys.executable, "-c", code], env=known, capture_output=True, text=True, check=True)
    return set(done.stderr.split("\n"))


@pytest.fixture
def warm(tmp_path: Path) -> Path:
    log(tmp_path, answer(1, "2026-10-05T10:00:00.000Z"))
    moonlock(tmp_path, "usage", "--json")
    return tmp_path


@pytest.mark.parametrize(
    "args", [("usage", "--json"), ("usage", "daily", "--json", "--since", "2026-01-01")], ids=" ".join
)
def test_a_report_loads_what_it_needs_and_nothing_else(warm: Path, args: tuple[str, ...]) -> None:
    found = loaded(warm, *args, XDG_RUNTIME_DIR="asked elsewhere, so it is made anew")
    assert found >= TO_MAKE_IT
    assert not MAY_NOT_LOAD & found
    assert len(found) <= MOST_MODULES


def test_a_report_that_was_made_before_needs_neither_store_nor_sources(warm: Path) -> None:
    moonlock(warm, "usage", "--json", env={"COLUMNS": ""})
    found = loaded(warm, "usage", "--json")
    assert not (MAY_NOT_LOAD | TO_MAKE_IT) & found
    assert len(found) <= 85


def test_a_zone_costs_the_zone_data_and_nothing_else(warm: Path) -> None:
    found = loaded(warm, "usage", "--json", "--timezone", "Europe/Berlin")
    assert "zoneinfo" in found
    assert not (MAY_NOT_LOAD - {"zoneinfo"}) & found


def test_an_unchanged_log_is_not_opened_again(warm: Path) -> None:
    path = log(warm)
    path.chmod(0)
    try:
        assert '"requests": 1' in moonlock(warm, "usage", "--json").out
    finally:
        path.chmod(0o600)
    assert "moonlock.sources.tailer" not in loaded(warm, "usage", "--json")


def test_the_quick_and_the_full_reader_of_options_give_the_same_document(warm: Path) -> None:
    quick = moonlock(warm, "usage", "--json", "--last", "9999d", "--order", "desc").out
    # A joined switch value is unknown to the quick reader, a repeated one too: both go through Click.
    full = moonlock(
        warm, "usage", "--json", "--json", "--last", "9999d", "--order", "asc", "--order", "desc", "--", "daily"
    ).out
    assert quick == full


def totals(home: Path, *args: str, **env: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(moonlock(home, "usage", "--json", *args, env=env).out)
    return found


@pytest.mark.parametrize(
    "change",
    [
        lambda home: log(home, answer(2, "2026-10-06T10:00:00.000Z")),
        lambda home: log(home, answer(2, "2026-10-06T10:00:00.000Z"), session="22222222-2222-4222-8222-222222222222"),
        lambda home: rewritten(log(home), answer(3, "2026-10-05T11:00:00.000Z")),
    ],
    ids=["a line more", "a log more", "another file of the same size"],
)
def test_whatever_happens_to_the_logs_is_in_the_next_answer(warm: Path, change: Callable[[Path], object]) -> None:
    assert totals(warm)["totals"]["requests"] == 1
    change(warm)
    assert totals(warm)["totals"]["requests"] == 2
    assert totals(warm)["totals"]["requests"] == 2


def rewritten(path: Path, line: str) -> None:
    """Another file under the same name, with the same size and the same time."""
    before = path.stat()
    draft = path.with_suffix(".new")
    draft.write_text(line + "\n")
    os.utime(draft, ns=(before.st_atime_ns, before.st_mtime_ns))
    draft.replace(path)
    assert path.stat().st_size == before.st_size


def test_whatever_is_asked_otherwise_is_answered_otherwise(warm: Path) -> None:
    first = totals(warm)
    assert totals(warm, "--timezone", "Asia/Tokyo")["timezone"] == "Asia/Tokyo"
    assert totals(warm, MOONLOCK_TIMEZONE="Asia/Tokyo")["timezone"] == "Asia/Tokyo"
    (warm / "moonlock" / "config.yaml").write_text("timezone: Asia/Tokyo\n")
    assert totals(warm)["timezone"] == "Asia/Tokyo"
    (warm / "moonlock" / "config.yaml").unlink()
    assert totals(warm) == first


def test_another_store_gives_another_answer(warm: Path) -> None:
    assert totals(warm)["totals"]["requests"] == 1
    (warm / "moonlock" / "moonlock.db").unlink()
    log(warm).unlink()
    assert totals(warm)["rows"] == []


@pytest.mark.parametrize("text", [b"", b"\n", b"\xff", b"garbage\n\n{}"])
def test_a_kept_answer_that_makes_no_sense_is_made_anew(text: bytes, warm: Path) -> None:
    expected = totals(warm)
    for slot in (warm / "moonlock" / "cache" / "answers").iterdir():
        slot.write_bytes(text)
    assert totals(warm) == expected


def test_links_that_lead_back_end_and_a_changed_log_behind_a_link_is_seen(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "back").symlink_to(tmp_path / "a")
    (tmp_path / "a" / "to").symlink_to(tmp_path / "b")
    first = fingerprint([str(tmp_path / "a")])
    (tmp_path / "b" / "x.jsonl").write_text("1")
    second = fingerprint([str(tmp_path / "a")])
    assert first != second
    assert fingerprint([str(tmp_path / "a")]) == second != fingerprint([str(tmp_path / "none")])
