"""Where money went: caches that were written anew and why, large contexts, thresholds, and other models' prices."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moonlock.analytics.cost import computed
from moonlock.analytics.efficiency import by_session, read
from moonlock.analytics.prices import PriceTable
from moonlock.model.efficiency import Cause, Changed, Efficiency, Evidence, Facts, Paid, Repeat, Share, together
from moonlock.model.events import FAST, LOST_MESSAGES, LOST_MODEL, LOST_SYSTEM, LOST_TOOLS, UNDERSTATED, UsageEvent
from moonlock.model.tokens import Tokens

MINUTE, HOUR = 60_000, 3_600_000
OPUS, SONNET, HAIKU = "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"
RATES = {"input": 4, "output": 20, "cacheWrite5m": 5, "cacheWrite1h": 8, "cacheRead": 0.2, "fast": 2}
HALF = {name: rate / 2 for name, rate in RATES.items() if name != "fast"}
TENTH = {name: rate / 10 for name, rate in RATES.items() if name != "fast"}
TABLE = PriceTable.parse(
    json.dumps(
        {
            "models": {
                "claude-opus-5": RATES,
                OPUS: RATES,
                SONNET: HALF,
                HAIKU: {**TENTH, "longContext": {"above": 100_000, **HALF}},
                "gpt-6": RATES,
            }
        }
    ).encode()
)


def paid(minute: float, read: int, write: int, **more: object) -> Paid:
    """A response that long after the beginning; ``hour`` for writes that live an hour, ``cost`` in micro-dollars."""
    given = {"agent_id": "", "model": OPUS, "marks": 0, "cost": 1_000_000, "session": 1, **more}
    kinds = (0, write) if given.pop("hour", False) else (write, 0)
    output = int(str(given.pop("output", 100)))
    return Paid(at=round(minute * MINUTE), tokens=Tokens(10, output, *kinds, read), **given)  # type: ignore[arg-type]


def found(*each: Paid, facts: Facts | None = None, before: Sequence[Paid] = ()) -> Efficiency:
    return read(before, each, facts or Facts(), TABLE)


def causes(*each: Paid, facts: Facts | None = None) -> list[Cause]:
    return [one.cause for one in found(*each, facts=facts).rebuilds]


BEGUN = paid(0, 0, 60_000)


@pytest.mark.parametrize(
    ("prompt", "again"),
    [
        (60_000, paid(1, 60_000, 2_000)),
        (60_000, paid(1, 31_000, 31_000)),
        (60_000, paid(1, 0, 30_000)),
        (19_000, paid(1, 0, 19_500)),
    ],
    ids=["it was read", "half of it was read", "a shorter prompt", "a small prompt"],
)
def test_what_is_no_rebuild(prompt: int, again: Paid) -> None:
    assert found(paid(0, 0, prompt), again).rebuilds == ()


def test_a_rebuild_wastes_what_writing_costs_more_than_reading() -> None:
    (one,) = found(BEGUN, paid(9, 10_000, 70_000)).rebuilds
    assert (one.before, one.rewritten, one.gap) == (60_010, 50_010, 9 * MINUTE)
    assert one.waste == round(50_010 * (5 - 0.2))
    (hour,) = found(BEGUN, paid(9, 0, 40_000, hour=True)).rebuilds
    assert (hour.rewritten, hour.waste) == (40_000, 40_000 * 8 - 8_000)


def test_writes_of_both_lifetimes_are_wasted_in_their_proportion() -> None:
    both = Paid(1, "", 9 * MINUTE, OPUS, 0, Tokens(0, 0, 30_000, 30_000, 0), 1)
    (one,) = found(BEGUN, both).rebuilds
    assert one.waste == 60_000 * 6.5 - 60_000 * 0.2


def test_without_a_price_nobody_knows_the_waste() -> None:
    each = found(paid(0, 0, 60_000, model="mystery", cost=None), paid(9, 0, 61_000, model="mystery", cost=None))
    assert [one.waste for one in each.rebuilds] == [None]
    assert by_session(each.rebuilds) == (Evidence(1, 1, None, 9 * MINUTE, 9 * MINUTE),)
    assert each.usage.is_unpriced and each.mix == (Share("mystery", each.usage, None, ()),)


@pytest.mark.parametrize(
    ("first", "minutes", "cause"),
    [
        (BEGUN, 4.9, "unknown"),
        (BEGUN, 5.1, "idle"),
        (paid(0, 0, 60_000, hour=True), 5.1, "unknown"),
        (paid(0, 0, 60_000, hour=True), 60.1, "idle"),
        (paid(0, 60_000, 0), 5.1, "idle"),
    ],
)
def test_a_break_is_longer_than_what_was_cached_lives(first: Paid, minutes: float, cause: Cause) -> None:
    assert causes(first, paid(minutes, 0, 61_000)) == [cause]


def test_a_response_that_writes_nothing_leaves_the_lifetime_as_it_was() -> None:
    hour = paid(0, 0, 60_000, hour=True)
    assert causes(hour, paid(1, 60_000, 0), paid(30, 0, 61_000)) == ["unknown"]


@pytest.mark.parametrize(
    ("mark", "cause"),
    [(LOST_MODEL, "model"), (LOST_SYSTEM, "system"), (LOST_TOOLS, "tools"), (LOST_MESSAGES, "messages")],
)
def test_the_provider_knows_better_than_the_clock(mark: int, cause: Cause) -> None:
    assert causes(BEGUN, paid(30, 0, 61_000, marks=mark)) == [cause]


def test_another_model_has_another_cache_and_another_spelling_has_not() -> None:
    assert causes(BEGUN, paid(1, 0, 61_000, model=SONNET)) == ["model"]
    assert causes(BEGUN, paid(1, 0, 61_000, model="claude-opus-5.5-20261101")) == ["unknown"]


def test_a_compaction_in_between_is_the_cause_on_the_main_line_of_its_session() -> None:
    again = paid(2, 0, 61_000, model=SONNET)
    assert causes(BEGUN, again, facts=Facts(compactions=[(1, MINUTE)])) == ["compaction"]
    assert causes(BEGUN, again, facts=Facts(compactions=[(1, 3 * MINUTE), (2, MINUTE), (1, 0)])) == ["model"]
    aside = [paid(0, 0, 60_000, agent_id="a"), paid(2, 0, 61_000, agent_id="a")]
    assert causes(*aside, facts=Facts(compactions=[(1, MINUTE)])) == ["unknown"]


def test_each_line_has_a_cache_of_its_own() -> None:
    assert found(BEGUN, paid(1, 0, 60_000, agent_id="a"), paid(2, 0, 60_000, session=2)).rebuilds == ()


def test_the_response_before_these_days_tells_what_was_cached() -> None:
    assert [one.cause for one in found(paid(9, 0, 60_000), before=[BEGUN]).rebuilds] == ["idle"]
    assert found(paid(9, 0, 60_000)).rebuilds == ()


def test_large_contexts_sub_agents_and_first_prompts_are_told_by_session_dearest_first() -> None:
    each = found(
        paid(0, 100_000, 0, cost=5),
        paid(1, 90_000, 9_990, cost=9),
        paid(2, 200_000, 0, session=2, cost=70),
        paid(3, 200_000, 0, session=2, cost=None, agent_id="x"),
        facts=Facts(prompts=2, commits=1),
    )
    assert each.large == (Evidence(2, 2, 70, 2 * MINUTE, 3 * MINUTE), Evidence(1, 1, 5, 0, 0))
    assert each.aside == (Evidence(2, 1, None, 3 * MINUTE, 3 * MINUTE),)
    assert [(size, one.session) for size, one in each.first] == [(100_010, 1), (200_010, 2)]
    assert (each.sessions, each.prompts, each.commits, together(each.large)) == (2, 2, 1, (3, 75))


def test_a_threshold_costs_the_difference_for_the_whole_request() -> None:
    each = found(paid(0, 99_990, 0, model=HAIKU), paid(1, 100_000, 0, model=HAIKU))
    more = 0.4 * (10 * 4 + 100 * 20 + 100_000 * 0.2)
    assert each.cliffs == (Evidence(1, 1, round(more), MINUTE, MINUTE),)


def test_five_minute_writes_say_what_an_hour_would_cost_more() -> None:
    assert found(BEGUN, paid(1, 0, 10_000, hour=True)).hour_extra == 60_000 * 3


def test_the_mix_says_what_the_newest_models_of_each_family_would_cost() -> None:
    (share,) = found(paid(0, 0, 1_000_000, model="claude-opus-5", output=0), paid(1, 0, 0, model="claude-opus-5")).mix
    opus = 1_000_000 * 5 + 20 * 4 + 100 * 20
    assert share.listed == opus
    assert {one.model: one.cost for one in share.instead} == {
        OPUS: opus,
        SONNET: opus // 2,
        HAIKU: round(0.5 * (10 * 4 + 1_000_000 * 5) + 0.1 * (10 * 4 + 100 * 20)),
    }
    assert [one.instead for one in found(paid(0, 0, 5, model="gpt-6")).mix] == [()]


def test_fast_requests_are_a_model_of_their_own_at_their_own_price() -> None:
    (share,) = found(paid(0, 0, 0, model=f"{OPUS}-fast", marks=FAST | UNDERSTATED)).mix
    assert (share.listed, share.usage.understated) == (2 * (10 * 4 + 100 * 20), 1)
    (named,) = found(paid(0, 0, 0, model="grok-fast")).mix
    assert named.listed is None


def test_what_only_read_and_searched_is_told_by_model_with_its_sessions() -> None:
    each = found(
        paid(0, 0, 50_000, looks=True, cost=5),
        paid(1, 0, 50_000, cost=70),
        paid(2, 0, 50_000, looks=True, cost=9, session=2, agent_id="a"),
        paid(3, 0, 50_000, looks=True, cost=7, model=SONNET),
    )
    opus, sonnet = each.looked
    assert (opus.share.model, opus.share.usage.requests, opus.share.usage.cost) == (OPUS, 2, 14)
    assert [(one.session, one.times, one.cost) for one in opus.evidence] == [(2, 1, 9), (1, 1, 5)]
    assert (sonnet.share.model, together(sonnet.evidence)) == (SONNET, (1, 7))
    assert found(paid(0, 0, 50_000)).looked == ()


def test_what_calls_tell_of_files_and_commands_goes_on_as_it_is() -> None:
    facts = Facts(changed=Changed(3, 1, 2), repeats=(Repeat("pytest", Evidence(1, 3, 5, 0, 9)),))
    each = found(facts=facts)
    assert (each.changed, each.repeats) == (facts.changed, facts.repeats)


COUNT = st.integers(0, 300_000)
RESPONSES = st.lists(
    st.builds(
        Paid,
        session=st.integers(1, 2),
        agent_id=st.sampled_from(["", "a"]),
        at=st.integers(0, 90 * 24 * HOUR),
        model=st.sampled_from([OPUS, SONNET, HAIKU]),
        marks=st.sampled_from([0, LOST_TOOLS]),
        tokens=st.builds(Tokens, COUNT, COUNT, COUNT, COUNT, COUNT),
        cost=st.none() | st.integers(0, 10**7),
        looks=st.booleans(),
    ),
    max_size=30,
)


@settings(deadline=None, max_examples=50)
@given(RESPONSES)
def test_the_parts_add_up_and_list_prices_are_those_of_every_request(each: list[Paid]) -> None:
    each.sort(key=lambda one: one.at)
    known = found(*each)
    assert known.usage.requests == len(each) == sum(share.usage.requests for share in known.mix)
    assert known.usage.cost == sum(one.cost or 0 for one in each) == sum(share.usage.cost for share in known.mix)
    assert together(known.aside)[0] == sum(bool(one.agent_id) for one in each)
    for parts, own in ((known.aside_mix, [one for one in each if one.agent_id]), (_shares(known), _looking(each))):
        assert sum(share.usage.requests for share in parts) == len(own)
        assert sum(share.usage.tokens.total for share in parts) == sum(one.tokens.total for one in own)
    assert all(0 < one.rewritten <= one.before and (one.waste or 0) >= 0 for one in known.rebuilds)
    price = computed(TABLE)
    for share in known.mix:
        own = [one for one in each if one.model == share.model]
        for name, cost in [(share.model, share.listed), *((one.model, one.cost) for one in share.instead)]:
            whole = sum(price(UsageEvent(1, one.at, one.at, name, one.tokens, one.marks)) or 0 for one in own)
            assert cost == pytest.approx(whole, abs=len(own))


def _shares(known: Efficiency) -> list[Share]:
    return [one.share for one in known.looked]


def _looking(each: Sequence[Paid]) -> list[Paid]:
    return [one for one in each if one.looks]
