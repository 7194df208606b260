"""Alerts over HTTP: the list and its parts, saying that one was seen, and every way in which a request can be wrong."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator

import pytest
from server.small_house import SmallHouse
from server.test_manual import OBSERVED, Client, caller_of, refused

from moonlock.analytics.rules import Picture, Planned
from moonlock.live.merging import about
from moonlock.model.instant import MINUTE
from moonlock.model.wire import AlertRaised

NOON = 1_795_161_600_000


class Caller:
    """Somebody who asks a house in which alerts fired."""

    def __init__(self, house: SmallHouse, client: Client) -> None:
        self.house, self.client = house, client

    def see(self, now: int, *shares: float) -> None:
        """Budgets of the first sessions are used so far."""
        hands = [Planned(f"{number:016x}", f"Plan {number}", True, share) for number, share in enumerate(shares, 1)]
        asyncio.run(self.house.alarms.look(Picture(now, hands=hands)))

    def names(self, query: str = "") -> list[str]:
        answer = self.client.get(f"/api/alerts{query}")
        assert answer.status_code == 200, answer.text
        return [f"{one['rule']} {one['subject'][15]} {one['phase']}" for one in answer.json()["alerts"]]


@pytest.fixture
def caller() -> Iterator[Caller]:
    house = SmallHouse()
    with caller_of(house) as client:
        caller = Caller(house, client)
        caller.see(NOON, 0.9, 0.2)
        caller.see(NOON + MINUTE, 0.1, 0.99)
        yield caller


def test_what_fires_comes_first_and_every_filter_narrows_the_list(caller: Caller) -> None:
    assert sorted(caller.names()[:2]) == ["budget-80 2 firing", "budget-95 2 firing"]
    assert caller.names()[2:] == ["budget-80 1 resolved"]
    assert caller.names("?phase=resolved") == ["budget-80 1 resolved"]
    assert len(caller.names("?phase=resolved&phase=firing")) == 3
    assert caller.names("?phase=pending") == caller.names("?rule=nobody") == []
    assert caller.names("?rule=budget-95") == ["budget-95 2 firing"]
    assert caller.names(f"?session={OBSERVED}") == ["budget-80 1 resolved"]
    assert caller.names("?since=2026-11-22") == []
    (one,) = caller.client.get("/api/alerts?rule=budget-95").json()["alerts"]
    assert (one["sessionId"], one["measure"], one["threshold"]) == (f"{2:016x}", "share", 0.95)
    assert (one["level"], one["severity"], one["deliveries"]) == (0.99, "error", [])
    assert one["title"] == "Plan 2: the token budget runs out"


def test_parts_of_the_list_follow_each_other(caller: Caller) -> None:
    whole, parts, cursor = caller.names(), list[str](), ""
    for _ in range(3):
        query = f"?limit=1{cursor}"
        parts += caller.names(query)
        cursor = f"&cursor={caller.client.get(f'/api/alerts{query}').json()['nextCursor']}"
    assert parts == whole and cursor == "&cursor=None"


def test_the_level_is_the_newest_although_it_is_not_written_each_time(caller: Caller) -> None:
    caller.see(NOON + 2 * MINUTE, 0.1, 1.5)
    assert {one["level"] for one in caller.client.get("/api/alerts?phase=firing").json()["alerts"]} == {1.5}


def test_somebody_has_seen_it_once_for_all(caller: Caller) -> None:
    (one,) = caller.client.get("/api/alerts?rule=budget-95").json()["alerts"]
    path = f"/api/alerts/{one['id']}/acknowledge"
    seen = caller.client.post(path)
    assert seen.status_code == 200 and seen.json()["acknowledgedAt"] is not None
    assert seen.json()["phase"] == "firing"
    assert caller.client.post(path).json() == seen.json()
    (again,) = caller.client.get("/api/alerts?rule=budget-95").json()["alerts"]
    assert again["acknowledgedAt"] == seen.json()["acknowledgedAt"]


def sealed(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("?phase=loud", 400, "bad_parameter"),
        ("?since=yesterday", 400, "bad_parameter"),
        ("?limit=0", 400, "bad_parameter"),
        ("?limit=501", 400, "bad_parameter"),
        ("?cursor=none", 400, "bad_cursor"),
        ("?cursor=" + sealed('[3,1,"a"]'), 400, "bad_cursor"),
        ("?cursor=" + sealed('[0,99999999999999999999,"a"]'), 400, "bad_cursor"),
        ("?session=nobody", 404, "no_such_session"),
        ("?session=0", 400, "ambiguous_id"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_its_name(caller: Caller, query: str, status: int, code: str) -> None:
    assert refused(caller.client.get(f"/api/alerts{query}"), status) == code


def test_an_unknown_alert_is_not_found(caller: Caller) -> None:
    for name in ("0123456789abcdef", "nothing", "%E2%80%AE"):
        assert refused(caller.client.post(f"/api/alerts/{name}/acknowledge"), 404) == "no_such_alert"


def test_an_alert_is_about_its_session_or_about_the_whole_house(caller: Caller) -> None:
    (shape,) = [one for one in caller.house.alarms.shapes(NOON) if one.rule == "budget-95"]
    assert about(AlertRaised(seq=0, at="", sent_at="", data=shape)) == f"{2:016x}"
    asyncio.run(caller.house.alarms.look(Picture(NOON, store="degraded")))
    (whole,) = [one for one in caller.house.alarms.shapes(NOON) if one.rule == "store-trouble"]
    assert about(AlertRaised(seq=0, at="", sent_at="", data=whole)) is None
