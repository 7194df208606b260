"""``moonlock explain forecast`` through the real program."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cli.running import answer, log, moonlock, moonlock_at

NOW = "2026-10-20T12:00:00+00:00"


def lines(home: Path, days: int, model: str = "claude-opus-4-8") -> None:
    """On each day a window from 10:00 on, with three requests; the one of today is open."""
    for day in range(days):
        start = datetime(2026, 10, 20, 10, tzinfo=UTC) - timedelta(days=day)
        for number, minutes in enumerate((0, 50, 110)):
            at = start + timedelta(minutes=minutes)
            log(home, answer(10 * day + number, f"{at:%Y-%m-%dT%H:%M:%S}.000Z", model=model))


def test_the_windows_behind_a_forecast_are_named_with_their_weight(tmp_path: Path) -> None:
    lines(tmp_path, 7)
    found = json.loads(moonlock_at(NOW, tmp_path, "explain", "forecast", "--json").out)
    assert (found["schema"], found["of"]["kind"]) == ("moonlock.explain/1", "forecast")
    assert (found["of"]["key"], found["of"]["endAt"]) == ("2026-10-20T10:00:00.000Z", "2026-10-20T15:00:00.000Z")
    assert [window["startAt"][:16] for window in found["windows"]] == [f"2026-10-{day}T10:00" for day in range(14, 20)]
    weights = [*(window["weight"] for window in found["windows"]), found["prior"]["weight"]]
    assert sum(weights) == pytest.approx(1, abs=1e-4) and min(weights) > 0
    totals, forecast = found["totals"], found["forecast"]
    assert all(window["tokens"] == totals["totalTokens"] for window in found["windows"])
    assert forecast["tokens"]["low"] >= totals["totalTokens"] and forecast["costUsd"]["low"] >= totals["costUsd"]
    assert forecast["basis"] == {**forecast["basis"], "windows": 6, "learning": False, "method": "analog-replay"}
    assert (found["minute"], forecast["overrunProbability"], forecast["limitAt"]) == (121, None, None)


def test_a_person_reads_the_band_the_windows_and_the_simpler_rule(tmp_path: Path) -> None:
    lines(tmp_path, 7)
    said = moonlock_at(NOW, tmp_path, "explain", "forecast", "--limit", "2").out
    for words in (
        "The window from 10:00 to 15:00 (estimated, UTC), 2 h 1 min old",
        "Four of five windows like this one end within the range.",
        "6 windows of yours weigh",
        "  2026-10-19 10:00  ",
        "and 4 more; --json has all",
        "ccusage's rule",
        "21 active minutes of 60 are known",
    ):
        assert words in said
    assert "\x1b" not in said


def test_who_has_few_windows_is_told_what_is_assumed(tmp_path: Path) -> None:
    lines(tmp_path, 2)
    said = moonlock_at(NOW, tmp_path, "explain", "forecast", "--timezone", "Europe/Berlin").out
    assert "from 12:00 to 17:00 (estimated, Europe/Berlin)" in said
    assert "1 window of yours weighs" in said
    assert "a usual window, assumed: 9.00M tokens, $6.40" in said
    assert "still learning: it takes 5 windows of your own" in said


def test_a_model_without_a_price_has_a_forecast_of_tokens_alone(tmp_path: Path) -> None:
    lines(tmp_path, 3, model="nobody-knows")
    found = json.loads(moonlock_at(NOW, tmp_path, "explain", "forecast", "--json").out)["forecast"]
    assert found["costUsd"] is None and found["ccusage"]["costUsd"] is None
    assert found["tokens"]["expected"] > 0 and found["anomaly"]["unit"] == "tokens"
    assert "$" not in moonlock_at(NOW, tmp_path, "explain", "forecast").out.split("Made of")[0].split("at its end")[1]


def test_without_an_open_window_there_is_none_to_explain(tmp_path: Path) -> None:
    lines(tmp_path, 1)
    said = moonlock(tmp_path, "explain", "forecast", status=1)
    assert said.err.startswith("error: no five-hour window is open\nhint: the next request opens one")
    error = json.loads(moonlock(tmp_path, "explain", "forecast", "--json", status=1).out)["error"]
    assert error["code"] == "no_window"


def test_every_limit_is_explained_by_who_says_it(tmp_path: Path) -> None:
    lines(tmp_path, 7)
    said = moonlock_at(NOW, tmp_path, "explain", "quota").out
    assert "five_hour  100.0 %" in said and "estimated: a share of what is usual for you, which is no limit" in said
    found = json.loads(moonlock_at(NOW, tmp_path, "explain", "quota", "--json").out)
    assert (found["schema"], found["of"]["kind"], found["accounts"]) == ("moonlock.explain/1", "quota", 0)
    five = found["windows"][0]
    assert (five["name"], five["source"], five["basis"]["windows"], five["rises"]) == ("five_hour", "estimated", 6, [])
