"""What is known is not done again: counted in lines and rows, which no slow machine changes."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
from claude_lines import TEN
from store_batches import NOON, call, priced, session, usage
from store_batches import batch as batch_of
from system.asking import response, written

from moonlock.analytics.cost import price_of
from moonlock.analytics.prices import builtin
from moonlock.live.catchup import SyncReport, sync
from moonlock.model.label import Relabel
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


def work_of_a_line(path: Path, sessions: int) -> Counter[str]:
    """What SQLite does for one more line of a known session, in a store of so many."""
    done: Counter[str] = Counter()

    def traced(event: dict[str, Any]) -> None:
        done["statements"] += event["code"] == apsw.SQLITE_TRACE_STMT
        done["rows"] += event["code"] == apsw.SQLITE_TRACE_ROW
        if event["code"] == apsw.SQLITE_TRACE_PROFILE:
            done["instructions"] += event["stmt_status"]["SQLITE_STMTSTATUS_VM_STEP"]
            done["scanned"] += event["stmt_status"]["SQLITE_STMTSTATUS_FULLSCAN_STEP"]

    store = Store.write(path, priced)
    try:
        for number in range(sessions):
            known = session(f"s{number}", f"-w-p{number}", cwd=f"/w/p{number}", last_at=NOON + number)
            store.append([batch_of(f"s{number}.jsonl", [usage(f"m{number}"), call(f"t{number}")], known)], quiet=True)
            store.relabel(f"s{number}", Relabel(name=f"name {number}", tags=("one",)), NOON)
            if number % 2:
                store.relabel(f"s{number}", Relabel(hidden=True), NOON)
        known = session("s0", "-w-p0", cwd="/w/p0", last_at=NOON)
        store.append([batch_of("s0.jsonl", [usage("first")], known, offset=200)])
        store._db.trace_v2(apsw.SQLITE_TRACE_STMT | apsw.SQLITE_TRACE_ROW | apsw.SQLITE_TRACE_PROFILE, traced)
        gain = store.append([batch_of("s0.jsonl", [usage("second"), call("third")], known, offset=300)])
        assert [each.project for each in gain.sessions] == ["p0"]
    finally:
        store.close()
    return done


def test_a_line_more_is_the_same_work_however_much_is_known(tmp_path: Path) -> None:
    one, many = work_of_a_line(tmp_path / "one" / "moon.db", 1), work_of_a_line(tmp_path / "many" / "moon.db", 500)
    assert (
        abs(many.pop("instructions") / one.pop("instructions") - 1) < 0.01
    )  # to find a place takes a step or two more
    assert one == many and one["statements"] > 10 and one["rows"] > 10
