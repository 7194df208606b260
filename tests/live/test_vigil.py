"""Alerts of a running house: from lines in logs and sessions by hand to frames, the snapshot and the final report."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from live.house import House, lived, open_store
from live.logs import MODEL, answer, line, log, write

from moonlock.live import clock, vigil
from moonlock.model.instant import HOUR, MINUTE, SECOND
from moonlock.model.manual import Amend, Budget, Follow, Plan, Posting
from moonlock.model.wire import AlertRaised, AlertResolved, Frame, SessionTokens
from moonlock.outputs.manual import report

KINDS = (AlertRaised, AlertResolved)


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """What nothing wakes is seen at the next look."""
    monkeypatch.setattr(vigil, "QUIET", SECOND // 4)


def raised(rule: str, phase: str = "firing") -> Callable[[Frame], bool]:
    return lambda frame: isinstance(frame, AlertRaised) and (frame.data.rule, frame.data.phase) == (rule, phase)


def resolved(rule: str) -> Callable[[Frame], bool]:
    return lambda frame: isinstance(frame, AlertResolved) and frame.data.rule == rule


def cached(at: int, read: int, written: int, session: str = "s1") -> str:
    """A response to a prompt that was in the cache in part."""
    said = {
        "id": f"msg_{at}",
        "type": "message",
        "role": "assistant",
        "model": MODEL,
        "content": [{"type": "tool_use", "id": f"toolu_{at}", "name": "Bash", "input": {}}],
        "stop_reason": "tool_use",
        "usage": {
            "input_tokens": 5,
            "output_tokens": 9,
            "cache_read_input_tokens": read,
            "cache_creation_input_tokens": written,
        },
    }
    return line("assistant", at, session, message=said, requestId=f"req_{at}")


def test_a_budget_that_is_nearly_used_is_told_shown_kept_and_over_with_its_session(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write(log(tmp_path), answer(clock.now() - MINUTE, 50))

    async def story(house: House) -> None:
        hands = house.engine.by_hand
        begun = await hands.start(Plan("Login", budget=Budget(tokens=1_000), follow=Follow("all")))
        write(path, answer(clock.now() + SECOND, 850))
        frame = await house.until(raised("budget-80"))
        assert isinstance(frame, AlertRaised) and frame.data.session_id == begun.id
        assert [(shown.id, shown.phase) for shown in house.snapshot().alerts] == [(frame.data.id, "firing")]
        await hands.amend("Login", Amend(status="completed"))
        over = await house.until(resolved("budget-80"))
        assert isinstance(over, AlertResolved) and over.data.id == frame.data.id
        assert [shown.phase for shown in house.snapshot().alerts] == ["resolved"]
        said = [record.getMessage() for record in caplog.records if frame.data.id in record.getMessage()]
        assert said == [
            f"alert {frame.data.id}: budget-80 of session {begun.id} {what}" for what in ("fires", "is over")
        ]
        final = await hands.report("Login")
        assert final is not None and [one.id for one in final.alerts] == [frame.data.id]
        assert "Login: the token budget runs out" in report(final, 100)

    lived(tmp_path, story)


def test_what_a_session_came_to_before_it_was_ended_at_once_is_not_missed(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        hands = house.engine.by_hand
        await hands.start(Plan("Login", budget=Budget(tokens=1_000)))
        await hands.post("Login", Posting(990))
        await hands.end("Login")
        await house.until(resolved("budget-95"))
        told = [(frame.data.rule, frame.data.phase) for frame in house.heard if isinstance(frame, KINDS)]
        assert told == [(rule, phase) for phase in ("firing", "resolved") for rule in ("budget-80", "budget-95")]
        final = await hands.report("Login")
        assert final is not None and {one.rule for one in final.alerts} == {"budget-80", "budget-95"}

    lived(tmp_path, story)


def test_a_session_that_stops_with_an_error_or_waits_is_told_and_is_well_when_it_goes_on(tmp_path: Path) -> None:
    now = clock.now()
    failed = {
        "id": "e",
        "model": "<synthetic>",
        "role": "assistant",
        "content": [{"type": "text", "text": "API Error"}],
    }
    path = write(log(tmp_path), answer(now - 3 * MINUTE, 50))

    async def story(house: House) -> None:
        waits = await house.until(raised("waiting"))
        assert isinstance(waits, AlertRaised) and (waits.data.title, waits.data.severity) == (
            "thing waits for you",
            "info",
        )
        more = {"message": {**failed, "type": "message"}, "isApiErrorMessage": True, "error": "unknown"}
        write(path, line("assistant", clock.now(), "s1", **more))
        await house.until(resolved("waiting"))
        error = await house.until(raised("session-error"))
        assert isinstance(error, AlertRaised) and error.data.title == "thing stopped with an error"
        write(path, answer(clock.now() + SECOND, 60, tool="Bash"))
        await house.until(resolved("session-error"))

    lived(tmp_path, story)


def test_a_cache_that_was_lost_is_told_until_the_next_request_finds_it(tmp_path: Path) -> None:
    now = clock.now()
    path = write(log(tmp_path), cached(now - MINUTE, 0, 100_000))

    async def story(house: House) -> None:
        write(path, cached(now, 0, 101_000))
        lost = await house.until(raised("cache-lost"))
        assert isinstance(lost, AlertRaised)
        assert lost.data.title == "thing: the cache was lost, 101,000 tokens were written anew"
        write(path, cached(now + SECOND, 101_000, 500))
        await house.until(resolved("cache-lost"))

    lived(tmp_path, story)


def test_history_raises_nothing_and_a_restart_tells_nothing_again(tmp_path: Path) -> None:
    now = clock.now()
    old = [cached(now - 3 * HOUR + step * MINUTE, 0, 850_000 + step, "old") for step in range(2)]
    write(log(tmp_path, "old"), *old)
    write(log(tmp_path), cached(now - MINUTE, 0, 850_000))
    store = open_store(tmp_path)

    async def first(house: House) -> None:
        high = await house.until(raised("context-high"))
        assert isinstance(high, AlertRaised) and high.data.level is not None and high.data.level > 0.8
        assert [shown.rule for shown in house.snapshot().alerts] == ["context-high"]

    async def second(house: House) -> None:
        while not house.snapshot().alerts:
            await asyncio.sleep(0.01)
        await house.engine.by_hand.start(Plan("Login"))
        await house.until(lambda frame: frame.at > "" and not isinstance(frame, AlertRaised))
        assert [shown.rule for shown in house.snapshot().alerts] == ["context-high"]
        assert not [frame for frame in house.heard if isinstance(frame, KINDS)]

    lived(tmp_path, first, store)
    lived(tmp_path, second, store)
    store.close()


def test_logs_that_were_read_and_went_are_pending_at_first(tmp_path: Path) -> None:
    write(log(tmp_path), answer(clock.now() - 2 * HOUR, 50))

    async def story(house: House) -> None:
        (tmp_path / ".claude").rename(tmp_path / "gone")
        silent = await house.until(raised("source-silent", "pending"))
        assert isinstance(silent, AlertRaised) and silent.data.subject.startswith(str(tmp_path))
        (tmp_path / "gone").rename(tmp_path / ".claude")
        well = await house.until(resolved("source-silent"))
        assert isinstance(well, AlertResolved) and well.data.fired_at is None
        assert house.snapshot().alerts == []

    lived(tmp_path, story)


def test_logs_that_first_came_while_it_ran_are_missed_too(tmp_path: Path) -> None:
    path = log(tmp_path)
    path.parent.mkdir(parents=True)

    async def story(house: House) -> None:
        await house.engine.by_hand.start(Plan("Login", budget=Budget(tokens=1)))
        await house.engine.by_hand.post("Login", Posting(1))
        await house.until(raised("budget-80"))
        write(path, answer(clock.now(), 50))
        await house.until(lambda frame: isinstance(frame, SessionTokens))
        (tmp_path / ".claude").rename(tmp_path / "gone")
        assert await house.until(raised("source-silent", "pending"))

    lived(tmp_path, story)
