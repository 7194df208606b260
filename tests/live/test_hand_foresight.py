"""How sessions by hand may end, from lines in logs to frames, with real files and a real store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from live.house import House, lived
from live.logs import answer, log, write

from moonlock.live import clock, hand_foresight
from moonlock.model.instant import DAY, HOUR, MINUTE, SECOND, moment
from moonlock.model.manual import Amend, Budget, Follow, Plan, Posting
from moonlock.model.shapes import SessionForecastShape, SessionShape
from moonlock.model.wire import Frame, SessionStatusChanged

ALL = Follow("all")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hand_foresight, "PAUSE", 50)


async def foreseen(house: House, wanted: Callable[[SessionForecastShape], bool] = lambda _: True) -> SessionShape:
    """Wait until a session by hand is told with such a forecast."""

    def fits(frame: Frame) -> bool:
        found = frame.data.forecast if isinstance(frame, SessionStatusChanged) else None
        return found is not None and wanted(found)

    frame = await house.until(fits)
    assert isinstance(frame, SessionStatusChanged)
    return frame.data


def days(home: Path, count: int, now: int) -> None:
    """Each of so many days two even hours: a thousand tokens a minute."""
    for day in range(1, count + 1):
        start = now - day * DAY
        lines = [answer(start + minute * MINUTE, 1_000, f"day{day}") for minute in range(120)]
        write(log(home, f"day{day}"), *lines)


def test_a_session_with_a_budget_is_foreseen_from_ones_own_past(tmp_path: Path) -> None:
    days(tmp_path, 6, clock.now())
    path = write(log(tmp_path), answer(clock.now() - HOUR, 1))

    async def story(house: House) -> None:
        hands = house.engine.by_hand
        begun = await hands.start(Plan("Focus", 2 * HOUR, Budget(tokens=30_000), follow=ALL))
        assert begun.forecast is None  # nothing was gathered yet
        write(path, answer(clock.now(), 4_000))
        found = (await foreseen(house)).forecast
        assert found is not None and found.cost_usd is not None
        assert 4_000 <= found.tokens.low <= found.tokens.expected <= found.tokens.high
        assert found.overrun_probability is not None and 0.3 < found.overrun_probability < 1
        assert found.limit_at is not None and begun.timer is not None and begun.timer.ends_at is not None
        assert begun.timer.at < found.limit_at.low <= found.limit_at.expected <= found.limit_at.high
        end = moment(clock.now() + 2 * HOUR + MINUTE)
        assert found.limit_at.high < f"{end:%Y-%m-%dT%H:%M}" + ":99"
        assert (found.basis.windows, found.basis.learning) == (6, False)
        (shown,) = [one for one in house.snapshot().sessions if one.origin == "manual"]
        asked = await hands.find("focus")
        assert asked is not None and shown.forecast == asked.forecast == found
        house.heard.clear()
        await hands.post("focus", Posting(1_000_000))
        later = await foreseen(house, lambda found: found.overrun_probability == 1)
        assert later.forecast is not None and later.forecast.limit_at is None
        assert later.forecast.tokens.low >= 1_004_000

    lived(tmp_path, story)


def test_a_pause_pushes_the_end_so_no_moment_is_told_while_it_lasts(tmp_path: Path) -> None:
    path = write(log(tmp_path), answer(clock.now() - HOUR, 1))

    async def story(house: House) -> None:
        hands = house.engine.by_hand
        await hands.start(Plan("Focus", HOUR, Budget(tokens=9_000_000), follow=ALL))
        write(path, answer(clock.now(), 2_000_000))
        await foreseen(house, lambda found: found.limit_at is not None)
        await hands.amend("focus", Amend(status="paused"))
        paused = await foreseen(house, lambda found: found.limit_at is None)
        assert paused.status == "paused" and paused.forecast is not None
        assert paused.forecast.overrun_probability is not None and paused.forecast.overrun_probability > 0
        ended = await hands.amend("focus", Amend(status="completed"))
        assert ended is not None and ended.forecast is None

    lived(tmp_path, story)


@pytest.mark.parametrize(
    "plan",
    [
        Plan("short", 9 * MINUTE, follow=ALL),
        Plan("long", 5 * HOUR + SECOND, follow=ALL),
        Plan("alone", HOUR),
    ],
    ids=lambda plan: plan.name,
)
def test_what_cannot_be_told_is_not(tmp_path: Path, plan: Plan) -> None:
    path = write(log(tmp_path), answer(clock.now() - HOUR, 1))

    async def story(house: House) -> None:
        await house.engine.by_hand.start(Plan("told", HOUR, follow=ALL))
        await house.engine.by_hand.start(plan)
        write(path, answer(clock.now(), 500))
        await foreseen(house)
        await asyncio.sleep(0.2)  # two more looks
        found = {one.name: one.forecast for one in house.snapshot().sessions if one.origin == "manual"}
        assert found[plan.name] is None and found["told"] is not None
        assert found["told"].overrun_probability is None  # without a budget

    lived(tmp_path, story)
