"""Why a cache was not found, as the provider says it in a response."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from claude_lines import Line, requests, said, transcript, usage
from hypothesis import given
from hypothesis import strategies as st

from moonlock.model.events import LOST_MESSAGES, LOST_MODEL, LOST_SYSTEM, LOST_TOOLS
from moonlock.model.reading import Cursor
from moonlock.sources.base import look
from moonlock.sources.claude_code import ClaudeCode
from moonlock.sources.claude_code.caching import lost


def told(diagnostics: object) -> Line:
    line = said(used=usage(10, 50, 1000))
    line["message"]["diagnostics"] = diagnostics
    return line


def marks(tmp_path: Path, *lines: Line) -> list[int]:
    seen = look(str(transcript(tmp_path, *lines)))
    assert seen is not None
    return [event.marks for event in requests([*ClaudeCode().read(seen, Cursor(), 1 << 30)]).values()]


@pytest.mark.parametrize(
    ("type", "mark"),
    [
        ("model_changed", LOST_MODEL),
        ("system_changed", LOST_SYSTEM),
        ("tools_changed", LOST_TOOLS),
        ("messages_changed", LOST_MESSAGES),
        ("unavailable", 0),
        ("previous_message_not_found", 0),
        ("the_moon_changed", 0),
    ],
)
def test_what_changed_is_a_mark_of_the_request(tmp_path: Path, type: str, mark: int) -> None:
    reason = {"cache_miss_reason": {"type": type, "cache_missed_input_tokens": 52_488}}
    assert marks(tmp_path, told(reason)) == [mark]


@pytest.mark.parametrize(
    "odd", [None, {}, [], "tools_changed", 7, {"cache_miss_reason": None}, {"cache_miss_reason": {"type": 3}}]
)
def test_anything_else_says_nothing_and_costs_no_response(tmp_path: Path, odd: object) -> None:
    assert marks(tmp_path, told(odd)) == [0]


def test_a_later_line_of_the_response_may_say_it(tmp_path: Path) -> None:
    grown = told({"cache_miss_reason": {"type": "tools_changed"}})
    grown["message"]["usage"] = usage(10, 90, 1000)
    assert marks(tmp_path, told(None), grown) == [LOST_TOOLS]


@given(st.binary(max_size=60))
def test_no_bytes_break_it(data: bytes) -> None:
    assert lost(msgspec.Raw(data)) == 0 or b"changed" in data
