"""Health: the worst part decides, and every finding says what to do."""

from __future__ import annotations

import asyncio

import pytest

from moonlock.live.catchup import Searched
from moonlock.live.health import Condition, PriceList, prices_health, sources_health, unpriced_in
from moonlock.live.keeping import keep_going
from moonlock.live.watch import NO_EYE, Watcher
from moonlock.model.gain import Gain, UsageGain
from moonlock.model.health import Component, Finding
from moonlock.model.tokens import Tokens, Usage
from moonlock.store.errors import StoreFull


def test_the_worst_part_decides() -> None:
    condition = Condition()
    condition.put("page", Component("healthy", "built"))
    condition.put("watcher", Component("degraded", "slow"))
    assert condition.read().status == "degraded"


def test_work_that_fails_makes_the_store_unhealthy_until_it_is_well() -> None:
    condition = Condition()
    condition.put("store", Component("healthy", "12 requests"))
    condition.failed("following", StoreFull("The disk is full."))
    store = condition.read().components["store"]
    assert (store.status, store.findings) == ("unhealthy", (Finding("StoreFull", "The disk is full.", StoreFull.hint),))
    condition.well()
    assert condition.read().components["store"] == Component("healthy", "12 requests")


def test_an_error_that_nobody_foresaw_is_told_too() -> None:
    condition = Condition()
    condition.failed("history", ZeroDivisionError("by zero"))
    (finding,) = condition.read().components["store"].findings
    assert "ZeroDivisionError: by zero" in finding.message and finding.hint


def test_no_logs_at_all_is_a_state_and_no_error() -> None:
    health = sources_health([Searched("claude-code", "/home/a/.claude/projects", False, 0)], [])
    assert health.status == "healthy"
    assert "/home/a/.claude/projects" in health.findings[0].message


def test_before_anything_was_searched_nothing_is_missing() -> None:
    assert sources_health([], []) == Component("healthy", "looking for logs")


@pytest.mark.parametrize(
    ("files", "troubles", "said"),
    [(0, 0, "0 logs in 1 folder"), (1, 1, "1 log in 1 folder, 1 trouble"), (2, 2, "2 logs in 1 folder, 2 troubles")],
)
def test_none_one_and_many_read_well(files: int, troubles: int, said: str) -> None:
    found = [Finding("unreadable", str(number)) for number in range(troubles)]
    assert sources_health([Searched("claude-code", "/p", True, files)], found).summary == said


def test_files_that_cannot_be_read_are_counted_and_a_few_shown() -> None:
    troubles = [Finding("unreadable", str(number)) for number in range(1000)]
    health = sources_health([Searched("claude-code", "/p", True, 1000)], troubles)
    assert (health.status, len(health.findings)) == ("degraded", 20)
    assert "1,000 troubles" in health.summary


def test_damage_in_logs_is_told_but_degrades_nothing() -> None:
    wound = Finding("damaged-lines", "/p/a.jsonl, byte 30", "Nothing to do.")
    health = sources_health([Searched("claude-code", "/p", True, 2)], [], [wound])
    assert (health.status, health.findings) == ("healthy", (wound,))


def test_prices_say_how_fresh_they_are_and_whom_they_do_not_know() -> None:
    table = PriceList(12, "the built-in table", "2026-11-01", 2)
    assert prices_health(table, ()) == Component(
        "healthy", "12 models in the built-in table, made 2026-11-01, 2 of your own"
    )
    health = prices_health(table, ("mystery",))
    assert health.status == "degraded" and health.summary.endswith("; 1 model in use has no price")
    (finding,) = health.findings
    assert "mystery" in finding.message
    assert "MOONLOCK_PRICES" in finding.hint and "price_overrides" in finding.hint


def test_use_without_a_price_is_noticed_by_session() -> None:
    spent = [UsageGain(uid, 0, Usage(Tokens(output=1), 1, 0, unpriced)) for uid, unpriced in (("a", 1), ("b", 0))]
    assert unpriced_in(Gain(usage=tuple(spent))) == {("a", "")}


def test_before_the_watcher_is_open_health_says_that_nothing_is_watched() -> None:
    assert Watcher(["/p"], lambda path: True).health().findings == (NO_EYE,)


def test_work_that_fails_is_told_and_done_again() -> None:
    told: list[Exception] = []

    async def work() -> None:
        if len(told) < 1:
            raise OSError("once")

    asyncio.run(keep_going("reading", work, told.append))
    assert [str(error) for error in told] == ["once"]
