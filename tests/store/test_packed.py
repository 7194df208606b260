"""Tool calls and prompts that nobody has asked for yet wait as they came, and lose nothing by it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store.test_order import QUICK, assert_sums_are_those_of_the_requests, content, kept, reads
from store_batches import NOON, batch, call, key, priced, usage

from moonlock.model.events import Event, PromptSent, ToolEnded
from moonlock.model.packing import packed
from moonlock.model.reading import Batch
from moonlock.store import Store
from moonlock.store.errors import StorePacked
from moonlock.store.repair import open_checked
from moonlock.store.steps import STEPS


def first_reading(path: Path, *told: Batch) -> Store:
    store = Store.write(path, priced)
    with store.together() as append:
        for one in told:
            append([packed(one)])
    return store


def tables(store: Store) -> tuple[int, int, int]:
    """Rows of tool calls, of events, and of what waits."""
    asked = ("select count(*) from tool", "select count(*) from event", "select count(*) from packed")
    tools, events, waiting = (int(str(store._db.execute(sql).fetchall()[0][0])) for sql in asked)
    return tools, events, waiting


@QUICK
@given(st.lists(reads(), max_size=5), st.integers(0, 3))
def test_what_waited_says_what_it_says_at_once(told: list[Batch], later: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = first_reading(Path(folder) / "moon.db", *told[later:])
        for one in told[:later]:
            store.append([packed(one)], quiet=True)
        store.unpack()
        assert_sums_are_those_of_the_requests(store)
        whole = content(store)
        store.close()
    assert whole == kept([told])


def test_usage_is_known_while_calls_wait_and_whoever_asks_for_them_has_them(tmp_path: Path) -> None:
    events: list[Event] = [usage("m"), call("t", outcome="ok"), PromptSent(key("p"), NOON)]
    store = first_reading(tmp_path / "moon.db", batch("a.jsonl", events))
    assert store.totals().usage.requests == 1
    assert tables(store) == (0, 0, 1)
    (found,) = store.sessions()
    assert [(use.name, use.calls) for use in store.tools(found.uid)] == [("Bash", 1)]
    assert store.events(found.uid) == [PromptSent(key("p"), NOON)]
    assert tables(store) == (1, 1, 0)
    store.close()


def test_a_reader_says_that_calls_still_wait(tmp_path: Path) -> None:
    first_reading(tmp_path / "moon.db", batch("a.jsonl", [usage("m"), call("t")])).close()
    reader = Store.read(tmp_path / "moon.db")
    assert reader.totals().usage.requests == 1
    with pytest.raises(StorePacked, match="wait"):
        reader.sessions()
    writer = Store.write(tmp_path / "moon.db", priced)
    writer.settle()
    assert len(reader.sessions()) == 1
    reader.close()
    writer.close()


def test_a_call_that_waits_meets_the_result_that_came_later(tmp_path: Path) -> None:
    store = first_reading(tmp_path / "moon.db", batch("a.jsonl", [usage("m"), call("t")]))
    gain = store.append([batch("a.jsonl", [ToolEnded(key("t"), NOON + 50, "failed")], offset=200)])
    assert [fact.event for fact in gain.facts] == [call("t", outcome="failed", duration=50)]
    store.close()


def test_what_was_put_aside_is_kept_with_its_cursor_or_not_at_all(tmp_path: Path) -> None:
    store = Store.write(tmp_path / "moon.db", priced)
    with pytest.raises(OSError), store.together() as append:
        append([packed(batch("a.jsonl", [call("t")]))])
        raise OSError
    assert (store.cursors(), tables(store)) == ({}, (0, 0, 0))
    store.close()


def test_a_backup_has_what_waits(tmp_path: Path) -> None:
    store = first_reading(tmp_path / "moon.db", batch("a.jsonl", [usage("m"), call("t")]))
    store.backup(tmp_path / "copy.db")
    store.close()
    copy = Store.write(tmp_path / "copy.db", priced)
    assert len(copy.tools(copy.sessions()[0].uid)) == 1
    copy.close()


def test_a_store_of_an_older_moonlock_has_nothing_that_waits(tmp_path: Path) -> None:
    open_checked(tmp_path / "moon.db", 0, True, STEPS[:1]).close()
    store = Store.write(tmp_path / "moon.db", priced)
    store.unpack()
    assert store.sessions() == []
    store.close()


def test_more_pieces_than_one_transaction_takes_come_out_whole(tmp_path: Path) -> None:
    many = [batch(f"{number}.jsonl", [call(f"t{number}")]) for number in range(1_100)]
    store = first_reading(tmp_path / "moon.db", *many)
    store.settle()
    assert tables(store) == (1_100, 0, 0)
    store.close()
