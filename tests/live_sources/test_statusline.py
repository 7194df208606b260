"""The status line's JSON: every field of it, each of its traps, and how samples of many sessions become one word."""

from __future__ import annotations

import json
from functools import reduce
from typing import Any

import pytest
from live_sources.known import changed, leaves, table

from moonlock.analytics import quota
from moonlock.live.contexts import Contexts
from moonlock.model.instant import HOUR, SECOND
from moonlock.model.limits import QuotaSample
from moonlock.model.session import Session, SessionKey, Tail
from moonlock.model.statusline import StatusSample
from moonlock.model.tokens import Usage
from moonlock.sources.claude_code import ClaudeCode

TABLE = table("statusline")
NOW, FULL, KEPT = TABLE["now"], TABLE["full"], TABLE["kept"]
FOLD = table("rate_limits")
ODD: list[object] = [None, "null", 7, -1, True, "7", [], {}, {"x": 1}, "x" * 10_000]
"""Instead of what is documented: not there, null, of another type, impossible, huge."""


def read(said: Any) -> StatusSample | None:
    return ClaudeCode().status_line(json.loads(json.dumps(said)), NOW)


def parts(sample: StatusSample) -> dict[str, Any]:
    return {name: getattr(sample, name) for name in sample.__struct_fields__}


def told(sample: StatusSample, path: str) -> Any:
    if path == "limits":
        return [[one.name, one.used] for one in sample.limits]
    found: Any = sample
    for name in path.split("."):
        found = getattr(found, name)
    return found


def test_what_is_kept_is_named_field_by_field() -> None:
    assert set(KEPT) <= set(leaves(FULL))
    whole = read(FULL)
    assert whole is not None and None not in parts(whole).values() and "" not in parts(whole).values()


@pytest.mark.parametrize("field", [*leaves(FULL)])
def test_a_field_that_is_missing_null_or_of_another_kind_hides_no_other(field: str) -> None:
    whole = read(FULL)
    assert whole is not None
    may_differ = {told for name, told in KEPT.items() if f"{name}.".startswith(f"{field}.")} - {""}
    may_differ |= {"session_id": {"key"}, "cwd": {"cwd"}}.get(field, set())
    for odd in ODD:
        found = read(changed(FULL, field, odd))
        if found is None:
            assert field == "session_id"
            continue
        before, after = parts(whole), parts(found)
        assert {name for name in before if before[name] != after[name]} <= may_differ, odd


@pytest.mark.parametrize(
    "field", [each for each in leaves(FULL) if not any(f"{name}.".startswith(f"{each}.") for name in KEPT)]
)
def test_what_is_not_named_is_not_kept(field: str) -> None:
    assert read(changed(FULL, field, "canary-of-a-field")) == read(FULL)


@pytest.mark.parametrize("case", TABLE["traps"], ids=lambda case: case["trap"])
def test_each_trap_is_known(case: dict[str, Any]) -> None:
    said = FULL
    for field, value in case["change"].items():
        said = changed(said, field, value)
    found = read(said)
    assert found is not None
    assert {path: told(found, path) for path in case["expect"]} == case["expect"]


def test_a_window_of_200000_is_not_believed_of_a_session_that_read_more() -> None:
    sample = read(FULL)
    assert sample is not None and sample.context is not None and sample.context.size == 200_000
    contexts = Contexts({})
    contexts.hear(sample)
    key = SessionKey("claude-code", "", sample.key.native_id)
    for used, limit in ((150_000, 200_000), (200_001, 1_000_000)):
        tail = Tail(context=used, model="claude-opus-4-6", largest_prompt=used)
        window = contexts.of(Session("s", key, "", "w", "/w", "", "", 0, 0, "", tail, Usage(), Usage()))
        assert window is not None and window.limit == limit


@pytest.mark.parametrize("case", FOLD["cases"], ids=lambda case: case["trap"])
def test_of_what_many_sessions_say_one_word_holds(case: dict[str, Any]) -> None:
    start = FOLD["now"]
    samples = (
        QuotaSample("five_hour", 5 * HOUR, used, start + reset * SECOND, start + at * SECOND, session)
        for session, at, used, reset in case["said"]
    )
    fit = [sample for sample in map(quota.fit, samples) if sample is not None]
    found = quota.read(reduce(quota.add, fit, quota.EMPTY), start + case["at"] * SECOND)
    if case["holds"] is None:
        assert found.windows == ()
        return
    used, reset, accounts = case["holds"]
    (window,) = found.windows
    assert (window.used, window.resets_at, found.accounts) == (used, start + reset * SECOND, accounts)
    assert window.as_of is not None and window.as_of <= start + case["at"] * SECOND
