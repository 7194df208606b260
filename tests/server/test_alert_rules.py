"""Rules and channels over HTTP: what is in force, what a person may change, and what a channel really answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from litestar.testing import TestClient
from server.small_house import SmallHouse
from server.test_manual import caller_of, refused, start

from moonlock.analytics.rules import RULES

Client = TestClient[Any]
PATH = "/api/alert-rules"


@pytest.fixture
def house() -> SmallHouse:
    return SmallHouse()


@pytest.fixture
def client(house: SmallHouse) -> Iterator[Client]:
    with caller_of(house) as caller:
        yield caller


def put(client: Client, *rules: object) -> Any:
    return client.put(PATH, json={"rules": rules})


def rule(client: Client, name: str) -> Any:
    return next(one for one in client.get(PATH).json()["rules"] if one["id"] == name)


def test_every_rule_is_told_as_it_is_in_force(client: Client) -> None:
    found = client.get(PATH).json()["rules"]
    assert [one["id"] for one in found] == [one.id for one in RULES]
    assert {one["origin"] for one in found} == {"default"}
    assert found[0] == {
        "id": "budget-80",
        "title": "80 % of a budget is used",
        "measure": "share",
        "rises": True,
        "threshold": 0.8,
        "clear": 0.75,
        "hold": 0,
        "cooldown": 0,
        "severity": "warning",
        "enabled": True,
        "origin": "default",
    }


def test_a_rule_is_changed_field_by_field_and_taken_back(client: Client, house: SmallHouse) -> None:
    said = put(client, {"id": "budget-80", "threshold": 0.4}, {"id": "anomaly", "enabled": False})
    assert said.status_code == 200
    assert said.json() == client.get(PATH).json()
    changed = rule(client, "budget-80")
    assert (changed["threshold"], changed["clear"], changed["origin"]) == (0.4, 0.375, "person")
    assert next(one for one in house.alarms.rules if one.id == "anomaly").enabled is False
    put(client, {"id": "budget-80", "hold": 5000})
    assert (rule(client, "budget-80")["threshold"], rule(client, "budget-80")["hold"]) == (0.4, 5000)
    put(client, {"id": "budget-80", "threshold": None, "hold": None})
    assert rule(client, "budget-80")["origin"] == "default"


def test_one_rule_that_does_not_fit_keeps_all_of_them_as_they_were(client: Client) -> None:
    said = put(client, {"id": "anomaly", "enabled": False}, {"id": "budget-80", "clear": 0.9})
    assert refused(said, 400) == "unfit_rule"
    assert said.json()["error"]["message"] == "The clear of the rule budget-80 does not fit."
    assert refused(put(client, {"id": "anomaly", "enabled": False}, {"id": "budgte-80"}), 404) == "no_such_rule"
    assert rule(client, "anomaly")["enabled"] is True


WRONG = (
    {"id": "budget-80", "threshold": "0.5"},
    {"id": "budget-80", "threshold": -1},
    {"id": "budget-80", "hold": 1.5},
    {"id": "budget-80", "hold": 86_400_001},
    {"id": "budget-80", "enabled": 1},
    {"id": "budget-80", "severity": "bad"},
    {"id": "budget-80", "treshold": 1},
    {"id": ""},
    {"threshold": 1},
    1,
)


def test_a_wrong_value_is_refused(client: Client) -> None:
    for wrong in WRONG:
        assert refused(put(client, wrong), 400) == "bad_parameter", wrong


def test_a_rule_that_is_named_twice_is_refused(client: Client) -> None:
    assert refused(put(client, {"id": "anomaly"}, {"id": "anomaly", "enabled": False}), 400) == "bad_parameter"
    assert refused(client.put(PATH, content=b"{", headers={"content-type": "application/json"}), 400) == "bad_body"
    assert client.options(PATH).headers["allow"] == "GET, OPTIONS, PUT"


def tried(client: Client, **asked: object) -> Any:
    return client.post(f"{PATH}/preview", json=asked)


def test_a_rule_is_tried_against_sessions_by_hand_without_being_changed(client: Client) -> None:
    for name, used in (("one", 60), ("two", 90)):
        uid = start(client, name, tokenBudget=100)["id"]
        client.post(f"/api/sessions/{uid}/tokens", json={"tokensUsed": used})
    found = [tried(client, rule="budget-80", **more).json() for more in ({}, {"threshold": 0.5}, {"threshold": 0.95})]
    counts = [(one["known"], one["count"], len(one["instants"])) for one in found]
    assert counts == [(True, 1, 1), (True, 2, 2), (True, 0, 0)]
    assert (found[0]["days"], found[0]["why"]) == (7, None)
    assert rule(client, "budget-80")["threshold"] == 0.8


def test_a_rule_that_is_switched_off_can_be_tried(client: Client) -> None:
    uid = start(client, "one", tokenBudget=100)["id"]
    client.post(f"/api/sessions/{uid}/tokens", json={"tokensUsed": 90})
    put(client, {"id": "budget-80", "enabled": False})
    assert tried(client, rule="budget-80").json()["count"] == 1


def test_every_rule_can_be_tried_and_what_nothing_tells_is_said_not_to_be_known(client: Client) -> None:
    said = {one.id: tried(client, rule=one.id, days=90).json() for one in RULES}
    unknown = {name for name, told in said.items() if not told["known"]}
    assert unknown == {"overrun", "time-to-limit", "quota-pace", "waiting", "source-silent", "store-trouble"}
    assert {(told["count"], *told["instants"]) for told in said.values()} == {(0,)}
    assert all(bool(told["why"]) is (name in unknown) for name, told in said.items())


def test_a_trial_that_makes_no_sense_is_refused(client: Client) -> None:
    assert refused(tried(client, rule="budgte-80"), 404) == "no_such_rule"
    assert refused(tried(client, rule="budget-80", clear=0.9), 400) == "unfit_rule"
    for days in (0, 91, 1.5, "7"):
        assert refused(tried(client, rule="budget-80", days=days), 400) == "bad_parameter"


def test_channels_are_shown_without_what_may_be_a_key(client: Client) -> None:
    said = client.get("/api/alert-channels")
    assert said.json() == {
        "channels": [
            {
                "id": "webhook-1",
                "kind": "webhook",
                "url": "https://127.0.0.1:9/…",
                "signed": True,
                "allowPrivate": False,
            }
        ],
        "quietHours": None,
        "quiet": False,
    }
    assert "s3cret" not in said.text


def test_a_trial_of_a_channel_tells_what_came_of_it(client: Client) -> None:
    said = client.post("/api/alert-channels/webhook-1/test").json()
    assert said.pop("tookMs") >= 0
    assert said == {
        "channel": "webhook-1",
        "sent": False,
        "status": None,
        "answer": "not called: the name leads to this machine or into a private network",
    }
    assert refused(client.post("/api/alert-channels/webhook-2/test"), 404) == "no_such_channel"


def test_no_address_can_be_given_over_http(client: Client) -> None:
    for method in ("put", "patch", "post", "delete"):
        said = client.request(method, "/api/alert-channels", json={"url": "https://127.0.0.1/", "allowPrivate": True})
        assert refused(said, 405) == "not_allowed"
