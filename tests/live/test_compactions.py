"""What is measured before a compaction beside what the agent recorded: every one that logs at hand have (bar 1 %).

The sample logs have none that can be compared (n = 0): one that is automatic stands in a made-up file without a request
before it, and what a microcompaction records is no size of the context. The demo's compactions prove the way from line
to report and nothing about real agents; 86 real ones were measured once, with a median error of -0.6 %.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median

import pytest

from moonlock.live.context_report import context_report
from moonlock.live.shapes import Setting, session_shape
from moonlock.model.context_shapes import CompactedShape
from moonlock.model.reading import Cursor
from moonlock.sources.base import look
from moonlock.sources.claude_code import ClaudeCode
from moonlock.sources.demo_world import world
from moonlock.store import Store

SHARED = Path(os.environ.get("MOONLOCK_SHARED") or Path(__file__).parents[3] / "shared")
SAMPLES = SHARED / "sample-logs"
NOW = 1_795_161_600_000


def compactions(store: Store, paths: Iterable[Path]) -> Iterator[CompactedShape]:
    source = ClaudeCode()
    for path in sorted(paths):
        seen = look(str(path))
        if seen is not None:
            store.append(list(source.read(seen, Cursor(), 1 << 30)))
    for session in store.sessions(None, 1_000_000):
        yield from context_report(store, session_shape(session, Setting(0, {})), lambda model: {}).compactions


def told(name: str, found: Iterable[CompactedShape]) -> list[float]:
    """The errors, printed: how many there are is part of the answer."""
    errors = [
        one.measured_before / one.tokens_before - 1
        for one in found
        if one.trigger != "micro" and one.tokens_before and one.measured_before
    ]
    known = f", median error {median(errors):+.2%}" if errors else ""
    sys.stdout.write(f"{name}: n = {len(errors)}{known}\n")
    return errors


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="no sample logs here: set MOONLOCK_SHARED to their folder")
def test_every_compaction_that_the_sample_logs_record_is_measured_within_a_percent(tmp_path: Path) -> None:
    store = Store.write(tmp_path / "moonlock.db", lambda _: None)
    errors = told("sample logs", compactions(store, SAMPLES.rglob("*.jsonl")))
    store.close()
    assert not errors or abs(median(errors)) <= 0.01


def naive(lines: Iterable[bytes]) -> Iterator[tuple[int, int]]:
    """What is recorded, and what the last response before it read, by nothing but the lines."""
    last = 0
    for line in map(json.loads, lines):
        usage = line.get("message", {}).get("usage") if line["type"] == "assistant" else None
        if usage and not line["isSidechain"] and line["message"]["model"] != "<synthetic>":
            last = sum(usage[f"{kind}input_tokens"] for kind in ("", "cache_creation_", "cache_read_"))
        if line.get("subtype") == "compact_boundary":
            yield line["compactMetadata"]["preTokens"], last


def test_of_the_demos_compactions_each_is_measured_by_the_last_response_before_it(tmp_path: Path) -> None:
    past = world(1, NOW, 1.0).past
    full = {path: lines for path, lines in past.items() if any(b'"compact_boundary"' in line for line in lines)}
    for path, lines in full.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(b"".join(lines))
    store = Store.write(tmp_path / "moonlock.db", lambda _: None)
    found = [*compactions(store, tmp_path.rglob("*.jsonl"))]
    store.close()
    told("demo, which records what the next request would have read", found)
    expected = [pair for lines in full.values() for pair in naive(lines)]
    assert sorted((one.tokens_before, one.measured_before) for one in found) == sorted(expected)
    assert len(found) >= 5
