"""What each rule sees of a picture of now."""

from __future__ import annotations

from math import inf

import pytest

from moonlock.analytics.caching import Cache
from moonlock.analytics.limit_rules import Limit
from moonlock.analytics.rules import LOGS, RULES, Picture, Planned, Prospect, Seen, Window, signs
from moonlock.analytics.sessions import Status
from moonlock.model.alert import Rule, Sign
from moonlock.model.instant import MINUTE
from moonlock.model.limits import ContextWindow

NOON = 1_795_161_600_000
KNOWN = {rule.id: rule for rule in RULES}


def seen(rule: str, picture: Picture) -> list[Sign]:
    return list(signs(KNOWN[rule], picture))


def levels(rule: str, picture: Picture) -> list[tuple[str, float | None]]:
    return [(sign.subject, sign.level) for sign in seen(rule, picture)]


def session(status: Status | None = None, context: ContextWindow | None = None, cache: Cache | None = None) -> Picture:
    return Picture(NOON, sessions=[Seen("s", "api", status or Status("running", NOON), context, cache)])


def window(prospect: Prospect | None = None, active: bool = True, **more: object) -> Picture:
    return Picture(NOON, window=Window(active, prospect, **more))  # type: ignore[arg-type]


def test_the_rules_are_those_that_the_guide_names_and_each_has_sane_bounds() -> None:
    assert list(KNOWN) == [
        "budget-80",
        "budget-95",
        "overrun",
        "time-to-limit",
        "quota-80",
        "quota-95",
        "quota-pace",
        "anomaly",
        "context-high",
        "cache-lost",
        "waiting",
        "session-error",
        "source-silent",
        "store-trouble",
    ]
    assert all(rule.enabled and rule.origin == "default" for rule in RULES)
    assert all(rule.clear <= rule.threshold if rule.rises else rule.clear >= rule.threshold for rule in RULES)


@pytest.mark.parametrize("rule", RULES, ids=list(KNOWN))
def test_where_nothing_is_there_only_the_store_has_a_word(rule: Rule) -> None:
    assert levels(rule.id, Picture(NOON)) == ([("store", 0.0)] if rule.id == "store-trouble" else [])


def test_each_bound_of_a_budget_is_a_subject_of_its_own() -> None:
    picture = Picture(NOON, hands=[Planned("h", "Login", True, 0.5, 1.25), Planned("i", "Docs", True)])
    tokens, cost = seen("budget-95", picture)
    assert (tokens.subject, tokens.level, tokens.session) == ("h tokens", 0.5, "h")
    assert (cost.subject, cost.level, cost.title) == ("h costs", 1.25, "Login: the cost budget runs out")


def test_an_overrun_is_as_likely_as_the_forecast_says_while_somebody_works() -> None:
    likely = Prospect(0.45, NOON + 20 * MINUTE)
    assert levels("overrun", window(likely)) == [("window", 0.45)]
    assert levels("overrun", window(likely, active=False)) == levels("overrun", window()) == [("window", None)]
    hands = [Planned("h", "Login", True, prospect=likely), Planned("i", "Docs", False, prospect=likely)]
    assert levels("overrun", Picture(NOON, hands=hands)) == [("h", 0.45), ("i", None)]
    assert levels("overrun", Picture(NOON, hands=[Planned("h", "Login", True)])) == []


def test_a_limit_of_the_plan_is_used_so_far_and_runs_out_so_likely() -> None:
    limits = [Limit("five_hour a", "five-hour limit", 0.82, 0.45), Limit("seven_day b", "weekly limit", None)]
    picture = Picture(NOON, limits=limits)
    assert levels("quota-80", picture) == levels("quota-95", picture) == [("five_hour a", 0.82), ("seven_day b", None)]
    assert levels("quota-pace", picture) == [("five_hour a", 0.45), ("seven_day b", None)]
    assert seen("quota-80", picture)[0].title == "82% of the five-hour limit is used"
    half = Picture(NOON, limits=[Limit("five_hour a", "five-hour limit", 60.5 / 100)])
    assert seen("quota-80", half)[0].title == "61% of the five-hour limit is used"
    used_up = Picture(NOON, limits=[Limit("five_hour a", "five-hour limit", 1.0, 1.0)])
    assert levels("quota-pace", used_up) == [("five_hour a", None)]


