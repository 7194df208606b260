"""The forecast of the open window, from lines in logs to frames, with real files and a real store."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest
from live.house import House, lived, open_store
from live.logs import answer, log, write

from moonlock.live import clock, foresight
from moonlock.live.merging import Held
from moonlock.model.instant import DAY, HOUR, MINUTE, iso
from moonlock.model.label import Relabel
from moonlock.model.manual import Budget
from moonlock.model.wire import ForecastUpdate, Frame


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foresight, "PAUSE", 50)


def told(frame: Frame) -> bool:
    return isinstance(frame, ForecastUpdate) and frame.data is not None


async def foreseen(house: House) -> ForecastUpdate:
    frame = await house.until(told)
    assert isinstance(frame, ForecastUpdate)
    return frame


def days(home: Path, count: int, now: int) -> None:
    """A window on each of so many days: a thousand tokens at its start, and as many an hour later."""
    for day in range(1, count + 1):
        start = now - day * DAY
        write(log(home, f"day{day}"), answer(start, 1_000, f"day{day}"), answer(start + HOUR, 1_000, f"day{day}"))


def test_an_open_window_has_a_forecast_that_new_usage_renews(tmp_path: Path) -> None:
    now = clock.now()
    days(tmp_path, 6, now)
    path = write(log(tmp_path), answer(now - MINUTE, 1_000))

    async def story(house: House) -> None:
        first = house.snapshot().forecast or (await foreseen(house)).data
        assert (
            first is not None and first.window is not None and first.tokens is not None and first.cost_usd is not None
        )
        block = house.snapshot().block
        assert block is not None and (first.window.start_at, first.window.end_at) == (block.start_at, block.end_at)
        assert first.tokens.low >= 1_000 and first.cost_usd.high > first.cost_usd.low
        assert (first.basis.windows, first.basis.learning) == (6, False)
        assert (first.overrun_probability, first.limit_at) == (None, None)
        assert first.anomaly is not None and first.anomaly.state == "learning"
        house.heard.clear()
        write(path, answer(now, 50_000))
        later = await house.until(
            lambda frame: isinstance(frame, ForecastUpdate) and told(frame) and low(frame) > 50_000
        )
        assert isinstance(later, ForecastUpdate) and later.data == house.engine.foresight.forecast
        assert later.data is not None and later.data.ccusage is not None

    lived(tmp_path, story)


def low(frame: ForecastUpdate) -> int:
    return frame.data.tokens.low if frame.data is not None and frame.data.tokens is not None else 0


def test_without_an_open_window_nothing_is_foreseen_and_the_answer_says_so(tmp_path: Path) -> None:
    days(tmp_path, 2, clock.now())

    async def story(house: House) -> None:
        await asyncio.sleep(0.2)
        assert house.snapshot().forecast is None
        answered = house.engine.foresight.answer(5)
        assert (answered.at, answered.window, answered.tokens, answered.basis.learning) == (iso(5), None, None, True)
        assert house.engine.foresight.looks == 0

    lived(tmp_path, story)


def test_a_limit_that_a_person_set_is_told_also_while_no_window_is_open() -> None:
    found = foresight.Foresight(Budget(7_000, 2_500_000)).answer(5)
    assert found.limit is not None and found.overrun_probability is None
    assert (found.limit.tokens, found.limit.cost_usd, found.limit.source) == (7_000, 2.5, "configured")


def test_a_window_whose_models_have_no_price_has_no_forecast_of_its_cost(tmp_path: Path) -> None:
    line = answer(clock.now() - MINUTE, 1_000).replace("claude-opus-4-8", "nobody-knows")
    write(log(tmp_path), line, line.replace("msg_", "msg_x").replace("req_", "req_x"))

    async def story(house: House) -> None:
        found = house.snapshot().forecast or (await foreseen(house)).data
        assert found is not None and found.cost_usd is None and found.tokens is not None

    lived(tmp_path, story)


def test_a_clock_that_is_set_back_before_the_window_leaves_a_forecast(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(log(tmp_path), answer(clock.now() - MINUTE, 1_000))
    right = clock.now

    async def story(house: House) -> None:
        assert house.snapshot().forecast or await foreseen(house)
        while house.engine._state.stale:  # asked then, the store would keep what is yet to come to itself
            await asyncio.sleep(0.02)
        monkeypatch.setattr(clock, "now", lambda: right() - 2 * HOUR)
        async with asyncio.timeout(10):
            while (found := house.engine.foresight.forecast) is None or found.at > iso(right() - HOUR):
                await asyncio.sleep(0.02)
        assert found.tokens is not None

    lived(tmp_path, story)


def test_while_nothing_changes_nothing_is_computed(tmp_path: Path) -> None:
    write(log(tmp_path), answer(clock.now() - MINUTE, 1_000))

    async def story(house: House) -> None:
        if house.snapshot().forecast is None:
            await foreseen(house)
        foresight, state = house.engine.foresight, house.engine._state
        while state.stale or foresight._place[0] != state.begun:  # the session that goes on is looked up once
            await asyncio.sleep(0.02)
        minute = clock.now() // MINUTE
        looks = house.engine.foresight.looks
        await asyncio.sleep(2.5)
        assert house.engine.foresight.looks - looks <= clock.now() // MINUTE - minute

    lived(tmp_path, story)


def test_a_session_that_is_hidden_leaves_the_forecast(tmp_path: Path) -> None:
    now = clock.now()
    write(log(tmp_path), answer(now - MINUTE, 1_000))

    async def story(house: House) -> None:
        if house.snapshot().forecast is None:
            await foreseen(house)
        house.heard.clear()
        await house.engine.relabel("s1", Relabel(hidden=True))
        async with asyncio.timeout(10):
            while house.engine.foresight.forecast is not None:
                await asyncio.sleep(0.05)

    lived(tmp_path, story)


def test_a_newer_forecast_stands_for_one_that_still_waits() -> None:
    held = Held()
    for at in ("a", "b"):
        held.add(ForecastUpdate(seq=0, at=at, sent_at="", data=None))
    assert [frame.at for frame in held.take()] == ["b"]


def test_a_pace_beyond_ones_habit_is_logged_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    now = clock.now()
    start = now - DAY
    quiet = [answer(start + minute * MINUTE, 100 + minute % 7) for minute in range(200)]
    path = write(log(tmp_path), *quiet, answer(now - 2 * MINUTE, 100))

    async def story(house: House) -> None:
        if house.snapshot().forecast is None:
            await foreseen(house)
        with caplog.at_level(logging.WARNING, "moonlock.live"):
            for number in (1, 2):
                write(path, answer(clock.now(), 100_000 * number))
                await asyncio.sleep(1.5)
        found = house.engine.foresight.forecast
        assert found is not None and found.anomaly is not None
        assert (found.anomaly.state, found.anomaly.unit) == ("high", "costUsd")
        assert found.anomaly.rate > found.anomaly.high > found.anomaly.usual
        said = [record for record in caplog.records if "more than usual" in record.getMessage()]
        assert len(said) == 1 and "$" in said[0].getMessage()

    store = open_store(tmp_path)
    lived(tmp_path, story, store)
    store.close()
