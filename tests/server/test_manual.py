"""Sessions by hand over HTTP: what the contract promises, and every way in which a request can be wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from litestar.testing import TestClient
from server.small_house import SmallHouse, session

from moonlock.model.instant import DAY, HOUR
from moonlock.server.access import access
from moonlock.server.app import build
from moonlock.server.keys import Keys
from moonlock.server.page import Page
from moonlock.server.site import Site

OBSERVED = f"{1:016x}"
JSON = {"content-type": "application/json"}
Client = TestClient[Any]
BARE = Site(Page({}))


def caller_of(house: SmallHouse, site: Site = BARE) -> Client:
    keys = Keys(lambda: "token", lambda: 0)
    return TestClient(build(house, site, access(("127.0.0.1", 80)), keys), base_url="http://127.0.0.1")


@pytest.fixture
def client() -> Iterator[Client]:
    with caller_of(SmallHouse()) as caller:
        yield caller


def start(client: Client, name: str = "Focus", **more: object) -> Any:
    said = client.post("/api/sessions", json={"name": name, **more})
    assert said.status_code == 201, said.text
    return said.json()


def refused(answer: Any, status: int) -> str:
    """The code of the error."""
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "hint"}
    return str(error["code"])


def test_a_session_starts_with_the_usual_five_hours_and_follows_nobody(client: Client) -> None:
    begun = start(client)
    assert (begun["origin"], begun["status"], begun["follow"], begun["budget"]) == ("manual", "running", "none", None)
    assert begun["timer"]["durationMs"] == 5 * HOUR and begun["timer"]["state"] == "running"
    assert begun["timer"]["endsAt"] > begun["timer"]["at"] >= begun["startedAt"]
    assert client.get(f"/api/sessions/{begun['id']}").json()["name"] == "Focus"
    assert client.get("/api/sessions/foc").json()["id"] == begun["id"]


def test_everything_that_can_be_said_of_it_is_kept(client: Client) -> None:
    begun = start(client, duration=HOUR, tokenBudget=1000, costBudget=2.5, project="web", follow="all")
    assert begun["budget"] == {"tokens": 1000, "costUsd": 2.5, "usedShare": 0.0}
    assert (begun["project"], begun["follow"], begun["timer"]["durationMs"]) == ("web", "all", HOUR)
    client.post("/api/sessions/Focus/tokens", json={"tokensUsed": 250})
    assert client.get("/api/sessions/Focus").json()["budget"]["usedShare"] == 0.25
    changed = client.patch("/api/sessions/Focus", json={"tokenBudget": 500, "costBudget": None, "duration": 2 * HOUR})
    assert changed.json()["budget"] == {"tokens": 500, "costUsd": None, "usedShare": 0.5}
    assert changed.json()["timer"]["durationMs"] == 2 * HOUR


def test_it_is_paused_goes_on_and_is_completed(client: Client) -> None:
    start(client)
    for status in ("paused", "running", "completed"):
        assert client.patch("/api/sessions/Focus", json={"status": status}).json()["status"] == status


def test_a_wrong_transition_names_those_that_are_right(client: Client) -> None:
    start(client)
    for status, words in (("running", "paused or completed"), ("paused", ""), ("paused", "running again")):
        said = client.patch("/api/sessions/Focus", json={"status": status})
        if words:
            assert refused(said, 409) == "wrong_transition" and words in said.json()["error"]["hint"]
    assert client.post("/api/sessions/Focus/end").status_code == 200
    for method, path, body in (
        ("PATCH", "", {"status": "running"}),
        ("PATCH", "", {"duration": DAY}),
        ("PATCH", "", {"tokenBudget": 5}),
        ("POST", "/tokens", {"tokensUsed": 1}),
        ("POST", "/checkpoints", {"phase": "late"}),
        ("POST", "/end", None),
    ):
        said = client.request(method, f"/api/sessions/Focus{path}", json=body)
        assert refused(said, 409) == "wrong_transition" and "over" in said.json()["error"]["message"]


def test_the_final_report_has_time_tokens_phases_and_what_stands_beside_it(client: Client) -> None:
    start(client, "Before")
    client.post("/api/sessions/Before/tokens", json={"tokensUsed": 40})
    client.post("/api/sessions/Before/end")
    start(client)
    client.post("/api/sessions/Focus/tokens", json={"tokensUsed": 150})
    client.post("/api/sessions/Focus/checkpoints", json={"phase": "plan", "promptCount": 3})
    said = client.post("/api/sessions/Focus/end").json()
    assert said["session"]["status"] == "completed" and said["session"]["timer"]["state"] == "completed"
    assert said["bySource"] == {"log": 0, "api": 150}
    assert [(one["phase"], one["tokens"]["total"]) for one in said["phases"]] == [("plan", 150), (None, 0)]
    assert sum(one["elapsedMs"] for one in said["phases"]) == said["session"]["timer"]["elapsedMs"]
    assert (said["comparison"]["sessions"], said["comparison"]["tokens"]) == (1, 40)
    assert said["efficiency"] is None and said["jumps"] == []
    assert client.get("/api/sessions/Focus/report").json()["bySource"] == said["bySource"]


def test_tokens_are_added_once_for_each_key_and_reconciled(client: Client) -> None:
    start(client)
    path, key = "/api/sessions/Focus/tokens", {"Idempotency-Key": "a-1"}
    body = {"tokensUsed": 150, "operation": "embed", "model": "m"}
    first = client.post(path, json=body, headers=key)
    assert first.status_code == 201 and first.json()["costUsd"] is None
    assert client.post(path, json=body, headers=key).json() == first.json()
    assert refused(client.post(path, json={"tokensUsed": 151}, headers=key), 409) == "key_reused"
    for number in range(4):
        client.post(path, json={"tokensUsed": number})
    said = client.get(path).json()
    assert (said["total"], said["bySource"], said["nextCursor"]) == (156, {"log": 0, "api": 156}, None)
    listed: list[Any] = []
    cursor = ""
    while cursor is not None:
        part = client.get(path, params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        listed, cursor = [*listed, *part["entries"]], part["nextCursor"]
    assert listed == said["entries"] and sum(one["tokens"] for one in listed) == 156
    shown = client.get("/api/sessions/Focus").json()
    assert (shown["tokens"]["total"], shown["unpricedTokens"], shown["costUsd"]) == (156, 156, None)


def test_starting_and_marking_are_done_once_for_each_key(client: Client) -> None:
    for _ in range(2):
        client.post("/api/sessions", json={"name": "Once"}, headers={"Idempotency-Key": "k"})
    assert len(client.get("/api/sessions", params={"q": "once"}).json()["sessions"]) == 1
    for _ in range(2):
        client.post("/api/sessions/Once/checkpoints", json={"phase": "p"}, headers={"Idempotency-Key": "k"})
    assert len(client.get("/api/sessions/Once/checkpoints").json()["checkpoints"]) == 1
    said = client.post("/api/sessions", json={"name": "Twice"}, headers={"Idempotency-Key": "k"})
    assert refused(said, 409) == "key_reused"


def test_a_checkpoint_keeps_what_was_said_with_it(client: Client) -> None:
    start(client)
    body = {"phase": " built ", "promptCount": 12, "metadata": {"commit": "abc", "list": [1, 2.5, None]}}
    made = client.post("/api/sessions/Focus/checkpoints", json=body).json()
    assert (made["phase"], made["promptCount"], made["metadata"]) == ("built", 12, body["metadata"])
    assert client.get("/api/sessions/Focus/checkpoints").json() == {"checkpoints": [made]}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": "  "},
        {"name": "x" * 81},
        {"name": "a\x1b[31m"},
        {"name": "x", "duration": 0},
        {"name": "x", "duration": -5},
        {"name": "x", "duration": DAY + 1},
        {"name": "x", "duration": 1.5},
        {"name": "x", "duration": "1h"},
        {"name": "x", "tokenBudget": 0},
        {"name": "x", "tokenBudget": -1},
        {"name": "x", "tokenBudget": 10**15},
        {"name": "x", "costBudget": 0},
        {"name": "x", "costBudget": -0.5},
        {"name": "x", "costBudget": 1e300},
        {"name": "x", "costBudget": True},
        {"name": "x", "follow": "some"},
        {"name": "x", "follow": {}},
        {"name": "x", "follow": {"project": "a", "session": "b"}},
        {"name": "x", "follow": {"project": "nowhere"}},
        {"name": "x", "follow": {"session": "nobody"}},
        {"name": "x", "surprise": 1},
        [],
        None,
    ],
)
def test_a_session_that_makes_no_sense_is_not_started(client: Client, body: object) -> None:
    before = len(client.get("/api/sessions").json()["sessions"])
    assert refused(client.post("/api/sessions", json=body), 400)
    assert len(client.get("/api/sessions").json()["sessions"]) == before


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("tokens", {}),
        ("tokens", {"tokensUsed": -1}),
        ("tokens", {"tokensUsed": 10**13}),
        ("tokens", {"tokensUsed": 1.5}),
        ("tokens", {"tokensUsed": True}),
        ("tokens", {"tokensUsed": 1, "at": "yesterday"}),
        ("tokens", {"tokensUsed": 1, "at": "2001-01-01T00:00:00Z"}),
        ("tokens", {"tokensUsed": 1, "at": "2999-01-01T00:00:00Z"}),
        ("tokens", {"tokensUsed": 1, "operation": "a\nb"}),
        ("checkpoints", {}),
        ("checkpoints", {"phase": ""}),
        ("checkpoints", {"phase": "x", "promptCount": -1}),
        ("checkpoints", {"phase": "x", "metadata": [1]}),
        ("checkpoints", {"phase": "x", "metadata": {"a": "b" * 4000}}),
    ],
)
def test_what_makes_no_sense_is_not_added(client: Client, path: str, body: object) -> None:
    start(client)
    assert refused(client.post(f"/api/sessions/Focus/{path}", json=body), 400)
    assert client.get("/api/sessions/Focus/tokens").json()["total"] == 0
    assert client.get("/api/sessions/Focus/checkpoints").json() == {"checkpoints": []}


def test_a_body_that_is_no_json_or_another_type_or_too_large_is_refused(client: Client) -> None:
    start(client)
    for path in ("/api/sessions", "/api/sessions/Focus/tokens", "/api/sessions/Focus/checkpoints"):
        assert refused(client.post(path, content=b"{nope", headers=JSON), 400)
        assert refused(client.post(path, content=b"\xff", headers=JSON), 400)
        assert refused(client.post(path, content=b"[" * 90_000, headers=JSON), 400)
        assert refused(client.post(path, content=b"a=1"), 415)
        assert refused(client.post(path, content=b" " * 1_000_001, headers=JSON), 413)


def test_the_field_that_is_wrong_is_named_but_not_its_value(client: Client) -> None:
    said = client.post("/api/sessions", json={"name": "x", "duration": 99999999999})
    assert "duration" in said.json()["error"]["message"] and "9999" not in said.text


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "name"),
        ({"name": "x", "secret": 1}, "a field that is not known"),
        ([], "the body"),
        ({"name": "x", "follow": {}}, "follow"),
        ({"name": "x", "follow": {"secret": 1}}, "a field that is not known in follow"),
    ],
)
def test_what_is_missing_or_unknown_is_named_as_the_caller_writes_it(client: Client, body: object, named: str) -> None:
    said = client.post("/api/sessions", json=body).json()["error"]
    assert (said["code"], said["message"]) == ("bad_parameter", f"This request has an unfit value: {named}.")


def test_a_key_that_is_too_long_is_named_by_its_header(client: Client) -> None:
    said = client.post("/api/sessions", json={"name": "x"}, headers={"Idempotency-Key": "k" * 201})
    assert said.json()["error"]["message"] == "This request has an unfit value: Idempotency-Key."


def test_there_is_nobody_of_that_name(client: Client) -> None:
    for method, path, body in (
        ("GET", "", None),
        ("PATCH", "", {"status": "paused"}),
        ("DELETE", "", None),
        ("POST", "/end", None),
        ("GET", "/report", None),
        ("GET", "/tokens", None),
        ("POST", "/tokens", {"tokensUsed": 1}),
        ("GET", "/checkpoints", None),
        ("POST", "/checkpoints", {"phase": "p"}),
    ):
        said = client.request(method, f"/api/sessions/nobody{path}", json=body)
        assert refused(said, 404) == "no_such_session"


def test_a_session_of_an_agent_has_no_timer_and_its_words_still_change(client: Client) -> None:
    for method, path, body in (
        ("PATCH", "", {"status": "paused"}),
        ("PATCH", "", {"duration": HOUR}),
        ("POST", "/end", None),
        ("POST", "/tokens", {"tokensUsed": 1}),
        ("POST", "/checkpoints", {"phase": "p"}),
        ("GET", "/checkpoints", None),
    ):
        said = client.request(method, f"/api/sessions/{OBSERVED}{path}", json=body)
        assert refused(said, 409) == "not_by_hand"
    assert client.patch(f"/api/sessions/{OBSERVED}", json={"name": "Mine"}).json()["name"] == "Mine"
    assert refused(client.get("/api/sessions/Focus/tokens?cursor=!"), 404)
    start(client)
    assert refused(client.get("/api/sessions/Focus/tokens?cursor=!"), 400) == "bad_cursor"


def test_words_of_a_session_by_hand_change_and_it_keeps_a_name(client: Client) -> None:
    start(client)
    said = client.patch("/api/sessions/Focus", json={"name": "New", "tags": ["B", "a"], "description": "why"}).json()
    assert (said["name"], said["tags"], said["description"]) == ("New", ["a", "b"], "why")
    assert refused(client.patch("/api/sessions/New", json={"name": ""}), 400) == "unfit_label"
    assert refused(client.patch("/api/sessions/New", json={"name": None}), 400) == "unfit_label"
    assert refused(client.patch("/api/sessions/New", json={"tags": ["two words"]}), 400) == "unfit_label"
    assert client.patch("/api/sessions/New", json={"tags": None, "description": ""}).json()["tags"] == []


def test_a_deleted_one_is_over_and_gone_and_comes_back(client: Client) -> None:
    uid = start(client)["id"]
    assert client.delete("/api/sessions/Focus").status_code == 204
    assert refused(client.get(f"/api/sessions/{uid}"), 404)
    assert client.get("/api/sessions", params={"q": "Focus"}).json()["sessions"] == []
    back = client.patch(f"/api/sessions/{uid}", json={"hidden": False}).json()
    assert (back["id"], back["status"]) == (uid, "completed")
    assert client.get("/api/sessions/Focus").json()["id"] == uid
    assert client.patch("/api/sessions/Focus", json={"hidden": False}).json()["id"] == uid


def test_both_kinds_stand_in_one_list_and_the_beginning_of_either_is_enough_when_it_is_one(client: Client) -> None:
    start(client, "Focus one")
    said = client.get("/api/sessions", params={"limit": 1}).json()
    both = [*said["sessions"], *client.get("/api/sessions", params={"cursor": said["nextCursor"]}).json()["sessions"]]
    assert {one["origin"] for one in both} == {"manual", "observed"} and len(both) == 4
    assert client.get("/api/sessions", params={"status": "running"}).json()["sessions"][0]["name"] == "Focus one"


def test_what_begins_like_one_of_either_kind_is_ambiguous() -> None:
    house = SmallHouse([session(1, name="Forest", agent_session_id="For")])
    with caller_of(house) as client:
        start(client, "Fork")
        assert client.get("/api/sessions/For").json()["origin"] == "observed"
        assert client.get("/api/sessions/fork").json()["origin"] == "manual"
        start(client, "Fox")
        assert refused(client.get("/api/sessions/fo"), 400) == "ambiguous_id"


def test_addresses_with_several_methods_name_all_of_them(client: Client) -> None:
    for path, allowed in (
        ("/api/sessions", "GET, OPTIONS, POST"),
        (f"/api/sessions/{OBSERVED}/tokens", "GET, OPTIONS, POST"),
        (f"/api/sessions/{OBSERVED}", "DELETE, GET, OPTIONS, PATCH"),
    ):
        assert client.options(path, headers={"authorization": "Bearer token"}).headers["allow"] == allowed
