"""Percentiles of tool calls, by a second, plain computation; and whose a tool is."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from math import ceil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_batches import NOON, batch, call, key, priced, usage

from moonlock.model.question import Question
from moonlock.store import Store
from moonlock.store.tooltimes import server_of

LASTED = st.lists(st.none() | st.integers(0, 10**6), max_size=30)


def nearest_rank(found: Sequence[int], percent: int) -> int | None:
    return sorted(found)[ceil(len(found) * percent / 100) - 1] if found else None


@settings(max_examples=25, deadline=None)
@given(LASTED, LASTED)
def test_half_and_nineteen_of_twenty_calls_took_no_longer(reads: list[int | None], edits: list[int | None]) -> None:
    calls = [("Read", lasted) for lasted in reads] + [("Edit", lasted) for lasted in edits]
    seen = [
        call(f"t{n}", NOON + n, name=name, request=key("m1"), duration=lasted, outcome=None if lasted is None else "ok")
        for n, (name, lasted) in enumerate(calls)
    ]
    with tempfile.TemporaryDirectory() as folder:
        store = Store.write(Path(folder) / "moon.db", priced)
        store.append([batch("a.jsonl", [usage("m1"), *seen])])
        told = {row[0]: dict(row[5]) for row in store.rows(Question("tool")).rows}
        session = store.session("a")
        assert session is not None
        each = {one.name: one.times for one in store.chronicle(session.uid).tools()}
        store.close()
    for name, lasted in (("Read", reads), ("Edit", edits)):
        if lasted:
            known = [one for one in lasted if one is not None]
            expected = nearest_rank(known, 50), nearest_rank(known, 95)
            assert (told[name]["p50Ms"], told[name]["p95Ms"]) == expected == (each[name] or (None, None))


@pytest.mark.parametrize(
    ("tool", "server"),
    [
        ("mcp__github__create_issue", "github"),
        ("mcp__plugin_a_b__run__twice", "plugin_a_b"),
        ("mcp__github", None),
        ("mcp____run", None),
        ("Bash", None),
        ("", None),
        ("not__mcp__tool", None),
    ],
)
def test_a_tools_name_says_which_server_it_belongs_to(tool: str, server: str | None) -> None:
    assert server_of(tool) == server
