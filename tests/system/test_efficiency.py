"""Real logs: where money went is what a plain reading of their lines and of the price file gives."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import pytest

from moonlock.analytics import efficiency
from moonlock.analytics.cost import price_of
from moonlock.analytics.prices import builtin
from moonlock.live.catchup import sync
from moonlock.live.efficiency import ALWAYS
from moonlock.model.efficiency import Changed, Efficiency
from moonlock.sources import ALL
from moonlock.store import Store

SAMPLES = Path(os.environ.get("MOONLOCK_SHARED") or Path(__file__).parents[3] / "shared") / "sample-logs" / "home"
PRICES = Path(efficiency.__file__).parent / "prices.json"
CAUSES = {
    "tools_changed": "tools",
    "system_changed": "system",
    "messages_changed": "messages",
    "model_changed": "model",
}
Asked = dict[str, Any]

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="no sample logs here: set MOONLOCK_SHARED to their folder")


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Efficiency]:
    store = Store.write(tmp_path_factory.mktemp("samples") / "moon.db", price_of(builtin()))
    sync(store, ALL, {}, SAMPLES)
    story = store.economy().of_days(ALWAYS)
    yield efficiency.read(story.before, story.paid, story.facts, builtin())
    store.close()


@pytest.fixture(scope="module")
def plain() -> list[Asked]:
    """Each response once, with the largest of each count, at its earliest line; in time order."""
    found: dict[tuple[str, str], Asked] = {}
    for path in sorted(SAMPLES.glob(".claude/projects/**/*.jsonl")):
        for text in path.read_text(encoding="utf-8").splitlines():
            line = _own(json.loads(text))
            message = line.get("message") or {}
            if line.get("type") != "assistant" or "usage" not in message or message["model"] == "<synthetic>":
                continue
            seen = _response(line, message)
            known = found.setdefault((message["id"], line.get("requestId", "")), seen)
            if seen["at"] < known["at"]:
                known.update(at=seen["at"], line=seen["line"])
            known["why"] = known["why"] or seen["why"]
            for kind in ("input", "output", "short", "hour", "read"):
                known[kind] = max(known[kind], seen[kind])
    return sorted((one for one in found.values() if _tokens(one)), key=lambda one: one["at"])


def _own(line: Asked) -> Asked:
    """The line of a sub-agent, where older versions hid it in a progress line; else the line itself."""
    data = line.get("data") or {}
    if line.get("type") != "progress" or data.get("type") != "agent_progress":
        return line
    return {"sessionId": line["sessionId"], "agentId": data["agentId"], **data["message"]}


def _response(line: Asked, message: Asked) -> Asked:
    used = message["usage"]
    split = used.get("cache_creation") or {}
    hour = split.get("ephemeral_1h_input_tokens", 0)
    reason = (message.get("diagnostics") or {}).get("cache_miss_reason") or {}
    return {
        "at": datetime.fromisoformat(line["timestamp"]).timestamp(),
        "line": (line["sessionId"], line.get("agentId")),
        "model": message["model"],
        "input": used["input_tokens"],
        "output": used["output_tokens"],
        "short": used.get("cache_creation_input_tokens", 0) - hour,
        "hour": hour,
        "read": used.get("cache_read_input_tokens", 0),
        "why": CAUSES.get(reason.get("type", "")),
    }


def _tokens(one: Asked) -> int:
    return sum(one[kind] for kind in ("input", "output", "short", "hour", "read"))


def _prompt(one: Asked) -> int:
    return _tokens(one) - int(one["output"])


def _rates(one: Asked) -> Asked:
    """Dollars for a million tokens, on that day, from the file itself."""
    models: Asked = json.loads(PRICES.read_text(encoding="utf-8"))["models"]
    name = one["model"] if one["model"] in models else one["model"][:-9]  # without its date
    entry: Asked = models[name]
    for period in entry.get("periods", ()):
        if datetime.fromisoformat(period["from"] + "T00:00:00+00:00").timestamp() <= one["at"]:
            entry = period
    long = entry.get("longContext")
    return long if long and _prompt(one) > long["above"] else entry


def _cost(one: Asked) -> float:
    rates = _rates(one)
    names = {"input": "input", "output": "output", "short": "cacheWrite5m", "hour": "cacheWrite1h", "read": "cacheRead"}
    return float(sum(one[kind] * rates[name] for kind, name in names.items())) / 1e6


def test_rebuilds_and_their_waste_are_those_of_the_definition(known: Efficiency, plain: list[Asked]) -> None:
    lines = defaultdict(list)
    for one in plain:
        lines[one["line"]].append(one)
    found = []
    for each in lines.values():
        for last, one in pairwise(each):
            before, written = _prompt(last), one["short"] + one["hour"]
            if before > 20_000 and written > before / 2 and one["read"] < before / 2:
                rates = _rates(one)
                write = (one["short"] * rates["cacheWrite5m"] + one["hour"] * rates["cacheWrite1h"]) / written
                waste = min(written, before - one["read"]) * (write - rates["cacheRead"]) / 1e6
                found.append((one["at"], one["why"], waste))
    assert len(found) > 10
    told = sorted((one.at / 1000, one) for one in known.rebuilds)
    assert [at for at, _ in told] == pytest.approx([at for at, *_ in sorted(found)], abs=0.002)
    wastes = [(one.waste or 0) / 1e6 for _, one in told]
    assert wastes == pytest.approx([waste for *_, waste in sorted(found)], abs=2e-6)
    said = [(one.cause, why) for (_, one), (_, why, _) in zip(told, sorted(found), strict=True) if why]
    assert said and all(cause in (why, "compaction", "model") for cause, why in said)


def test_large_contexts_sub_agents_and_the_whole_cost_are_those_of_the_lines(
    known: Efficiency, plain: list[Asked]
) -> None:
    large = [one for one in plain if _prompt(one) > 100_000]
    aside = [one for one in plain if one["line"][1]]
    for evidence, each in ((known.large, large), (known.aside, aside)):
        assert sum(one.times for one in evidence) == len(each) > 10
        assert sum(one.cost or 0 for one in evidence) / 1e6 == pytest.approx(sum(map(_cost, each)), rel=0.001)
    assert known.usage.requests == pytest.approx(len(plain), abs=2)
    attempt = 0.47  # the one before a fallback, which this reading leaves out
    assert known.usage.cost / 1e6 == pytest.approx(sum(map(_cost, plain)) + attempt, abs=0.01)
    assert sum(one.calls for one in known.tools) > 1_000


def test_changed_lines_edited_files_and_rows_of_failures_are_those_of_the_lines(
    known: Efficiency, calls: dict[str, Asked]
) -> None:
    added = removed = 0
    files = set()
    for one in calls.values():
        patch = one["result"].get("structuredPatch")
        if patch is not None:
            signs = [line[:1] for hunk in patch for line in hunk["lines"]]
            whole = [] if patch or one["result"].get("type") != "create" else one["result"]["content"].splitlines()
            added, removed = added + signs.count("+") + len(whole), removed + signs.count("-")
        if one["name"] in ("Edit", "Write", "MultiEdit", "NotebookEdit") and one["failed"] is False:
            files.add(one["input"].get("file_path") or one["input"].get("notebook_path"))
    assert added > 100 and len(files) > 10
    assert known.changed == Changed(added, removed, len(files))
    assert sorted(one.evidence.times for one in known.repeats) == sorted(_rows(calls.values()))


def _rows(calls: Iterable[Asked]) -> Iterator[int]:
    """How long each row of failures of one command was."""
    runs = defaultdict(list)
    for one in sorted(calls, key=lambda one: one["at"]):
        if one["name"] == "Bash" and one["failed"] is not None:
            runs[one["session"], one["input"].get("command")].append(one["failed"])
    for outcomes in runs.values():
        yield from (count for failed, each in groupby(outcomes) if failed and (count := len([*each])) >= 3)


@pytest.fixture(scope="module")
def calls() -> dict[str, Asked]:
    """Each tool call once, at its earliest line, with its result; ``failed`` is None where a person refused."""
    found: dict[str, Asked] = {}
    for path in sorted(SAMPLES.glob(".claude/projects/**/*.jsonl")):
        for text in path.read_text(encoding="utf-8").splitlines():
            whole = json.loads(text)
            line = _own(whole)
            content = (line.get("message") or {}).get("content")
            at = datetime.fromisoformat(line.get("timestamp") or whole.get("timestamp") or "1970-01-01T00:00:00Z")
            for part in content if isinstance(content, list) else []:
                if part["type"] == "tool_use":
                    one = found.setdefault(part["id"], {"failed": None, "result": {}, "at": at})
                    one.update(name=part["name"], input=part["input"], session=line["sessionId"])
                elif part["type"] == "tool_result" and part["tool_use_id"] in found:
                    _result(found[part["tool_use_id"]], part, line)
    return found


def _result(call: Asked, part: Asked, line: Asked) -> None:
    refused = "doesn't want to proceed" in json.dumps(part.get("content"))
    call["failed"] = None if refused else bool(part.get("is_error"))
    said = line.get("toolUseResult")
    call["result"] = said if isinstance(said, dict) else {}
