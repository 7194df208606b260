"""What was said, read again from a transcript: in parts, bounded, whatever the file holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from claude_lines import OPUS, TEN, Line, call, encoded, line, prompted, result, said, transcript
from hypothesis import given, settings
from hypothesis import strategies as st

from moonlock.model.chronicle import Page, Said, Spot
from moonlock.sources.base import Narrator, look
from moonlock.sources.claude_code import ClaudeCode
from moonlock.sources.claude_code.transcript import MOST_READ, MOST_TEXT
from moonlock.sources.tailer import LONG


def told(path: Path, start: Spot = (0, 0), most: int = 100) -> Page:
    seen = look(str(path))
    assert seen is not None
    page = ClaudeCode().transcript(seen, start, most)
    assert page is not None
    return page


def everything(path: Path, most: int) -> list[Said]:
    found, at = [], (0, 0)
    while True:
        page = told(path, at, most)
        assert len(page.said) <= most
        found += page.said
        if page.next is None:
            return found
        assert page.next > at
        at = page.next


def words(page: Page) -> list[tuple[str, str]]:
    return [(one.kind, one.text) for one in page.said]


STORY: list[Line] = [
    prompted("Fix it"),
    said(content=[{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "I look"}]),
    call("toolu_1", "Bash", {"command": "ls"}),
    result("toolu_1", content=[{"type": "text", "text": "a.py"}]),
    line("system", subtype="compact_boundary", content="Conversation compacted"),
    line("file-history-snapshot", snapshot={}),
    prompted([{"type": "text", "text": "And this"}, {"type": "image", "source": {"data": "AAAA"}}]),
    said(content="Done"),
]


def test_everything_that_was_said_is_told_in_its_order(tmp_path: Path) -> None:
    page = told(transcript(tmp_path, *STORY))
    assert words(page) == [
        ("prompt", "Fix it"),
        ("thinking", "hm"),
        ("answer", "I look"),
        ("call", '{"command":"ls"}'),
        ("result", "a.py"),
        ("note", "Conversation compacted"),
        ("prompt", "And this"),
        ("prompt", "(image)"),
        ("answer", "Done"),
    ]
    assert page.next is None and {one.at for one in page.said} == {TEN}
    asked, answered = page.said[3:5]
    assert (asked.tool, asked.call, asked.model, asked.outcome) == ("Bash", "toolu_1", OPUS, None)
    assert (answered.call, answered.outcome, answered.tool) == ("toolu_1", "ok", "")


@settings(max_examples=20, deadline=None)
@given(most=st.integers(1, 12))
def test_parts_put_together_are_the_whole(tmp_path_factory: pytest.TempPathFactory, most: int) -> None:
    path = transcript(tmp_path_factory.mktemp("home"), *STORY)
    assert everything(path, most) == told(path).said


def test_results_say_how_it_went(tmp_path: Path) -> None:
    page = told(
        transcript(
            tmp_path,
            result("1", error=True, content="exit 1"),
            result("2", error=True, content="The user doesn't want to proceed"),
            result("3", error=True, toolDenialKind="rule"),
        )
    )
    assert [one.outcome for one in page.said] == ["failed", "denied", "denied"]


def test_what_the_client_wrote_is_a_note_and_no_prompt(tmp_path: Path) -> None:
    page = told(transcript(tmp_path, prompted("<command-name>/clear</command-name>"), prompted("Meta", isMeta=True)))
    assert [one.kind for one in page.said] == ["note", "note"]


def test_long_words_are_cut_and_say_so(tmp_path: Path) -> None:
    (one,) = told(transcript(tmp_path, prompted("x" * (MOST_TEXT + 7)))).said
    assert (len(one.text), one.cut) == (MOST_TEXT, 7)


def test_a_line_that_makes_no_sense_is_said_to_be_unreadable(tmp_path: Path) -> None:
    path = transcript(tmp_path, prompted("one"), b'{"type":"user","mess', b"", b"\xff\xfe", prompted("two"))
    assert [(one.readable, one.text) for one in told(path).said] == [
        (True, "one"),
        (False, ""),
        (False, ""),
        (True, "two"),
    ]


def test_a_line_that_is_too_long_is_passed_over_and_the_rest_is_found(tmp_path: Path) -> None:
    path = transcript(tmp_path, prompted("one"), b'"' + b"x" * (LONG + 600_000) + b'"', prompted("two"))
    assert [(one.readable, one.text) for one in everything(path, 10)] == [(True, "one"), (False, ""), (True, "two")]
    path = transcript(tmp_path, prompted("one"))
    with path.open("ab") as file:
        file.write(b"x" * (LONG + 600_000))
    assert [one.readable for one in everything(path, 10)] == [True, False]


def test_a_page_looks_through_so_much_and_no_more(tmp_path: Path) -> None:
    filler = encoded(line("file-history-snapshot", snapshot="x" * 100_000))
    path = transcript(tmp_path, prompted("one"))
    with path.open("ab") as file:
        file.write(filler * (MOST_READ // len(filler) + 5) + encoded(prompted("two")))
    page = told(path)
    assert [one.text for one in page.said] == ["one"] and page.next is not None
    assert [one.text for one in told(path, page.next).said] == ["two"]


def test_no_line_begins_in_the_middle_of_one_or_behind_the_end(tmp_path: Path) -> None:
    path = transcript(tmp_path, prompted("one"), prompted("two"))
    seen = look(str(path))
    assert seen is not None
    assert ClaudeCode().transcript(seen, (5, 0), 10) is None
    assert ClaudeCode().transcript(seen, (seen.size + 1, 0), 10) is None
    assert told(path, (seen.size, 0)).said == []


def test_a_last_line_without_its_newline_is_told_when_it_is_whole(tmp_path: Path) -> None:
    path = transcript(tmp_path, prompted("one"))
    with path.open("ab") as file:
        file.write(json.dumps(prompted("two")).encode())
    assert [one.text for one in told(path).said] == ["one", "two"]


def test_a_path_says_who_speaks() -> None:
    source = ClaudeCode()
    assert isinstance(source, Narrator)
    assert source.speaker("/h/.claude/projects/-w/abc.jsonl") == ""
    assert source.speaker("/h/.claude/projects/-w/abc/subagents/agent-x1.jsonl") == "x1"
