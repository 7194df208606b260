"""Suggestions: each holds as long as its evidence does, and none is made of trifles."""

from __future__ import annotations

import pytest
from analytics.test_efficiency import HAIKU, MINUTE, OPUS, SONNET, found, paid

from moonlock.analytics.suggestions import KEYS, REBUILDS, SUGGESTIONS, behind, read
from moonlock.model.efficiency import Efficiency, Evidence, Facts, Failing, Hint, Paid, Repeat
from moonlock.model.events import LOST_MESSAGES, LOST_SYSTEM, LOST_TOOLS


def breaks(count: int, every: int = 10, session: int = 1, **more: object) -> list[Paid]:
    """So many rebuilds of 200,000 tokens, 0.96 dollars each at five-minute prices."""
    return [paid(number * every, 0, 200_000, session=session, **more) for number in range(count + 1)]


def hints(*each: Paid, facts: Facts | None = None) -> dict[str, Hint]:
    told = {hint.key: hint for hint in read(found(*each, facts=facts))}
    assert {*told} <= {*KEYS}
    return told


def test_breaks_that_lose_caches_are_told_with_sessions_times_and_dollars() -> None:
    hint = hints(*sorted([*breaks(3), *breaks(1, session=2)], key=lambda one: one.at))["rebuild-idle"]
    assert (hint.measure, hint.times, hint.cost) == ("wasted", 4, 4 * 960_000)
    assert hint.evidence == (
        Evidence(1, 3, 2_880_000, 10 * MINUTE, 30 * MINUTE),
        Evidence(2, 1, 960_000, 600_000, 600_000),
    )


def test_an_hour_is_spoken_of_where_it_would_have_been_cheaper() -> None:
    long = "Caches that live an hour would have cost"
    assert long in hints(*breaks(20))["rebuild-idle"].advice
    assert long not in hints(*breaks(20, every=90))["rebuild-idle"].advice
    assert long not in hints(*breaks(20, every=90, hour=True))["rebuild-idle"].advice


def test_fewer_than_three_or_less_than_half_a_dollar_is_not_worth_a_word() -> None:
    assert "rebuild-idle" not in hints(*breaks(2))
    small = [paid(number * 10, 0, 30_000) for number in range(4)]
    assert hints(*small) == {}
    among = [*breaks(3), *(paid(100 + number, 0, 0, session=9, cost=3_000_000) for number in range(60))]
    assert "rebuild-idle" not in hints(*among)


@pytest.mark.parametrize(
    ("key", "marks"),
    [("rebuild-changed", LOST_SYSTEM), ("rebuild-changed", LOST_TOOLS), ("rebuild-unknown", LOST_MESSAGES)],
)
def test_what_the_provider_said_makes_a_suggestion_of_its_own(key: str, marks: int) -> None:
    each = breaks(3, marks=marks)
    assert key in hints(*each) and "rebuild-idle" not in hints(*each)
    known = found(*each)
    assert [one.at for one in behind(key, known)] == [one.at for one in each[1:]]
    assert behind("large-context", known) == []


def test_switching_models_to_and_fro_is_told() -> None:
    each = [paid(number, 0, 200_000, model=(OPUS, SONNET)[number % 2]) for number in range(5)]
    assert hints(*each)["rebuild-model"].times == 4


def test_caches_lost_without_any_sign_are_told_as_that() -> None:
    assert hints(*breaks(3, every=1))["rebuild-unknown"].times == 3


def test_large_contexts_are_told_from_a_third_of_the_money_on() -> None:
    large = [paid(number, 120_000, 0, cost=100_000) for number in range(20)]
    hint = hints(*large)["large-context"]
    assert (hint.measure, hint.cost, hint.times) == ("spent", 2_000_000, 20)
    assert "$0.10 on average" in hint.advice
    assert "large-context" not in hints(*large[1:])
    assert "large-context" not in hints(*large, paid(50, 0, 0, cost=5_000_000))


def test_thresholds_of_prices_are_told_with_what_they_cost_more() -> None:
    each = [paid(number, 900_000, 0, model=HAIKU) for number in range(8)]
    assert hints(*each)["price-cliff"].cost == pytest.approx(8 * 0.4 * (180_000 + 2_040), abs=8)
    assert "price-cliff" not in hints(*each[:2])


