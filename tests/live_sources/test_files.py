"""Files that the client keeps beside its transcripts: the registry, the plan, its statistics; each shape of each."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from live_sources.known import table

from moonlock.model.limits import Plan
from moonlock.sources.claude_code import ClaudeCode
from moonlock.sources.claude_code.processes import LINUX

REGISTRY, PLANS, STATISTICS = table("registry"), table("plan"), table("stats_cache")


def written(path: Path, said: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(said))
    return path


@pytest.mark.skipif(os.name != "posix", reason="nobody can tell here whether a process lives")
@pytest.mark.parametrize("case", REGISTRY["cases"], ids=lambda case: case["shape"])
def test_each_entry_of_the_registry_is_read_beside_a_process_that_lives(tmp_path: Path, case: dict[str, Any]) -> None:
    if case.get("dead") and not LINUX:
        pytest.skip("only Linux tells when a process began")
    now, pid = time.time_ns() // 1_000_000, os.getpid()
    entry = {**REGISTRY["entry"], "pid": pid, "startedAt": now, "updatedAt": now, "statusUpdatedAt": now}
    said = {name: value for name, value in {**entry, **case["change"]}.items() if value is not None}
    if said.get("pidDomain") == "elsewhere":
        said["pidDomain"] = "win32"
    written(tmp_path / ".claude" / "sessions" / f"{pid}.json", said)
    roll = ClaudeCode().registry({}, tmp_path).look()
    if case.get("absent") or case.get("dead"):
        assert roll.alive == () and len(roll.dead) == bool(case.get("dead"))
        return
    (process,) = roll.alive
    assert (process.pid, process.session, process.doing) == (pid, entry["sessionId"], case["doing"])
    assert process.waiting_for == case.get("waits")


def test_orphans_of_old_versions_and_other_files_are_no_entries(tmp_path: Path) -> None:
    entry = {**REGISTRY["entry"], "pid": os.getpid()}
    for name in (f"pid-{os.getpid()}.json", "notes.json", f"{os.getpid()}.json.tmp", "0.json"):
        written(tmp_path / ".claude" / "sessions" / name, entry)
    roll = ClaudeCode().registry({}, tmp_path).look()
    assert (roll.found, roll.alive, roll.dead) == (True, (), ())


@pytest.mark.parametrize("case", PLANS["cases"], ids=lambda case: case["shape"])
def test_each_shape_of_the_configuration_tells_the_plan_and_nothing_else(tmp_path: Path, case: dict[str, Any]) -> None:
    written(tmp_path / ".claude.json", case["said"])
    found = ClaudeCode().plan({}, tmp_path)
    assert found == (None if case["plan"] is None else Plan(*case["plan"]))
    assert not any(word in repr(found) for word in ("secret", "ann@", "0000"))


@pytest.mark.parametrize("case", STATISTICS["cases"], ids=lambda case: case["shape"])
def test_each_shape_of_the_statistics_is_read_or_told(tmp_path: Path, case: dict[str, Any]) -> None:
    written(tmp_path / ".claude" / "stats-cache.json", case["said"])
    found = ClaudeCode().history({}, tmp_path)
    assert [[seed.day, seed.model, seed.tokens, seed.sessions] for seed in found.seeds] == case["seeds"]
    assert len(found.troubles) == case["troubles"]
