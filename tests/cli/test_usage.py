"""`moonlock usage`: days, spans, zones, shapes."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import apsw
import pytest
from cli.running import answer, log, moonlock
from serving import MOONLOCK, environment


@pytest.fixture
def home(tmp_path: Path) -> Path:
    log(
        tmp_path,
        answer(1, "2026-10-05T10:00:00.000Z"),
        answer(2, "2026-10-06T23:30:00.000Z", (10, 20, 30, 40)),
        answer(3, "2026-10-08T01:00:00.000Z", (1, 2, 3, 4), "mystery-model"),
    )
    return tmp_path


def asked(home: Path, *args: str, **env: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(moonlock(home, "usage", "daily", "--json", *args, env=env).out)
    return found


def days(found: dict[str, Any]) -> list[str]:
    return [row["key"] for row in found["rows"]]


def test_a_day_for_each_day_with_requests(home: Path) -> None:
    found = asked(home)
    assert days(found) == ["2026-10-05", "2026-10-06", "2026-10-08"]
    assert [row["requests"] for row in found["rows"]] == [1, 1, 1]
    assert found["totals"]["totalTokens"] == 260
    assert (found["timezone"], found["since"], found["until"]) == ("UTC", None, None)


def test_since_and_until_are_both_included(home: Path) -> None:
    assert days(asked(home, "--since", "2026-10-06")) == ["2026-10-06", "2026-10-08"]
    found = asked(home, "--since=20261005", "--until", "2026-10-06")
    assert days(found) == ["2026-10-05", "2026-10-06"]
    assert (found["since"], found["until"]) == ("2026-10-05", "2026-10-06")
    assert found["totals"]["totalTokens"] == 250


def test_totals_and_days_follow_the_same_zone(home: Path) -> None:
    assert days(asked(home, "--timezone", "Europe/Berlin")) == ["2026-10-05", "2026-10-07", "2026-10-08"]
    assert days(asked(home, "--timezone", "America/Los_Angeles", "--since", "2026-10-07")) == ["2026-10-07"]
    assert asked(home, MOONLOCK_TIMEZONE="Asia/Tokyo")["timezone"] == "Asia/Tokyo"
    assert days(asked(home, TZ="Pacific/Auckland")) == ["2026-10-05", "2026-10-07", "2026-10-08"]


def test_the_last_days_end_today(home: Path) -> None:
    assert days(asked(home, "--last", "9999d")) == ["2026-10-05", "2026-10-06", "2026-10-08"]
    recent = asked(home, "--last", "1")
    assert recent["since"] == recent["until"]


def test_newest_first_turns_the_rows_around_and_nothing_else(home: Path) -> None:
    assert days(asked(home, "--order", "desc")) == ["2026-10-08", "2026-10-06", "2026-10-05"]
    assert asked(home, "--order", "desc")["totals"] == asked(home)["totals"]


def test_what_has_no_price_is_named_and_never_zero(home: Path) -> None:
    found = asked(home)
    assert found["rows"][2]["costUsd"] is None
    assert found["reading"]["unpricedModels"] == ["mystery-model"]
    assert found["totals"]["unpricedTokens"] == 10
    assert "≥ at least: 1 request without a known price: mystery-model" in moonlock(home, "usage").out


def test_what_is_appended_is_in_the_next_answer(home: Path) -> None:
    assert asked(home)["totals"]["requests"] == 3
    log(home, answer(4, "2026-10-09T01:00:00.000Z"))
    assert asked(home)["totals"]["requests"] == 4
    log(home, answer(5, "2026-10-09T02:00:00.000Z"), session="22222222-2222-4222-8222-222222222222")
    assert asked(home)["totals"]["requests"] == 5


def test_history_outlives_its_log(home: Path) -> None:
    before = asked(home)["totals"]
    log(home).unlink()
    assert asked(home)["totals"] == before


def test_another_price_file_counts_from_the_next_answer_on(home: Path, tmp_path: Path) -> None:
    prices = tmp_path / "prices.json"
    prices.write_text(json.dumps({"models": {"claude-sonnet-5-5": {"input": 1_000_000, "output": 0}}}))
    known = asked(home)["rows"][0]["costUsd"]
    assert asked(home, MOONLOCK_PRICES=str(prices))["rows"][0]["costUsd"] == 100
    assert asked(home)["rows"][0]["costUsd"] == known


def test_own_rates_are_put_before_the_table(home: Path) -> None:
    overrides = json.dumps({"mystery-model": {"input": 1_000_000, "output": 0}})
    assert asked(home, MOONLOCK_PRICE_OVERRIDES=overrides)["reading"]["unpricedModels"] == []


def test_a_price_file_that_cannot_be_read_is_told_and_does_without(home: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("{")
    known = asked(home)
    for name in ("bad.json", "none.json"):
        said = moonlock(home, "usage", "--json", env={"MOONLOCK_PRICES": str(tmp_path / name)})
        assert json.loads(said.out) == known
        assert name in said.err and said.err.startswith("warning: ")
        other = moonlock(home, "usage", "--cost", "calculate", env={"MOONLOCK_PRICES": str(tmp_path / name)})
        assert other.err.count("warning: ") == 1


def test_a_store_from_a_newer_version_is_refused_with_advice(home: Path) -> None:
    asked(home)

    db = apsw.Connection(str(home / "moonlock" / "moonlock.db"))
    db.execute("pragma user_version = 99")
    db.close()
    for args in ((), ("--csv",)):
        said = moonlock(home, "usage", *args, status=2)
        assert said.err.startswith("error: the store has schema 99; this Moonlock knows schemas up to ")
        assert "hint: update Moonlock, or name another data folder\n" in said.err
    error = json.loads(moonlock(home, "usage", "session", "--json", status=2).out)["error"]
    assert (error["code"], error["hint"]) == ("store", "update Moonlock, or name another data folder")


def test_the_table_is_plain_without_a_terminal(home: Path) -> None:
    text = moonlock(home, "usage").out
    assert "\x1b" not in text
    assert text.split()[0] == "Day" and text.splitlines()[0].split()[-2:] == ["Total", "Cost"]
    assert "2026-10-06" in text
    assert max(map(len, text.splitlines())) <= 80
    assert "opus" not in text and "sonnet-5-5" in moonlock(home, "usage", "--breakdown").out


def test_no_logs_at_all_is_an_answer_too(tmp_path: Path) -> None:
    assert asked(tmp_path)["rows"] == []
    assert moonlock(tmp_path, "usage").out.startswith("No usage found; ")
    said = moonlock(tmp_path, "usage", "--project", "web", status=1)
    assert said.err == "error: no such project: web\nhint: there is no project yet\n"


def test_the_store_is_for_its_owner_alone(home: Path) -> None:
    asked(home)
    assert (home / "moonlock").stat().st_mode & 0o777 == 0o700
    for path in (home / "moonlock").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_reader_that_goes_away_is_no_failure(home: Path) -> None:
    with subprocess.Popen(
        [MOONLOCK, "usage"], env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no terminals of this kind")
def test_a_first_read_of_much_is_shown_to_people_beside_the_answer(tmp_path: Path) -> None:
    log(tmp_path, *(answer(number, "2026-10-05T10:00:00.000Z", padding="x" * 500) for number in range(2000)))
    first, second = watched(tmp_path), watched(tmp_path)
    assert [json.loads(out)["totals"]["requests"] for out, _ in (first, second)] == [2000, 2000]
    assert "of 1 file" in first[1] and second[1] == ""


def watched(home: Path) -> tuple[str, str]:
    """What `usage --json` prints, and what it says on a terminal meanwhile."""
    import pty

    master, terminal = pty.openpty()
    known = {**environment(home), "TERM": "xterm-256color", "TZ": "UTC"}
    with subprocess.Popen([MOONLOCK, "usage", "--json"], env=known, stdout=subprocess.PIPE, stderr=terminal) as process:
        os.close(terminal)
        assert process.stdout is not None
        out = process.stdout.read().decode()
        said = b""
        with os.fdopen(master, "rb", buffering=0) as screen:
            while part := seen(screen):
                said += part
    return out, said.decode()


def seen(screen: io.RawIOBase) -> bytes:
    try:
        return screen.read(65536) or b""
    except OSError:  # Linux: nobody has the terminal open any more
        return b""
