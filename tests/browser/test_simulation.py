"""The invented day, with log lines, hooks and status lines: page, terminal and API show the same while it goes on."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, NamedTuple

from browser.test_limits import WORDS
from cli.running import moonlock
from playwright.sync_api import Page
from serving import PATIENCE, Server, server

SHOWN = """() => {
  const meter = (lane, name) => lane.querySelector(`[role=meter][aria-label="${name}"]`);
  const limits = [...document.querySelectorAll("#limits [role=meter]")];
  const lanes = [...document.querySelectorAll("[data-session]")].filter((lane) => lane.querySelector(".lane-status p"));
  return [
    limits.map((limit) => Number(limit.getAttribute("aria-valuenow"))),
    Object.fromEntries(lanes.map((lane) => [lane.dataset.session, [
      Number(meter(lane, "Context")?.getAttribute("aria-valuenow") ?? -1),
      lane.querySelector(".lane-status p").textContent.toLowerCase(),
      meter(lane, "Objectives")?.getAttribute("aria-valuetext") ?? "",
    ]])),
  ];
}"""
KINDS = 4
"""Limits, context, what is waited for, objectives."""


class Picture(NamedTuple):
    """Limits in percent; of each session at work its context in percent, its state and its objectives."""

    limits: list[int]
    sessions: dict[str, list[object]]

    def of(self, other: Picture) -> Picture:
        """The sessions alone that the other one has too."""
        return Picture(self.limits, {uid: told for uid, told in self.sessions.items() if uid in other.sessions})


def told(now: dict[str, Any]) -> Picture:
    windows = (now["quota"] or {"windows": []})["windows"]
    sessions = {each["id"]: _of(each) for each in now["sessions"] if each["status"] in ("running", "waiting")}
    return Picture([round(window["usedPercentage"]) for window in windows], sessions)


def _of(session: dict[str, Any]) -> list[object]:
    context, aims, state = session["context"], session["objectives"], session["state"]
    return [
        round(context["share"] * 100) if context else -1,
        ("" if state["certain"] else "probably ") + WORDS[state["waitingFor"]],
        f"{aims['done']} of {aims['total']} done" if aims else "",
    ]


def alike(page: Page, started: Server, home: Path) -> Picture | None:
    """What all three show at one moment; None when it turned while they were asked."""
    before = told(started.get("/api/now"))
    shown, line = Picture(*page.evaluate(SHOWN)), json.loads(moonlock(home, "status", "--json").out)
    page.wait_for_timeout(50)
    again, after = Picture(*page.evaluate(SHOWN)), told(started.get("/api/now"))
    if before != after or shown != again or not after.sessions.keys() <= shown.sessions.keys():
        return None
    assert shown.of(after) == after
    one = told({"quota": line["quota"], "sessions": [line["session"]]})
    assert one == after.of(one) or line["session"]["id"] not in after.sessions
    return after


def turned(found: list[Picture]) -> int:
    """In how many of the four something changed meanwhile."""
    limits = {tuple(each.limits) for each in found}
    of_each = [{(uid, told[kind]) for each in found for uid, told in each.sessions.items()} for kind in range(3)]
    sessions = {uid for each in found for uid in each.sessions}
    return (len(limits) > 1) + sum(len(kind) > len(sessions) for kind in of_each)


def test_an_invented_day_is_told_alike_by_all_while_everything_turns(patient_page: Page, tmp_path: Path) -> None:
    page, found = patient_page, list[Picture]()
    with server(tmp_path, "--simulation", "--seed", "5", "--speed", "20") as started:
        page.goto(started.url)
        page.locator("[data-session]").first.wait_for()
        ended = time.monotonic() + PATIENCE
        while turned(found) < KINDS:
            assert time.monotonic() < ended, f"only {turned(found)} of {KINDS} turned in {len(found)} moments"
            picture = alike(page, started, tmp_path)
            found += [picture] if picture is not None else []
