"""From a line in a log to a frame, with real files, a real store and the system's own watcher."""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
from pathlib import Path

from live.house import House, house, lived, open_store
from live.logs import MODEL, answer, last_number, log, prompt, result, write

from moonlock.live import clock
from moonlock.model.wire import (
    Frame,
    HealthCheck,
    SessionComplete,
    SessionStart,
    SessionStatusChanged,
    SessionTokens,
    SessionTool,
)


def total(frame: Frame, tokens: int) -> bool:
    return isinstance(frame, SessionTokens) and frame.data.today.tokens.total == tokens


def test_a_line_that_is_appended_becomes_a_frame_with_all_totals(tmp_path: Path) -> None:
    now = clock.now()
    path = write(log(tmp_path), answer(now, 100))

    async def story(house: House) -> None:
        write(path, answer(now, 11))
        frame = await house.until(lambda frame: total(frame, 111))
        assert isinstance(frame, SessionTokens)
        data = frame.data
        assert data.session.tokens.total == data.today.tokens.total == 111
        assert data.block is not None and data.block.tokens.total == 111
        assert data.minute is not None and data.minute.tokens.total == 111
        assert data.session.pulse == [0] * 14 + [111]

    lived(tmp_path, story)


def test_a_session_that_appears_is_told_before_its_tokens(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        write(log(tmp_path), answer(clock.now(), 7))
        await house.until(lambda frame: total(frame, 7))
        kinds = [type(frame) for frame in house.heard if isinstance(frame, SessionStart | SessionTokens)]
        assert kinds == [SessionStart, SessionTokens]

    lived(tmp_path, story)


def test_a_tool_is_told_when_it_starts_and_when_it_ends(tmp_path: Path) -> None:
    now = clock.now()
    path = write(log(tmp_path), prompt(now))

    async def story(house: House) -> None:
        call = answer(now, 5, tool="Bash")
        write(path, call)
        await house.until(lambda frame: isinstance(frame, SessionTool) and frame.data.state == "started")
        write(path, result(now + 250, last_number(call)))
        ended = await house.until(lambda frame: isinstance(frame, SessionTool) and frame.data.state == "ended")
        assert isinstance(ended, SessionTool)
        assert (ended.data.tool, ended.data.outcome, ended.data.duration_ms) == ("Bash", "ok", 250)

    lived(tmp_path, story)


def test_a_change_of_status_is_told(tmp_path: Path) -> None:
    now = clock.now()
    path = write(log(tmp_path), answer(now))

    async def story(house: House) -> None:
        assert house.snapshot().sessions[0].status == "waiting"
        write(path, prompt(now))
        frame = await house.until(lambda frame: isinstance(frame, SessionStatusChanged))
        assert isinstance(frame, SessionStatusChanged) and frame.data.status == "running"

    lived(tmp_path, story)


def test_a_log_in_a_new_folder_is_followed(tmp_path: Path) -> None:
    write(log(tmp_path), answer(clock.now(), 1))

    async def story(house: House) -> None:
        path = write(log(tmp_path, "s2", "-work-new"), answer(clock.now(), 10, "s2"))
        await house.until(lambda frame: total(frame, 11))
        write(path, answer(clock.now(), 100, "s2"))
        await house.until(lambda frame: total(frame, 111))

    lived(tmp_path, story)


def test_nothing_is_there_at_first_and_then_an_agent_comes(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        health = house.snapshot().health
        assert health.status == "healthy"
        assert [finding.code for finding in health.components["sources"].findings] == ["no-logs"]
        write(log(tmp_path), answer(clock.now(), 3))
        await house.until(lambda frame: total(frame, 3))

    lived(tmp_path, story)


def test_a_half_written_line_counts_when_it_is_whole(tmp_path: Path) -> None:
    now = clock.now()
    path = write(log(tmp_path), answer(now, 1))

    async def story(house: House) -> None:
        line = answer(now, 10)
        write(path, line[:50])
        write(log(tmp_path, "s2"), answer(now, 5, "s2"))
        await house.until(lambda frame: total(frame, 6))
        write(path, line[50:])
        await house.until(lambda frame: total(frame, 16))

    lived(tmp_path, story)


def test_history_stays_when_the_logs_are_deleted(tmp_path: Path) -> None:
    now = clock.now()
    write(log(tmp_path), answer(now, 9))

    async def story(house: House) -> None:
        shutil.rmtree(tmp_path / ".claude")
        write(log(tmp_path, "s2"), answer(now, 1, "s2"))
        await house.until(lambda frame: total(frame, 10))

    lived(tmp_path, story)


def test_one_file_under_two_names_counts_once_for_its_first_session(tmp_path: Path) -> None:
    now = clock.now()
    path = write(log(tmp_path, "a"), answer(now, 1, "a"))
    os.link(path, log(tmp_path, "b"))

    async def story(house: House) -> None:
        write(log(tmp_path, "b"), answer(now, 10, "a"))
        frame = await house.until(lambda frame: total(frame, 11))
        assert isinstance(frame, SessionTokens) and frame.data.session.agent_session_id == "a"

    lived(tmp_path, story)


def test_after_a_restart_the_picture_is_the_same_and_nothing_is_read_again(tmp_path: Path) -> None:
    write(log(tmp_path), answer(clock.now(), 8), prompt(clock.now()))
    store = open_store(tmp_path)
    seen = []

    async def story(house: House) -> None:
        snapshot = house.snapshot()
        seen.append((snapshot.today, snapshot.sessions[0].tokens, snapshot.minutes, snapshot.sessions[0].status))

    lived(tmp_path, story, store)
    cursors = store.cursors()
    lived(tmp_path, story, store)
    assert seen[0] == seen[1]
    assert store.cursors() == cursors
    store.close()


def test_after_a_restart_pulse_and_last_facts_are_there_at_once(tmp_path: Path) -> None:
    now = clock.now()
    call = answer(now - 2 * 60_000, 30, tool="Bash")
    write(log(tmp_path), call, result(now - 90_000, last_number(call)), answer(now, 8, tool="Read"))
    store = open_store(tmp_path)
    seen = []

    async def story(house: House) -> None:
        snapshot = house.snapshot()
        seen.append(
            [(frame.data.tool, frame.data.state) for frame in snapshot.recent if isinstance(frame, SessionTool)]
        )
        assert sum(snapshot.sessions[0].pulse) == 38
        seqs = [frame.seq for frame in snapshot.recent]
        assert seqs == sorted(set(seqs)) and 0 < seqs[0] <= seqs[-1] <= snapshot.seq

    lived(tmp_path, story, store)

    async def begins() -> None:
        async with house(tmp_path, store) as open_house:
            await story(open_house)

    asyncio.run(begins())
    store.close()
    assert seen == [[("Bash", "ended"), ("Read", "started")]] * 2


def test_a_history_that_was_read_late_tells_its_last_facts_once(tmp_path: Path) -> None:
    now = clock.now()
    past = [answer(now - 3_000_000, 1, message=f"msg_{each}") for each in range(4000)]
    write(log(tmp_path), *past, *(answer(now - 1000 + each, 1, tool="Bash") for each in range(60)))

    async def story(house: House) -> None:
        recent = house.snapshot().recent
        assert len(recent) == 50
        frame = await house.until(lambda frame: isinstance(frame, SessionTool) and frame.seq == recent[-1].seq)
        assert frame == recent[-1]
        assert len({frame.data.id for frame in house.heard if isinstance(frame, SessionTool)}) == 50
        assert sum(isinstance(frame, SessionTool) for frame in house.heard) == 50

    lived(tmp_path, story)


def test_any_number_of_listeners_costs_one_snapshot(tmp_path: Path) -> None:
    write(log(tmp_path), answer(clock.now()))

    async def story(house: House) -> None:
        house.engine.picture.made = 0
        now = clock.now()
        hellos = [house.engine.picture.hello(now) for _ in range(100)]
        assert house.engine.picture.made <= 1
        assert len(set(hellos)) == 1

    lived(tmp_path, story)


def test_a_house_serves_before_it_has_read_anything(tmp_path: Path) -> None:
    write(log(tmp_path), answer(clock.now()))

    async def live() -> None:
        async with house(tmp_path) as open_house:
            assert open_house.snapshot().progress is not None
            await open_house.engine.caught_up.wait()
            assert open_house.snapshot().progress is None
            assert len(open_house.snapshot().sessions) == 1

    asyncio.run(live())


def test_without_a_live_session_the_last_one_is_shown_alone(tmp_path: Path) -> None:
    day = 86_400_000
    write(log(tmp_path, "a"), answer(clock.now() - 3 * day, 1, "a"))
    write(log(tmp_path, "b"), answer(clock.now() - 2 * day, 2, "b"))

    async def story(house: House) -> None:
        shown = house.snapshot().sessions
        assert [(session.agent_session_id, session.status) for session in shown] == [("b", "completed")]

    lived(tmp_path, story)


def test_a_much_used_archive_is_history_and_only_changes_the_picture(tmp_path: Path) -> None:
    now = clock.now()
    for number in range(4):
        lines = [answer(now, 1, f"s{number}", message=f"msg_{number}_{each}") for each in range(1000)]
        write(log(tmp_path, f"s{number}"), *lines)

    async def story(house: House) -> None:
        snapshot = house.snapshot()
        assert snapshot.today.requests == 4000
        assert len(snapshot.sessions) == 4
        assert house.engine.hub.seq < 100

    lived(tmp_path, story)


def test_a_session_that_was_left_is_told_as_complete(tmp_path: Path) -> None:
    now = clock.now()
    write(log(tmp_path), answer(now - 59 * 60_000 - 59_500))

    async def story(house: House) -> None:
        frame = await house.until(lambda frame: isinstance(frame, SessionComplete))
        assert isinstance(frame, SessionComplete) and frame.data.agent_session_id == "s1"
        assert frame.data.status == "completed" and frame.data.ended_at is not None

    lived(tmp_path, story)


def test_a_full_disk_pauses_and_resumes_by_itself_without_a_loss(tmp_path: Path) -> None:
    now = clock.now()
    path = write(log(tmp_path), answer(now, 1))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def broken(frame: Frame) -> bool:
        return isinstance(frame, HealthCheck) and frame.data.components["store"].status == "unhealthy"

    def cured(frame: Frame) -> bool:
        return isinstance(frame, HealthCheck) and frame.data.status == "healthy"

    async def story(house: House) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, hard))  # SQLite's log is longer already
        try:
            write(path, answer(now, 10))
            alarm = await house.until(broken)
            assert isinstance(alarm, HealthCheck)
            assert alarm.data.components["store"].findings[0].hint
            write(path, answer(now, 100))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        await house.until(lambda frame: total(frame, 111))
        house.heard.clear()
        await house.until(cured)

    lived(tmp_path, story)


