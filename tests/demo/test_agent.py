"""What the demo's agents say beside their logs: the ordinary readers understand it, and it fits the lines."""

from __future__ import annotations

import json
from itertools import islice
from typing import Any

from moonlock.analytics import hooks
from moonlock.model.instant import HOUR, MINUTE, Instant
from moonlock.model.presence import HookSeen
from moonlock.model.statusline import StatusSample
from moonlock.sources.claude_code.hooks import hook
from moonlock.sources.claude_code.statusline import status_line
from moonlock.sources.demo_agent import Agents, Doors, Limit
from moonlock.sources.demo_world import Step, world

NOW = 1_795_161_600_000
LINES = 1_500


def spoken() -> tuple[list[Step], list[HookSeen], list[StatusSample]]:
    """The lines of some minutes of the demo, and what was understood at the doors."""
    seen: list[HookSeen | None] = []
    samples: list[StatusSample | None] = []
    at: Instant = NOW
    doors = Doors(lambda body: seen.append(hook(body, at)), lambda body: samples.append(status_line(read(body), at)))
    agents, steps = Agents(NOW), list(islice(world(3, NOW, 1.0).future, LINES))
    for step in steps:
        at += step.delay
        agents.say(step.data, at, doors)
    assert None not in seen and None not in samples
    return steps, [one for one in seen if one], [one for one in samples if one]


def read(data: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(data)
    return found


STEPS, HOOKS, SAMPLES = spoken()
OF_SESSIONS = [line for line in (read(step.data) for step in STEPS) if line.get("isSidechain") is False]


def test_every_call_of_a_session_has_its_hooks_and_every_prompt_and_end_of_a_turn() -> None:
    calls = [part["id"] for line in OF_SESSIONS for part in parts(line, "tool_use")]
    results = [part["tool_use_id"] for line in OF_SESSIONS for part in parts(line, "tool_result")]
    assert [seen.tool_id for seen in HOOKS if seen.event == "PreToolUse"] == calls
    assert [seen.tool_id for seen in HOOKS if seen.event.startswith("PostToolUse")] == results
    events = {seen.event for seen in HOOKS}
    assert events >= {"UserPromptSubmit", "PreToolUse", "PostToolUse", "PermissionRequest", "Stop"}


def parts(line: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    content = line.get("message", {}).get("content", "")
    return [part for part in content if part["type"] == kind] if isinstance(content, list) else []


def test_sessions_wait_for_a_person_and_go_on() -> None:
    told = set()
    courses: dict[str, hooks.Course] = {}
    for seen in HOOKS:
        course = courses[seen.session] = hooks.add(courses.get(seen.session, hooks.EMPTY), seen)
        told.add((hooks.read(course).status, hooks.read(course).waiting_for))
    assert told >= {("running", None), ("waiting", "permission"), ("waiting", "prompt")}


def test_a_status_line_has_the_context_of_its_response() -> None:
    last = {line["sessionId"]: line["message"]["usage"] for line in OF_SESSIONS if is_answer(line)}
    newest = {sample.key.native_id: sample for sample in SAMPLES}
    assert newest.keys() == last.keys()
    for session, usage in last.items():
        context = newest[session].context
        kinds = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
        assert context is not None and context.used == sum(usage[kind] for kind in kinds)
        assert context.size in (200_000, 1_000_000)


def is_answer(line: dict[str, Any]) -> bool:
    return line["type"] == "assistant" and line["message"]["stop_reason"] in ("tool_use", "end_turn")


def test_limits_grow_with_what_is_used() -> None:
    told = [{limit.name: limit.used for limit in sample.limits} for sample in SAMPLES]
    for name in ("five_hour", "seven_day"):
        used = [each[name] for each in told]
        assert used == sorted(used) and used[0] < used[-1] <= 100
    assert all(limit.resets_at > NOW for sample in SAMPLES for limit in sample.limits)


def test_a_window_that_is_over_begins_anew() -> None:
    limit = Limit(5 * HOUR, 90.0, NOW + MINUTE, 1_000)
    limit.spend(1_000_000, NOW)
    assert limit.used == 100
    limit.spend(2_000, NOW + 11 * HOUR)
    assert (limit.used, limit.resets_at) == (2.0, NOW + MINUTE + 15 * HOUR)


def test_what_a_person_wrote_is_not_repeated_at_a_door() -> None:
    bodies: list[bytes] = []
    agents = Agents(NOW)
    for step in STEPS[:300]:
        agents.say(step.data, NOW, Doors(bodies.append, bodies.append))
    prompts = {
        line["message"]["content"] for line in OF_SESSIONS if isinstance(line.get("message", {}).get("content"), str)
    }
    assert bodies and not [body for body in bodies for prompt in prompts if prompt.encode() in body]
