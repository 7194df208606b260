"""The demo world: the same for the same seed, alive, and complete."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest

from moonlock.model.instant import DAY, HOUR, MINUTE, iso
from moonlock.sources.demo_session import clock, next_reset
from moonlock.sources.demo_worker import Pace
from moonlock.sources.demo_world import Step, World, world

NOW = 1_795_161_600_000  # 2026-11-20T08:00:00Z


@pytest.fixture(scope="module")
def made() -> World:
    return world(7, NOW, 1.0)


def lines(made: World) -> Iterator[dict[str, Any]]:
    return (json.loads(data) for found in made.past.values() for data in found)


def test_the_same_seed_gives_the_same_bytes(made: World) -> None:
    again = world(7, NOW, 1.0)
    assert again.past == made.past
    assert list(islice(again.future, 300)) == list(islice(world(7, NOW, 1.0).future, 300))


def test_another_seed_gives_another_world(made: World) -> None:
    assert world(8, NOW, 1.0).past.keys() != made.past.keys()


def test_the_past_is_a_month_of_at_most_twenty_megabytes(made: World) -> None:
    assert sum(len(data) for found in made.past.values() for data in found) < 20_000_000
    stamps = [line["timestamp"] for line in lines(made) if "timestamp" in line]
    assert min(stamps) < iso(NOW - 26 * DAY)
    assert iso(NOW - MINUTE) < max(stamps) <= iso(NOW)


def test_every_line_is_one_json_object(made: World) -> None:
    for found in made.past.values():
        for data in found:
            assert data.endswith(b"\n") and data.count(b"\n") == 1
            assert isinstance(json.loads(data), dict)


def test_times_never_run_backwards_within_a_file(made: World) -> None:
    for found in made.past.values():
        stamps = [line["timestamp"] for line in map(json.loads, found) if "timestamp" in line]
        assert stamps == sorted(stamps)


def test_everything_that_a_page_shows_happens(made: World) -> None:
    kinds = Counter(kind for line in lines(made) for kind in features(line))
    expected = {
        *("prompt", "tool", "failed tool", "title", "compaction", "limit", "retry", "pull request", "sub-agent"),
        *("TaskCreate", "TaskUpdate", "TodoWrite", "Agent", "thinking", "web search", "end of turn"),
        *("claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5", "claude-haiku-4-5-20251001"),
    }
    assert expected <= set(kinds)


def features(line: dict[str, Any]) -> Iterator[str]:
    kind, message = line["type"], line.get("message") or {}
    named = {"ai-title": "title", "pr-link": "pull request"}
    subtypes = {"compact_boundary": "compaction", "api_error": "retry"}
    yield named.get(kind) or subtypes.get(line.get("subtype", "")) or kind
    if line.get("isSidechain"):
        yield "sub-agent"
    if line.get("isApiErrorMessage"):
        yield "limit"
    if message.get("stop_reason") == "end_turn":
        yield "end of turn"
    if message.get("usage", {}).get("server_tool_use", {}).get("web_search_requests"):
        yield "web search"
    yield message.get("model") or ("prompt" if isinstance(message.get("content"), str) else kind)
    for block in message.get("content") or () if isinstance(message.get("content"), list) else ():
        yield from {"tool_use": ["tool", block.get("name", "")], "thinking": ["thinking"]}.get(block["type"], [])
        if block.get("is_error"):
            yield "failed tool"


def test_output_grows_over_the_lines_of_a_response_and_the_last_line_has_most(made: World) -> None:
    outputs: dict[str, list[int]] = {}
    for line in lines(made):
        if line["type"] == "assistant" and line["message"]["model"] != "<synthetic>":
            outputs.setdefault(line["message"]["id"], []).append(line["message"]["usage"]["output_tokens"])
    several = [found for found in outputs.values() if len(found) > 1]
    assert len(several) > 100
    assert all(found == sorted(found) for found in several)
    assert any(found[0] < found[-1] for found in several)


def test_every_result_answers_a_call(made: World) -> None:
    called, answered = set(), set()
    for line in lines(made):
        content = (line.get("message") or {}).get("content")
        for block in content if isinstance(content, list) else ():
            called |= {block["id"]} if block["type"] == "tool_use" else set()
            answered |= {block["tool_use_id"]} if block["type"] == "tool_result" else set()
    assert answered <= called
    assert len(called - answered) < 12


def test_within_two_seconds_something_moves() -> None:
    for seed in range(8):
        steps = list(islice(world(seed, NOW, 1.0).future, 4))
        assert steps[0].delay < 600 and sum(step.delay for step in steps) < 6_000, seed


def test_several_people_are_at_work_now_and_some_are_not(made: World) -> None:
    newest: dict[str, str] = {}
    for path, found in made.past.items():
        if "subagents" not in path:
            newest[path] = max((json.loads(data).get("timestamp", "") for data in found), default="")
    assert sum(stamp > iso(NOW - 2 * MINUTE) for stamp in newest.values()) >= 3
    resting = [stamp for stamp in newest.values() if iso(NOW - HOUR) < stamp < iso(NOW - 2 * MINUTE)]
    assert len(resting) >= 3


def test_twice_the_speed_takes_half_the_time() -> None:
    slow, fast = (spent(world(7, NOW, speed).future) for speed in (1.0, 20.0))
    assert fast < slow / 8


def spent(steps: Iterator[Step]) -> int:
    return sum(step.delay for step in islice(steps, 2_000))


def test_time_passes_as_written_until_now_and_faster_after() -> None:
    pace = Pace(1_000, 10)
    assert [pace.after(0, 500), pace.after(500, 1_000), pace.after(2_000, 1_000)] == [500, 1_050, 2_100]


def test_a_reset_is_told_as_the_client_tells_it() -> None:
    assert next_reset(NOW, 50 * MINUTE) % (10 * MINUTE) == 0
    assert [clock(NOW), clock(NOW + 20 * MINUTE), clock(NOW + 5 * HOUR)] == ["8am", "8:20am", "1pm"]
    assert clock(NOW - 8 * HOUR) == "12am"
