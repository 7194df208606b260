"""`moonlock sync` and `moonlock doctor` without a server."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from cli.running import answer, log, moonlock


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


def test_the_doctor_of_a_fresh_machine_says_where_it_looked(tmp_path: Path) -> None:
    told = json.loads(moonlock(tmp_path, "doctor", "--json", status=None).out)
    assert set(told["components"]) == {"store", "sources", "prices", "page"}
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


@pytest.mark.parametrize(("prices", "status", "word"), [("{", 2, "fail"), ('{"models": {}}', None, "ok")])
def test_the_exit_code_is_that_of_the_worst_part(prices: str, status: int | None, word: str, tmp_path: Path) -> None:
    (tmp_path / "prices.json").write_text(prices)
    env = {"MOONLOCK_PRICES": str(tmp_path / "prices.json")}
    text = moonlock(tmp_path, "doctor", env=env, status=status).out
    assert any(line.startswith(f"{word} ") and "prices" in line for line in text.splitlines())


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_cannot_be_read_degrades(tmp_path: Path) -> None:
    folder = log(tmp_path, answer(1, "2026-10-05T10:00:00.000Z")).parent
    folder.chmod(0)
    try:
        assert "warn  sources" in moonlock(tmp_path, "doctor", status=1).out
    finally:
        folder.chmod(0o700)


def test_a_store_that_is_not_ours_is_left_alone_and_told(tmp_path: Path) -> None:
    (tmp_path / "moonlock").mkdir()
    (tmp_path / "moonlock" / "moonlock.db").write_bytes(b"not a database at all" * 100)
    told = json.loads(moonlock(tmp_path, "doctor", "--json", status=2).out)
    assert told["components"]["store"]["status"] == "unhealthy"
