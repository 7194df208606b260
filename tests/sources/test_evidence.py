"""A transcript told line by line is the transcript that was counted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from claude_lines import SECOND, TEN, batch, call, encoded, line, only, prompted, said, synthetic, transcript, usage
from hypothesis import given
from hypothesis import strategies as st

from moonlock.model.events import UsageEvent, merged
from moonlock.model.evidence import LogLine
from moonlock.model.instant import iso
from moonlock.model.reading import Counts
from moonlock.sources.base import Witness, look
from moonlock.sources.claude_code import ClaudeCode
from moonlock.sources.tailer import LONG

SUITE = Path(__file__).parent.parent / "conformance" / "cases"
BOTH = [{**usage(2, 2), "model": "claude-fable-5"}, usage(2, 136)]
GLUED = encoded(said("msg_g", "req_g"))[:-1] + encoded(said("msg_h", "req_h"))[:-1]
NESTED = line(
    "progress",
    TEN,
    data={"type": "agent_progress", "agentId": "a1", "message": {**said("msg_n", "req_n"), "isSidechain": ...}},
)
NESTED["data"]["message"].pop("isSidechain")
POOL: list[Any] = [
    {"type": "mode", "mode": "normal"},
    prompted(at=TEN),
    said("msg_1", "req_1", usage(output=1), TEN + 1),
    said("msg_1", "req_1", usage(output=500), TEN + 2, version="2.1.90"),
    said("msg_1", "req_1", usage(output=500, write=70), TEN - SECOND),
    said("msg_1", "req_1", usage(output=500), TEN + 9, model="claude-other"),
    said("msg_1", "req_2", isSidechain=True, agentId="a2"),
    call("toolu_1", at=TEN + 3),
    said("msg_2", "req_2", usage(2, 136, iterations=BOTH), TEN + 5),
    said("msg_3", "req_3", usage(0, 0)),
    said("9", None, at=TEN + 6),
    said("9", None, at=TEN + 7),
    said(None, None, uuid="known"),
    said("msg_é\u2028", "req_6", at=None),
    said("msg_5", "req_5", usage(output="x")),
    said("msg_c", "req_c", costUSD=0.25),
    synthetic("You've hit your session limit · resets 3:45pm (UTC)"),
    NESTED,
    b"not json",
    GLUED,
    encoded(said("msg_t", "req_t"))[:-60],
    b"",
    b" \t ",
    b"\x00\x00" + encoded(said("msg_z", "req_z"))[:-1],
]


def told(path: Path) -> list[LogLine]:
    source, seen = ClaudeCode(), look(str(path))
    assert isinstance(source, Witness) and seen is not None
    return list(source.evidence(seen))


def numbers(lines: list[LogLine]) -> tuple[int, ...]:
    """Lines, records, skipped, repaired, and what was not billed: the names of ``Counts``, as lines tell them."""
    wounds = [one for one in lines if one.shape is not None]
    return (
        sum(not one.pending for one in lines),
        sum(one.records for one in lines),
        sum(not one.recovered for one in wounds),
        sum(one.recovered > 0 for one in wounds),
        sum(one.not_billed for one in lines),
        sum(one.not_billed_tokens for one in lines),
    )


def as_counted(path: Path) -> None:
    """What the lines say, put together, is what reading says."""
    lines, read = told(path), batch(path)
    known: dict[int, UsageEvent] = {}
    for one in lines:
        for event in one.requests:
            known[event.key] = merged(known[event.key], event) if event.key in known else event
    assert known == {event.key: event for event in only(UsageEvent, read)}
    whole: Counts = read.counts + read.tail_counts
    counted = (whole.lines, whole.records, whole.skipped, whole.repaired)
    assert numbers(lines) == (*counted, whole.not_billed_lines, whole.not_billed_tokens)
    assert any(one.pending for one in lines) == read.tail_pending


@given(st.lists(st.sampled_from(POOL), max_size=12), st.booleans())
def test_the_lines_together_are_what_reading_counts(
    tmp_path_factory: pytest.TempPathFactory, lines: list[Any], torn: bool
) -> None:
    path = transcript(tmp_path_factory.mktemp("told"), *lines)
    if torn:
        path.write_bytes(path.read_bytes()[:-1])
    as_counted(path)


@pytest.mark.parametrize("case", sorted(SUITE.glob("[!4]*")), ids=lambda case: case.name)
def test_every_log_of_the_suite_is_told_as_it_is_counted(case: Path) -> None:
    logs = [path for path in case.rglob("*.jsonl") if ClaudeCode().claims(str(path))]
    assert logs
    for path in logs:
        as_counted(path)


def test_lines_are_numbered_as_editors_do_and_know_their_place(tmp_path: Path) -> None:
    path = transcript(tmp_path, prompted(), b"", said("msg_1", "req_1"), b"broken", said("msg_2", "req_2"))
    lines = told(path)
    assert [one.number for one in lines] == [1, 3, 4, 5]
    assert [(one.shape, one.recovered, len(one.requests)) for one in lines] == [
        (None, 0, 0),
        (None, 0, 1),
        ("not-json", 0, 0),
        (None, 0, 1),
    ]
    data = path.read_bytes()
    for one in lines:
        assert data[: one.offset].count(b"\n") == one.number - 1


def test_a_line_without_a_time_has_that_of_the_line_before_or_of_the_file(tmp_path: Path) -> None:
    path = transcript(tmp_path, b"broken", prompted(at=TEN), b"broken", {"type": "mode"})
    first, *others = [one.at for one in told(path)]
    assert first == path.stat().st_mtime_ns // 1_000_000
    assert others == [TEN, TEN, TEN]


def test_the_kinds_of_lines_that_bill_nothing_are_told_apart(tmp_path: Path) -> None:
    path = transcript(
        tmp_path, said(used=usage(0, 0)), synthetic("No"), said("msg_5", "req_5", usage(output=-1)), prompted()
    )
    zeros, client, refused, other = told(path)
    assert zeros.zeros and not zeros.requests
    assert (client.not_billed, client.zeros) == (1, False)
    assert (refused.shape, refused.recovered, refused.requests, refused.zeros) == ("bad-number", 0, (), False)
    assert other == LogLine(4, other.offset, TEN)


def test_further_attempts_stand_before_the_answers_own_request(tmp_path: Path) -> None:
    (one,) = told(transcript(tmp_path, said("msg_2", "req_2", usage(2, 136, iterations=BOTH))))
    assert (one.records, [event.model for event in one.requests]) == (1, ["claude-fable-5", "claude-opus-4-8"])


def test_two_glued_records_are_one_repaired_line(tmp_path: Path) -> None:
    (one,) = told(transcript(tmp_path, GLUED))
    assert (one.records, len(one.requests), one.shape, one.recovered) == (2, 2, "cut", 2)


def test_a_line_too_long_is_told_and_counts_where_it_can_be_loaded(tmp_path: Path) -> None:
    long = json.dumps(said("msg_l", "req_l", content=[{"type": "text", "text": "x" * LONG}])).encode()
    first, second, third = told(transcript(tmp_path, long, b"{" + b"y" * LONG, prompted()))
    assert (first.shape, first.records, second.shape, second.recovered) == ("too-long", 1, "too-long", 0)
    assert (third.number, third.shape) == (3, None)


def test_an_unfinished_line_waits(tmp_path: Path) -> None:
    path = transcript(tmp_path, said(at=TEN))
    path.write_bytes(path.read_bytes() + b'{"type":"assis')
    _, last = told(path)
    assert (last.number, last.pending, last.requests) == (2, True, ())
    path.write_bytes(encoded(said(at=TEN)) + b"   ")
    assert [one.pending for one in told(path)] == [False, True]


def test_a_file_that_is_gone_is_an_error_of_the_system(tmp_path: Path) -> None:
    path = transcript(tmp_path, said(at=iso(TEN)))
    seen = look(str(path))
    assert seen is not None
    path.unlink()
    with pytest.raises(FileNotFoundError):
        list(ClaudeCode().evidence(seen))
