"""Alerts are written before they are told, and told once: with a real store, restarts and kills."""

from __future__ import annotations

import asyncio
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from live.alarming import BUDGET, NOON, Desk, Killed, known, opened, planned, together

from moonlock.analytics.rules import Picture, Planned
from moonlock.live.alarms import MOST_OVER
from moonlock.model.instant import DAY, HOUR, MINUTE, iso
from moonlock.model.wire import AlertRaised, AlertResolved
from moonlock.store import Store
from moonlock.store.errors import StoreFull

PLANS, EACH = 10, 100
KILLS = 6


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = opened(tmp_path)
    yield store
    store.close()


def test_an_alert_is_in_the_store_when_it_is_told_and_is_told_once(store: Store) -> None:
    async def story() -> None:
        desk = Desk(store)
        desk.alarms.on_alert = lambda alert: desk.called.extend(known(store))
        await desk.see(0.5)
        assert (desk.frames, known(store)) == ([], [])
        await desk.see(0.9)
        await desk.see(0.95, now=NOON + 1)
        (frame,) = [frame for frame in desk.frames if isinstance(frame, AlertRaised) and frame.data.rule == "budget-80"]
        assert (frame.data.phase, frame.data.session_id, frame.data.level) == ("firing", f"{1:016x}", 0.9)
        assert desk.called[0].id == frame.data.id and desk.called[0].title == "Plan 1: the token budget runs out"
        assert [shape.rule for shape in desk.alarms.shapes(NOON)] == ["budget-95", "budget-80"]
        await desk.see(0.5, now=NOON + 2)
        assert [type(frame) for frame in desk.frames[-2:]] == [AlertResolved, AlertResolved]
        assert desk.phases == ["resolved", "resolved"]
        assert desk.alarms.shapes(NOON + DAY) == []

    asyncio.run(story())


def test_a_restart_goes_on_where_it_was_and_a_subject_that_ended_meanwhile_is_over(tmp_path: Path) -> None:
    async def before(store: Store) -> None:
        desk = Desk(store)
        await desk.see(0.85, 0.85)

    async def afterwards(store: Store) -> None:
        desk = Desk(store)
        await desk.alarms.begin()
        await desk.see(0.9, now=NOON + HOUR)
        assert [frame.data.subject for frame in desk.frames if isinstance(frame, AlertResolved)] == [f"{2:016x} tokens"]
        assert len(desk.frames) == len(desk.called) == 1
        assert desk.phases == ["firing", "resolved"]
        assert desk.alarms.shapes(NOON)[0].level == 0.9
        assert [desk.alarms.newest(alert).level for alert in known(store)] == [0.9, 0.85]

    for story in (before, afterwards):
        own = opened(tmp_path)
        asyncio.run(story(own))
        own.close()


def test_of_those_that_are_over_today_the_newest_hundred_are_shown_also_after_a_restart(store: Store) -> None:
    async def story() -> None:
        desk = Desk(store)
        desk.alarms.use(BUDGET)
        for step in range(2 * (MOST_OVER + 5)):
            await desk.see(0.1 if step % 2 else 0.9, now=NOON + step)
        assert len(known(store)) == MOST_OVER + 5
        shown = desk.alarms.shapes(NOON + MINUTE)
        assert [one.resolved_at for one in shown] == [iso(NOON + 2 * step + 1) for step in range(MOST_OVER + 4, 4, -1)]
        again = Desk(store)
        await again.alarms.begin()
        assert again.alarms.shapes(NOON + MINUTE) == shown

    asyncio.run(story())


def test_a_server_that_nobody_looks_at_remembers_a_month_and_no_more(store: Store) -> None:
    async def story() -> None:
        desk = Desk(store)
        desk.alarms.use(BUDGET)
        sizes = []
        for day in range(70):
            hand = Planned(f"{day:016x}", "Plan", True, 0.9)
            await desk.alarms.look(Picture(NOON + day * DAY, hands=[hand]))
            sizes.append(desk.alarms.remembered)
        assert sizes[20] < sizes[40] == sizes[-1] < 40

    asyncio.run(story())


def test_what_must_last_is_told_as_pending_survives_a_restart_and_leaves_nothing_when_it_did_not_last(
    store: Store,
) -> None:
    lasting = tuple(msgspec.structs.replace(rule, hold=MINUTE) for rule in BUDGET)

    async def story() -> None:
        first = Desk(store)
        first.alarms.use(lasting)
        await first.see(0.9, 0.9)
        assert first.phases == ["pending", "pending"] and first.called == []
        second = Desk(store)
        second.alarms.use(lasting)
        await second.alarms.begin()
        await second.see(0.9, 0.1, now=NOON + MINUTE)
        assert [(told.phase, told.fired_at is None) for told in second.told] == [
            ("firing", False),
            ("resolved", True),
        ]
        assert [alert.phase for alert in known(store)] == ["firing"] and len(second.called) == 1

    asyncio.run(story())


