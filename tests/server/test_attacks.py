"""Every door is tried with every attack, and a door that nobody has thought of fails the build."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import pytest
from litestar.exceptions import WebSocketDisconnect
from litestar.routes import HTTPRoute, WebSocketRoute
from litestar.testing import TestClient
from server.small_house import EXPORT, SmallHouse

from moonlock.live.clock import now
from moonlock.server.access import access
from moonlock.server.app import build, routes
from moonlock.server.guard import HEADERS
from moonlock.server.keys import Keys, sealed
from moonlock.server.page import Page, PageFile
from moonlock.server.site import Site

PORT = 4317
HERE = f"127.0.0.1:{PORT}"
PAGE = f"http://{HERE}"
LISTED = "http://localhost:5173"
TOKEN = {"authorization": "Bearer s3cret"}
SESSION = sealed("s3cret", "session", "one")
FILLED = {"name": "a.js", "session_id": f"{1:016x}", "alert_id": "a", "channel_id": "webhook-1", "key": f"{5:016x}"}
FILLED["suggestion_key"] = "rebuild-idle"
"""A new parameter is a KeyError until it is listed."""
MEANT = {
    "/",
    "/index.html",
    "/favicon.svg",
    "/manifest.webmanifest",
    "/assets/{name}",
    "/health",
    "/api/now",
    "/api/forecast",
    "/api/alerts",
    "/api/alerts/{alert_id}/acknowledge",
    "/api/analytics/usage",
    "/api/blocks",
    "/api/context",
    "/api/explain",
    "/api/objectives",
    "/api/prices",
    "/api/projects",
    "/api/quota",
    "/api/settings",
    "/api/sources",
    "/api/tools",
    "/metrics",
    "/api/sessions",
    "/api/sessions/{session_id}",
    "/api/sessions/{session_id}/checkpoints",
    "/api/sessions/{session_id}/checkpoints/{key}/accept",
    "/api/sessions/{session_id}/checkpoints/{key}/dismiss",
    "/api/sessions/compare",
    "/api/checkpoints/suggested",
    "/api/sessions/{session_id}/end",
    "/api/sessions/{session_id}/report",
    "/api/sessions/{session_id}/tokens",
    "/api/sessions/{session_id}/context",
    "/api/sessions/{session_id}/commands",
    "/api/sessions/{session_id}/events",
    "/api/sessions/{session_id}/files",
    "/api/sessions/{session_id}/objectives",
    "/api/sessions/{session_id}/timeline",
    "/api/sessions/{session_id}/tools",
    "/api/sessions/{session_id}/transcript",
    "/api/sessions/{session_id}/export",
    "/api/sessions/import",
    "/api/export",
    "/api/import",
    "/api/backup",
    "/api/suggestions",
    "/api/suggestions/{suggestion_key}",
    "/api/alert-rules",
    "/api/alert-rules/preview",
    "/api/alert-channels",
    "/api/alert-channels/{channel_id}/test",
    "/api/hooks/claude-code",
    "/api/statusline",
    "/v1/logs",
    "/v1/metrics",
    "/openapi.json",
    "/asyncapi.json",
    "/ws",
}
FREE = {
    "/",
    "/index.html",
    "/favicon.svg",
    "/manifest.webmanifest",
    "/assets/a.js",
}  # the page itself, which holds no data

FOREIGN_HOSTS = [
    "evil.example",
    "evil.example:4317",
    "localhost.evil:4317",
    "127.0.0.1.nip.io:4317",
    "127.0.0.1@evil.example:4317",
    "localhost.:4317",
    "127.0.0.1:1",
    "127.0.0.1",
    "",
]
FOREIGN_ORIGINS = [
    "https://evil.example",
    "null",
    "http://127.0.0.1:9999",
    "http://localhost:9999",
    "http://localhost.:4317",
    "file://",
    "http://127.0.0.1:4317.evil.example",
    "http://127.0.0.1:4317/",
    "ftp://127.0.0.1:4317",
    "",
]
ASKED = {
    "/api/explain": "/api/explain?of=total",
    "/api/sessions/compare": "/api/sessions/compare?ids=end,report",
}
Door = tuple[str, str]
BUILT = Page({path: PageFile("text/plain", b"built", {}) for path in FREE} | {"/index.html": PageFile("a", b"", {})})
SITE = Site(BUILT)
BODIES = {
    ("PUT", "/api/alert-rules"): ("application/json", b'{"rules":[]}'),
    ("POST", "/api/alert-rules/preview"): ("application/json", b'{"rule":"anomaly"}'),
    ("PATCH", f"/api/sessions/{1:016x}"): ("application/json", b"{}"),
    ("POST", "/v1/logs"): ("application/json", b"{}"),
    ("POST", "/v1/metrics"): ("application/json", b"{}"),
    ("POST", "/api/import"): ("application/x-ndjson", EXPORT),
    ("POST", "/api/sessions/import"): ("application/x-ndjson", EXPORT),
    ("POST", "/api/sessions"): ("application/json", b'{"name":"x"}'),
    ("POST", "/api/sessions/tokens/tokens"): ("application/json", b'{"tokensUsed":1}'),
    ("POST", "/api/sessions/checkpoints/checkpoints"): ("application/json", b'{"phase":"p"}'),
}
BY_HAND = ("accept", "checkpoints", "dismiss", "end", "report", "tokens")
"""Doors of sessions by hand; each is tried with a session of that name."""


def doors() -> Iterator[Door]:
    for route in routes(SmallHouse(), SITE).routes:
        assert isinstance(route, HTTPRoute | WebSocketRoute), f"{route.path}: a mounted application needs its own cases"
        last = route.path_format.rpartition("/")[2]
        path = route.path_format.format(**FILLED | ({"session_id": last} if last in BY_HAND else {}))
        for method in route.methods if isinstance(route, HTTPRoute) else ["WEBSOCKET"]:
            yield method, ASKED.get(path, path)


SOCKETIO = ("GET", "/socket.io/?EIO=4&transport=polling")
# What is gone cannot be asked for any more.
DOORS = sorted([*doors(), SOCKETIO], key=lambda door: (door[0] == "DELETE", door))


def client(auth: Literal["auto", "always"] = "auto", host: str = "127.0.0.1") -> TestClient[Any]:
    """A browser, or anything else, in front of the guarded application."""
    rules = access((host, PORT), auth, allowed_origins=[LISTED])
    house = SmallHouse()
    house.start_by_hand(*BY_HAND)
    house.commit(FILLED["key"])
    house.alarm(FILLED["alert_id"])
    return TestClient(build(house, SITE, rules, Keys(lambda: "s3cret", now)), base_url=PAGE)


def answers(
    headers: Mapping[str, str], auth: Literal["auto", "always"] = "auto", host: str = "127.0.0.1"
) -> dict[Door, int]:
    """What each door says to these headers: a status, or 1008 when a WebSocket was refused before its accept."""
    with client(auth, host) as caller:
        return {door: answer(caller, *door, headers) for door in DOORS}


def answer(caller: TestClient[Any], method: str, path: str, headers: Mapping[str, str]) -> int:
    if method != "WEBSOCKET":
        kind, body = BODIES.get((method, path), ("", b""))
        typed = {"content-type": kind, **headers} if kind else dict(headers)
        said = caller.request(method, path, content=body or None, headers=typed)
        assert set(HEADERS) <= set(said.headers)
        assert said.headers.get("cache-control") == "no-store" or path.startswith("/assets/")
        assert said.status_code < 400 or set(said.json()["error"]) == {"code", "message", "hint"}
        # The small house has no logs: whoever is told that they are gone was let in.
        return 200 if said.status_code == 410 else said.status_code
    try:
        with caller.websocket_connect(path, headers=dict(headers)):
            return 101
    except WebSocketDisconnect as refused:
        return refused.code


def of_data(said: dict[Door, int]) -> set[int]:
    return {status for (_, path), status in said.items() if path not in FREE}


def test_there_is_no_door_but_those_meant() -> None:
    assert {route.path_format for route in routes(SmallHouse(), SITE).routes} == MEANT


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_foreign_host_gets_nothing_not_even_with_the_token(host: str) -> None:
    assert set(answers({"host": host, "origin": PAGE, **TOKEN}).values()) <= {400, 403, 1008}


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_a_foreign_page_gets_nothing(origin: str) -> None:
    assert set(answers({"origin": origin}).values()) == {403, 1008}


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_foreign_page_that_hides_its_origin_gets_nothing(site: str) -> None:
    said = answers({"sec-fetch-site": site, "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"})
    assert set(said.values()) == {403, 1008}


def test_a_link_elsewhere_may_lead_to_the_page_but_never_to_data() -> None:
    arriving = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    said = answers(arriving)
    assert said["GET", "/"] == 200
    assert of_data(said) == {403, 1008}
    framed = answers({**arriving, "sec-fetch-dest": "iframe"})
    assert set(framed.values()) == {403, 1008}


@pytest.mark.parametrize("host", [HERE, f"localhost:{PORT}", f"LOCALHOST:{PORT}", f"[::1]:{PORT}"])
def test_our_own_page_gets_in_by_each_of_our_names(host: str) -> None:
    assert set(answers({"host": host, "origin": PAGE, "sec-fetch-site": "same-origin"}).values()) <= {
        101,
        200,
        201,
        204,
    }


def test_a_script_without_origin_reads_everything_but_the_live_line() -> None:
    said = answers({})
    assert said.pop(("WEBSOCKET", "/ws")) == 1008
    assert set(said.values()) <= {200, 201, 204}
    assert set(answers(TOKEN).values()) <= {101, 200, 201, 204}


@pytest.mark.parametrize(
    "shown",
    [
        {},
        {"authorization": "Bearer s3cre"},
        {"authorization": "Bearer s3cret "[:-2]},
        {"authorization": "Bearer"},
        {"authorization": "Basic s3cret"},
        {"authorization": "s3cret"},
        {"cookie": f"moonlock_{PORT}=s3cret"},
        {"cookie": f"moonlock_{PORT}={sealed('old', 'session', 'one')}"},
        {"cookie": f"moonlock_1={SESSION}"},
        {"cookie": f"moonlock_{PORT}={sealed('s3cret', 'ticket', 'one')}"},
    ],
)
@pytest.mark.parametrize("place", [("always", "127.0.0.1"), ("auto", "0.0.0.0")])
def test_a_closed_house_asks_everyone_for_the_token(
    shown: dict[str, str], place: tuple[Literal["auto", "always"], str]
) -> None:
    assert of_data(answers({"origin": PAGE, **shown}, *place)) <= {401, 429, 1008}


@pytest.mark.parametrize(
    "shown", [TOKEN, {"cookie": f"moonlock_{PORT}={SESSION}"}, {"cookie": f'a@b={{"j":1}}; moonlock_{PORT}={SESSION}'}]
)
@pytest.mark.parametrize("place", [("always", "127.0.0.1"), ("auto", "0.0.0.0")])
def test_a_closed_house_opens_to_the_token(shown: dict[str, str], place: tuple[Literal["auto", "always"], str]) -> None:
    assert set(answers({"origin": PAGE, **shown}, *place).values()) <= {101, 200, 201, 204}


def test_a_closed_house_shows_its_empty_page() -> None:
    said = answers({"origin": PAGE}, "always")
    assert {said["GET", path] for path in FREE} == {200}


@pytest.mark.parametrize(
    "path",
    [
        "/api/%00",
        "/api/..%5c..%5cx",
        "/%0a",
        "/%2e%2e/etc/passwd",
        "/assets/..%2f..%2fx",
        "/assets/%00",
        "/a%7f",
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(path: str) -> None:
    with client() as caller:
        assert caller.get(path).status_code == 400


@pytest.mark.parametrize(
    "path", ["/%252e%252e/etc/passwd", "//etc/passwd", "/assets/x/y", "/api/sessions/%2e%2e%2fx", "/etc"]
)
def test_no_path_finds_a_foreign_file(path: str) -> None:
    with client() as caller:
        said = caller.get(path)
        assert said.status_code in (400, 404)
        assert "error" in said.json()


def posted(headers: Mapping[str, str], body: bytes = b"{}", host: str = "127.0.0.1") -> int:
    with client(host=host) as caller:
        return caller.post("/api/now", content=body, headers=dict(headers)).status_code


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp"]
)
@pytest.mark.parametrize("who", [{}, TOKEN, {"origin": PAGE}])
def test_a_form_changes_nothing_whoever_sends_it(kind: str, who: dict[str, str]) -> None:
    assert posted({"content-type": kind, **who}) == 415


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8", "application/x-ndjson"])
def test_a_script_without_origin_reaches_the_rest_api(kind: str) -> None:
    assert posted({"content-type": kind}) == 405  # so the guard let it pass


@pytest.mark.parametrize("sign", [{"cookie": "a=b"}, {"sec-fetch-site": "none"}, {"sec-fetch-mode": "cors"}])
def test_a_browser_without_origin_does_not(sign: dict[str, str]) -> None:
    assert posted({"content-type": "application/json", **sign}) == 403


def test_off_loopback_a_script_needs_the_token_to_change_anything() -> None:
    assert posted({"content-type": "application/json"}, host="0.0.0.0") == 403
    assert posted({"content-type": "application/json", **TOKEN}, host="0.0.0.0") == 405


@pytest.mark.parametrize("site", ["none", "same-site", "cross-site"])
def test_our_page_changes_things_only_from_itself(site: str) -> None:
    ours = {"content-type": "application/json", "origin": PAGE}
    assert posted({**ours, "sec-fetch-site": site}) == 403
    assert posted({**ours, "sec-fetch-site": "same-origin"}) == 405


def test_an_override_header_overrides_nothing() -> None:
    with client() as caller:
        said = caller.get("/api/now", headers={"x-http-method-override": "DELETE"})
        assert said.status_code == 200


def test_a_large_body_is_refused_by_what_it_promises() -> None:
    assert posted({"content-type": "application/json"}, b" " * 1_000_001) == 413
    assert posted({"content-type": "application/json"}, b" " * 1_000_000) == 405


def test_a_file_that_is_imported_may_be_larger_and_is_bounded_as_well() -> None:
    with client() as caller:
        for path in ("/api/import", "/api/sessions/import"):
            kind = {"content-type": "application/x-ndjson"}
            large = caller.post(path, content=b" " * 1_000_001, headers=kind)
            assert (large.status_code, large.json()["error"]["code"]) == (400, "unfit_import")
            promised = caller.post(path, content=b"{}", headers={**kind, "content-length": "64000001"})
            assert (promised.status_code, promised.json()["error"]["code"]) == (413, "too_large")
            assert caller.post(path, content=EXPORT, headers={"content-type": "text/plain"}).status_code == 415


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:9999"])
def test_no_page_is_told_that_it_may_read(origin: str) -> None:
    with client() as caller:
        asks = {"origin": origin, "access-control-request-method": "POST"}
        said = [caller.get("/api/now", headers=asks), caller.options("/api/now", headers=asks)]
        assert [one.status_code for one in said] == [403, 403]
        assert not [one for one in said if "access-control-allow-origin" in one.headers]


def test_a_listed_page_may_read_and_write_and_connect() -> None:
    asks = {"origin": LISTED, "sec-fetch-site": "same-site"}
    with client() as caller:
        read = caller.get("/api/now", headers=asks)
        wrote = caller.post("/api/now", headers={**asks, "content-type": "application/json"}, content=b"{}")
        asked = caller.options("/api/now", headers={**asks, "access-control-request-method": "POST"})
        assert (read.status_code, wrote.status_code, asked.status_code) == (200, 405, 204)
        assert {one.headers["access-control-allow-origin"] for one in (read, wrote, asked)} == {LISTED}
        assert {one.headers["vary"] for one in (read, wrote, asked)} == {"Origin"}
        assert answer(caller, "WEBSOCKET", "/ws", asks) == 101


def test_a_listed_page_needs_the_token_in_a_closed_house_but_may_ask_whether_it_may_send_it() -> None:
    with client("always") as caller:
        asks = {"origin": LISTED, "access-control-request-method": "GET"}
        assert caller.options("/api/now", headers=asks).status_code == 204
        assert caller.get("/api/now", headers=asks).status_code == 401
        assert caller.get("/api/now", headers={**asks, **TOKEN}).status_code == 200


def test_ten_wrong_tokens_are_enough_for_a_minute() -> None:
    with client("always") as caller:
        wrong = [caller.get("/api/now", headers={"authorization": f"Bearer {n}"}).status_code for n in range(12)]
        assert wrong == [401] * 10 + [429] * 2
        late = caller.get("/api/now", headers=TOKEN)
        assert (late.status_code, late.headers["retry-after"]) == (429, "60")
        assert caller.get("/api/now", headers={"cookie": f"moonlock_{PORT}={SESSION}"}).status_code == 200


def test_a_head_request_is_answered_like_get_without_the_body() -> None:
    with client() as caller:
        whole, head = caller.get("/api/now"), caller.head("/api/now")
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(whole.content))
