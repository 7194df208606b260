"""Real logs, with every free text replaced: the totals are those of the bill."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from claude_lines import counts, requests

from moonlock.model.events import ToolCall, ToolEnded
from moonlock.model.reading import Batch, Cursor
from moonlock.sources.base import walk
from moonlock.sources.claude_code import ClaudeCode

SHARED = Path(os.environ.get("MOONLOCK_SHARED") or Path(__file__).parents[3] / "shared")
HOME = SHARED / "sample-logs/home"

pytestmark = pytest.mark.skipif(not HOME.is_dir(), reason="no sample logs here: set MOONLOCK_SHARED to their folder")


@pytest.fixture(scope="module")
def read() -> list[Batch]:
    source = ClaudeCode()
    found = walk(source.roots({}, HOME), source.claims).found
    return [batch for seen in found for batch in source.read(seen, Cursor(), 1 << 22)]


def test_the_totals_are_those_of_ccusage_and_the_fallback_it_leaves_out(read: list[Batch]) -> None:
    tokens = [event.tokens for event in requests(read).values()]
    assert sum(one.input for one in tokens) == 159_104 + 2
    assert sum(one.output for one in tokens) == 586_950 + 2
    assert sum(one.cache_creation for one in tokens) == 3_297_782 + 21_874
    assert sum(one.cache_read for one in tokens) == 91_035_128 + 32_238


def test_every_line_was_understood(read: list[Batch]) -> None:
    whole = [counts([one]) for one in read]
    assert sum(one.lines for one in whole) > 4_000
    assert sum(one.skipped + one.repaired for one in whole) == 0
    assert all(one.damage == () for one in read)


def test_results_find_their_calls(read: list[Batch]) -> None:
    calls = [event for one in read for event in one.events if isinstance(event, ToolCall)]
    lonely = [event for one in read for event in one.events if isinstance(event, ToolEnded)]
    assert len(calls) > 1_000 and len(lonely) < 20
    assert sum(call.outcome is None for call in calls) < 20
    assert all(call.duration is None or call.duration >= 0 for call in calls)


def test_sessions_have_folders_and_titles(read: list[Batch]) -> None:
    assert all(one.session.cwd or not one.events for one in read)
    assert any(one.session.title_source == "custom" for one in read)
