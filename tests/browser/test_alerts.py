"""What fires calls whoever looks at the page, and is in their hands: seen with a key, its rules with a switch."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser.axe import violations
from browser.figures import response_now, until
from browser.homes import folder_of, worrying
from claude_lines import encoded, line
from playwright.sync_api import Page, expect
from serving import Server, server

from moonlock.client import Moonlock
from moonlock.model.instant import iso


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with server(tmp_path_factory.mktemp("alerts")) as found:
        yield found


def rule(started: Server, name: str) -> dict[str, Any]:
    (found,) = (each for each in started.get("/api/alert-rules")["rules"] if each["id"] == name)
    return dict(found)


def test_an_alert_calls_and_a_key_says_that_it_was_seen(page: Page, started: Server) -> None:
    page.goto(started.url)
    expect(page.locator("#alerts")).to_contain_text("Nothing has fired today.")
    expect(page.locator("#alerts")).to_contain_text("rules are active")
    worrying(started)
    expect(page.locator(".toast")).to_have_count(2)
    expect(page.get_by_role("status")).to_contain_text("Fix login")
    expect(page.get_by_role("link", name="2 alerts not acknowledged")).to_be_visible()
    expect(page.get_by_role("article", name="Fix login")).to_contain_text("96 % of 100 tokens")
    page.keyboard.press("a")
    expect(page.get_by_role("link", name="1 alert not acknowledged")).to_be_visible()
    until(page, lambda: any(each["acknowledgedAt"] for each in started.get("/api/alerts")["alerts"]))
    page.reload()
    expect(page.get_by_role("link", name="1 alert not acknowledged")).to_be_visible()
    expect(page.locator(".toast")).to_have_count(0)


def test_a_rule_is_changed_and_taken_back_on_the_page(page: Page, started: Server) -> None:
    page.goto(started.url)
    page.get_by_role("button", name="Rules").click()
    switch = page.get_by_role("switch", name=rule(started, "budget-80")["title"], exact=True)
    expect(switch).to_be_checked()
    assert violations(page) == []
    switch.click()
    expect(switch).not_to_be_checked()
    assert rule(started, "budget-80")["enabled"] is False
    page.get_by_role("button", name="Undo").click()
    expect(switch).to_be_checked()
    assert rule(started, "budget-80")["origin"] == "default"
    field = page.get_by_role("spinbutton").first
    field.fill("70")
    expect(page.get_by_role("dialog")).to_contain_text("in the last 7 days")
    field.press("Enter")
    until(page, lambda: rule(started, "budget-80")["threshold"] == 0.7)


def test_what_an_agent_did_is_suggested_and_marked_with_a_click(patient_page: Page, tmp_path: Path) -> None:
    page = patient_page
    log = folder_of(tmp_path) / "s1.jsonl"
    log.write_bytes(response_now(1))
    with server(tmp_path) as at_work:
        page.goto(at_work.url)
        hand = Moonlock(at_work.url).start("Refactor", follow="all")
        card = page.get_by_role("article", name="Refactor")
        expect(card).to_be_visible()
        at = iso(time.time_ns() // 1_000_000)
        with log.open("ab") as file:
            file.write(encoded(line("system", at, sessionId="s1", subtype="compact_boundary")))
        expect(card).to_contain_text("Suggested by a compaction")
        page.reload()
        card.get_by_role("button", name="Mark").click()
        expect(card).not_to_contain_text("Suggested by a compaction")
        until(page, lambda: [each.suggested for each in hand.checkpoints().checkpoints] == [False])
        expect(page.locator("#activity")).to_contain_text("Checkpoint")
