"""The page as it is looked at: for everyone, on any screen, quickly, and unmoved by what logs say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browser.axe import violations
from browser.figures import response_now, until
from browser.homes import HARM, folder_of, hostile, working, worrying
from playwright.sync_api import Page, expect
from serving import Server, server

import moonlock

WEB = Path(moonlock.__file__).parent / "web"
MOST_REQUESTS, MOST_SCRIPT = 10, 130_000
"""Requests, and bytes of JavaScript after gzip, of a first load."""
STATES = ("working", "empty", "simulation")

# Whatever can be clicked or typed into, and is there to be seen.
CONTROLS = """() => [...document.querySelectorAll("button, a[href], input, select, [tabindex='0']")]
  .filter((part) => part.checkVisibility({ visibilityProperty: true }) && !part.disabled)
  .map((part, number) => { part.dataset.control = number; return number; })"""
FOCUSED = "() => Number(document.activeElement?.dataset.control ?? -1)"


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    """A server of each state, for all tests of the module."""
    full, empty, none = (tmp_path_factory.mktemp(name) for name in STATES)
    with server(working(full)) as a, server(empty) as b, server(none, "--simulation", "--seed", "7") as c:
        worrying(a)
        yield dict(zip(STATES, (a, b, c), strict=True))


def opened(page: Page, started: Server, theme: str = "dark") -> None:
    """The page with its data, in a theme."""
    page.add_init_script(f"localStorage.setItem('moonlock.prefs', JSON.stringify({{theme: '{theme}'}}))")
    page.goto(started.url)
    expect(page.locator("#today")).to_be_visible()
    expect(page.locator("#sessions")).to_be_visible()


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_no_violation(page: Page, servers: dict[str, Server], state: str, theme: str) -> None:
    opened(page, servers[state], theme)
    assert page.evaluate("document.documentElement.dataset.theme ?? 'dark'") == theme
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(300)  # the page arranges itself anew
        assert violations(page) == [], f"{width} px"


@pytest.mark.parametrize("state", STATES)
def test_nothing_scrolls_sideways(page: Page, servers: dict[str, Server], state: str) -> None:
    opened(page, servers[state])
    for width in (320, 360, 768, 1280, 1600):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(150)
        wide, seen = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide <= seen, f"{width} px"


def test_a_first_load_is_small_and_asks_nobody_else(page: Page, servers: dict[str, Server]) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda line: asked.append(line.url))
    opened(page, servers["working"])
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)  # what loads late loads too
    assert len(asked) <= MOST_REQUESTS, asked
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(servers["working"].url).netloc}
    scripts = [urlsplit(url).path for url in asked if urlsplit(url).path.endswith(".js")]
    assert scripts
    assert sum((WEB / f"{path[1:]}.gz").stat().st_size for path in scripts) <= MOST_SCRIPT


def test_an_empty_home_says_where_was_looked(page: Page, servers: dict[str, Server]) -> None:
    opened(page, servers["empty"])
    expect(page.get_by_text("No agent logs found yet")).to_be_visible()
    places = [place["path"] for place in servers["empty"].get("/api/now")["places"]]
    assert len(places) == 2
    for place in places:
        expect(page.get_by_text(place)).to_be_visible()


def test_the_first_line_of_all_fills_an_empty_page(patient_page: Page, tmp_path: Path) -> None:
    page = patient_page
    with server(tmp_path) as started:
        opened(page, started)
        expect(page.get_by_text("No agent logs found yet")).to_be_visible()
        (folder_of(tmp_path) / "s1.jsonl").write_bytes(response_now(1))
        expect(page.get_by_text("No agent logs found yet")).to_have_count(0)
        expect(page.locator("[data-session]")).to_have_count(1)


def test_a_simulation_says_that_it_is_one(page: Page, servers: dict[str, Server]) -> None:
    opened(page, servers["simulation"])
    expect(page.get_by_text("Simulation: nothing here is real.")).to_be_visible()


@pytest.mark.parametrize("state", ["working", "empty"])
def test_tab_reaches_every_control(page: Page, servers: dict[str, Server], state: str) -> None:
    opened(page, servers[state])
    page.wait_for_timeout(500)
    controls = set(page.evaluate(CONTROLS))
    reached = set()
    for _ in range(len(controls) + 5):
        page.keyboard.press("Tab")
        reached.add(page.evaluate(FOCUSED))
    assert controls <= reached


def test_a_question_mark_opens_the_help_and_escape_closes_it(page: Page, servers: dict[str, Server]) -> None:
    opened(page, servers["working"])
    button = page.get_by_role("button", name="Keyboard shortcuts")
    button.focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Keyboard")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(button).to_be_focused()
    button.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()


def test_text_that_means_harm_stays_text(patient_page: Page, tmp_path: Path) -> None:
    page, violations = patient_page, list[str]()
    page.expose_function("violated", lambda what: violations.append(what))
    listen = "addEventListener('securitypolicyviolation', (event) => violated(event.violatedDirective))"
    page.add_init_script(listen)
    hostile(tmp_path, 1)
    with server(tmp_path) as started:
        opened(page, started)
        hostile(tmp_path, 2)
        lane = page.locator("[data-session]")
        expect(lane).to_contain_text(HARM)
        expect(page.locator("#activity")).to_contain_text("<img src=x onerror=alert(1)>")
        (session,) = started.get("/api/now")["sessions"]
        until(page, lambda: page.evaluate("document.fonts.status") == "loaded")
        assert page.locator("img, script:not([src])").count() == 0
        for name in ("title", "branch", "model"):
            assert session[name].startswith(HARM), name
            assert not set(session[name]) & set("\x1b\x07\u202e\u2066\u200f"), name
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    assert violations == []
