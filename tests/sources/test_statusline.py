"""What Claude Code gives to its status line is read field by field, and what cannot be true says nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from status_lines import FULL, NOW, SESSION, said

from moonlock.model.instant import DAY, HOUR
from moonlock.model.session import SessionKey
from moonlock.model.statusline import CacheSeen, LimitSeen, StatusSample, WindowSeen
from moonlock.sources import ALL
from moonlock.sources.base import Reporter
from moonlock.sources.claude_code.statusline import status_line

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)


def read(**more: object) -> StatusSample:
    found = status_line(said(**more), NOW)
    assert found is not None
    return found


def limits(five_hour: object) -> tuple[LimitSeen, ...]:
    return read(rate_limits={"five_hour": five_hour}).limits


def test_everything_that_is_said_is_kept() -> None:
    assert read() == StatusSample(
        at=NOW,
        key=SessionKey("claude-code", "-w-my-repo", SESSION),
        version="2.1.260",
        model="claude-opus-5",
        cwd="/w/my-repo",
        name="my-session",
        effort="high",
        fast=False,
        limits=(
            LimitSeen("five_hour", 5 * HOUR, 23.5, NOW + 7_800_000),
            LimitSeen("seven_day", 7 * DAY, 41.2, NOW + 302_400_000),
        ),
        context=WindowSeen(200_000, 15_500, 8.0),
        cost=420_000,
        cache=CacheSeen(True, HOUR, NOW + 3_000_000, 12, 1),
    )


def test_a_session_alone_is_enough() -> None:
    key = SessionKey("claude-code", "", SESSION)
    assert status_line({"session_id": SESSION}, NOW) == StatusSample(at=NOW, key=key)


@pytest.mark.parametrize(
    "nothing", [None, [], 7, "x", {}, {"session_id": 7}, {"session_id": "a\nb"}, {"session_id": ""}]
)
def test_without_a_session_there_is_nothing(nothing: object) -> None:
    assert status_line(nothing, NOW) is None


@pytest.mark.parametrize(
    "window",
    [
        None,
        7,
        {},
        {"used_percentage": None, "resets_at": NOW // 1000},
        {"used_percentage": True, "resets_at": NOW // 1000},
        {"used_percentage": "23", "resets_at": NOW // 1000},
        {"used_percentage": -1, "resets_at": NOW // 1000},
        {"used_percentage": 1_738_425_600, "resets_at": NOW // 1000},
        {"used_percentage": 23, "resets_at": 0},
        {"used_percentage": 23, "resets_at": None},
        {"used_percentage": 23, "resets_at": NOW // 1000 + 5 * 3_600 + 2 * 86_400},
    ],
)
def test_a_limit_that_cannot_be_true_is_dropped(window: object) -> None:
    assert limits(window) == ()


def test_a_limit_may_be_a_little_above_the_whole_and_its_reset_may_be_past_or_in_milliseconds() -> None:
    assert limits({"used_percentage": 103, "resets_at": NOW // 1000})[0].used == 103.0
    assert limits({"used_percentage": 1, "resets_at": NOW // 1000 - 60})[0].resets_at == NOW - 60_000
    assert limits({"used_percentage": 1, "resets_at": NOW + 60_000})[0].resets_at == NOW + 60_000


def test_windows_are_known_by_their_length_and_others_are_left_out() -> None:
    window = {"used_percentage": 5, "resets_at": NOW // 1000 + 60}
    found = read(rate_limits={"seven_day_opus": window, "spend_limit": {"used": 3}, "monthly": window}).limits
    assert [(one.name, one.length) for one in found] == [("seven_day_opus", 7 * DAY)]
    assert read(rate_limits=None).limits == ()


def test_the_context_is_not_known_before_the_first_request_and_after_compaction() -> None:
    early = {"context_window_size": 200_000, "used_percentage": None, "current_usage": None}
    assert read(context_window=early).context == WindowSeen(200_000, None, None)
    assert read(context_window={}).context is None


def test_totals_of_old_versions_which_grow_for_ever_are_never_taken_for_the_context() -> None:
    old = {"total_input_tokens": 2_000_000, "context_window_size": 200_000, "used_percentage": 1_000}
    assert read(context_window=old, version="2.1.100").context == WindowSeen(200_000, None, None)


def test_older_versions_say_less() -> None:
    found = read(
        prompt_cache=None, effort=None, fast_mode=None, cost=None, session_name=None, model="opus", workspace=3
    )
    assert (found.cache, found.effort, found.fast, found.cost, found.name, found.model) == (
        None,
        "",
        None,
        None,
        "",
        "",
    )
    assert found.cwd == "/w/my-repo/src"


def test_no_prompt_can_come_along() -> None:
    assert b"secret" not in repr(read(prompt="secret", last_message="secret", name="x\x1b[2J")).encode()


def test_the_source_of_claude_code_has_a_status_line() -> None:
    (found,) = [source.status_line(FULL, NOW) for source in ALL if isinstance(source, Reporter)]
    assert found == read()


@given(JSON, st.sampled_from(sorted(FULL)), st.dictionaries(st.sampled_from(sorted(FULL)), JSON))
def test_no_json_is_an_error(other: object, name: str, fields: dict[str, object]) -> None:
    status_line(other, NOW)
    status_line({**FULL, name: other}, NOW)
    status_line({"session_id": SESSION, **fields}, NOW)
    parts = {part: other for part in ("five_hour", "current_usage", "used_percentage", "id", "ttl")}
    status_line({**FULL, name: parts}, NOW)
