"""The client's own statistics: what can be believed of them, and that nothing in such a file stops anybody."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moonlock.model.seeds import Seed, Statistics
from moonlock.sources.claude_code import ClaudeCode
from moonlock.sources.claude_code.history import LARGEST

OPUS, SONNET = "claude-opus-4-8", "claude-sonnet-5"
DAYS = {"2026-08-01": {OPUS: 1200, SONNET: 30}, "2026-08-02": {OPUS: 7}}


def document(days: Any = DAYS, sessions: Iterable[tuple[str, Any]] = (("2026-08-01", 3),), **more: Any) -> Any:
    return {
        "version": 2,
        "lastComputedDate": "2026-08-02",
        "dailyActivity": [
            {"date": day, "messageCount": 9, "sessionCount": count, "toolCallCount": 1} for day, count in sessions
        ],
        "dailyModelTokens": [{"date": day, "tokensByModel": models} for day, models in days.items()],
        **more,
    }


def told(home: Path, content: Any, folder: str = ".claude") -> Statistics:
    path = home / folder / "stats-cache.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return ClaudeCode().history({}, home)


def tokens(found: Statistics) -> list[tuple[str, str, int]]:
    return [(seed.day, seed.model, seed.tokens) for seed in found.seeds]


def test_each_model_of_each_day_is_told_with_the_sessions_of_the_day(tmp_path: Path) -> None:
    assert told(tmp_path, document()) == Statistics(
        (
            Seed("claude-code", "2026-08-01", OPUS, 1200, 3),
            Seed("claude-code", "2026-08-01", SONNET, 30, 3),
            Seed("claude-code", "2026-08-02", OPUS, 7, 0),
        )
    )


def test_no_statistics_are_nothing_to_tell(tmp_path: Path) -> None:
    assert ClaudeCode().history({}, tmp_path) == Statistics()


def test_of_two_copies_the_larger_count_holds(tmp_path: Path) -> None:
    told(tmp_path, document({"2026-08-01": {OPUS: 5}, "2026-08-03": {OPUS: 50}}))
    both = told(tmp_path, document({"2026-08-01": {OPUS: 9}, "2026-08-03": {OPUS: 2}}), ".config/claude")
    assert tokens(both) == [("2026-08-01", OPUS, 9), ("2026-08-03", OPUS, 50)]


def test_the_folder_that_the_environment_names_is_looked_at(tmp_path: Path) -> None:
    told(tmp_path, document(), "elsewhere")
    assert len(ClaudeCode().history({"CLAUDE_CONFIG_DIR": "~/elsewhere/projects"}, tmp_path).seeds) == 3


@pytest.mark.parametrize("day", ["2026-02-30", "2026-8-1", "yesterday", "", None, 20260801, "1999-12-31", "2099-01-01"])
def test_an_impossible_day_is_left_out_and_told(tmp_path: Path, day: Any) -> None:
    entries = [{"date": day, "tokensByModel": {OPUS: 1}}, {"date": "2026-08-01", "tokensByModel": {OPUS: 2}}]
    found = told(tmp_path, document(dailyModelTokens=entries))
    assert tokens(found) == [("2026-08-01", OPUS, 2)]
    assert "1 of its entries make no sense" in found.troubles[0].message


@pytest.mark.parametrize("count", [-1, 1.5, "7", None, True, 10**12 + 1, 2**70, [], {}])
def test_a_count_that_is_none_is_left_out_and_told(tmp_path: Path, count: Any) -> None:
    found = told(tmp_path, document({"2026-08-01": {OPUS: count, SONNET: 2.0}}))
    assert tokens(found) == [("2026-08-01", SONNET, 2)]
    assert [trouble.code for trouble in found.troubles] == ["statistics"]


def test_nothing_and_what_the_client_wrote_itself_are_no_use(tmp_path: Path) -> None:
    assert told(tmp_path, document({"2026-08-01": {OPUS: 0, "<synthetic>": 5}})) == Statistics()


@pytest.mark.parametrize("sessions", [-1, "3", None, 10**13])
def test_a_bad_number_of_sessions_is_unknown(tmp_path: Path, sessions: Any) -> None:
    found = told(tmp_path, document(sessions=[("2026-08-01", sessions)]))
    assert {seed.sessions for seed in found.seeds} == {0}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is not understood"),
        (b'{"version": 2,', "is not understood"),
        (b"\xff\xfe", "is not understood"),
        (b"[" * 100_000, "is not understood"),
        (b'{"version": 2, "dailyModelTokens": [1e999]}', "is not understood"),
        ([], "has version None"),
        (document(version=3), "has version 3"),
        (document(version={"a": 1}), "has version"),
        (b" " * (LARGEST + 1), "is too large (16.8 MB)"),
    ],
)
def test_a_file_that_is_not_what_is_known_is_ignored_and_told(tmp_path: Path, content: Any, why: str) -> None:
    found = told(tmp_path, content)
    assert found.seeds == () and why in found.troubles[0].message
    assert str(tmp_path / ".claude" / "stats-cache.json") in found.troubles[0].message


@pytest.mark.parametrize("part", ["dailyActivity", "dailyModelTokens"])
@pytest.mark.parametrize("odd", [None, 5, "x", {}, [None, 5, "x", []]])
def test_odd_types_are_passed_over(tmp_path: Path, part: str, odd: Any) -> None:
    assert told(tmp_path, document(**{part: odd})).troubles == ()


@pytest.mark.skipif(sys.platform == "win32", reason="kinds of files that Windows has not")
def test_what_is_no_file_is_never_waited_for(tmp_path: Path) -> None:
    path = tmp_path / ".claude" / "stats-cache.json"
    path.parent.mkdir()
    os.mkfifo(path)
    assert "is no regular file" in ClaudeCode().history({}, tmp_path).troubles[0].message
    path.unlink()
    path.symlink_to(path)
    assert "cannot be read" in ClaudeCode().history({}, tmp_path).troubles[0].message


_ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.just("2026-08-01"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["version", "date", "tokensByModel", "sessionCount", "dailyActivity", "dailyModelTokens"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(content=_ODD | st.binary(max_size=80), whole=st.booleans())
def test_no_content_makes_it_fail(tmp_path_factory: pytest.TempPathFactory, content: Any, whole: bool) -> None:
    if whole and isinstance(content, dict):
        content = {**content, "version": 2}
    found = told(tmp_path_factory.mktemp("any"), content)
    assert all(0 < seed.tokens <= 10**12 and len(seed.day) == 10 and seed.model for seed in found.seeds)
