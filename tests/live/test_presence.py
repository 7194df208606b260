"""What agents say of their sessions beside the logs: with real processes, a real registry and hooks as they come."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest
from analytics.samples import at, session, tail
from live.house import House, lived, open_store
from live.logs import answer, log, prompt, write

from moonlock.analytics.presence import NOBODY
from moonlock.live import clock, presence
from moonlock.live.known import recall
from moonlock.live.news import News
from moonlock.live.presence import ago, looked
from moonlock.live.setup import Setup
from moonlock.live.state import State
from moonlock.live.witnesses import MOST, Witnesses
from moonlock.model.instant import DAY, HOUR, MINUTE, SECOND
from moonlock.model.presence import HookSeen, Process, Remembered, Roll
from moonlock.model.session import SessionKey
from moonlock.model.shapes import SessionShape
from moonlock.model.wire import Frame, SessionComplete, SessionStart, SessionStatusChanged
from moonlock.sources import ALL
from moonlock.store import Store

AGENT = "claude-code"
T = TypeVar("T")


@pytest.fixture
def agent() -> Iterator[subprocess.Popen[bytes]]:
    """A process that lives until the test is over."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def register(home: Path, pid: int, status: str, native: str = "s1", **more: object) -> Path:
    path = home / ".claude" / "sessions" / f"{pid}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    now = clock.now()
    entry = {"pid": pid, "sessionId": native, "startedAt": now, "status": status, "statusUpdatedAt": now, **more}
    path.write_text(json.dumps(entry), "utf-8")
    return path


def hooked(house: House, event: str, native: str = "s1", **more: str) -> None:
    body = json.dumps({"session_id": native, "hook_event_name": event, **more})
    house.engine.presence.hear(AGENT, body.encode())


def is_now(
    status: str, source: str, waiting_for: str | None = None, tool: str | None = None
) -> Callable[[Frame], bool]:
    def wanted(frame: Frame) -> bool:
        if not isinstance(frame, SessionStart | SessionStatusChanged):
            return False
        state = frame.data.state
        return (frame.data.status, state.source, state.waiting_for, state.tool) == (status, source, waiting_for, tool)

    return wanted


def begins_by_hook(frame: Frame) -> bool:
    """Its log may have begun it before."""
    return isinstance(frame, SessionStart) and (frame.data.status, frame.data.state.source) == ("running", "hook")


def shown(house: House) -> SessionShape:
    (found,) = house.snapshot().sessions
    return found


def test_a_permission_prompt_is_told_at_once_and_so_is_what_follows(tmp_path: Path) -> None:
    now = clock.now()
    write(log(tmp_path), prompt(now - SECOND), answer(now, tool="Bash"))

    async def story(house: House) -> None:
        hooked(house, "PermissionRequest", tool_name="Bash")
        await house.until(is_now("waiting", "hook", "permission", "Bash"))
        assert shown(house).state.waiting_for == "permission"
        hooked(house, "PostToolUse", tool_name="Bash", tool_use_id="t")
        await house.until(is_now("running", "hook"))
        hooked(house, "Stop")
        await house.until(is_now("waiting", "hook", "prompt"))
        hooked(house, "SessionEnd", reason="logout")
        await house.until(lambda frame: isinstance(frame, SessionComplete))
        (listed,) = await house.engine.sessions()
        assert (listed.status, listed.state.source) == ("completed", "hook")
        hooked(house, "UserPromptSubmit")
        await house.until(begins_by_hook)
        (listed,) = await house.engine.sessions()
        assert listed.status == "running"

    lived(tmp_path, story)


def test_a_process_of_the_registry_says_what_it_does_and_its_end_ends_the_session(
    tmp_path: Path, agent: subprocess.Popen[bytes]
) -> None:
    now = clock.now()
    write(log(tmp_path), prompt(now - 2 * HOUR), answer(now - 2 * HOUR))
    path = register(tmp_path, agent.pid, "idle")

    async def story(house: House) -> None:
        await house.until(lambda frame: isinstance(frame, SessionStart))  # silent for hours, and yet it is there
        assert shown(house).state.waiting_for == "prompt"
        register(tmp_path, agent.pid, "waiting", waitingFor="permission prompt")
        await house.until(is_now("waiting", "registry", "permission"))
        assert "registry: 1 session running" in house.engine.health().components["status"].summary
        path.unlink()
        ended = await house.until(lambda frame: isinstance(frame, SessionComplete))
        assert isinstance(ended, SessionComplete)
        assert (ended.data.status, ended.data.state.source) == ("completed", "registry")

    lived(tmp_path, story)


def test_a_killed_agent_is_over_though_its_file_stays(tmp_path: Path, agent: subprocess.Popen[bytes]) -> None:
    now = clock.now()
    write(log(tmp_path), prompt(now - SECOND), answer(now, tool="Bash"))
    register(tmp_path, agent.pid, "busy")

    async def story(house: House) -> None:
        await house.until(is_now("running", "registry", None, "Bash"))
        agent.kill()
        agent.wait()
        await house.until(lambda frame: isinstance(frame, SessionComplete))

    lived(tmp_path, story)


