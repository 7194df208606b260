"""Hooks: all events that are documented and those that are not, in every form, and which notifications wait."""

from __future__ import annotations

import json
from typing import Any

import pytest
from live_sources.known import documented, table

from moonlock.analytics import hooks
from moonlock.model.presence import HookSeen
from moonlock.sources.claude_code.hooks import hook

NOW = 1_795_161_600_000
TABLE, NOTICES = table("hooks"), table("notifications")
COMMON, WORDS = TABLE["common"], TABLE["words"]
SHAPES = [(event, more) for event, forms in TABLE["events"].items() for more in forms]


def posted(event: str, more: dict[str, Any], *without: str) -> bytes:
    common = {name: value for name, value in COMMON.items() if name not in without}
    return json.dumps({**common, "hook_event_name": event, **more}).encode()


def heard(event: str, more: dict[str, Any], *without: str) -> HookSeen:
    seen = hook(posted(event, more, *without), NOW)
    assert seen is not None
    return seen


def test_the_table_has_the_31_documented_events() -> None:
    assert len(TABLE["events"]) == 31
    assert documented("### 3.3 Events") == set(TABLE["events"])


def test_the_table_has_all_documented_notifications() -> None:
    assert documented("### 3.4 Notification types") == {*NOTICES["waits"], *NOTICES["does_not"]} - {"", "of_tomorrow"}


@pytest.mark.parametrize(("event", "more"), SHAPES)
def test_every_form_of_an_event_is_heard_and_no_word_is_kept(event: str, more: dict[str, Any]) -> None:
    seen = heard(event, more)
    assert (seen.session, seen.event, seen.at, seen.prompt_id) == (COMMON["session_id"], event, NOW, "p-1")
    assert WORDS not in repr(seen) and "/home/dev" not in repr(seen)
    assert WORDS not in repr(hooks.add(hooks.EMPTY, seen))


@pytest.mark.parametrize(("event", "more"), SHAPES)
def test_an_older_version_says_less_and_a_sub_agent_who_it_is(event: str, more: dict[str, Any]) -> None:
    assert heard(event, more, *TABLE["absent"]).prompt_id == ""
    assert heard(event, {**TABLE["helper"], **more}).agent_id == "a1"


@pytest.mark.parametrize("mode", TABLE["permission_modes"])
def test_no_mode_of_permissions_says_that_somebody_waits(mode: str) -> None:
    word = hooks.read(hooks.add(hooks.EMPTY, heard("PreToolUse", {"permission_mode": mode, "tool_use_id": "t"})))
    assert word.status == "running"


@pytest.mark.parametrize("event", TABLE["undocumented"])
def test_events_that_are_not_documented_are_heard_and_turn_nothing(event: str) -> None:
    at_work = hooks.add(hooks.EMPTY, heard("UserPromptSubmit", {}))
    assert hooks.read(hooks.add(at_work, heard(event, {"x": WORDS}))).status == hooks.read(at_work).status


@pytest.mark.parametrize(
    ("kind", "waits"), [*NOTICES["waits"].items(), *((kind, None) for kind in NOTICES["does_not"])]
)
def test_only_notifications_that_block_wait_for_somebody(kind: str, waits: str | None) -> None:
    course = hooks.add(hooks.EMPTY, heard("UserPromptSubmit", {}))
    word = hooks.read(hooks.add(course, heard("Notification", {"notification_type": kind, "message": WORDS})))
    assert (word.status == "waiting" and word.asks) is (waits is not None)
    if waits is not None:
        assert word.waiting_for == waits
