"""What is known is not done again: counted in lines and rows, which no slow machine changes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from claude_lines import TEN
from system.asking import response, written

from moonlock.analytics.cost import price_of
from moonlock.analytics.prices import builtin
from moonlock.live.catchup import SyncReport, sync
from moonlock.model.reading import Batch, Cursor, Seen
from moonlock.sources.claude_code import ClaudeCode
from moonlock.store import Store


class CountingSource(ClaudeCode):
    """Counts the lines that are parsed."""

    def __init__(self) -> None:
        self.lines = 0

    def read(self, seen: Seen, cursor: Cursor, limit: int) -> Iterator[Batch]:
        for batch in super().read(seen, cursor, limit):
            self.lines += batch.counts.lines + batch.tail_counts.lines
            yield batch


def worked(home: Path) -> tuple[int, SyncReport]:
    """Lines parsed by one sync, and what it says of itself."""
    source, store = CountingSource(), Store.write(home / "moon.db", price_of(builtin()))
    try:
        done = sync(store, (source,), {}, home)
    finally:
        store.close()
    return source.lines, done


def test_a_second_sync_parses_no_line_and_writes_no_row(tmp_path: Path) -> None:
    for number in range(30):
        written(tmp_path, *range(number * 20, number * 20 + 20), session=f"s{number}")
    lines, first = worked(tmp_path)
    assert (lines, first.files) == (600, 30) and first.rows > 600
    lines, second = worked(tmp_path)
    assert (lines, second.files, second.bytes, second.rows, second.gone) == (0, 0, 0, 0, 0)


def test_a_line_more_is_one_line_parsed(tmp_path: Path) -> None:
    for number in range(30):
        written(tmp_path, *range(number * 20, number * 20 + 20), session=f"s{number}")
    worked(tmp_path)
    log = written(tmp_path, 9_000, session="s3")
    lines, more = worked(tmp_path)
    assert (lines, more.files, more.bytes) == (1, 1, len(response(9_000, "s3")))
    log.touch()
    lines, touched = worked(tmp_path)
    assert (lines, touched.files, touched.rows) == (0, 1, 1)  # the row says when the file was touched
    lines, again = worked(tmp_path)
    assert (lines, again.files, again.rows) == (0, 0, 0)


def test_a_log_whose_time_went_back_is_opened_once_and_then_known(tmp_path: Path) -> None:
    log = written(tmp_path, *range(20))
    worked(tmp_path)
    os.utime(log, (TEN / 1000, TEN / 1000))  # as rsync and a restored backup leave it
    lines, restored = worked(tmp_path)
    assert (lines, restored.files, restored.rows) == (0, 1, 1)
    lines, again = worked(tmp_path)
    assert (lines, again.files, again.rows) == (0, 0, 0)
    written(tmp_path, 20)
    lines, more = worked(tmp_path)
    assert (lines, more.files, more.bytes) == (1, 1, len(response(20)))


def test_logs_that_are_gone_are_told_once(tmp_path: Path) -> None:
    log = written(tmp_path, 1, 2)
    worked(tmp_path)
    log.unlink()
    assert worked(tmp_path)[1].gone == 1
    assert worked(tmp_path)[1].gone == 0