def test_what_is_no_hook_is_left_out_and_health_says_so(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        before = {finding.code for finding in house.engine.health().components["status"].findings}
        assert before == {"no-registry", "no-hooks"}
        house.engine.presence.hear(AGENT, b"\xff{")
        house.engine.presence.hear("nobody", b"{}")
        hooked(house, "Stop", native="a-session-that-nobody-knows")
        await asyncio.sleep(0)
        after = house.engine.health().components["status"]
        assert {finding.code for finding in after.findings} == {"no-registry", "odd-hooks"}
        assert after.status == "healthy"
        assert "hooks: 0 s ago" in after.summary

    lived(tmp_path, story)


def test_a_hook_that_comes_before_its_log_is_remembered(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        hooked(house, "PermissionRequest", tool_name="Bash")
        await asyncio.sleep(0)
        now = clock.now()
        write(log(tmp_path), prompt(now - SECOND), answer(now, tool="Bash"))
        start = await house.until(lambda frame: isinstance(frame, SessionStart))
        assert isinstance(start, SessionStart)
        assert start.data.state.waiting_for == "permission"

    lived(tmp_path, story)


def test_what_hooks_said_outlives_a_restart(tmp_path: Path) -> None:
    now = clock.now()
    write(log(tmp_path), prompt(now - SECOND), answer(now, tool="Bash"))

    async def before(house: House) -> None:
        hooked(house, "PermissionRequest", tool_name="Bash")
        await house.until(is_now("waiting", "hook", "permission", "Bash"))

    async def after(house: House) -> None:
        assert shown(house).state.waiting_for == "permission"
        assert "no-hooks" not in {one.code for one in house.engine.health().components["status"].findings}
        hooked(house, "PostToolUse", tool_name="Bash", tool_use_id="t", duration_ms="x")
        await house.until(is_now("running", "hook"))

    lived(tmp_path, before)
    lived(tmp_path, after)
    with closing(open_store(tmp_path)) as store:
        told = store.witnesses().waits.of(AGENT, "s1")
        assert told.hooked and [(one.over, one.wants, one.tool) for one in told.waits] == [(None, "permission", "Bash")]


def test_a_process_that_ended_while_nobody_looked_is_over_at_the_first_look(
    tmp_path: Path, agent: subprocess.Popen[bytes]
) -> None:
    now = clock.now()
    write(log(tmp_path), prompt(now - SECOND), answer(now, tool="Bash"))
    path = register(tmp_path, agent.pid, "busy")

    async def before(house: House) -> None:
        await house.until(is_now("running", "registry", None, "Bash"))

    async def after(house: House) -> None:
        ended = await house.until(lambda frame: isinstance(frame, SessionComplete))
        assert isinstance(ended, SessionComplete) and ended.data.state.source == "registry"

    async def still(house: House) -> None:
        (listed,) = await house.engine.sessions()
        assert (listed.status, listed.state.source) == ("completed", "registry")

    lived(tmp_path, before)
    path.unlink()
    lived(tmp_path, after)
    lived(tmp_path, still)


def test_hooks_are_kept_many_at_a_time(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        kept = house.engine.presence.witnesses
        for number in range(50):
            hooked(house, "PreToolUse", tool_name="Read", tool_use_id=f"t{number}")
        await asyncio.sleep(0)
        assert len(kept.unkept(clock.now())) == 1
        assert kept.unkept(clock.now()) == []

    lived(tmp_path, story)


def test_a_stop_while_the_store_is_busy_loses_no_hook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "KEEP", 0)
    monkeypatch.setattr(presence, "BEAT", 0.01)

    async def story(store: Store) -> None:
        busy, asked = asyncio.Lock(), asyncio.Event()

        async def ask(work: Callable[[], T]) -> T:
            asked.set()
            async with busy:
                return work()

        setup = Setup(env={}, home=tmp_path, zone=UTC, timezone="UTC", version="0")
        heard = presence.Presence((), setup, lambda _: None, store, ask)
        heard.witnesses.take(AGENT, stop("a"), NOON)
        await busy.acquire()
        state = State(recall(store, NOON, UTC), {}, heard.witnesses)
        work = asyncio.create_task(heard.follow(state, News(state, NOON), lambda _: None))
        await asked.wait()
        work.cancel()
        asyncio.get_running_loop().call_later(0.05, busy.release)
        await asyncio.gather(work, return_exceptions=True)
        assert [one.session for one in store.witnesses().all()] == ["a"]

    with closing(open_store(tmp_path)) as store:
        asyncio.run(story(store))


NOON = at("2026-10-05T12:00")
FIRST = session(tail("answered", "2026-10-05T11:59"))


def stop(native: str, moment: int = NOON) -> HookSeen:
    return HookSeen(session=native, event="Stop", at=moment)


def test_of_two_logs_of_one_session_the_newest_is_the_one_that_runs() -> None:
    native = FIRST.key.native_id
    copy = msgspec.structs.replace(
        FIRST,
        uid="f" * 16,
        key=SessionKey(AGENT, "-w-copy", native),
        tail=tail("answered", "2026-10-05T11:00"),
        last_at=0,
    )
    witnesses = Witnesses()
    witnesses.begin([FIRST, copy])
    assert witnesses.take(AGENT, stop(native), NOON)
    assert not witnesses.take(AGENT, stop(native), NOON)
    assert witnesses.of(copy) is NOBODY
    assert witnesses.of(FIRST).word.status == "waiting"


def test_hooks_of_unknown_sessions_are_remembered_but_not_for_ever() -> None:
    witnesses = Witnesses()
    for number in range(MOST + 10):
        witnesses.take(AGENT, stop(f"unknown-{number}"), NOON)
    witnesses.take(AGENT, stop(FIRST.key.native_id), NOON)
    assert witnesses.of(FIRST).word.status == "waiting"
    for number in range(MOST):
        witnesses.take(AGENT, stop(f"later-{number}"), NOON)
    assert witnesses.of(FIRST) is NOBODY


def test_a_clock_that_was_set_back_makes_nobody_deaf() -> None:
    native, witnesses = FIRST.key.native_id, Witnesses()
    asks = HookSeen(session=native, event="PermissionRequest", at=NOON + HOUR, tool="Bash")
    over = HookSeen(session=native, event="Stop", at=NOON + HOUR + SECOND)
    for hook in (asks, over, msgspec.structs.replace(asks, at=NOON + HOUR + 2 * SECOND)):
        witnesses.take(AGENT, hook, hook.at)
    again = Witnesses()
    again.recall(witnesses.unkept(NOON + 2 * HOUR))
    for known in (witnesses, again):
        assert known.of(FIRST).word.status == "waiting"
        assert known.take(AGENT, HookSeen(session=native, event="UserPromptSubmit", at=NOON), NOON)
        word = known.of(FIRST).word
        assert (word.status, word.since, len(word.waits)) == ("running", NOON, 1)


def test_what_another_version_remembered_is_as_if_it_were_not_and_what_could_not_be_kept_is_told_again() -> None:
    native, witnesses = FIRST.key.native_id, Witnesses()
    assert witnesses.recall([Remembered(AGENT, native, NOON, course=b"\xc1"), Remembered(AGENT, "x", NOON)]) is None
    assert witnesses.of(FIRST) is NOBODY
    witnesses.take(AGENT, stop(native), NOON)
    told = witnesses.unkept(NOON)
    witnesses.again(told)
    assert witnesses.unkept(NOON) == told
    again = Witnesses()
    assert again.recall(told) == NOON
    assert again.of(FIRST).word == witnesses.of(FIRST).word


def test_a_registry_that_cannot_be_seen_ends_nothing() -> None:
    native, witnesses = FIRST.key.native_id, Witnesses()
    witnesses.meet(FIRST)
    process = Process(7, native, "busy", NOON)
    assert witnesses.enroll(AGENT, Roll(True, (process,)), NOON) == {native}
    assert witnesses.enroll(AGENT, Roll(True, (process,)), NOON) == set()
    assert witnesses.enroll(AGENT, Roll(), NOON) == {native}
    assert witnesses.of(FIRST) is NOBODY
    assert witnesses.enroll(AGENT, Roll(True, (), (process,)), NOON) == {native}
    assert witnesses.of(FIRST).gone_at == NOON
    assert witnesses.enroll(AGENT, Roll(True, (), (process,)), NOON + MINUTE) == set()
    twice = Roll(True, (Process(8, native, "idle", NOON + SECOND), process))
    assert witnesses.enroll(AGENT, twice, NOON) == {native}
    (alive, gone) = witnesses.of(FIRST).process, witnesses.of(FIRST).gone_at
    assert (alive is not None and alive.pid, gone) == (8, None)


def test_without_a_server_what_is_remembered_of_hooks_is_told(tmp_path: Path) -> None:
    witnesses = Witnesses()
    witnesses.take(AGENT, stop("a", NOON - 5 * MINUTE), NOON)
    witnesses.take(AGENT, stop("b", NOON - 2 * HOUR), NOON)
    told = looked(ALL, {}, tmp_path, witnesses.unkept(NOON), NOON)
    assert told.summary == "registry: none; hooks: 5 min ago"
    assert {one.code for one in told.findings} == {"no-registry", "hooks-unheard"}
    nothing = looked(ALL, {}, tmp_path, [], NOON)
    assert "hooks: never" in nothing.summary and "no-hooks" in {one.code for one in nothing.findings}


def test_how_long_ago_is_one_word() -> None:
    said = [ago(NOON - back, NOON) for back in (-5, 3 * SECOND, 2 * MINUTE, 5 * HOUR, 3 * DAY)]
    assert said == ["0 s ago", "3 s ago", "2 min ago", "5 h ago", "3 d ago"]
    assert ago(None, NOON) == "never"
