"""In how many pieces a file is read changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from claude_lines import (
    SECOND,
    TEN,
    batches,
    call,
    counts,
    encoded,
    line,
    only,
    prompted,
    requests,
    result,
    said,
    synthetic,
    transcript,
    usage,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from moonlock.model.events import Event, ToolCall, ToolEnded, UsageEvent
from moonlock.model.reading import Batch, Cursor

BOTH = [{**usage(2, 2), "model": "claude-fable-5"}, usage(2, 136)]
TODO = {"todos": [{"content": "Write", "status": "pending"}]}
STORY = encoded(
    {"type": "mode", "mode": "normal"},
    prompted(at=TEN),
    said("msg_1", "req_1", usage(output=1), TEN + 1),
    said("msg_1", "req_1", usage(output=500), TEN + 2),
    call("toolu_1", at=TEN + 3),
    call("toolu_2", "TodoWrite", TODO, at=TEN + 4),
    result("toolu_1", TEN + SECOND),
    said("msg_2", "req_2", usage(2, 136, iterations=BOTH), TEN + 5),
    b"not json",
    said("9", None, at=TEN + 6),
    said("9", None, at=TEN + 7),
    result("toolu_2", TEN + SECOND, error=True),
    said(None, None, uuid=...),
    b"",
    line("system", TEN + 8, subtype="compact_boundary"),
    encoded(said("msg_3", "req_3"))[:-60] + encoded(said("msg_4", "req_4"))[:-1],
    said("msg_5", "req_5", usage(output="x")),
    synthetic("You've hit your session limit · resets 3:45pm (UTC)"),
    said("msg_é\u2028", "req_6", at=None),
)


def kept(read: list[Batch]) -> tuple[Any, ...]:
    """What a store would know afterwards."""
    calls = {event.key: event for event in only(ToolCall, read)}
    ends = {event.key: (event.at, event.outcome) for event in only(ToolEnded, read)}
    for key, tool in calls.items():
        if tool.duration is not None and tool.outcome is not None:
            ends[key] = (tool.at + tool.duration, tool.outcome)
    others: set[Event] = {
        event for one in read for event in one.events if not isinstance(event, UsageEvent | ToolCall | ToolEnded)
    }
    names = {key: (tool.at, tool.name, tool.agent_id) for key, tool in calls.items()}
    return requests(read), names, ends, {event.key: event for event in others}


def grown(path: Path, *cuts: int) -> list[Batch]:
    """The story as it is read while it grows."""
    path.write_bytes(b"")
    read: list[Batch] = []
    for cut in (*sorted(cuts), len(STORY)):
        path.write_bytes(STORY[:cut])
        read += batches(path, read[-1].cursor if read else Cursor())
    return read


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, len(STORY)), min_size=1, max_size=4))
def test_a_file_read_while_it_grows_tells_the_same(tmp_path_factory: pytest.TempPathFactory, cuts: list[int]) -> None:
    home = tmp_path_factory.mktemp("pieces")
    whole = batches(transcript(home / "whole", STORY[:-1]))
    path = transcript(home / "grown")
    read = grown(path, *cuts)
    assert [one.restarted for one in read] == [""] * len(read)
    assert kept(read) == kept(whole)
    ours, theirs = counts(read), counts(whole)
    assert (ours.lines, ours.records, ours.skipped, ours.repaired) == (
        theirs.lines,
        theirs.records,
        theirs.skipped,
        theirs.repaired,
    )


def test_every_single_cut_tells_the_same(tmp_path: Path) -> None:
    path = transcript(tmp_path, name="s.jsonl")
    whole = kept(grown(path))
    assert len(whole[0]) == 9
    for cut in range(0, len(STORY), 37):
        assert kept(grown(path, cut)) == whole, cut


def test_reading_everything_twice_tells_the_same(tmp_path: Path) -> None:
    path = transcript(tmp_path, STORY[:-1])
    once = batches(path)
    assert kept([*once, *batches(path)]) == kept(once)


def test_batches_of_any_size_tell_the_same(tmp_path: Path) -> None:
    path = transcript(tmp_path, *[STORY[:-1]] * 60)
    assert len(batches(path, limit=1)) > 1
    small, large = kept(batches(path, limit=1)), kept(batches(path))
    assert small[2:] == large[2:] and small[0].keys() == large[0].keys()