def test_every_session_can_be_listed_and_found_by_the_beginning_of_its_id(tmp_path: Path) -> None:
    day = 86_400_000
    write(log(tmp_path, "old"), answer(clock.now() - 3 * day, 1, "old"))
    path = write(log(tmp_path, "new"), answer(clock.now(), 2, "new"))

    async def story(house: House) -> None:
        listed = {session.agent_session_id: session for session in await house.engine.sessions()}
        assert {name: session.tokens.total for name, session in listed.items()} == {"old": 1, "new": 2}
        by_uid = await house.engine.session(listed["new"].id)
        assert by_uid is not None and sum(by_uid.pulse) == 2
        assert await house.engine.session("ne") == await house.engine.session(listed["new"].id[:9]) == by_uid
        assert await house.engine.session("ol") == listed["old"]
        assert await house.engine.session("nobody") is None
        write(path, answer(clock.now(), 40, "new"))
        await house.until(lambda frame: total(frame, 42))
        assert {session.tokens.total for session in await house.engine.sessions()} == {1, 42}

    lived(tmp_path, story)


def test_damage_that_comes_while_it_runs_is_told_within_seconds(tmp_path: Path) -> None:
    path = write(log(tmp_path), answer(clock.now(), 5))

    async def story(house: House) -> None:
        write(path, '{"type":"assistant","mess\n')
        frame = await house.until(lambda frame: isinstance(frame, HealthCheck) and "damaged-lines" in codes(frame))
        assert isinstance(frame, HealthCheck) and frame.data.status == "healthy"
        path.write_text(answer(clock.now(), 7))
        await house.until(lambda frame: isinstance(frame, HealthCheck) and "source-shrank" in codes(frame))

    lived(tmp_path, story)


