"""Sessions by hand in a running engine: everybody hears of them, and they gather what the logs bring."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from live.house import House, lived, open_store
from live.logs import answer, log, write

from moonlock.analytics import timer
from moonlock.live import clock
from moonlock.live.commands import Commands
from moonlock.model.instant import HOUR, MINUTE, SECOND
from moonlock.model.label import Relabel
from moonlock.model.manual import Amend, Follow, Milestone, Plan, Posting
from moonlock.model.shapes import SessionShape
from moonlock.model.timer import Clocks
from moonlock.model.wire import (
    Frame,
    SessionCheckpoint,
    SessionComplete,
    SessionPaused,
    SessionResumed,
    SessionStart,
    SessionStatusChanged,
    SessionTokens,
)
from moonlock.store.errors import WrongTurn

ALL = Follow("all")


def by_hand(frame: Frame) -> SessionShape | None:
    """The session by hand that a frame of totals tells of."""
    if isinstance(frame, SessionTokens) and frame.data.session.origin == "manual":
        return frame.data.session
    return None


def gathered(frame: Frame, total: int) -> bool:
    found = by_hand(frame)
    return found is not None and found.tokens.total == total


def test_its_whole_life_is_told_in_frames(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        hands = house.engine.by_hand
        begun = await hands.start(Plan("Focus"))
        assert begun.timer is not None and (begun.origin, begun.status, begun.timer.state) == (
            "manual",
            "running",
            "running",
        )
        for status in ("paused", "running", "completed"):
            await hands.amend("focus", Amend(status=status))
            if status == "running":
                await hands.post("focus", Posting(150))
                await hands.reach("focus", Milestone("plan", 2, '{"a":1}'))
        await house.until(lambda frame: isinstance(frame, SessionComplete))
        kinds = [type(frame) for frame in house.heard if getattr(frame, "session_id", "") == begun.id]
        assert kinds == [
            SessionStart,
            SessionPaused,
            SessionResumed,
            SessionTokens,
            SessionCheckpoint,
            SessionComplete,
        ]
        (reached,) = [frame.data for frame in house.heard if isinstance(frame, SessionCheckpoint)]
        assert (reached.phase, reached.prompt_count, bytes(reached.metadata)) == ("plan", 2, b'{"a":1}')
        assert house.snapshot().sessions == []

    lived(tmp_path, story)


def test_it_gathers_what_comes_while_it_runs_and_what_came_before_is_not_its_own(tmp_path: Path) -> None:
    path = write(log(tmp_path), answer(clock.now() - MINUTE, 50))

    async def story(house: House) -> None:
        begun = await house.engine.by_hand.start(Plan("Focus", follow=ALL))
        write(path, answer(clock.now() + 1, 100))
        await house.until(lambda frame: gathered(frame, 100))
        today = house.snapshot().today.tokens.total
        await house.engine.by_hand.amend("Focus", Amend(status="paused"))
        write(path, answer(clock.now() + 1, 30), answer(clock.now() - HOUR, 7))
        await house.until(lambda frame: house.snapshot().today.tokens.total >= today + 30)
        await house.engine.by_hand.amend("Focus", Amend(status="running"))
        write(path, answer(clock.now() + 1, 5))
        await house.until(lambda frame: gathered(frame, 105))
        folded = next(one for one in house.snapshot().sessions if one.id == begun.id)
        asked = await house.engine.by_hand.find(begun.id)
        assert asked is not None and (asked.tokens, asked.cost_usd) == (folded.tokens, folded.cost_usd)
        assert asked.requests == 2

    lived(tmp_path, story)


def test_a_request_that_grows_is_gathered_once(tmp_path: Path) -> None:
    path = log(tmp_path)

    async def story(house: House) -> None:
        await house.engine.by_hand.start(Plan("Focus", follow=ALL))
        at = clock.now() + 1
        write(path, answer(at, 10, message="m1"))
        await house.until(lambda frame: gathered(frame, 10))
        write(path, answer(at, 90, message="m1"))
        await house.until(lambda frame: gathered(frame, 90))

    lived(tmp_path, story)


def test_of_two_projects_only_the_one_that_is_followed_is_gathered(tmp_path: Path) -> None:
    now = clock.now()
    one, two = log(tmp_path, "s1"), log(tmp_path, "s2", "-other-place")
    write(one, answer(now - MINUTE, 1, "s1"))
    write(two, answer(now - MINUTE, 1, "s2").replace("/work/thing", "/other/place"))

    async def story(house: House) -> None:
        for follow in (Follow("project", "thing"), Follow("session", "s2")):
            await house.engine.by_hand.start(Plan(follow.kind, follow=follow))
        write(two, answer(clock.now() + 1, 70, "s2").replace("/work/thing", "/other/place"))
        write(one, answer(clock.now() + 1, 40, "s1"))
        await house.until(lambda frame: gathered(frame, 40))
        await house.until(lambda frame: gathered(frame, 70))
        totals = {one.name: one.tokens.total for one in await house.engine.by_hand.all()}
        assert totals == {"project": 40, "session": 70}

    lived(tmp_path, story)


def test_who_is_hidden_leaves_what_was_gathered_too(tmp_path: Path) -> None:
    path = log(tmp_path)

    async def story(house: House) -> None:
        hands = house.engine.by_hand
        for name in ("Over", "Open"):
            await hands.start(Plan(name, follow=ALL))
        write(path, answer(clock.now() + 1, 40))
        await house.until(lambda frame: gathered(frame, 40))
        await asyncio.sleep(0.02)
        await hands.amend("Over", Amend(status="completed"))
        assert [one.tokens.total for one in await hands.all()] == [40, 40]
        await house.engine.relabel("s1", Relabel(hidden=True))
        assert [one.tokens.total for one in await hands.all()] == [0, 0]

    lived(tmp_path, story)


def test_late_news_reaches_one_that_is_over(tmp_path: Path) -> None:
    path = log(tmp_path)

    async def story(house: House) -> None:
        hands = house.engine.by_hand
        await hands.start(Plan("Over", follow=ALL))
        at = clock.now() + 1
        await asyncio.sleep(0.02)
        await hands.amend("Over", Amend(status="completed"))
        assert [one.tokens.total for one in await hands.all()] == [0]
        write(path, answer(at, 40))
        await house.until(lambda frame: house.snapshot().today.tokens.total == 40)
        assert [one.tokens.total for one in await hands.all()] == [40]

    lived(tmp_path, story)


def test_time_that_runs_out_completes_it_to_the_millisecond(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        begun = await house.engine.by_hand.start(Plan("Short", duration=SECOND))
        frame = await house.until(lambda frame: isinstance(frame, SessionComplete))
        assert isinstance(frame, SessionComplete) and frame.data.timer is not None and begun.timer is not None
        assert frame.data.timer.state == "expired" and frame.data.timer.elapsed_ms == SECOND
        assert frame.data.ended_at == begun.timer.ends_at
        with pytest.raises(WrongTurn):
            await house.engine.by_hand.amend("Short", Amend(status="paused"))

    lived(tmp_path, story)


def test_a_server_that_comes_back_goes_on_where_time_is_now(tmp_path: Path) -> None:
    """Nobody watched for an hour: what runs has run, what ran out is over, what was paused still is."""
    store, now = open_store(tmp_path), clock.now()
    commands = Commands(store)
    for name, duration in (("Runs", 5 * HOUR), ("Ran out", 30 * MINUTE), ("Paused", 5 * HOUR)):
        commands.start(Plan(name, duration, follow=ALL), now - HOUR)
    commands.amend("Paused", Amend(status="paused"), now - 50 * MINUTE)
    write(log(tmp_path), answer(now - 55 * MINUTE, 10), answer(now - 40 * MINUTE, 100), answer(now - MINUTE, 1000))

    async def story(house: House) -> None:
        await house.until(lambda frame: isinstance(frame, SessionComplete))
        found = {one.name: one for one in await house.engine.by_hand.all()}
        timers = {name: one.timer for name, one in found.items()}
        assert {name: one.tokens.total for name, one in found.items()} == {"Runs": 1110, "Ran out": 110, "Paused": 10}
        runs, out, paused = timers["Runs"], timers["Ran out"], timers["Paused"]
        assert runs is not None and out is not None and paused is not None
        assert (runs.state, out.state, paused.state) == ("running", "expired", "paused")
        assert HOUR <= runs.elapsed_ms < HOUR + 20 * SECOND
        assert (out.elapsed_ms, paused.elapsed_ms) == (30 * MINUTE, 10 * MINUTE)
        assert {one.name for one in house.snapshot().sessions if one.origin == "manual"} == {"Paused", "Runs"}

    lived(tmp_path, story, store)
    store.close()


def test_a_clock_that_was_set_is_told_and_takes_nothing(tmp_path: Path) -> None:
    """What clocks show is the store's to compare: here it last saw them an hour apart from now."""
    store = open_store(tmp_path)
    wall, awake, boot = clock.clocks()
    commands, machine = Commands(store), clock.machine()
    if not machine:
        pytest.skip("this system does not tell one run of the machine from another")
    commands.look(Clocks(wall - HOUR, awake, boot), machine)
    commands.start(Plan("Focus"), wall - HOUR)

    async def story(house: House) -> None:
        await house.until(lambda frame: isinstance(frame, SessionStatusChanged))
        (found,) = await house.engine.by_hand.all()
        assert found.timer is not None
        ((kind, by),) = [(jump.kind, jump.by_ms) for jump in found.timer.jumps]
        assert kind == "clock" and abs(by - HOUR) < SECOND
        assert found.timer.elapsed_ms < 20 * SECOND

    lived(tmp_path, story, store)
    store.close()


