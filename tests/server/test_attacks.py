"""Every door is tried with every attack, and a door that nobody has thought of fails the build."""

from collections.abc import Mapping

import pytest
from litestar.exceptions import WebSocketDisconnect
from litestar.routes import HTTPRoute, WebSocketRoute
from litestar.testing import TestClient

from moonlock.live import Engine
from moonlock.server import app
from moonlock.server.guard import HEADERS, Access, Guard

HERE = "127.0.0.1:4317"
PAGE = f"http://{HERE}"
TOKEN = {"authorization": "Bearer s3cret"}
FILLED = {"path": "openapi.json"}  # one value for every path parameter; a new one is a KeyError until it is listed
MEANT = {"/", "/health", "/api/now", "/ws", "/openapi.json", "/openapi.json/openapi.json"}

FOREIGN_HOSTS = ["evil.example", "evil.example:4317", "127.0.0.1.nip.io:4317", "localhost.:4317", "127.0.0.1:1", ""]
FOREIGN_ORIGINS = ["https://evil.example", "null", "http://127.0.0.1:9999", "http://localhost.:4317"]


def doors(engine: Engine) -> list[tuple[str, str]]:
    found = []
    for route in app(engine).routes:
        assert isinstance(route, HTTPRoute | WebSocketRoute), f"{route.path}: a mounted application needs its own cases"
        path = route.path_format.format(**FILLED)
        found += [(method, path) for method in (route.methods if isinstance(route, HTTPRoute) else ["WEBSOCKET"])]
    return found


def shell(door: tuple[str, str]) -> bool:
    return door[0] in {"GET", "HEAD", "OPTIONS"} and door[1] == "/"  # the page itself, which holds no data


def answers(engine: Engine, headers: Mapping[str, str], *, closed: bool = False) -> dict[tuple[str, str], int]:
    """What each door says to these headers: a status, or 1008 when a WebSocket was refused before its accept."""
    access = Access(frozenset({HERE, "localhost:4317", "[::1]:4317"}), "s3cret", closed)
    with TestClient(Guard(app(engine), access), base_url=PAGE) as client:
        return {door: answer(client, *door, headers) for door in doors(engine)}


def answer(client: TestClient, method: str, path: str, headers: Mapping[str, str]) -> int:  # type: ignore[type-arg]
    if method != "WEBSOCKET":
        said = client.request(method, path, headers=dict(headers))
        assert set(HEADERS) <= set(said.headers)
        assert said.status_code < 400 or set(said.json()) == {"error"}
        return said.status_code
    try:
        with client.websocket_connect(path, headers=dict(headers)):
            return 101
    except WebSocketDisconnect as refused:
        return refused.code


def test_there_is_no_door_but_those_meant(engine: Engine) -> None:
    assert {path for _, path in doors(engine)} == MEANT


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_foreign_host_gets_nothing_not_even_with_the_token(engine: Engine, host: str) -> None:
    assert set(answers(engine, {"host": host, "origin": PAGE, **TOKEN}).values()) <= {400, 403, 1008}


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_a_foreign_page_gets_nothing(engine: Engine, origin: str) -> None:
    assert set(answers(engine, {"origin": origin}).values()) == {403, 1008}


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_foreign_page_that_hides_its_origin_gets_nothing(engine: Engine, site: str) -> None:
    assert set(answers(engine, {"sec-fetch-site": site}).values()) == {403, 1008}


@pytest.mark.parametrize("host", [HERE, "localhost:4317", "LOCALHOST:4317", "[::1]:4317"])
def test_our_own_page_gets_in_by_each_of_our_names(engine: Engine, host: str) -> None:
    assert set(answers(engine, {"host": host, "origin": PAGE}).values()) <= {101, 200, 204}


def test_a_websocket_without_origin_needs_the_token(engine: Engine) -> None:
    assert answers(engine, {})["WEBSOCKET", "/ws"] == 1008
    assert answers(engine, TOKEN)["WEBSOCKET", "/ws"] == 101


@pytest.mark.parametrize(
    "said", [{}, {"authorization": "Bearer s3cre"}, {"authorization": "s3cret"}, {"cookie": "moonlock=old"}]
)
def test_a_closed_house_asks_everyone_for_the_token(engine: Engine, said: dict[str, str]) -> None:
    answered = answers(engine, {"origin": PAGE, **said}, closed=True).items()
    assert {status for door, status in answered if not shell(door)} == {401, 1008}


@pytest.mark.parametrize("said", [TOKEN, {"cookie": "moonlock=s3cret"}, {"cookie": 'a@b={"j":1}; moonlock=s3cret'}])
def test_a_closed_house_opens_to_the_token(engine: Engine, said: dict[str, str]) -> None:
    assert set(answers(engine, {"origin": PAGE, **said}, closed=True).values()) <= {101, 200, 204}


@pytest.mark.parametrize("path", ["/api/%00", "/api/..%5c..%5cx", "/%0a"])
def test_a_path_with_control_characters_is_refused(engine: Engine, path: str) -> None:
    with TestClient(Guard(app(engine), Access(frozenset({HERE}), "s3cret")), base_url=PAGE) as client:
        assert client.get(path).status_code == 400


def posted(engine: Engine, headers: dict[str, str]) -> int:
    with TestClient(Guard(app(engine), Access(frozenset({HERE}), "s3cret")), base_url=PAGE) as client:
        return client.post("/api/now", content=b"{}", headers=headers).status_code


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_form_changes_nothing_whoever_sends_it(engine: Engine, kind: str) -> None:
    assert posted(engine, {"content-type": kind}) == 415


def test_a_script_without_origin_reaches_the_rest_api(engine: Engine) -> None:
    assert posted(engine, {"content-type": "application/json"}) == 405  # so the guard let it pass


@pytest.mark.parametrize("sign", [{"cookie": "moonlock=s3cret"}, {"sec-fetch-site": "same-origin"}])
def test_a_browser_without_origin_does_not(engine: Engine, sign: dict[str, str]) -> None:
    assert posted(engine, {"content-type": "application/json", **sign}) == 403
