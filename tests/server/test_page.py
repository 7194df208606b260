"""The built page: only what is in the list, packed where a browser takes it, kept where its name carries a hash."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient
from server.small_house import SmallHouse

from moonlock.live.clock import now
from moonlock.server.access import access
from moonlock.server.app import build
from moonlock.server.guard import HEADERS
from moonlock.server.keys import Keys
from moonlock.server.page import Page
from moonlock.server.site import Site

SCRIPT = b"console.log('moon')"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    web = tmp_path / "web"
    (web / "assets").mkdir(parents=True)
    (web / "index.html").write_text("<!doctype html><title>Moonlock</title>")
    (web / "favicon.svg").write_text("<svg/>")
    (web / "manifest.webmanifest").write_text("{}")
    (web / ".source-sha256").write_text("digest")
    (web / "assets" / "app-1a2b.js").write_bytes(SCRIPT)
    (web / "assets" / "app-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT))
    (web / "assets" / "app-1a2b.js.br").write_bytes(b"not really brotli")
    (web / "assets" / "app-1a2b.js.map").write_text("{}")
    (web / "assets" / "app.css").write_text("a{}")
    secret = tmp_path / "secret.js"
    secret.write_text("secret")
    (web / "assets" / "link.js").symlink_to(secret)
    (web / "assets" / "app.css.gz").symlink_to(secret)
    return web


def browser(page: Page) -> TestClient[Any]:
    app = build(SmallHouse(), Site(page), access(("127.0.0.1", 3001)), Keys(lambda: "t", now))
    return TestClient(app, base_url="http://127.0.0.1:3001")


@pytest.fixture
def tab(folder: Path) -> Iterator[TestClient[Any]]:
    with browser(Page.read(folder)) as found:
        yield found


@pytest.mark.parametrize("path", ["/", "/index.html"])
def test_the_page_is_always_asked_for_anew(tab: TestClient[Any], path: str) -> None:
    said = tab.get(path)
    assert said.text == "<!doctype html><title>Moonlock</title>"
    assert said.headers["content-type"] == "text/html; charset=utf-8"
    assert said.headers["cache-control"] == "no-store"
    assert tab.get("/favicon.svg").headers["content-type"] == "image/svg+xml"
    assert tab.get("/manifest.webmanifest").headers["content-type"] == "application/manifest+json"


def test_an_asset_is_kept_forever(tab: TestClient[Any]) -> None:
    said = tab.get("/assets/app-1a2b.js", headers={"accept-encoding": "identity"})
    assert said.content == SCRIPT
    assert said.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert said.headers["content-type"] == "text/javascript; charset=utf-8"
    assert set(HEADERS) <= set(said.headers)


@pytest.mark.parametrize(
    ("takes", "gets"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("GZIP;q=0.5", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("gzip; q=0", None),
        ("identity", None),
        ("", None),
    ],
)
def test_a_browser_gets_the_packed_file_that_it_takes(folder: Path, takes: str, gets: str | None) -> None:
    with browser(Page.read(folder)) as tab:
        request = tab.build_request("GET", "/assets/app-1a2b.js", headers={"accept-encoding": takes})
        said = tab.send(request, stream=True)
        assert said.headers.get("content-encoding") == gets
        assert said.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("name", ["link.js", "app-1a2b.js.map", "app-1a2b.js.gz", ".source-sha256", "none.js"])
def test_nothing_else_in_the_folder_can_be_had(tab: TestClient[Any], name: str) -> None:
    said = tab.get(f"/assets/{name}")
    assert (said.status_code, said.headers["cache-control"]) == (404, "no-store")


def test_a_packed_file_that_is_a_link_is_not_followed(tab: TestClient[Any]) -> None:
    assert "content-encoding" not in tab.get("/assets/app.css").headers


def test_a_built_page_is_healthy(tab: TestClient[Any]) -> None:
    assert tab.get("/health").json()["components"]["page"]["status"] == "healthy"


def test_a_page_that_was_not_built_says_so_and_the_rest_works(tmp_path: Path) -> None:
    with browser(Page.read(tmp_path / "none")) as tab:
        person = tab.get("/", headers={"accept": "text/html,*/*"})
        assert (person.status_code, person.headers["content-type"]) == (503, "text/plain; charset=utf-8")
        assert "make setup" in person.text
        assert tab.get("/").json()["error"]["code"] == "page_not_built"
        health = tab.get("/health")
        assert (health.status_code, health.json()["status"]) == (200, "degraded")
        assert health.json()["components"]["page"]["findings"][0]["code"] == "page_not_built"
        assert tab.get("/api/now").status_code == 200