def test_somebody_has_seen_it_once_for_all_and_an_unknown_one_is_none(store: Store) -> None:
    async def story() -> None:
        desk = Desk(store)
        desk.alarms.use(BUDGET)
        await desk.see(0.9)
        (alert,) = known(store)
        seen = await desk.alarms.acknowledge(alert.id)
        assert seen is not None and seen.acknowledged_at is not None
        assert await desk.alarms.acknowledge(alert.id) == seen
        assert [told.acknowledged_at for told in desk.told] == [None, seen.acknowledged_at]
        assert len(desk.called) == 1
        await desk.see(0.1)
        assert known(store)[0].acknowledged_at is not None and desk.alarms.shapes(NOON)[0].acknowledged_at is not None
        again = Desk(store)
        assert await again.alarms.acknowledge(alert.id) == desk.alarms.shapes(NOON)[0]
        assert await desk.alarms.acknowledge("nothing") is None

    asyncio.run(story())


def test_in_quiet_hours_it_fires_and_says_that_nobody_was_called(store: Store) -> None:
    async def story() -> None:
        desk = Desk(store)
        desk.alarms.quiet = lambda now: now < NOON + HOUR
        desk.alarms.use(BUDGET)
        await desk.see(0.9)
        await desk.see(0.9, 0.9, now=NOON + HOUR)
        assert [alert.quiet for alert in desk.called] == [True, False]
        assert {alert.subject: alert.quiet for alert in known(store)} == {
            f"{1:016x} tokens": True,
            f"{2:016x} tokens": False,
        }

    asyncio.run(story())


def test_what_is_done_within_the_writing_is_undone_with_it(store: Store) -> None:
    def fails(_: object) -> None:
        raise StoreFull("no room")

    async def story() -> None:
        desk = Desk(store)
        desk.alarms.within = fails
        with pytest.raises(StoreFull):
            await desk.see(0.9)
        assert (known(store), desk.frames, desk.called) == ([], [], [])
        desk.alarms.within = desk.called.extend
        await desk.see(0.9)
        assert [alert.rule for alert in desk.called] == ["budget-80"] * 2

    asyncio.run(story())


def test_trouble_of_the_store_is_told_although_nothing_can_be_written(store: Store) -> None:
    def fails(_: object) -> None:
        raise StoreFull("no room")

    async def story() -> None:
        desk = Desk(store)
        desk.alarms.within = fails
        broken = msgspec.structs.replace(planned(0.9), store="unhealthy")
        for _ in range(2):
            with pytest.raises(StoreFull):
                await desk.alarms.look(broken)
        assert [alert.rule for alert in desk.called] == ["store-trouble"]
        desk.alarms.within = lambda _: None
        await desk.alarms.look(planned(0.9, now=NOON + 1))
        assert {alert.rule: alert.phase for alert in known(store)} == {
            "store-trouble": "resolved",
            "budget-80": "firing",
        }

    asyncio.run(story())


def test_a_thousand_crossings_with_kills_between_any_two_steps_are_a_thousand_alerts(tmp_path: Path) -> None:
    chance = random.Random(15)
    calls: list[str] = []

    async def story() -> None:
        store = opened(tmp_path)
        desk = Desk(store, chance.random)
        desk.alarms.use(BUDGET)
        for levels, now in together(PLANS, EACH, chance):
            while True:
                try:
                    await desk.see(*levels, now=now)
                    break
                except Killed:
                    calls.extend(alert.id for alert in desk.called if alert.phase == "firing")
                    if chance.random() < 0.1:
                        store.close()
                        store = opened(tmp_path)
                    desk = Desk(store)
                    desk.alarms.use(BUDGET)
                    await desk.alarms.begin()
                    desk.chance = chance.random
        calls.extend(alert.id for alert in desk.called if alert.phase == "firing")
        written = known(store)
        assert len(written) == len({alert.id for alert in written}) == PLANS * EACH
        assert all(alert.phase == "resolved" and alert.fired_at is not None for alert in written)
        assert len(calls) == len(set(calls)) and set(calls) <= {alert.id for alert in written}
        store.close()

    asyncio.run(story())


CHILD = """
import asyncio, os, random, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from live.alarming import BUDGET, Desk, crossings, opened
def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())  # in one piece: a kill cuts no line
async def story():
    desk = Desk(opened(Path(sys.argv[2])))
    desk.alarms.use(BUDGET)
    desk.alarms.on_alert = lambda alert: say(alert.phase, alert.id)
    await desk.alarms.begin()
    for number, (level, now) in enumerate(crossings(int(sys.argv[3]), random.Random(3))):
        if number > int(sys.argv[4]):
            await desk.see(level, now=now)
            say("done", number)
asyncio.run(story())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_real_kill_at_any_moment_repeats_no_alert_and_loses_none(tmp_path: Path) -> None:
    chance, count = random.Random(9), 60
    begin = [sys.executable, "-c", CHILD, str(Path(__file__).parents[1]), str(tmp_path), str(count)]
    told: list[str] = []
    reached = -1
    for kill in range(KILLS + 1):
        with subprocess.Popen([*begin, str(reached)], stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            heard, enough = [], chance.randint(1, 30)
            for line in child.stdout:
                heard.append(line.split())
                if kill < KILLS and len(heard) == enough:
                    child.send_signal(signal.SIGKILL)
        told += [word for phase, word in heard if phase == "firing"]
        reached = max([reached, *(int(word) for phase, word in heard if phase == "done")])  # the next may be written
    store = opened(tmp_path)
    written = known(store)
    store.close()
    assert len(written) == count and {alert.phase for alert in written} == {"resolved"}
    assert len(told) == len(set(told)) and set(told) <= {alert.id for alert in written}
    assert count - KILLS <= len(told) <= count
