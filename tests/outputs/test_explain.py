"""A number explained reads well at any width, says everything that matters, and its document is complete."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from moonlock.analytics.costing import Bill, Part
from moonlock.live import explain_json
from moonlock.live.explained import (
    CHANGED,
    LESS,
    Explanation,
    Heard,
    Merged,
    Missing,
    Noted,
    Place,
    Record,
    Scope,
    Unpriced,
)
from moonlock.model.events import TTL_ASSUMED, UNDERSTATED, UsageEvent
from moonlock.model.tokens import Tokens, Usage
from moonlock.outputs import explain

NOON = 1_760_011_200_000
HERE = "/home/dev/.claude/projects/-home-dev-a-rather-long-project-name/11111111-1111-4111-8111-111111111111.jsonl"
BILL = Bill(
    "claude-opus-4-8",
    False,
    date(2026, 3, 13),
    200_000,
    (("fast", 2.0),),
    (Part("input", 300_000, 10 * 10**9, 3_000_000), Part("webSearch", 2, 10**13, 20_000)),
)


def event(key: int, tokens: int, **more: Any) -> UsageEvent:
    return UsageEvent(key, NOON, NOON, "claude-opus-4-8", Tokens(input=tokens), **more)


BIG = Record(
    Place(HERE, 31), event(1, 300_000, searches=2, marks=TTL_ASSUMED), "claude-opus-4-8-fast", 3_020_000, "a", BILL
)
FREE = Record(
    Place(HERE, 40), event(2, 300_000, recorded=0, searches=2), "claude-opus-4-8", 0, "a", replace(BILL, own=True)
)
ODD = Record(
    Place("/x/\x1b[31mred.jsonl", 7), event(3, 50, marks=UNDERSTATED, agent_id="a1"), "claude-opus-9-9", None, "b", None
)
USAGE = Usage(Tokens(input=600_050), 3, 3_020_000, 1, 50, 1)
WHOLE = Explanation(
    Scope("day", "2026-10-09", NOON, NOON + 1, USAGE),
    USAGE,
    Usage(Tokens(input=50), 1, 0, 1, 50),
    2,
    (BIG, replace(FREE, values_from=(Place(HERE, 39), Place(HERE, 40))), ODD),
    1,
    (
        Merged(Place(HERE, 31), (Place(HERE, 29), Place(HERE, 30)), "same response logged again"),
        Merged(None, (Place(HERE, 50),), "replayed on a side chain"),
    ),
    (),
    (Unpriced("claude-opus-9-9", 1, 50),),
    Heard(
        3,
        1234,
        5,
        [Noted(Place(HERE, line), "not JSON") for line in range(1, 6)],
        [Noted(Place(HERE, 9), "cut off")],
        [Noted(Place(HERE, 11), "written by the client", 77)],
        [Noted(Place(HERE, 60), "unfinished")],
        [],
        2,
    ),
)


def text(found: Explanation = WHOLE, width: int = 80, *, styled: bool = False, limit: int = 20) -> str:
    return explain.render(found, "UTC", width, styled=styled, limit=limit)


def document(found: Explanation = WHOLE) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(explain_json.render(found, "UTC", "built-in"))
    return said


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    lines = text(width=width).split("\n")
    assert max(map(len, lines)) <= width
    assert not any("\x1b" in line for line in lines)


def test_the_parts_of_the_number_stand_below_each_other() -> None:
    said = text()
    for line in (
        "2026-10-09 (UTC)",
        "  600,050 tokens · ≥ $3.02 · 3 requests · 2 sessions",
        "  of it sub-agents: 50 tokens · - · 1 request",
        "          5  records (1,234 lines of 3 files read again)",
        "         -2  same response logged again",
        "         -1  replayed on a side chain",
        "         +1  further billed attempt of one answer",
        "          3  requests",
        "          5  lines skipped",
        "          1  line never billed, claiming 77 tokens",
        "          1  line repaired, whole records counted",
        "          1  line waiting for its end",
        "          2  lines written since the store was read",
        "          1  request whose cache lifetime is assumed from the version",
        "          1  request of old clients, with too few output tokens",
        "      whole requests above 200,000 tokens, fast mode x 2, from 2026-03-13",
        "      2 web searches at $10.00 for a thousand",
        "      1 request without a known price",
        "      1 request recorded as $0 although the model has a price",
        "Adds up to the report: 600,050 tokens, ≥ $3.02.",
    ):
        assert f"{line}\n" in said, line
    assert said.count("(not JSON)") == 3
    assert "recorded by the client; the list price would be $3.02" in " ".join(said.split())


def test_the_largest_requests_are_named_with_their_lines_dearest_first() -> None:
    said = text(limit=2)
    assert said.index("$3.0200") < said.index("$0.0000")
    assert "11111111-1111-4111-8111-111111111111.jsonl:31" in said
    assert "and 1 smaller one; --json has all" in said
    assert "Largest" not in text(limit=0)
    assert "$3.0200   300K tokens  12:00:00" not in text(limit=0)


def test_other_scopes_say_when_their_requests_were() -> None:
    session = replace(WHOLE, scope=Scope("session", "a" * 16, 0, 0, USAGE, "a" * 16, "Fix \x1b[2Jthe bug"))
    said = text(session)
    assert said.startswith(f"Session Fix \ufffd[2Jthe bug ({'a' * 16})\n")
    assert "2025-10-09 12:00:00" in said
    assert text(replace(session, scope=replace(session.scope, name=""))).startswith(f"Session {'a' * 16}\n")
    assert text(replace(WHOLE, scope=replace(WHOLE.scope, kind="total"))).startswith("Everything\n")


def test_what_does_not_add_up_is_said_loudly() -> None:
    less = replace(WHOLE, scope=replace(WHOLE.scope, reported=Usage(Tokens(1), 1, 5)))
    assert "Does not add up: the report says 1 token, $0.00, 1 request." in text(less)
    odd = replace(WHOLE, records=(replace(BIG, cost=1), FREE, ODD))
    assert "Not fully explained: 1 cost made with other prices." in text(odd)
    assert "the lines are not the records" in text(replace(WHOLE, attempts=0))


def test_missing_lines_are_part_of_the_number_and_named() -> None:
    gone = (Missing(HERE, 2, 100, CHANGED), Missing(HERE, 1, 7, LESS), Missing("", 1, 3, CHANGED))
    said = text(replace(WHOLE, missing=gone))
    assert "         +2  remembered: the line is no longer in its log\n" in said
    assert "remembered: its fullest line" not in said
    assert "          1  its fullest line is no longer there, 7 tokens\n" in said


def test_an_empty_number_has_no_empty_headings() -> None:
    nothing = Explanation(replace(WHOLE.scope, reported=Usage()), Usage(), Usage(), 0, (), 0, (), (), (), Heard())
    said = text(nothing)
    assert "Prices" not in said and "Largest" not in said and "Left out" not in said
    assert "Adds up" in said


def test_colour_only_where_it_is_asked_for() -> None:
    assert "\x1b[1m" in text(styled=True)


def test_the_document_has_every_record_merge_and_line() -> None:
    said = document()
    assert (said["schema"], said["addsUp"], said["timezone"]) == ("moonlock.explain/1", True, "UTC")
    assert said["of"] == {
        "kind": "day",
        "key": "2026-10-09",
        "name": None,
        "startAt": "2025-10-09T12:00:00.000Z",
        "endAt": "2025-10-09T12:00:00.001Z",
    }
    assert said["totals"] == {**said["reported"], "sessions": 2, "subagentTokens": 50}
    assert said["counts"] == {"records": 5, "merged": 3, "furtherAttempts": 1, "requests": 3, "gone": 0}
    assert [(one["line"], one["costUsd"], one["subagent"]) for one in said["records"]] == [
        (31, 3.02, None),
        (40, 0.0, None),
        (7, None, "a1"),
    ]
    assert said["records"][1]["valuesFrom"] == [{"file": HERE, "line": 39}, {"file": HERE, "line": 40}]
    assert said["merged"][1] == {
        "kept": None,
        "dropped": [{"file": HERE, "line": 50}],
        "reason": "replayed on a side chain",
    }
    assert said["skipped"][4] == {"file": HERE, "line": 5, "reason": "not JSON"}
    assert said["notBilled"] == [{"file": HERE, "line": 11, "reason": "written by the client", "tokens": 77}]
    assert [len(said[name]) for name in ("repaired", "pending", "unknown", "gone")] == [1, 1, 0, 0]
    assert said["unpriced"] == [{"model": "claude-opus-9-9", "requests": 1, "tokens": 50}]
    assert (said["assumed"], said["understatedOutput"]) == ({"cacheLifetimes": 1, "times": 0}, 1)


def test_the_price_of_a_record_is_told_item_by_item() -> None:
    priced, recorded, unpriced = (one["price"] for one in document()["records"])
    assert priced == {
        "basis": "computed",
        "recordedUsd": None,
        "computedUsd": 3.02,
        "table": "built-in",
        "listedAs": "claude-opus-4-8",
        "from": "2026-03-13",
        "longContextAbove": 200_000,
        "factors": {"fast": 2.0},
        "items": [
            {"kind": "input", "count": 300_000, "usdPerMillion": 10.0, "costUsd": 3.0},
            {"kind": "webSearch", "count": 2, "usdEach": 0.01, "costUsd": 0.02},
        ],
    }
    assert (recorded["basis"], recorded["recordedUsd"], recorded["table"]) == ("recorded", 0.0, "settings")
    assert recorded["note"] == "recorded as 0 although the model has a price"
    assert unpriced == {"basis": "unpriced", "recordedUsd": None, "computedUsd": None}


def test_everything_has_no_borders_and_odd_paths_no_surrogates() -> None:
    ever = Scope("total", "all", -(1 << 62), 1 << 62, USAGE)
    odd = Missing("/x/a\udcff.jsonl", 1, 1, CHANGED)
    said = document(replace(WHOLE, scope=ever, missing=(odd,)))
    assert (said["of"]["startAt"], said["of"]["endAt"]) == (None, None)
    assert said["gone"][0]["file"] == "/x/a?.jsonl"


def test_a_number_without_any_price_is_unknown_in_the_document() -> None:
    nothing = replace(WHOLE, usage=Usage(Tokens(5), 1, 0, 1, 5))
    assert document(nothing)["totals"]["costUsd"] is None
