"""How long a person was waited for, whatever way hooks take, restarts and kills between: against a plain reading."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import NamedTuple

import apsw
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from moonlock.analytics.spells import Lived, states, timed
from moonlock.live.witnesses import Witnesses
from moonlock.model.events import ToolCall
from moonlock.model.presence import HookSeen, Waited
from moonlock.store.hooks import Witnesses as Kept
from moonlock.store.steps import migrate

NOON = 1_795_000_000_000
AGENT, SESSION = "claude-code", "s"
Told = list[HookSeen]
Call = tuple[str, str, int, int, str]
"""A tool, the sub-agent that called it, how long a person was waited for, how long it ran, and how it ended."""

ENDS = ("given", "given", "refused", "left")
CALLS = st.lists(
    st.tuples(
        st.sampled_from(["Bash", "Edit", "Read"]),
        st.sampled_from(["", "", "helper"]),
        st.integers(0, 90_000),
        st.integers(0, 60_000),
        st.sampled_from(ENDS),
    ),
    max_size=25,
)


class Day(NamedTuple):
    hooks: Told
    waits: list[tuple[int, int]]
    """Those whose end is known."""
    calls: list[ToolCall]
    """As the log has them."""
    end: int


def lived(calls: list[Call]) -> Day:
    """What an agent that makes these calls one after the other says of them."""
    day = Day([HookSeen(SESSION, "UserPromptSubmit", NOON, prompt_id="p")], [], [], NOON + 30_000 * (len(calls) + 1))
    at = NOON
    for number, (tool, agent, waited, ran, end) in enumerate(calls):
        at += 30_000
        call = HookSeen(SESSION, "PreToolUse", at, tool, f"t{number}", agent_id=agent)
        day.hooks.append(call)
        if waited:
            day.hooks.append(replace(call, event="PermissionRequest", at=at + 1, tool_id=""))
        if waited > 6_000:
            day.hooks.append(HookSeen(SESSION, "Notification", at + 6_001, notice="permission_prompt"))
        if waited and end != "left":
            day.waits.append((at + 1, at + 1 + waited))
        ran = 0 if waited and end != "given" else ran
        over = at + 1 + waited + ran
        day.calls.append(ToolCall(number, at, tool, duration=over - at, agent_id=agent))
        if not waited or end == "given":
            day.hooks.append(replace(call, event="PostToolUse", at=over, took=ran))
        elif end == "refused":
            day.hooks.append(replace(call, event="PermissionDenied", at=over))
        else:
            day.hooks.append(HookSeen(SESSION, "Stop", over))
            day.hooks.append(HookSeen(SESSION, "UserPromptSubmit", over + 1, prompt_id=f"p{number}"))
        at = over
    return day._replace(end=at + 1_000)


def played(hooks: Told, chance: random.Random, *, kills: bool) -> Waited:
    """What is known in the end: hooks come late and twice, and servers stop between them."""
    db = apsw.Connection(":memory:")
    migrate(db)
    kept, now, heard = Kept(db), Witnesses(), 0
    arriving = sorted(range(len(hooks)), key=lambda place: place + chance.random() * 6)
    for place in arriving:
        heard = max(heard, hooks[place].at)
        now.take(AGENT, hooks[place], heard)
        if chance.random() < 0.2:
            now.take(AGENT, hooks[max(0, place - chance.randrange(5))], heard)
        if chance.random() < 0.3:
            kept.keep(now.unkept(heard))
        if chance.random() < 0.2:
            if not kills:
                kept.keep(now.unkept(heard))
            now = Witnesses()
            now.recall(kept.all())
    kept.keep(now.unkept(heard))
    found = kept.waits.of(AGENT, SESSION)
    db.close()
    return found


@given(CALLS, st.integers())
def test_no_restart_no_repetition_and_no_order_changes_how_long_was_waited(calls: list[Call], seed: int) -> None:
    day = lived(calls)
    found = played(day.hooks, random.Random(seed), kills=False)
    assert found.hooked
    for told in (found.waits, timed(found, day.calls)):
        assert [(one.start, one.over) for one in told if one.over is not None] == day.waits


@given(CALLS, st.integers())
def test_after_kills_no_wait_counts_twice_or_for_longer_and_the_states_add_up(calls: list[Call], seed: int) -> None:
    day = lived(calls)
    named = [hook for hook in day.hooks if hook.event != "Notification"]  # the only ones that name no tool
    found = timed(played(named, random.Random(seed), kills=True), day.calls)
    told = [(one.start, one.over) for one in found if one.over is not None]
    assert all(any(start <= began and over <= end for start, end in day.waits) for began, over in told)
    assert all(over <= start for (_, over), (start, _) in pairwise(told))
    spent = states(Lived((NOON, day.end), [(NOON, day.end)], day.calls, waits=found))
    assert sum(spent.values()) == day.end - NOON
    assert spent["permission"] == sum(over - began for began, over in told)