def test_history_that_comes_late_is_gathered(tmp_path: Path) -> None:
    """A backlog is read quietly: then the store is asked again."""
    store, now = open_store(tmp_path), clock.now()
    Commands(store).start(Plan("Focus", follow=ALL), now - HOUR)
    for number in range(300):
        name = f"s{number}"
        write(log(tmp_path, name), *(answer(now - MINUTE, 1, name) for _ in range(20)))

    async def story(house: House) -> None:
        (found,) = await house.engine.by_hand.all()
        assert found.tokens.total == 6000
        assert [one.tokens.total for one in house.snapshot().sessions if one.origin == "manual"] == [6000]

    lived(tmp_path, story, store)
    store.close()


def test_more_than_a_page_of_them_are_all_listed_once(tmp_path: Path) -> None:
    store, now = open_store(tmp_path), clock.now()
    commands = Commands(store)
    for number in range(45):
        commands.start(Plan(f"n{number}"), now - HOUR - number // 3)
        commands.amend(f"n{number}", Amend(status="completed"), now)

    async def story(house: House) -> None:
        for _ in range(2):
            assert sorted(one.name or "" for one in await house.engine.by_hand.all()) == sorted(
                f"n{number}" for number in range(45)
            )

    lived(tmp_path, story, store)
    store.close()


def test_spans_are_asked_for_by_the_wall_clock() -> None:
    assert timer.covers(((5, 9), (20, None)), 5) and not timer.covers(((5, 9), (20, None)), 9)
    assert timer.covers(((5, 9), (20, None)), 99)
