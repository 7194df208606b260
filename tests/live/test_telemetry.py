"""What agents export goes from the door to the store, and from there into the report on a session."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import TypeVar

import pytest
from live.house import open_store
from otlp_bodies import NOW, SESSION, Body, encoded, event, logs, metric, metrics, point, request
from server.small_house import session as small_session
from store_batches import batch, session, usage

from moonlock.live import telemetry
from moonlock.live.health import Condition
from moonlock.live.telemetry import SOURCES, TelemetryDoor, auxiliary
from moonlock.model.session import SessionKey
from moonlock.model.telemetry import ApiRequest, Noted, SessionTelemetry
from moonlock.model.tokens import Tokens
from moonlock.sources import ALL
from moonlock.sources.claude_code.otlp import telemetry as claude_telemetry
from moonlock.sources.otlp import Otlp, from_json
from moonlock.store import Store
from moonlock.store.errors import StoreError
from moonlock.store.places import session_id, uid_of

T = TypeVar("T")
HOUR = 3_600_000


async def ask(work: Callable[[], T]) -> T:
    return work()


def said(body: Body) -> Otlp:
    return from_json("logs" if "resourceLogs" in body else "metrics", encoded(body))


@asynccontextmanager
async def door(store: Store) -> AsyncIterator[tuple[TelemetryDoor, Condition]]:
    found, condition = TelemetryDoor(store, ALL, ask), Condition()
    work = asyncio.create_task(found.follow(condition))
    try:
        yield found, condition
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0)


def summary(condition: Condition) -> str:
    found = condition.read().components.get("telemetry")
    return found.summary if found else ""


def kept(store: Store) -> SessionTelemetry | None:
    store.append([batch(f"{SESSION}.jsonl", [usage("a")], session(SESSION))])
    uid = uid_of(session_id(SessionKey("claude-code", "-home-ann-app", SESSION)))
    return store.telemetry().of_session("claude-code", SESSION, uid, NOW + HOUR)


def test_what_is_offered_is_kept_and_health_says_when(tmp_path: Path) -> None:
    async def day(store: Store) -> None:
        async with door(store) as (found, condition):
            await until(lambda: "telemetry" in condition.read().components)
            first = condition.read().components["telemetry"]
            assert (first.summary, [one.code for one in first.findings]) == ("never heard", ["no-telemetry"])
            assert found.offer(said(logs(request(), event("user_prompt"))), 100, NOW)
            assert found.offer(said(metrics(metric("commit.count", point(1)))), 100, NOW + 5)
            await until(lambda: "05Z" in summary(condition))
            last = condition.read().components["telemetry"]
            assert last.summary.endswith("1 event or figure not kept") and not last.findings

    with closing(open_store(tmp_path)) as store:
        asyncio.run(day(store))
        heard = kept(store)
    assert heard is not None
    assert (heard.requests, heard.counters, heard.last_at) == (1, {"commits": 1}, NOW + 5)


def test_a_new_server_knows_when_the_old_one_heard_something(tmp_path: Path) -> None:
    async def day(store: Store, *bodies: Body) -> str:
        async with door(store) as (found, condition):
            for body in bodies:
                found.offer(said(body), 1, NOW)
            await until(lambda: "last heard" in summary(condition))
            return summary(condition)

    with closing(open_store(tmp_path)) as store:
        assert asyncio.run(day(store, logs(request()))) == asyncio.run(day(store))


def test_what_is_of_nobody_leaves_health_as_it_was(tmp_path: Path) -> None:
    async def day(store: Store) -> None:
        async with door(store) as (found, condition):
            found.offer(said(logs(event("api_request", session__id=None))), 1, NOW)
            await until(lambda: "not kept" in summary(condition))
            assert summary(condition).startswith("never heard")

    with closing(open_store(tmp_path)) as store:
        asyncio.run(day(store))


def test_what_could_not_be_kept_is_kept_once_that_is_possible_without_another_word(tmp_path: Path) -> None:
    async def day(store: Store) -> None:
        full, asked = True, 0

        async def ask_of_a_full_disk(work: Callable[[], T]) -> T:
            nonlocal asked
            asked += 1
            if full and asked > 1:
                raise StoreError("the disk is full")
            return work()

        found = TelemetryDoor(store, ALL, ask_of_a_full_disk)
        assert found.offer(said(logs(request())), 1, NOW)
        with pytest.raises(StoreError):
            await found.follow(Condition())
        full = False
        work = asyncio.create_task(found.follow(Condition()))
        await until(store.telemetry().newest_at)
        work.cancel()

    with closing(open_store(tmp_path)) as store:
        asyncio.run(day(store))


def test_what_was_answered_is_kept_though_the_server_stops(tmp_path: Path) -> None:
    async def day(store: Store) -> None:
        async with door(store) as (found, condition):
            await until(lambda: "telemetry" in condition.read().components)
            found.offer(said(logs(request("a"))), 1, NOW)
            found.offer(said(logs(request("b"))), 1, NOW)

    with closing(open_store(tmp_path)) as store:
        asyncio.run(day(store))
        heard = kept(store)
    assert heard is not None and heard.requests == 2


def test_a_door_that_is_full_takes_no_more_for_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry, "MOST_WAITING", 100)

    async def day(store: Store) -> None:
        found, body = TelemetryDoor(store, ALL, ask), said(logs(request()))
        assert [found.offer(body, 60, NOW) for _ in range(2)] == [True, False]
        work = asyncio.create_task(found.follow(Condition()))
        await until(store.telemetry().newest_at)
        assert found.offer(body, 60, NOW)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)

    with closing(open_store(tmp_path)) as store:
        asyncio.run(day(store))


def test_what_could_not_be_kept_is_kept_when_it_can(tmp_path: Path) -> None:
    async def day(store: Store) -> None:
        failures = [OSError("the disk is full")]

        async def asked(work: Callable[[], T]) -> T:
            if found._waiting and failures:
                raise failures.pop()
            return work()

        found = TelemetryDoor(store, ALL, asked)
        found.offer(said(logs(request())), 1, NOW)
        with pytest.raises(OSError):
            await found.follow(Condition())
        work = asyncio.create_task(found.follow(Condition()))
        await until(store.telemetry().newest_at)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)

    with closing(open_store(tmp_path)) as store:
        asyncio.run(day(store))


def asked(source: str, output: int, cost: int | None = 5) -> ApiRequest:
    return ApiRequest(output, 0, SESSION, NOW, source, Tokens(1, output, 2, 0, 3), cost)


def test_auxiliary_requests_are_told_by_what_they_were_for_and_add_up() -> None:
    told = auxiliary([asked("title", 1), asked("compact", 50), asked("title", 4, None), asked("x", 0, None)])
    assert [(one.source, one.requests, one.cost_usd) for one in told.by_source] == [
        ("compact", 1, 0.000005),
        ("title", 2, 0.000005),
        ("x", 1, None),
    ]
    assert told.tokens.total == sum(one.tokens.total for one in told.by_source) == 55 + 4 * 6
    assert (told.requests, told.cost_usd) == (4, 0.00001)


def test_too_many_kinds_are_told_together() -> None:
    told = auxiliary([asked(f"kind {n}", n) for n in range(SOURCES + 3)] + [asked("", 0)])
    assert len(told.by_source) == SOURCES + 1
    assert told.by_source[-1].source == "" and told.by_source[-1].requests == 4
    assert sum(one.requests for one in told.by_source) == told.requests == SOURCES + 4


def test_without_metrics_the_counters_are_unknown_and_with_some_the_others_are_none() -> None:
    nothing = SessionTelemetry(NOW, 1, (), {}, ())
    assert telemetry.counted(nothing).commits is None and telemetry.counted(nothing).compactions == []
    some = telemetry.counted(SessionTelemetry(NOW, 1, (), {"active_user": 1499.6}, ()))
    assert (some.active_user_ms, some.commits) == (1500, 0)
    assert auxiliary([]).cost_usd == 0


def test_a_compaction_is_told_with_what_the_client_counted() -> None:
    noted = (Noted(1, SESSION, NOW, "compaction", "", 160_000, None, 900), Noted(2, SESSION, NOW, "error"))
    told = telemetry.counted(SessionTelemetry(NOW, 0, (), {}, noted))
    (one,) = told.compactions
    assert (one.trigger, one.before_tokens, one.after_tokens, one.duration_ms) == (None, 160_000, None, 900)
    assert told.errors == 1


def test_a_session_that_was_never_heard_has_null_for_both(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with closing(store):
        assert telemetry.of_session(store, small_session(1), NOW) == (None, None)
        kept(store)
        store.telemetry().keep("claude-code", claude_telemetry(said(logs(request())), NOW), NOW)
        uid = uid_of(session_id(SessionKey("claude-code", "-home-ann-app", SESSION)))
        known = small_session(1, id=uid, agent_session_id=SESSION)
        aside, told = telemetry.of_session(store, known, NOW + HOUR)
    assert aside is not None and told is not None and (aside.requests, told.requests) == (1, 1)
