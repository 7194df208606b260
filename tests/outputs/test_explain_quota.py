"""What limits look like on a terminal and on the wire, from facts made by hand."""

from __future__ import annotations

import json

import msgspec
import pytest

from moonlock.analytics.quota import Official
from moonlock.live.outlook import Before, Memory, memory
from moonlock.live.quota_json import document
from moonlock.live.quota_outlook import Facts, Looked, Quoted, quoted
from moonlock.live.quota_shapes import plan_shape
from moonlock.model.instant import DAY, HOUR, MINUTE, Instant
from moonlock.model.limits import Block, Plan, QuotaWindow, Rise
from moonlock.model.manual import Budget
from moonlock.model.outlook import Spent
from moonlock.model.tokens import Tokens, Usage
from moonlock.model.window import LENGTH, WEEK
from moonlock.outputs.explain_quota import NOTHING, render

NOON: Instant = 29_919_600 * MINUTE
NOW = NOON + HOUR
SPENT = [Spent(NOON + minute * MINUTE, 1_000, 50_000) for minute in range(60)]
BLOCK = Block(NOON, NOON + 5 * HOUR, "official", Usage(Tokens(output=60_000), 60, 3_000_000), NOON, NOW - MINUTE)
HOURS = {NOON // HOUR - hour: (60_000, 3_000_000) for hour in range(0, 60 * 24, 24)}
RISES = [Rise(NOON + minute * MINUTE, 20.0 + minute / 2) for minute in range(0, 60, 4)]


def known(limit: Budget | None = None) -> Memory:
    past = [
        Spent(NOON - day * DAY + minute * MINUTE, 1_000, 50_000) for day in range(12, 0, -1) for minute in range(120)
    ]
    return memory(Before(NOON, past, ()), limit or Budget())


def official(used: float = 48.0, week: float | None = None) -> Official:
    windows = [
        QuotaWindow(
            name="five_hour", length=LENGTH, source="official", used=used, resets_at=BLOCK.end, as_of=NOW, expected=20.0
        )
    ]
    if week is not None:
        end = NOON + 3 * DAY
        windows.append(
            QuotaWindow(name="seven_day", length=WEEK, source="official", used=week, resets_at=end, as_of=NOW)
        )
    return Official(tuple(windows), 1)


def found(facts: Facts, limit: Budget | None = None) -> Quoted:
    return quoted(facts, Looked(known(limit), limit or Budget()), NOW)


def test_an_official_limit_says_where_it_leads_and_from_what_that_was_learned() -> None:
    whole = found(Facts(official(), BLOCK, SPENT, rises={"five_hour": RISES}))
    said = render(whole, "UTC", NOW, 3)
    for words in (
        "five_hour  48.0 %",
        "official: the provider's own word",
        "at an even pace",
        "four of five end within the range",
        "likely to run out before it resets",
        "1 % is worth about $0.10",
        "learned from 14 rises",
    ):
        assert words in said, said
    assert said.count(" %\n") + said.endswith(" %") >= 3
    (window,) = json.loads(document(whole, "UTC", NOW, 3))["windows"]
    assert (len(window["rises"]), window["risesLeftOut"]) == (3, 12)
    worth = window["onePercent"]
    assert worth["expected"] == pytest.approx(0.1, rel=0.01)
    assert worth["low"] < worth["expected"] < worth["high"]
    assert window["endPercentage"]["low"] >= 48.0 and 0 <= window["overrunProbability"] <= 1


def test_a_limit_of_which_only_one_percentage_is_known_leads_nobody_knows_where() -> None:
    (window,) = found(Facts(official(), BLOCK, SPENT, rises={"five_hour": RISES[:1]})).windows
    assert (window.end, window.overrun, window.runs_out_at) == (None, None, None)


def test_a_limit_of_a_window_that_is_used_elsewhere_leads_nobody_knows_where() -> None:
    elsewhere = msgspec.structs.replace(BLOCK, end=BLOCK.end + HOUR)
    (window,) = found(Facts(official(), elsewhere, SPENT, rises={"five_hour": RISES})).windows
    assert window.end is None


def test_a_limit_that_is_used_up_ran_out_when_that_was_said() -> None:
    (window,) = found(Facts(official(100.0), BLOCK, SPENT, rises={"five_hour": RISES})).windows
    assert (window.overrun, window.runs_out_at, window.end) == (1.0, NOW, None)


def test_the_week_is_foreseen_by_ones_own_weeks() -> None:
    week = [Spent(NOON - 2 * DAY + hour * HOUR, 60_000, 3_000_000) for hour in (0, 24, 48)]
    rises = {"seven_day": [Rise(NOON - 3 * DAY, 40.0), Rise(NOON - DAY, 45.0), Rise(NOON + MINUTE, 50.0)]}
    whole = found(Facts(official(week=50.0), BLOCK, SPENT, week, rises, HOURS))
    _, seven = whole.windows
    assert seven.end is not None and 50.0 < seven.end[0] < 80.0 and seven.overrun is not None and seven.overrun < 0.5


def test_ones_own_limits_are_configured_and_come_before_what_is_usual() -> None:
    (window,) = found(Facts(Official(), BLOCK, SPENT), Budget(tokens=100_000, cost=4_000_000)).windows
    assert (window.source, window.used, window.habit) == ("configured", 75.0, None)


def test_an_estimate_says_of_what_it_is_a_share_and_that_it_is_no_limit() -> None:
    whole = found(Facts(Official(), BLOCK, SPENT, hours=HOURS))
    five, seven = whole.windows
    assert (five.source, five.overrun) == ("estimated", None)
    assert five.used == pytest.approx(50.0)
    assert (seven.source, seven.resets_at) == ("estimated", None)
    assert seven.used == pytest.approx(100.0, abs=15)
    said = render(whole, "UTC", NOW, 3)
    assert "a share of what is usual for you, which is no limit" in said
    assert "$3.00 of $6.00, below which nine of ten of your 12 past windows stayed" in said


def test_without_a_history_the_window_has_an_end_and_no_share() -> None:
    facts = Facts(Official(), BLOCK, SPENT)
    (window,) = quoted(facts, Looked(None), NOW).windows
    assert (window.used, window.resets_at, window.source) == (None, BLOCK.end, "estimated")
    assert "five_hour  unknown" in render(quoted(facts, Looked(None), NOW), "UTC", NOW, 3)


def test_nothing_known_and_two_accounts_are_said_in_words() -> None:
    assert render(found(Facts(Official(), None)), "UTC", NOW, 3) == NOTHING
    two = msgspec.structs.replace(official(), accounts=2)
    assert "2 accounts are told of" in render(found(Facts(two, BLOCK)), "UTC", NOW, 0)


@pytest.mark.parametrize(
    ("plan", "name"),
    [
        (Plan("claude_max", "default_claude_max_20x"), "Max 20x"),
        (Plan("claude_pro", "default_claude_ai"), "Pro"),
        (Plan("claude_new_thing", ""), "New Thing"),
        (Plan("", "default_5x"), "5x"),
    ],
)
def test_a_plan_has_a_name(plan: Plan, name: str) -> None:
    assert plan_shape(plan).name == name
