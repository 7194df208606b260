"""Pages that fail their test on any error they report."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from chromium import launched
from playwright.sync_api import Browser, Page

BROKEN_LINE = (
    "WebSocket connection to",
    "net::ERR_CONNECTION",
    "net::ERR_SOCKET_NOT_CONNECTED",
    "net::ERR_EMPTY_RESPONSE",
)
"""What Chromium says of a line that was cut; which of them depends on how far the request had come."""


# Not for the whole session: while Playwright is open, this thread has a running event loop and asyncio.run fails.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as found:
        yield found


def watched(browser: Browser, expected: tuple[str, ...] = ()) -> Iterator[Page]:
    """A page, and after it the proof that nothing went wrong on it but what was expected."""
    page = browser.new_page(locale="en-US", timezone_id="UTC", viewport={"width": 1280, "height": 900})
    errors: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("dialog", lambda dialog: errors.append(f"a dialog: {dialog.message}"))
    yield page
    page.close()
    assert [error for error in errors if not any(part in error for part in expected)] == []


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails its test on any error in the console, which is where a broken policy shows."""
    yield from watched(browser)


@pytest.fixture
def patient_page(browser: Browser) -> Iterator[Page]:
    """The same for a page whose server goes away: the browser itself says so in the console."""
    yield from watched(browser, BROKEN_LINE)
