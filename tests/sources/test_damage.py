"""Damaged lines: whatever is whole in them counts, nothing is invented, and every loss is reported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from claude_lines import TEN, Line, batch, encoded, line, prompted, requests, said, transcript, usage
from hypothesis import given, settings
from hypothesis import strategies as st

from moonlock.model.reading import Shape
from moonlock.sources.claude_code.salvage import salvage

ONE, TWO, THREE = said("msg_1"), said("msg_2"), said("msg_3")


def raw(record: Line) -> bytes:
    return encoded(record)[:-1]


def shapes(home: Path, *lines: Line | bytes) -> tuple[int, list[tuple[Shape, int]], tuple[int, int]]:
    """Requests, damages with what was recovered, and skipped and repaired lines."""
    read = batch(transcript(home, *lines))
    damages = [(damage.shape, damage.recovered) for damage in read.damage]
    return len(requests(read)), damages, (read.counts.skipped, read.counts.repaired)


def test_a_record_glued_on_a_torn_one_counts(tmp_path: Path) -> None:
    assert shapes(tmp_path, ONE, raw(TWO)[:-60] + raw(THREE)) == (2, [("cut", 1)], (0, 1))


def test_two_records_on_one_line_both_count(tmp_path: Path) -> None:
    """The fast decoder does not mind the missing newline, but it is told."""
    assert shapes(tmp_path, ONE, raw(TWO) + raw(THREE)) == (3, [("cut", 2)], (0, 1))


def test_a_summary_glued_to_a_record_names_the_session(tmp_path: Path) -> None:
    read = batch(transcript(tmp_path, raw(ONE) + raw({"type": "summary", "summary": "A name", "leafUuid": "x"})))
    assert (len(requests(read)), read.session.title) == (1, "A name")


def test_a_record_behind_a_run_of_nul_counts(tmp_path: Path) -> None:
    assert shapes(tmp_path, ONE, b"\0" * 500 + raw(TWO)) == (2, [("nul", 1)], (0, 1))


def test_a_block_of_nul_alone_is_reported(tmp_path: Path) -> None:
    assert shapes(tmp_path, ONE, b"\0" * 4096, TWO) == (2, [("nul", 0)], (1, 0))


def test_a_fragment_alone_is_skipped_and_reported(tmp_path: Path) -> None:
    read = batch(transcript(tmp_path, ONE, raw(TWO)[:-9], b"", b'not json "usage":{', b"[1,2]", b"7"))
    assert len(requests(read)) == 1
    assert [damage.shape for damage in read.damage] == ["cut", "not-json", "foreign", "foreign"]
    first = read.damage[0]
    assert (first.offset, first.length) == (len(encoded(ONE)), len(raw(TWO)) - 9)
    assert (read.counts.lines, read.counts.skipped, read.counts.repaired) == (5, 4, 0)


def test_blank_lines_are_nothing(tmp_path: Path) -> None:
    assert shapes(tmp_path, ONE, b"", b"  \r", TWO) == (2, [], (0, 0))


@pytest.mark.parametrize("blank", [b"", b" ", b"\r", b" \t  "])
def test_a_blank_line_does_not_make_up_for_two_records_on_one(tmp_path: Path, blank: bytes) -> None:
    """The decoder finds as many records as there are newlines."""
    glued = raw(ONE) + raw(TWO)
    for lines in ([glued, blank], [blank, glued], [raw(ONE), glued, blank, raw(TWO)]):
        assert shapes(tmp_path, *lines) == (2, [("cut", 2)], (0, 1))


@pytest.mark.parametrize("end", [b'"message":', b","])
def test_nor_does_a_record_on_two_lines(tmp_path: Path, end: bytes) -> None:
    head, _, rest = raw(ONE).partition(end)
    assert rest
    for lines in ([head + end, rest, raw(TWO) + raw(THREE)], [raw(TWO) + raw(THREE), head + end, rest]):
        found, damages, _ = shapes(tmp_path, *lines)
        assert (found >= 2, ("cut", 2) in damages) == (True, True)


def test_carriage_returns_and_a_byte_order_mark_are_no_damage(tmp_path: Path) -> None:
    assert shapes(tmp_path, b"\xef\xbb\xbf" + raw(ONE) + b"\r", raw(TWO) + b"\r") == (2, [], (0, 0))


@pytest.mark.parametrize("text", [b"\xff\xfe", b"\\ud83d", b"\xe2\x80\xa8", b"\xc2\x85", b"\\u0000"])
def test_odd_characters_in_texts_cost_no_usage(tmp_path: Path, text: bytes) -> None:
    assert shapes(tmp_path, raw(ONE).replace(b"words", text), TWO) == (2, [], (0, 0))


def test_deep_nesting_costs_no_neighbour(tmp_path: Path) -> None:
    deep = raw(prompted("DEEP")).replace(b'"DEEP"', b"[" * 200_000 + b"]" * 200_000)
    assert shapes(tmp_path, ONE, deep, TWO) == (2, [("cut", 0)], (1, 0))


def test_a_file_of_another_kind_is_one_damage(tmp_path: Path) -> None:
    pretty = json.dumps([{"sessionId": "x", "messages": [1, 2, 3]}] * 9, indent=2).encode().split(b"\n")
    path = transcript(tmp_path, *pretty)
    read = batch(path)
    size = path.stat().st_size
    assert [(damage.shape, damage.offset, damage.length) for damage in read.damage] == [("foreign", 0, size)]
    assert read.events == [] and read.counts.skipped == len(pretty)


def test_a_great_many_damages_are_widened_into_one(tmp_path: Path) -> None:
    read = batch(transcript(tmp_path, ONE, *[b"not json"] * 300, raw(TWO) + raw(THREE)))
    assert len(read.damage) == 100 and read.counts.skipped == 300
    last = read.damage[-1]
    assert last.offset + last.length == read.cursor.offset - 1 and last.recovered == 2


def test_a_value_over_two_lines_is_two_damaged_lines(tmp_path: Path) -> None:
    torn = raw(ONE)
    assert shapes(tmp_path, TWO, torn[:1], torn[1:]) == (1, [("not-json", 0), ("not-json", 0)], (2, 0))


def test_objects_inside_a_torn_record_are_no_records(tmp_path: Path) -> None:
    inner = {"type": "assistant", "timestamp": "x", "sessionId": "s", "uuid": "u", "message": said()["message"]}
    torn = raw(said("msg_2", content=[{"type": "tool_use", "id": "t", "name": "n", "input": inner}]))[:-30]
    assert shapes(tmp_path, ONE, torn) == (1, [("cut", 0)], (1, 0))


def test_a_line_made_to_be_slow_is_given_up() -> None:
    assert salvage(b'{"type":"' * 300_000).records == []


def test_damage_in_the_tail_waits(tmp_path: Path) -> None:
    path = transcript(tmp_path, ONE)
    path.write_bytes(path.read_bytes() + raw(TWO)[:-60] + raw(THREE))
    read = batch(path)
    assert read.tail_pending and read.damage == () and len(requests(read)) == 1


FAKE = json.dumps(said("msg_fake", used=usage(999, 999)))
WORDS = st.sampled_from(["words", FAKE, FAKE[:90], '\n{"type":"user"}', "}{", "\u2028", "\\", '"', ""])


@st.composite
def spliced(draw: Any) -> tuple[bytes, list[str], bool]:
    """Pieces of a line, the names of the records that are whole in it, and whether anything is torn."""
    pieces, names, torn = [], [], False
    for index in range(draw(st.integers(1, 5))):
        record = said(f"msg_{index}", f"req_{index}", at=TEN + index, content=[{"type": "text", "text": draw(WORDS)}])
        if draw(st.booleans()):
            record = line("user", TEN + index, message={"content": draw(WORDS)}, uuid=f"msg_{index}")
        whole = raw(record)
        kind = draw(st.sampled_from(["whole", "whole", "cut", "nul"]))
        if kind == "cut":
            pieces.append(whole[: draw(st.integers(1, len(whole) - 1))])
            torn = True
        else:
            pieces.append(b"\0" * (draw(st.integers(1, 9)) if kind == "nul" else 0) + whole)
            names.append(f"msg_{index}")
    return b"".join(pieces), names, torn


@settings(max_examples=1000, deadline=None)
@given(spliced())
def test_every_whole_record_is_recovered_and_none_is_invented(case: tuple[bytes, list[str], bool]) -> None:
    data, names, _ = case
    found = salvage(data).records
    assert [(record["message"].get("id") or record["uuid"]) for record in found] == names


@settings(max_examples=200, deadline=None)
@given(spliced())
def test_whatever_is_torn_is_reported(case: tuple[bytes, list[str], bool]) -> None:
    data, names, torn = case
    if torn or len(names) > 1:
        assert salvage(data).shape in ("cut", "nul", "not-json")


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_make_reading_fail(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    home = tmp_path_factory.mktemp("any")
    path = transcript(home, ONE)
    path.write_bytes(encoded(ONE) + data + b"\n" + encoded(TWO))
    assert len(requests(batch(path))) == 2