def test_sub_agents_are_held_against_the_next_cheaper_model() -> None:
    each = [paid(number, 0, 20_000, agent_id=f"a{number}", cost=102_040) for number in range(20)]
    hint = hints(*each)["sub-agents"]
    assert hint.instead is not None and hint.instead.model == SONNET
    assert (hint.measure, hint.cost) == ("difference", 20 * 102_040 // 2)
    assert "sub-agents" not in hints(*each, paid(50, 0, 0, cost=20_000_000))
    cheap = [paid(number, 0, 200_000, agent_id=f"a{number}", model="gpt-6") for number in range(20)]
    assert "sub-agents" not in hints(*cheap)


def test_large_beginnings_are_told_of_half_the_sessions_and_five() -> None:
    each = [paid(number, 0, 50_000, session=number, cost=250_000) for number in range(5)]
    assert hints(*each)["large-prefix"].times == 5
    assert "large-prefix" not in hints(*each[1:])
    small = [paid(9, 0, 5_000, session=number) for number in range(10, 16)]
    assert "large-prefix" not in hints(*each, *small)
    assert "large-prefix" not in hints(*(paid(number, 0, 50_000, session=number, cost=9) for number in range(5)))


def test_the_tool_that_fails_most_is_named_with_the_responses_that_called_in_vain() -> None:
    tools = (Failing("Bash", 30, (Evidence(1, 4, None, 5, 9), Evidence(2, 5, 700, 5, 9))), Failing("Read", 99, ()))
    hint = hints(paid(0, 0, 10), facts=Facts(tools=tools))["tool-errors"]
    assert (hint.title, hint.cost, hint.times) == ("9 of 30 calls of Bash failed", 700, 9)
    seldom = (Failing("Bash", 90, tools[0].failed), Failing("Edit", 19, tools[0].failed))
    assert hints(paid(0, 0, 10), facts=Facts(tools=seldom)) == {}
    free = (Failing("Bash", 30, (Evidence(1, 6, None, 5, 9),)),)
    assert hints(paid(0, 0, 10), facts=Facts(tools=free))["tool-errors"].cost is None


def again(label: str, times: int, session: int = 1, cost: int | None = 500) -> Repeat:
    return Repeat(label, Evidence(session, times, cost, 5, 9))


def test_commands_that_failed_in_a_row_are_named_with_what_the_tries_cost() -> None:
    rows = again("pytest", 3), again("npm test", 4, 2), again("pytest", 5, 2, None), again("", 3, 3, None)
    hint = hints(paid(0, 0, 10), facts=Facts(repeats=rows))["command-repeats"]
    assert hint.title == "The same command failed again and again: pytest, npm test"
    assert (hint.measure, hint.cost, hint.times) == ("spent", 1_000, 15)
    assert [(one.session, one.times, one.cost) for one in hint.evidence] == [(2, 9, 500), (1, 3, 500), (3, 3, None)]
    assert hints(paid(0, 0, 10)) == {}


def test_commands_without_a_name_or_a_price_are_told_without() -> None:
    hint = hints(facts=Facts(repeats=(again("", 3, cost=None),)))["command-repeats"]
    assert (hint.title, hint.cost) == ("The same command failed again and again", None)


def test_a_title_names_three_commands_and_of_each_a_beginning() -> None:
    rows = tuple(again(name * 50, 9 - at) for at, name in enumerate("abcd"))
    title = hints(facts=Facts(repeats=rows))["command-repeats"].title
    assert title.endswith(f": {'a' * 40}, {'b' * 40}, {'c' * 40}")


def test_reading_on_a_dear_model_is_held_against_the_next_cheaper_one() -> None:
    each = [paid(number, 0, 20_000, looks=True, cost=102_040) for number in range(20)]
    hint = hints(*each)["read-heavy"]
    assert hint.instead is not None and hint.instead.model == SONNET
    assert (hint.measure, hint.cost, hint.times) == ("difference", 20 * 102_040 // 2, 20)
    assert hint.evidence == (Evidence(1, 20, 20 * 102_040, 0, 19 * MINUTE),)
    assert "read-heavy" not in hints(*each[1:])
    assert "read-heavy" not in hints(*each, paid(50, 0, 0, cost=60_000_000))
    mixed = [*each[1:], paid(19, 0, 20_000, cost=102_040)]
    assert "read-heavy" not in hints(*mixed)


def test_reading_is_told_of_the_model_where_the_difference_is_largest_and_of_no_other_maker() -> None:
    dear = [paid(number, 0, 40_000, looks=True, session=7) for number in range(20)]
    cheap = [paid(number, 0, 60_000, looks=True, model=SONNET) for number in range(30)]
    told = hints(*sorted([*dear, *cheap], key=lambda one: one.at))["read-heavy"]
    assert told.instead is not None and told.instead.model == HAIKU and OPUS not in told.advice
    other = [paid(number, 0, 60_000, looks=True, model="gpt-6") for number in range(30)]
    assert "read-heavy" not in hints(*other)


def test_they_come_dearest_first_and_without_a_price_last() -> None:
    tools = (Failing("Bash", 30, (Evidence(1, 6, None, 5, 9),)),)
    told = read(found(*breaks(3), *breaks(4, every=1, session=2), facts=Facts(tools=tools)))
    costs = [hint.cost for hint in told]
    assert told[-1].key == "tool-errors" and costs[:-1] == sorted([cost or 0 for cost in costs[:-1]], reverse=True)


def test_each_is_called_by_a_key_of_its_own() -> None:
    assert len(KEYS) == len(SUGGESTIONS) == len({*KEYS})
    assert {*REBUILDS} < {*KEYS}


def test_nothing_is_suggested_of_nothing() -> None:
    nothing: Efficiency = found()
    assert [suggest(nothing) for suggest in SUGGESTIONS] == [None] * len(SUGGESTIONS)