def test_a_model_without_a_price_is_named_when_it_is_first_used(tmp_path: Path) -> None:
    path = write(log(tmp_path), answer(clock.now(), 5))

    async def story(house: House) -> None:
        assert house.snapshot().health.components["prices"].status == "healthy"
        write(path, answer(clock.now(), 7).replace(MODEL, "mystery"))
        await house.until(lambda frame: isinstance(frame, HealthCheck) and frame.data.status == "degraded")
        (finding,) = house.snapshot().health.components["prices"].findings
        assert finding.message.startswith("mystery has no price")

    lived(tmp_path, story)


def codes(frame: HealthCheck) -> set[str]:
    return {finding.code for finding in frame.data.components["sources"].findings}


def test_a_hello_is_what_the_wire_says_it_is(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        hello = house.hello()
        assert (hello.epoch, hello.seq, hello.snapshot.seq) == (house.engine.hub.epoch, house.engine.hub.seq, hello.seq)
        parts = {"quota", "store", "watcher", "hub", "sources", "status", "prices", "telemetry"}
        assert hello.snapshot.health.components.keys() == parts

    lived(tmp_path, story)


def test_many_sessions_writing_at_once_lose_nothing(tmp_path: Path) -> None:
    now = clock.now()
    paths = [write(log(tmp_path, f"s{number}"), answer(now, 1, f"s{number}")) for number in range(20)]

    async def story(house: House) -> None:
        for _ in range(10):
            for number, path in enumerate(paths):
                write(path, answer(now, 1, f"s{number}", tool="Bash"))
            await asyncio.sleep(0)
        await house.until(lambda frame: total(frame, 220))
        tools = [frame.data.id for frame in house.heard if isinstance(frame, SessionTool)]
        assert len(tools) == len(set(tools)) == 200
        assert [frame.seq for frame in house.heard] == list(range(house.heard[0].seq, house.heard[-1].seq + 1))

    lived(tmp_path, story)
