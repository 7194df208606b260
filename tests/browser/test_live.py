"""From a line in a log to the number on the page, past cut lines and dead servers: nothing is missing or twice."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser.figures import agrees, known, response_now, shown, until
from browser.proxy import Proxy
from cli.running import moonlock
from playwright.sync_api import Page, WebSocket, expect
from serving import server

CUTS, LINES = 5, 60
EACH = 60
"""Tokens of a response."""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / ".claude" / "projects" / "-w-app" / "s1.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(response_now(0))
    return path


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    wire = Proxy()
    yield wire
    wire.close()


def added(log: Path, number: int, session: str = "s1") -> None:
    with log.with_name(f"{session}.jsonl").open("ab") as file:
        file.write(response_now(number, session))


def test_a_line_moves_today_and_the_lane_of_its_session(patient_page: Page, log: Path, tmp_path: Path) -> None:
    page = patient_page
    with server(tmp_path) as started:
        page.goto(started.url)
        before = agrees(page, started, 1)
        (lane,) = before.sessions
        added(log, 1)
        until(page, lambda: shown(page).sessions == {lane: 2 * EACH})
        assert shown(page).today == 2 * EACH
        added(log, 2, "s2")
        after = agrees(page, started, 3)
        assert after.today == 3 * EACH and after.sessions[lane] == 2 * EACH and len(after.sessions) == 2


def test_what_a_person_says_of_a_session_is_on_the_page_at_once(patient_page: Page, log: Path, tmp_path: Path) -> None:
    page = patient_page
    with server(tmp_path) as started:
        page.goto(started.url)
        before = agrees(page, started, 1)
        lane = page.locator("[data-session]")
        project = lane.locator(".lane-place p").first.inner_text()
        moonlock(tmp_path, "session", "name", "s1", "Fix the login")
        expect(lane.locator(".lane-place p")).to_have_text(["Fix the login", re.compile(f"^{project} · ")])
        moonlock(tmp_path, "session", "delete", "fix the login", "--yes")
        expect(lane).to_have_count(0)
        until(page, lambda: shown(page).today == 0)
        moonlock(tmp_path, "session", "delete", "--undo", "fix the login")
        expect(lane).to_have_count(1)
        until(page, lambda: shown(page).today == before.today)


def test_a_server_that_was_killed_and_came_back_is_caught_up_with(
    patient_page: Page, log: Path, tmp_path: Path
) -> None:
    page = patient_page
    with server(tmp_path) as first:
        page.goto(first.url)
        agrees(page, first, 1)
        for number in range(1, 6):
            added(log, number)
        first.kill()
        page.locator("[data-session]").first.press("Enter")
        details = page.get_by_role("dialog")
        expect(details).to_contain_text("could not be fetched")
        for number in range(6, 11):
            added(log, number, f"s{number % 3}")
        with server(tmp_path, "--port", str(first.port)) as second:
            for number in range(11, 16):
                added(log, number, f"s{number % 3}")
            assert agrees(page, second, 16).today == 16 * EACH
            details.get_by_role("button", name="Retry").click()
            expect(details.get_by_role("heading", name="Time")).to_be_visible()
            expect(page.get_by_text("Moonlock does not answer")).to_have_count(0)
            added(log, 16)
            agrees(page, second, 17)


def test_a_line_cut_again_and_again_loses_no_frame_and_shows_none_twice(
    patient_page: Page, log: Path, tmp_path: Path, proxy: Proxy
) -> None:
    page, heard = patient_page, list[dict[str, Any]]()
    page.on("websocket", lambda line: listening(line, heard))
    with server(tmp_path, env={"MOONLOCK_ALLOWED_HOSTS": f"127.0.0.1:{proxy.port}"}) as started:
        proxy.target = started.port
        page.goto(f"http://127.0.0.1:{proxy.port}/")
        agrees(page, started, 1)
        for number in range(1, LINES + 1):
            added(log, number, f"s{number % 4}")
            page.wait_for_timeout(10)
            if number % (LINES // CUTS) == 0:
                until(page, proxy.cut)
        assert agrees(page, started, LINES + 1).today == (LINES + 1) * EACH
        complete(heard)
        agrees(page, started, LINES + 1)
        expect(page.get_by_text("Moonlock does not answer")).to_have_count(0)
        assert known(started).requests == LINES + 1


def listening(line: WebSocket, heard: list[dict[str, Any]]) -> None:
    """Write down every message that comes."""

    def came(payload: str | bytes) -> None:
        messages = json.loads(payload)
        heard.extend(messages if isinstance(messages, list) else [messages])

    line.on("framereceived", came)


def complete(heard: list[dict[str, Any]]) -> None:
    """Of one server, and without a new beginning, the page was sent every frame from the first greeting on."""
    greetings = [message for message in heard if message["type"] == "hello"]
    assert len(greetings) > CUTS / 2  # a line may be cut before its greeting
    assert len({message["epoch"] for message in greetings}) == 1
    assert not any(message["type"] == "resync" for message in heard)
    numbers = {message["seq"] for message in heard if "seq" in message and "sentAt" in message}
    assert numbers, "no frame came"
    told = {message["seq"] for message in heard if message["type"] == "session:tokens"}
    assert len(told) >= LINES / 3  # what comes at once may come as one
    assert sorted(numbers | {greetings[0]["seq"]}) == list(range(greetings[0]["seq"], max(numbers) + 1))


def test_when_the_server_is_gone_the_page_says_so_and_the_numbers_stay(
    patient_page: Page, log: Path, tmp_path: Path
) -> None:
    page = patient_page
    page.clock.install()
    with server(tmp_path) as started:
        page.goto(started.url)
        before = agrees(page, started, 1)
        expect(page.locator(".strip")).to_contain_text("live")
        started.kill()
        expect(page.locator(".strip")).to_contain_text("reconnecting")
        assert shown(page) == before
        page.clock.fast_forward("00:31")
        expect(page.locator(".strip")).to_contain_text("offline")
        expect(page.get_by_text("Moonlock does not answer")).to_be_visible()
        expect(page.get_by_text("moonlock start")).to_be_visible()
        assert shown(page) == before
