"""kill -9 at any moment of an append: nothing is lost, nothing counts twice."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from store_batches import batch, priced, usage

from moonlock.store import Store

KILLS = 10
EACH = 40
"""Requests of one append."""

WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from store_batches import batch, priced, usage
from moonlock.store import Store
store = Store.write(Path(sys.argv[2]), priced)
at = store.cursor("a.jsonl").offset
while True:
    events = [usage(f"m{number}", output=number % 7) for number in range(at, at + 40)]
    at += 40
    store.append([batch("a.jsonl", events, offset=at)])
    print(at, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_killed_writer_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    path, chance = tmp_path / "moon.db", random.Random(7)
    for _ in range(KILLS):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(Path(__file__).parents[1]), str(path)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        first = writer.stdout.readline()  # it has loaded everything and is in the middle of its work
        time.sleep(chance.random() / 20)
        writer.send_signal(signal.SIGKILL)
        told = [int(line) for line in (first + writer.stdout.read()).split("\n")[:-1]]
        writer.stdout.close()
        writer.wait()
        store = Store.write(path, priced)
        reached = store.cursor("a.jsonl").offset
        assert reached >= max(told)
        assert store.totals().usage.requests == reached
        assert store.totals().usage.tokens.output == sum(number % 7 for number in range(reached))
        assert store.health().findings == ()
        store.close()
    store = Store.write(path, priced)
    again = [usage(f"m{number}", output=number % 7) for number in range(reached)]
    assert store.append([batch("a.jsonl", again, offset=reached)]).usage == ()
    store.close()
    assert reached > KILLS * EACH


def test_appends_of_one_transaction_are_kept_together_or_not_at_all(tmp_path: Path) -> None:
    store = Store.write(tmp_path / "moon.db", priced)
    with pytest.raises(OSError), store.together() as append:
        append([batch("a.jsonl", [usage("m1")])])
        raise OSError
    assert (store.cursors(), store.totals().usage.requests) == ({}, 0)
    with store.together() as append:
        append([batch("a.jsonl", [usage("m1")])])
        append([batch("a.jsonl", [usage("m1"), usage("m2")], offset=200)])
    assert (store.cursor("a.jsonl").offset, store.totals().usage.requests) == (200, 2)
    store.close()
