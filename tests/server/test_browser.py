"""The attacks once more from a real Chromium, which sends what no list of headers foresees; and our own page, live."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from chromium import launched
from playwright.sync_api import Browser, expect
from server.running import Running, running

from moonlock.server.page import Page, PageFile
from moonlock.server.site import Site

REBOUND = "--host-resolver-rules=MAP evil.example 127.0.0.1"
SCRIPT = b"""
const socket = new WebSocket(`ws://${location.host}/ws`);
socket.onmessage = async (event) => {
  const now = await (await fetch("/api/now")).json();
  document.title = `${JSON.parse(event.data).type} ${now.epoch}`;
};
"""
INDEX = b'<!doctype html><link rel="icon" href="/favicon.svg"><script type="module" src="/assets/a.js"></script>'
OURS = Page(
    {
        "/index.html": PageFile("text/html", INDEX, {}),
        "/favicon.svg": PageFile("image/svg+xml", b'<svg xmlns="http://www.w3.org/2000/svg"/>', {}),
        "/assets/a.js": PageFile("text/javascript", SCRIPT, {}),
    }
)
# Everything that a page can try against another; resolves to what it got.
ATTACK = """async (target) => {
  const http = `http://${target}`, got = {};
  const attempt = async (name, what) => { try { got[name] = await what(); } catch { got[name] = "failed"; } };
  const text = (path, init) => fetch(http + path, init).then(async (answer) => answer.type + (await answer.text()));
  await attempt("read", () => text("/api/now"));
  await attempt("page", () => text("/"));
  await attempt("write", () => text("/api/sessions", {method: "POST", body: "{}"}));
  const json = {method: "POST", body: "{}", headers: {"content-type": "application/json"}};
  await attempt("json", () => text("/api/now", json));
  const blind = (answer) => answer.type + answer.status;
  await attempt("blind", () => fetch(http + "/api/now", {mode: "no-cors"}).then(blind));
  const load = (tag) => () => new Promise((done) => {
    const part = document.createElement(tag);
    part.onload = () => done("loaded");
    part.onerror = () => done("failed");
    part.src = http + (tag === "script" ? "/assets/a.js" : "/favicon.svg");
    document.body.append(part);
  });
  await attempt("image", load("img"));
  await attempt("script", load("script"));
  await attempt("socket", () => new Promise((done) => {
    const socket = new WebSocket(`ws://${target}/ws`);
    socket.onmessage = (event) => done(event.data);
    socket.onclose = () => done("failed");
  }));
  return got;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched(REBOUND) as found:
        yield found


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running(Site(OURS)) as found:
        yield found


class Elsewhere(BaseHTTPRequestHandler):
    """An empty page without any policy."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><body>")

    def log_message(self, format: str, *args: object) -> None:
        return


@contextmanager
def elsewhere() -> Iterator[int]:
    """A server of somebody else, on another port of this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as other:
        threading.Thread(target=other.serve_forever).start()
        yield other.server_port
        other.shutdown()


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "evil.example"])
@pytest.mark.parametrize("target", ["127.0.0.1", "localhost", "evil.example"])
def test_a_page_from_elsewhere_gets_nothing_by_any_name(
    browser: Browser, server: Running, name: str, target: str
) -> None:
    with elsewhere() as port:
        page = browser.new_page()
        page.goto(f"http://{name}:{port}/")
        got: dict[str, str] = page.evaluate(ATTACK, f"{target}:{server.port}")
        page.close()
    # An opaque answer has no status and no text; the image shows that the browser got no byte of it.
    assert got.pop("blind") in ("failed", "opaque0")
    assert set(got.values()) == {"failed"}, got


def test_a_name_that_was_rebound_to_us_gets_the_refusal_alone(browser: Browser, server: Running) -> None:
    page = browser.new_page()
    said = page.goto(f"http://evil.example:{server.port}/")
    assert said is not None
    assert (said.status, said.json()["error"]["code"]) == (403, "foreign_host")
    got: dict[str, str] = page.evaluate("fetch('/api/now').then((answer) => answer.json())")
    page.close()
    assert set(got) == {"error"}


def test_our_page_stays_empty_in_a_frame(browser: Browser, server: Running) -> None:
    with elsewhere() as port:
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{port}/")
        page.evaluate(
            """(url) => new Promise((done) => {
              const frame = document.createElement("iframe");
              frame.onload = done;
              frame.src = url;
              document.body.append(frame);
            })""",
            server.origin,
        )
        assert "a.js" not in page.frames[1].content()
        page.close()


def test_our_own_page_is_live_under_its_policy(browser: Browser, server: Running) -> None:
    page, errors = browser.new_page(), list[str]()
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(server.origin)
    expect(page).to_have_title("hello epoch-1")
    page.close()
    assert errors == []