def test_a_limit_is_near_only_when_it_is_likely_reached() -> None:
    near = NOON + 20 * MINUTE
    (sign,) = seen("time-to-limit", window(Prospect(0.6, near)))
    assert (sign.level, sign.title) == (20 * MINUTE, "The five-hour window: the limit may be reached soon")
    assert levels("time-to-limit", window(Prospect(0.4, near))) == [("window", inf)]
    assert levels("time-to-limit", window(Prospect(1.0, None))) == [("window", inf)]
    assert levels("time-to-limit", window(Prospect(1.0, NOON - 1))) == [("window", 0)]
    assert levels("time-to-limit", window(Prospect(None, None))) == [("window", None)]


def test_a_pace_is_unusual_or_not_and_while_it_is_learned_nobody_knows() -> None:
    assert [levels("anomaly", window(pace=pace)) for pace in ("high", "usual", "learning", None)] == [
        [("pace", 1.0)],
        [("pace", 0.0)],
        [("pace", None)],
        [("pace", None)],
    ]


def test_a_context_is_measured_on_its_way_to_compaction() -> None:
    context = ContextWindow(used=150_000, limit=200_000, until_compaction=17_000, level="danger", assumed=False)
    (sign,) = seen("context-high", session(context=context))
    assert sign.level == pytest.approx(150 / 167)
    assert sign.title == "api: the context is close to compaction"
    assert levels("context-high", session()) == [("s", None)]


def test_a_lost_cache_is_told_with_what_it_took() -> None:
    (sign,) = seen("cache-lost", session(cache=Cache(NOON, 240_000, 0.96, 231_000)))
    assert (sign.level, sign.title) == (0.96, "api: the cache was lost, 231,000 tokens were written anew")
    assert levels("cache-lost", session()) == [("s", None)]


def test_waiting_grows_from_when_the_session_stopped_and_is_nothing_otherwise() -> None:
    asked = Status("waiting", NOON - 3 * MINUTE, "AskUserQuestion", waiting_for="question")
    turn = Status("waiting", NOON - MINUTE, waiting_for="prompt")
    held = Status("waiting", NOON - 2 * MINUTE, "Bash", source="hook", waiting_for="permission")
    (question,), (answered,) = seen("waiting", session(asked)), seen("waiting", session(turn))
    (permission,) = seen("waiting", session(held))
    assert (permission.level, permission.title) == (2 * MINUTE, "api waits for a permission")
    assert (question.level, question.title) == (3 * MINUTE, "api has a question")
    assert (answered.level, answered.title) == (MINUTE, "api waits for you")
    assert levels("waiting", session(Status("running", NOON - 9 * MINUTE))) == [("s", 0)]
    assert levels("waiting", session(Status("waiting", None))) == [("s", 0)]


def test_a_session_that_stopped_says_why() -> None:
    (error,), (limit,) = (seen("session-error", session(Status(kind, NOON))) for kind in ("error", "limited"))
    assert (error.level, error.title) == (1.0, "api stopped with an error")
    assert (limit.level, limit.title) == (1.0, "api was stopped by a limit")
    assert levels("session-error", session()) == [("s", 0.0)]


def test_places_that_were_read_and_the_store_are_well_or_not() -> None:
    picture = Picture(NOON, silent={"/logs": True, LOGS: False}, store="degraded")
    gone, _ = seen("source-silent", picture)
    assert (gone.subject, gone.level, gone.session) == ("/logs", 1.0, None)
    assert levels("source-silent", picture)[1] == (LOGS, 0.0)
    assert levels("store-trouble", picture) == [("store", 1.0)]
