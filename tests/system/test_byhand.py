"""A real server that is killed again and again: what it acknowledged is there, once, and the timer went on."""

from __future__ import annotations

import random
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from live.logs import answer, line, log
from live.logs import write as write_log
from serving import Server, environment, eventually, server

from moonlock.client import HandSession, Moonlock, MoonlockError
from moonlock.live import clock
from moonlock.store import Store

KILLS, SUGGESTED = 8, 100
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")


@dataclass
class Told:
    """What a client was told to be kept, and what it never heard an answer to."""

    numbers: list[int] = field(default_factory=lambda: list(range(100_000, 0, -1)))
    words: list[int] = field(default_factory=lambda: list(range(100_000, 0, -1)))
    tokens: list[int] = field(default_factory=list)
    unsure: list[int] = field(default_factory=list)
    phases: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    described: list[int] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def many(self) -> int:
        """Answers that were heard."""
        return len(self.tokens) + len(self.phases) + len(self.accepted) + len(self.described)


def write(session: HandSession, told: Told) -> None:
    """Add tokens and mark checkpoints until the server is gone."""
    while not told.stop.is_set():
        number = told.numbers.pop()
        try:
            session.tokens(number)
            told.tokens.append(number)
            session.checkpoint(f"p{number}")
            told.phases.append(f"p{number}")
        except MoonlockError:
            told.unsure.append(number)
            return


def decide(house: Moonlock, session: HandSession, told: Told) -> None:
    """Accept what is suggested until the server is gone."""
    while told.waiting and not told.stop.is_set():
        key = told.waiting.pop()
        try:
            house.ask("POST", f"/api/sessions/{session.id}/checkpoints/{key}/accept")
            told.accepted.append(key)
        except MoonlockError:
            return


def describe(house: Moonlock, session: HandSession, told: Told) -> None:
    """Change its description until the server is gone."""
    while not told.stop.is_set():
        number = told.words.pop()
        try:
            house.ask("PATCH", f"/api/sessions/{session.id}", {"description": str(number)})
            told.described.append(number)
        except MoonlockError:
            return


def suggested(house: Moonlock, uid: str) -> list[str]:
    """What waits for a decision."""
    return [one.id for one in house.session(uid).checkpoints().checkpoints if one.suggested]


def opened(home: Path, many: int) -> None:
    """An agent opened so many pull requests just now."""
    now = clock.now()
    links = [line("pr-link", now + n, "s1", prNumber=n, prRepository="ann/app") for n in range(many)]
    write_log(log(home), answer(now, 1), *links)


def suggest(home: Path, house: Moonlock, uid: str) -> list[str]:
    """Have something to decide; what that is."""
    opened(home, SUGGESTED)
    eventually(lambda: len(suggested(house, uid)) == SUGGESTED)
    return suggested(house, uid)


def live_and_die(one: Server, session: HandSession, told: Told, answers: int) -> None:
    """Write from all sides, and kill the server after so many answers."""
    house, wanted = Moonlock(one.url, timeout=5), told.many + answers
    clients = [threading.Thread(target=write, args=(session, told)) for _ in range(2)]
    clients += [threading.Thread(target=work, args=(house, session, told)) for work in (decide, describe)]
    for client in clients:
        client.start()
    eventually(lambda: told.many >= wanted)
    one.kill()
    told.stop.set()
    for client in clients:
        client.join(30)
    told.stop.clear()


def posted(session: HandSession) -> list[int]:
    """All that was ever posted."""
    kept, cursor = [], ""
    while True:
        part = session.entries(cursor)
        kept += [entry.tokens for entry in part.entries if entry.source == "api"]
        if part.next_cursor is None:
            return kept
        cursor = part.next_cursor


def test_kills_lose_nothing_that_was_acknowledged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each number is added once: what is kept are those that were acknowledged, and perhaps those nobody answered."""
    monkeypatch.setattr("moonlock.client.PAUSES", (0.05,))  # who was killed does not come back in a second
    chance, told, uid, started, paused = random.Random(4), Told(), "", time.monotonic(), 0
    for kill in range(KILLS):
        with server(tmp_path) as one:
            house = Moonlock(one.url, timeout=5)
            session = house.session(uid) if uid else house.start("Focus", follow="all")
            uid = session.id
            if kill == 1:
                told.waiting = suggest(tmp_path, house, uid)
            if kill % 10 == 4:
                session.pause()
                paused += 1
            elif kill % 10 == 5:
                session.resume()
            live_and_die(one, session, told, chance.randrange(12))
    with server(tmp_path) as one:
        house = Moonlock(one.url)
        session = house.session(uid)
        kept, left, description = posted(session), suggested(house, uid), session.now().description
        phases = [one.phase for one in session.checkpoints().checkpoints if not one.suggested]
        timer = session.complete().session.timer
    assert told.tokens and len(set(kept)) == len(kept)
    assert set(told.tokens) <= set(kept) <= {*told.tokens, *told.unsure}
    assert set(told.phases) <= set(phases) and len(set(phases)) == len(phases)
    assert told.accepted and not set(told.accepted) & set(left)
    assert SUGGESTED - len(left) == len([phase for phase in phases if phase.startswith("pull request")])
    assert told.described and int(description or 0) >= told.described[-1]
    assert timer is not None and timer.state == "completed" and paused == (KILLS + 5) // 10
    passed = (time.monotonic() - started) * 1000
    assert 0 < timer.elapsed_ms <= passed and timer.elapsed_ms + timer.paused_ms > passed - 15_000


def test_three_lines_are_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client finds the server as the settings name it."""
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    with server(tmp_path) as one:
        monkeypatch.setenv("MOONLOCK_PORT", str(one.port))
        session = Moonlock().start("Fix login", token_budget=1000, cost_budget=2.5, duration=60_000)
        session.tokens(150, operation="embed")
        session.checkpoint("tests green", prompts=3, metadata={"commit": "abc"})
        assert [one.id for one in Moonlock().open()] == [session.id]
        assert session.pause().status == "paused" and session.pause().status == "paused"
        assert session.resume().status == "running"
        done = session.complete()
        assert (done.by_source.api, done.phases[0].phase, done.phases[0].tokens.total) == (150, "tests green", 150)
        assert session.complete().session.status == "completed"
        assert session.now().budget is not None
        with pytest.raises(MoonlockError) as refused:
            session.tokens(1)
        assert (refused.value.status, refused.value.code) == (409, "wrong_transition")
        with pytest.raises(MoonlockError):
            Moonlock().session("nobody")


def test_where_nobody_answers_that_is_said(tmp_path: Path) -> None:
    with server(tmp_path) as one:
        url = one.url
    with pytest.raises(MoonlockError) as refused:
        Moonlock(url, timeout=1).session("x")
    assert refused.value.status == 0 and "does not answer" in refused.value.message


def test_an_acknowledged_write_is_on_the_disk_before_the_answer(tmp_path: Path) -> None:
    """Another reader sees it in the store at once."""
    with server(tmp_path) as one:
        session = Moonlock(one.url).start("Focus")
        session.tokens(7)
        store = Store.read(tmp_path / "moonlock" / "moonlock.db")
        found = store.hands().find("Focus")
        store.close()
        assert found is not None and found.posted == 7
        eventually(lambda: one.get("/health")["status"] == "healthy")
