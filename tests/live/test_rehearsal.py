"""What a rule would have said of the past, for a past that is known."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from store_batches import DAY, HOUR, MINUTE, NOON, batch, key, priced, session, usage

from moonlock.analytics.anomaly import FEW
from moonlock.analytics.rules import RULES
from moonlock.config.alerting import RULE_IDS
from moonlock.live.commands import Commands
from moonlock.live.rehearsal import _PASTS, UNKNOWN, Span, firings, past
from moonlock.model.events import AgentError, LimitHit, PromptSent
from moonlock.model.instant import Instant
from moonlock.model.label import Relabel
from moonlock.model.limits import QuotaSample
from moonlock.model.manual import Amend, Budget, Follow, Plan, Posting
from moonlock.model.tokens import Tokens
from moonlock.model.window import LENGTH
from moonlock.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    found = Store.write(tmp_path / "moon.db", priced)
    yield found
    found.close()


def fired(store: Store, name: str, days: int = 7, **more: object) -> list[Instant]:
    rule = msgspec.structs.replace(next(one for one in RULES if one.id == name), **more)
    span = Span(NOON + DAY - days * DAY, NOON + DAY, {})
    return firings(rule, past(store, name, span), span)


def told(store: Store, *events: object, name: str = "a1", **more: object) -> None:
    store.append([batch(f"{name}.jsonl", events, session(name, **more))])  # type: ignore[arg-type]


def prompt(name: str, at: Instant, size: int, read: int = 0, agent: str = "") -> object:
    tokens = Tokens(0, 1, 0, size - read, read)
    return usage(name, at, model="claude-opus-4-5", tokens=tokens, agent_id=agent, sidechain=bool(agent))


def test_every_rule_is_told_of_or_said_to_be_unknown() -> None:
    assert {*_PASTS, *UNKNOWN} == {*RULE_IDS}
    assert not _PASTS.keys() & UNKNOWN.keys()


def test_budgets_cross_when_the_usage_that_was_followed_did(store: Store) -> None:
    told(store, *(usage(f"m{at}", NOON + at * MINUTE, tokens=Tokens(0, 100)) for at in range(1, 11)))
    Commands(store).start(Plan("tokens", budget=Budget(tokens=1000), follow=Follow("all")), NOON)
    Commands(store).start(Plan("money", budget=Budget(cost=400), follow=Follow("all")), NOON + 5 * MINUTE + 1)
    Commands(store).start(Plan("no budget", follow=Follow("all")), NOON)
    assert fired(store, "budget-80") == [NOON + 8 * MINUTE, NOON + 9 * MINUTE]
    assert fired(store, "budget-95") == [NOON + 9 * MINUTE, NOON + 10 * MINUTE]
    assert fired(store, "budget-80", threshold=5.0, clear=4.0) == []


def test_a_budget_that_ended_before_it_had_lasted_did_not_fire(store: Store) -> None:
    uid = Commands(store).start(Plan("x", budget=Budget(tokens=100)), NOON)[0].uid
    Commands(store).post(uid, Posting(90), NOON + MINUTE)
    Commands(store).amend(uid, Amend(status="completed"), NOON + 3 * MINUTE)
    assert fired(store, "budget-80") == [NOON + MINUTE]
    assert fired(store, "budget-80", hold=5 * MINUTE) == []


def test_days_are_counted_back_from_now(store: Store) -> None:
    for days in (1, 3, 20):
        uid = Commands(store).start(Plan(f"x{days}", budget=Budget(tokens=100)), NOON - days * DAY)[0].uid
        Commands(store).post(uid, Posting(90), NOON - days * DAY)
    assert [len(fired(store, "budget-80", days=days)) for days in (1, 3, 7, 30)] == [0, 1, 2, 3]


def test_a_context_that_fills_twice_fires_twice(store: Store) -> None:
    sizes = (50_000, 120_000, 150_000, 20_000, 60_000, 150_000)
    told(store, *(prompt(f"m{at}", NOON + at * 40 * MINUTE, size) for at, size in enumerate(sizes)))
    assert fired(store, "context-high") == [NOON + 80 * MINUTE, NOON + 200 * MINUTE]
    assert fired(store, "context-high", threshold=0.99, clear=0.9) == []


def test_a_session_that_was_left_alone_is_over_and_may_fire_again(store: Store) -> None:
    told(store, prompt("m1", NOON, 150_000), prompt("m2", NOON + 2 * HOUR, 150_000))
    assert fired(store, "context-high") == [NOON, NOON + 2 * HOUR]


def test_sub_agents_and_hidden_sessions_are_left_out(store: Store) -> None:
    told(store, prompt("m1", NOON, 150_000, agent="x"))
    told(store, prompt("m2", NOON, 150_000), name="b1")
    assert len(fired(store, "context-high")) == 1
    store.relabel("b1", Relabel(hidden=True), NOON)
    assert fired(store, "context-high") == []


def test_a_lost_cache_fires_where_the_prompt_was_written_anew(store: Store) -> None:
    kept, lost = 90_000, 0
    told(
        store,
        prompt("m1", NOON, 90_000),
        prompt("m2", NOON + MINUTE, 91_000, kept),
        prompt("m3", NOON + 30 * MINUTE, 92_000, lost),
    )
    assert fired(store, "cache-lost") == [NOON + 30 * MINUTE]


def test_an_error_fires_until_somebody_goes_on_and_a_retry_does_not(store: Store) -> None:
    told(
        store,
        usage("m1", NOON),
        AgentError(key("e1"), NOON + MINUTE, "server", 500, retrying=True),
        AgentError(key("e2"), NOON + 2 * MINUTE, "server", 500),
        AgentError(key("e3"), NOON + 3 * MINUTE, "server", 500),
        PromptSent(key("p1"), NOON + 10 * MINUTE),
        usage("m2", NOON + 11 * MINUTE),
        LimitHit(key("l1"), NOON + 20 * MINUTE, "session"),
    )
    assert fired(store, "session-error") == [NOON + 2 * MINUTE, NOON + 20 * MINUTE]


def test_an_unusual_pace_fires_once_in_half_an_hour(store: Store) -> None:
    calm = [usage(f"m{at}", NOON - DAY + at * 5 * MINUTE, output=100 + at % 7) for at in range(2 * FEW)]
    wild = [usage(f"w{at}", NOON + at * MINUTE, output=500_000) for at in range(10)]
    told(store, *calm, *wild)
    found = fired(store, "anomaly")
    assert [NOON <= at < NOON + 2 * MINUTE for at in found] == [True]
    assert fired(store, "anomaly", days=1) == found


def test_limits_cross_when_their_percentage_was_told(store: Store) -> None:
    end = NOON + 4 * HOUR
    words = [
        QuotaSample("five_hour", LENGTH, used, end, NOON + at * MINUTE)
        for at, used in ((1, 50.0), (2, 85.0), (9, 97.0))
    ]
    store.quotas().keep(words)
    assert fired(store, "quota-80") == [NOON + 2 * MINUTE]
    assert fired(store, "quota-95") == [NOON + 9 * MINUTE]
    assert fired(store, "quota-80", threshold=0.99, clear=0.9) == []
