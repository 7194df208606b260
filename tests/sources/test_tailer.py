"""Where reading goes on: in the same file at its offset, in any other file from the start."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import pytest
from claude_lines import TEN, batch, batches, counts, encoded, prompted, requests, said, transcript
from msgspec.structs import replace

from moonlock.model.reading import Cursor, Seen
from moonlock.sources.claude_code import ClaudeCode
from moonlock.sources.tailer import CHUNK, LONG


def test_a_second_reading_of_an_unchanged_file_brings_nothing(tmp_path: Path) -> None:
    path = transcript(tmp_path, said())
    first = batch(path)
    assert first.restarted == "" and first.cursor.offset == path.stat().st_size
    assert batches(path, first.cursor) == []


def test_a_file_that_was_only_touched_brings_its_time_and_nothing_else(tmp_path: Path) -> None:
    path = transcript(tmp_path, said())
    first = batch(path)
    os.utime(path)
    touched = batch(path, first.cursor)
    assert (touched.restarted, touched.events, touched.counts.lines) == ("", [], 0)
    assert touched.cursor == replace(first.cursor, modified=path.stat().st_mtime_ns)
    assert touched.session.tail is None
    assert batches(path, touched.cursor) == []


def test_reading_goes_on_behind_what_was_read(tmp_path: Path) -> None:
    path = transcript(tmp_path, said("msg_1"))
    first = batch(path)
    with path.open("ab") as log:
        log.write(encoded(said("msg_2")))
    second = batch(path, first.cursor)
    assert second.restarted == "" and second.counts.lines == 1
    assert len(requests([first, second])) == 2


def test_a_file_that_grows_past_its_first_kilobyte_is_still_the_same(tmp_path: Path) -> None:
    path = transcript(tmp_path, b"{}")
    known = batch(path).cursor
    for step in range(6):
        with path.open("ab") as log:
            log.write(encoded(prompted("x" * 300, TEN + step)))
        more = batch(path, known)
        assert (more.restarted, more.counts.lines) == ("", 1)
        known = more.cursor
    assert known.head_length == 1024


def test_a_large_file_comes_in_batches_of_about_the_limit_and_each_can_be_gone_on_from(tmp_path: Path) -> None:
    path = transcript(
        tmp_path, *(said(f"msg_{n}", content=[{"type": "text", "text": "x" * 20_000}]) for n in range(100))
    )
    read = batches(path, limit=CHUNK)
    assert len(read) >= 4
    assert len(requests(read)) == counts(read).records == 100
    for done in range(len(read)):
        rest = batches(path, read[done].cursor, CHUNK)
        assert [one.restarted for one in rest] == [""] * len(rest)
        assert len(requests([*read[: done + 1], *rest])) == 100


def test_a_torn_last_line_waits_for_its_end(tmp_path: Path) -> None:
    whole = encoded(said("msg_1"), said("msg_2"))
    path = transcript(tmp_path)
    path.write_bytes(whole[:-40])
    first = batch(path)
    assert first.tail_pending and first.counts.records == 1 and first.counts.skipped == 0
    assert batches(path, first.cursor) == []
    path.write_bytes(whole)
    second = batch(path, first.cursor)
    assert not second.tail_pending and second.restarted == ""
    assert len(requests([first, second])) == 2


def test_a_whole_last_line_without_newline_counts_once(tmp_path: Path) -> None:
    path = transcript(tmp_path, said("msg_1"), said("msg_2"))
    path.write_bytes(path.read_bytes()[:-1])
    first = batch(path)
    assert not first.tail_pending
    assert (first.counts.records, first.tail_counts.records, first.tail_counts.lines) == (1, 1, 1)
    assert first.cursor.offset == len(encoded(said("msg_1")))
    assert len(requests(first)) == 2
    with path.open("ab") as log:
        log.write(b"\n")
    second = batch(path, first.cursor)
    assert (second.counts.records, second.tail_counts.records) == (1, 0)
    assert requests([first, second]) == requests(second) | requests(first)
    assert counts([first, second]).records == 2


def test_a_file_that_shrank_is_read_again(tmp_path: Path) -> None:
    path = transcript(tmp_path, said("msg_1"), said("msg_2"))
    known = batch(path).cursor
    os.truncate(path, len(encoded(said("msg_1"))))
    again = batch(path, known)
    assert again.restarted == "shrank" and again.counts.records == 1
    os.truncate(path, 0)
    empty = batch(path, again.cursor)
    assert (empty.restarted, empty.events, empty.cursor.offset) == ("shrank", [], 0)


def test_another_file_of_that_name_is_read_from_its_start(tmp_path: Path) -> None:
    path = transcript(tmp_path, said("msg_1"))
    known = batch(path).cursor
    other = tmp_path / "other"
    other.write_bytes(path.read_bytes().replace(b"msg_1", b"msg_2"))
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    other.replace(path)
    assert batch(path, known).restarted == "replaced"


def test_content_changed_in_place_is_read_from_the_start(tmp_path: Path) -> None:
    path = transcript(tmp_path, prompted("x" * 2000), said("msg_1"), said("msg_2"))
    known = batch(path).cursor
    before = path.read_bytes()
    path.write_bytes(before.replace(b"main", b"next"))
    assert batch(path, known).restarted == "replaced"
    path.write_bytes(before[:1024] + before[1024:].replace(b"msg_2", b"msg_4") + encoded(said("msg_3")))
    assert batch(path, known).restarted == "replaced"


def test_a_copy_truncated_in_place_is_told_by_the_bytes_before_the_offset(tmp_path: Path) -> None:
    """The same first kilobyte, as log rotation leaves it (OTel filelog stops there)."""
    head = prompted("x" * 2000)
    path = transcript(tmp_path, head, said("msg_1"))
    known = batch(path).cursor
    path.write_bytes(encoded(head, said("msg_2", at=TEN + 1), said("msg_3")))
    again = batch(path, known)
    assert again.restarted == "replaced" and len(requests(again)) == 2


def test_each_batch_but_the_last_leaves_a_cursor_that_still_looks_changed(tmp_path: Path) -> None:
    """A process that dies between two batches must not take the rest for read."""
    path = transcript(tmp_path, *(said(f"msg_{n}", content=[{"type": "text", "text": "x" * 9_000}]) for n in range(90)))
    *early, last = batches(path, limit=1)
    status = path.stat()
    assert (last.cursor.size, last.cursor.modified) == (status.st_size, status.st_mtime_ns)
    assert early and all(one.cursor.size == one.cursor.offset < status.st_size for one in early)


def test_an_empty_file_is_known_after_one_look(tmp_path: Path) -> None:
    path = transcript(tmp_path)
    first = batch(path)
    assert first.events == [] and first.cursor.inode == path.stat().st_ino
    assert batches(path, first.cursor) == []


def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    with pytest.raises(OSError, match="no regular file"):
        list(ClaudeCode().read(Seen(str(tmp_path / "pipe.jsonl"), 0, 0, 0, 0), Cursor(), 1))
    with pytest.raises(FileNotFoundError):
        list(ClaudeCode().read(Seen(str(tmp_path / "gone.jsonl"), 0, 0, 0, 0), Cursor(), 1))


def test_lines_longer_than_a_chunk_are_read_whole(tmp_path: Path) -> None:
    picture = prompted([{"type": "image", "source": {"data": "A" * (CHUNK * 2 + 17)}}])
    path = transcript(tmp_path, said("msg_1"), picture, said("msg_2"))
    assert (len(requests(batch(path))), batch(path).damage) == (2, ())
    path.write_bytes(path.read_bytes()[:-1] + b'\n{"type":"user","x":"' + b"A" * CHUNK)
    assert batch(path).tail_pending


def test_a_line_over_eight_megabytes_is_reported_and_its_usage_counts(tmp_path: Path) -> None:
    long = said("msg_2", content=[{"type": "text", "text": "x" * LONG}])
    path = transcript(tmp_path, said("msg_1"), long, said("msg_3"))
    read = batch(path)
    assert len(requests(read)) == 3
    assert [(damage.shape, damage.recovered) for damage in read.damage] == [("too-long", 1)]
    assert read.counts.repaired == 1
    assert batches(path, read.cursor) == []


def test_a_torn_line_over_eight_megabytes_is_passed_over(tmp_path: Path) -> None:
    torn = encoded(said("msg_2", content=[{"type": "text", "text": "x" * LONG}]))[:-9]
    read = batch(transcript(tmp_path, said("msg_1"), torn, said("msg_3")))
    assert len(requests(read)) == 2
    assert [(damage.shape, damage.recovered) for damage in read.damage] == [("too-long", 0)]


def test_an_unfinished_line_over_eight_megabytes_waits(tmp_path: Path) -> None:
    path = transcript(tmp_path, said("msg_1"))
    with path.open("ab") as log:
        log.write(encoded(said("msg_2", content=[{"type": "text", "text": "x" * LONG}]))[:-1])
    read = batch(path)
    assert read.tail_pending and len(requests(read)) == 1


def test_a_line_of_a_hundred_megabytes_is_passed_in_bounded_memory(tmp_path: Path) -> None:
    path = transcript(tmp_path, said("msg_1"))
    with path.open("ab") as log:
        log.write(b'{"type":"user","message":"')
        for _ in range(100):
            log.write(b"x" * 1_000_000)
        log.write(b'"}\n' + encoded(said("msg_2")))
    tracemalloc.start()
    read = batch(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 << 20
    assert len(requests(read)) == 2
    assert [(damage.shape, damage.length) for damage in read.damage] == [("too-long", 100_000_029)]
    assert read.counts.skipped == 1
