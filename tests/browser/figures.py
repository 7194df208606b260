"""The numbers that the page shows, to the last digit, and the same numbers as the server has them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

from claude_lines import encoded, said, usage
from playwright.sync_api import Page
from serving import PATIENCE, Server

# Every count of tokens is short on the page and whole in its title.
SHOWN = """() => {
  const whole = (part) => Number((part?.getAttribute("title") ?? "0").replace(/[^0-9]/g, ""));
  const counts = [...document.querySelectorAll('#today [title$=" tokens"]')].map(whole);
  const requests = document.querySelector("#today")?.textContent.match(/in ([0-9,]+) request/)?.[1] ?? "0";
  const lanes = [...document.querySelectorAll("[data-session]")];
  const cost = (lane) => whole(lane.querySelector('.lane-cost [title$=" tokens"]'));
  return [counts, Number(requests.replaceAll(",", "")), lanes.map((lane) => [lane.dataset.session, cost(lane)])];
}"""


class Figures(NamedTuple):
    """Tokens of today, by class, requests of today, and tokens of each session."""

    today: int
    classes: tuple[int, ...]
    requests: int
    sessions: dict[str, int]


def shown(page: Page) -> Figures:
    """What stands on the page."""
    counts, requests, lanes = page.evaluate(SHOWN)
    return Figures(counts[0] if counts else -1, tuple(sorted(counts[1:])), requests, dict(lanes))


def known(server: Server) -> Figures:
    """What the server says."""
    now: dict[str, Any] = server.get("/api/now")
    tokens = dict(now["today"]["tokens"])
    total = tokens.pop("total")
    sessions = {each["id"]: each["tokens"]["total"] for each in now["sessions"]}
    return Figures(total, tuple(sorted(tokens.values())), now["today"]["requests"], sessions)


def until(page: Page, true: Callable[[], object], what: Callable[[], str] = lambda: "it did not come true") -> None:
    """Wait until it is true, while the page lives on."""
    ended = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < ended, what()
        page.wait_for_timeout(30)


def agrees(page: Page, server: Server, requests: int) -> Figures:
    """Wait until the page shows so many requests, and then exactly what the server says."""
    until(page, lambda: shown(page).requests == requests, lambda: f"the page shows {shown(page)}, not {requests}")
    until(page, lambda: shown(page) == known(server), lambda: f"{shown(page)} is not {known(server)}")
    return shown(page)


def response_now(number: int, session: str = "s1", **more: Any) -> bytes:
    """A line of 60 tokens, written this moment."""
    at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + ".000Z"
    return encoded(said(f"msg_{number}", f"req_{number}", usage(), at, sessionId=session, **more))
