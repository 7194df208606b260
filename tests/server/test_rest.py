"""What can be read over HTTP, and what every failure looks like."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar.exceptions import WebSocketDisconnect
from litestar.testing import TestClient
from server.running import BARE
from server.small_house import NOW, SmallHouse, session

from moonlock.live.clock import now
from moonlock.model.health import Component
from moonlock.model.instant import MINUTE, Instant, iso
from moonlock.model.shapes import SessionList, SessionShape
from moonlock.model.wire import Snapshot
from moonlock.server.access import access
from moonlock.server.app import build
from moonlock.server.keys import Keys
from moonlock.server.query import SORTS, Part, Which, behind, chosen
from moonlock.server.site import Site
from moonlock.store.errors import StoreFull

HERE = "http://127.0.0.1:3001"


def caller(house: SmallHouse, site: Site = BARE) -> TestClient[Any]:
    app = build(house, site, access(("127.0.0.1", 3001)), Keys(lambda: "t", now))
    return TestClient(app, base_url=HERE, raise_server_exceptions=False)


@pytest.fixture
def api() -> Iterator[TestClient[Any]]:
    sessions = [
        session(1, project="alpha", status="running", title="Fix the Door"),
        session(2, project="beta", agent="codex", tags=["night"], branch="moon/rise"),
        session(3, project="alpha", status="waiting", cost_usd=None),
        session(4, project="gamma", last_activity_at=None, started_at=None, model=None, cwd=None),
    ]
    with caller(SmallHouse(sessions)) as found:
        yield found


def numbers(api: TestClient[Any], query: str = "") -> list[int]:
    said = api.get(f"/api/sessions{query}")
    assert said.status_code == 200, said.text
    return [int(one["id"], 16) for one in said.json()["sessions"]]


def test_limits_are_answered_also_while_nothing_is_known_of_any(api: TestClient[Any]) -> None:
    assert api.get("/api/quota").json() == {"windows": [], "plan": None, "accounts": 0}


def test_a_forecast_is_answered_also_while_no_window_is_open(api: TestClient[Any]) -> None:
    found = api.get("/api/forecast").json()
    assert found["at"].endswith("Z")
    assert (found["window"], found["tokens"], found["overrunProbability"]) == (None, None, None)
    assert found["basis"] == {
        "method": "analog-replay",
        "windows": 0,
        "effective": 0.0,
        "priorShare": 1.0,
        "learning": True,
    }


def test_now_is_the_snapshot(api: TestClient[Any]) -> None:
    said = msgspec.json.decode(api.get("/api/now").content, type=Snapshot)
    assert (said.epoch, said.seq) == ("epoch-1", 0)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [3, 2, 1, 4]),
        ("?status=running", [1]),
        ("?status=running&status=waiting", [3, 1]),
        ("?agent=codex", [2]),
        ("?project=Alpha", [3, 1]),
        ("?project=alp", []),
        ("?tag=night", [2]),
        ("?q=door", [1]),
        ("?q=MOON", [2]),
        ("?q=00000003-1111", [3]),
        ("?q=", [3, 2, 1, 4]),
        ("?q=%25", []),
        ("?sort=startedAt", [4, 1, 2, 3]),
        ("?sort=-tokens", [4, 3, 2, 1]),
        ("?sort=costUsd", [3, 1, 2, 4]),
        ("?sort=project&limit=2", [1, 3]),
        (f"?since={iso(NOW + 2 * MINUTE)}", [3, 2]),
        (f"?until={iso(NOW + 2 * MINUTE)}", [1, 4]),
        ("?since=2026-11-20T09:02:00%2B01:00", [3, 2]),
        ("?since=2026-11-20T09:02:00+01:00", [3, 2]),
        ("?since=2026-11-20T08:02:00", [3, 2]),
        ("?since=2026-11-20&until=2026-11-20", [3, 2, 1]),
        ("?since=2026-11-21", []),
        ("?until=2026-11-19", [4]),
    ],
)
def test_sessions_are_chosen_and_ordered(api: TestClient[Any], query: str, found: list[int]) -> None:
    assert numbers(api, query) == found


@pytest.mark.parametrize(
    "query",
    [
        "status=asleep",
        "status=",
        "sort=id",
        "sort=tokens;drop",
        "limit=0",
        "limit=501",
        "limit=ten",
        "limit=1.5",
        "limit=99999999999999999999",
        "since=yesterday",
        "since=2026-13-01",
        "since=",
        "until=9999-12-31",
        "since=0001-01-01T00:00:00%2B14:00",
        "until=2026-11-20T25:00:00Z",
        "q=" + "a" * 201,
        "agent=" + "a" * 30_000,
        "cursor=",
        "cursor=%00",
        "cursor=nonsense",
        "cursor=WyJhIiwxLCJiIl0",
        "cursor=%C3%BC",
        "cursor=" + "W" * 500,
    ],
)
def test_an_unfit_parameter_is_named_and_not_repeated(api: TestClient[Any], query: str) -> None:
    said = api.get(f"/api/sessions?{query}")
    assert said.status_code == 400
    assert set(said.json()["error"]) == {"code", "message", "hint"}
    assert query.partition("=")[0] in said.json()["error"]["message"].lower()
    assert len(said.content) < 400


def test_a_cursor_belongs_to_its_order(api: TestClient[Any]) -> None:
    cursor = api.get("/api/sessions?limit=1&sort=tokens").json()["nextCursor"]
    assert api.get(f"/api/sessions?limit=1&sort=tokens&cursor={cursor}").status_code == 200
    assert api.get(f"/api/sessions?limit=1&sort=-tokens&cursor={cursor}").status_code == 400
    assert api.get(f"/api/sessions?limit=1&cursor={cursor}").status_code == 400


@given(
    costs=st.lists(st.one_of(st.none(), st.floats(0, 5)), max_size=30),
    sort=st.sampled_from([sign + name for name in SORTS for sign in ("", "-")]),
    limit=st.integers(1, 7),
)
def test_going_on_by_cursor_finds_every_session_once_and_in_order(
    costs: list[float | None], sort: str, limit: int
) -> None:
    known = [session(number, cost_usd=cost, project=f"p{number % 3}") for number, cost in enumerate(costs, 1)]
    whole = chosen(known, Which(), Part(sort=sort, limit=500))
    found: list[SessionShape] = []
    cursor, more = None, True
    while more:
        after = behind(cursor, sort) if cursor else None
        page: SessionList = chosen(reversed(known), Which(), Part(sort=sort, limit=limit, after=after))
        found += page.sessions
        cursor, more = page.next_cursor, page.next_cursor is not None
    assert found == whole.sessions
    assert len(found) == len(known)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (f"{1:016x}", 200),
        ("00000002-1111", 200),
        ("0000000000000009", 404),
        ("00000", 400),
        ("%25", 404),
        ("_", 404),
        ("a" * 300, 404),
        ("a" * 500, 400),
        ("a%27%20or%201=1", 404),
        ("%F0%9F%8C%99", 404),
    ],
)
def test_a_session_is_found_by_its_id_or_the_beginning_of_one(api: TestClient[Any], said: str, status: int) -> None:
    answer = api.get(f"/api/sessions/{said}")
    assert answer.status_code == status, answer.text
    assert status == 200 or set(answer.json()) == {"error"}


def test_a_broken_part_makes_the_house_unhealthy() -> None:
    house = SmallHouse()
    with caller(house) as api:
        assert api.get("/health").status_code == 200
        house.condition.put("store", Component("unhealthy", "gone"))
        said = api.get("/health")
        assert (said.status_code, said.json()["status"]) == (503, "unhealthy")
        assert set(said.json()) >= {"status", "version", "components"}


class Broken(SmallHouse):
    """A house with a secret in its troubles."""

    def snapshot(self, now: Instant) -> Snapshot:
        raise RuntimeError("the prompt said: hunter2")


def test_an_unexpected_failure_says_only_that_it_is_one(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR), caller(Broken()) as api:
        said = api.get("/api/now")
    assert (said.status_code, said.json()["error"]["code"]) == (500, "internal")
    assert "hunter2" not in said.text + caplog.text
    assert "GET /api/now failed: RuntimeError at " in caplog.text


def test_an_unexpected_failure_of_the_live_line_is_noted_and_ends_it(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR), caller(Broken()) as api:
        line = api.websocket_connect("/ws", headers={"origin": HERE})
        with line, pytest.raises(WebSocketDisconnect) as ended:
            line.receive_text(timeout=5)
    assert ended.value.code == 4500
    assert "WEBSOCKET /ws failed: RuntimeError at " in caplog.text
    assert "hunter2" not in caplog.text + ended.value.detail


class Full(SmallHouse):
    """A house whose disk is full."""

    async def sessions(self) -> list[SessionShape]:
        raise StoreFull("secret path")


def test_a_store_that_cannot_be_read_says_what_to_do() -> None:
    with caller(Full()) as api:
        said = api.get("/api/sessions")
    assert (said.status_code, said.json()["error"]["code"]) == (503, "store_unavailable")
    assert "Free some space" in said.json()["error"]["hint"]
    assert "secret" not in said.text


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/none", 404), ("DELETE", "/api/now", 405)])
def test_the_frameworks_failures_have_the_one_shape(api: TestClient[Any], method: str, path: str, status: int) -> None:
    said = api.request(method, path, headers={"accept": "text/html"})
    assert (said.status_code, set(said.json()["error"])) == (status, {"code", "message", "hint"})
    assert status != 405 or said.headers["allow"] == "GET, OPTIONS"


def test_openapi_describes_every_route_and_names_no_other_host(api: TestClient[Any]) -> None:
    said = api.get("/openapi.json")
    document = said.json()
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) >= {"/health", "/api/now", "/api/sessions", "/api/sessions/{session_id}"}
    listed = document["paths"]["/api/sessions"]["get"]
    named = {one["name"] for one in listed["parameters"]}
    assert named == {"status", "origin", "agent", "project", "tag", "q", "since", "until", "sort", "limit", "cursor"}
    for path in document["paths"].values():
        for asked in path.values():
            for status, answer in asked["responses"].items():
                schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
                shape = schema.get("$ref", "").rpartition("/")[2]
                assert shape == "ErrorShape" or status[0] == "2" or status == "503"
    assert "http" not in said.text


def test_asyncapi_describes_what_is_said_both_ways(api: TestClient[Any]) -> None:
    document = api.get("/asyncapi.json").json()
    assert (document["asyncapi"], document["channels"]["live"]["address"]) == ("3.0.0", "/ws")
    shapes = document["components"]["schemas"]
    messages = document["channels"]["live"]["messages"]
    for name, said in (("server", "session:tokens"), ("client", "resume")):
        mapping = messages[name]["payload"]["discriminator"]["mapping"]
        assert mapping[said].rpartition("/")[2] in shapes
    assert set(shapes["SessionShape"]["required"]) == set(shapes["SessionShape"]["properties"])
    assert "types" not in shapes["Subscribe"].get("required", [])


def test_a_session_is_named_tagged_and_described(api: TestClient[Any]) -> None:
    place = f"/api/sessions/{1:016x}"
    said = api.patch(place, json={"name": " Door ", "tags": ["B", "a", "b"], "description": "why"})
    assert (said.status_code, said.json()["name"], said.json()["tags"]) == (200, "Door", ["a", "b"])
    assert api.patch(place, json={}).json() == said.json()
    cleared = api.patch(place, json={"name": None, "tags": None, "description": ""}).json()
    assert (cleared["name"], cleared["tags"], cleared["description"]) == (None, [], None)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "a\u0007b"}, "unfit_label"),
        ({"name": "x" * 81}, "bad_parameter"),
        ({"tags": ["two words"]}, "unfit_label"),
        ({"hidden": 1}, "bad_parameter"),
        ({"nmae": "x"}, "bad_parameter"),
        ([], "bad_parameter"),
    ],
)
def test_words_that_cannot_be_kept_are_refused(api: TestClient[Any], change: object, code: str) -> None:
    said = api.patch(f"/api/sessions/{1:016x}", json=change)
    assert (said.status_code, said.json()["error"]["code"]) == (400, code)


@pytest.mark.parametrize("body", [b"", b"{", b'{"name": "\xff"}', b'{"name": "\\ud800"}', b"[" * 100_000])
def test_a_body_that_is_no_json_is_refused_without_a_failure(
    api: TestClient[Any], body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    said = api.patch(f"/api/sessions/{1:016x}", content=body, headers={"content-type": "application/json"})
    assert (said.status_code, said.json()["error"]["code"]) == (400, "bad_body")
    assert not caplog.records


def test_a_name_that_is_taken_a_session_that_is_not_there_and_one_of_many_are_told_apart(api: TestClient[Any]) -> None:
    api.patch(f"/api/sessions/{1:016x}", json={"name": "Door"})
    taken = api.patch(f"/api/sessions/{2:016x}", json={"name": "Door"})
    assert (taken.status_code, taken.json()["error"]["code"]) == (409, "name_taken")
    assert api.patch("/api/sessions/nobody", json={"name": "x"}).status_code == 404
    assert api.delete("/api/sessions/nobody").status_code == 404
    assert api.patch("/api/sessions/0000", json={}).json()["error"]["code"] == "ambiguous_id"
    assert api.delete("/api/sessions/a%00b").status_code == 400
    assert api.delete("/api/sessions/%E2%80%AE").status_code == 404


def test_a_deleted_session_is_gone_until_it_is_brought_back(api: TestClient[Any]) -> None:
    place = f"/api/sessions/{2:016x}"
    assert (api.delete(place).status_code, api.delete(place).status_code) == (204, 404)
    assert numbers(api, "?sort=startedAt") == [4, 1, 3]
    assert api.patch(place, json={"hidden": False}).status_code == 200
    assert api.get(place).status_code == 200
    assert api.options(place).headers["allow"] == "DELETE, GET, OPTIONS, PATCH"
