"""A real server that is killed while it calls somebody: the message comes through once it can, and not again."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from serving import PATIENCE, Server, server


class Somebody(ThreadingHTTPServer):
    """Takes messages, but the first ones only once it may."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Taking)
        self.heard: list[str] = []
        self.taken: list[str] = []
        self.arrived, self.may = threading.Semaphore(0), threading.Event()


class Taking(BaseHTTPRequestHandler):
    server: Somebody

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        name = self.headers["X-Moonlock-Delivery"]
        self.server.heard.append(name)
        self.server.arrived.release()
        if self.server.may.wait(PATIENCE):
            self.send_response(204)
            self.end_headers()
            self.server.taken.append(name)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@contextmanager
def somebody() -> Iterator[Somebody]:
    one = Somebody()
    thread = threading.Thread(target=one.serve_forever)
    thread.start()
    try:
        yield one
    finally:
        one.may.set()
        one.shutdown()
        thread.join()
        one.server_close()


def posted(to: Server, path: str, body: object) -> Any:
    sent = urllib.request.Request(
        to.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(sent, timeout=PATIENCE) as reply:
        return json.load(reply)


def deliveries(of: Server) -> list[str]:
    return [one["state"] for alert in of.get("/api/alerts")["alerts"] for one in alert["deliveries"]]


def test_a_message_survives_a_kill_and_is_taken_once(tmp_path: Path) -> None:
    with somebody() as one:
        own = tmp_path / "moonlock"
        own.mkdir(mode=0o700)
        hook = {"url": f"http://127.0.0.1:{one.server_address[1]}/", "allow_private": True}
        rules = {"budget-95": {"enabled": False}}
        (own / "config.yaml").write_text(json.dumps({"alert_webhooks": [hook], "alert_rules": rules}))
        with server(tmp_path) as first:
            uid = posted(first, "/api/sessions", {"name": "Login", "tokenBudget": 100})["id"]
            posted(first, f"/api/sessions/{uid}/tokens", {"tokensUsed": 90})
            assert one.arrived.acquire(timeout=PATIENCE)
            assert deliveries(first) == ["waiting"]
            first.kill()
        one.may.set()
        with server(tmp_path) as second:
            assert one.arrived.acquire(timeout=PATIENCE)
            assert posted(second, "/api/alert-channels/webhook-1/test", {})["sent"]  # one at a time: the first is over
            assert deliveries(second) == ["sent"]
    again = [name for name in one.heard if not name.startswith("test-")]
    assert len(again) == 2 and len({*again}) == 1
