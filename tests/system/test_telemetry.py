"""An exporter, the log of its session and the report on it, with a real server between them."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from claude_lines import MINUTE, encoded, said, usage
from otlp_bodies import PERSON, SESSION, Body, event, logs, metric, metrics, packed, point, request
from otlp_bodies import encoded as exported
from serving import Server, eventually, server
from system.asking import log_of

from moonlock.live.clock import now

LONG_AGO = now() - 30 * MINUTE
TOKENS = {"input_tokens": 10, "output_tokens": 5, "cache_read_tokens": 0, "cache_creation_tokens": 0}


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Server]:
    lines = [said("m1", "req_main", usage(10, 5), LONG_AGO, sessionId=SESSION)]
    log_of(tmp_path, SESSION).write_bytes(encoded(*lines))
    with server(tmp_path) as one:
        eventually(lambda: one.get("/api/analytics/usage")["totals"]["requests"] == 1)
        yield one


def post(started: Server, path: str, body: bytes, kind: str = "json") -> None:
    link = HTTPConnection("127.0.0.1", started.port, timeout=30)
    try:
        link.request("POST", path, body, {"content-type": f"application/{kind}"})
        assert link.getresponse().status == 200
    finally:
        link.close()


def report(started: Server) -> Any:
    return started.get(f"/api/sessions/{SESSION}/report")


def told() -> Body:
    own = request("req_main", LONG_AGO, **TOKENS, query_source="repl_main_thread")
    return logs(own, request("req_title", LONG_AGO, query_source="generate_title"), event("api_error", LONG_AGO))


def test_what_no_log_tells_stands_beside_the_totals_and_never_in_them(started: Server, tmp_path: Path) -> None:
    before = report(started)
    assert before["auxiliary"] is before["telemetry"] is None
    usual = started.get("/api/analytics/usage")["totals"]
    assert started.get("/health")["components"]["telemetry"]["findings"]
    for _ in range(2):
        post(started, "/v1/logs", exported(told()))
        post(started, "/v1/metrics", packed(metrics(metric("commit.count", point(2, LONG_AGO)))), "x-protobuf")
    eventually(lambda: (report(started)["telemetry"] or {}).get("commits") == 2)
    found = report(started)
    assert [one["source"] for one in found["auxiliary"]["bySource"]] == ["generate_title"]
    assert (found["auxiliary"]["requests"], found["auxiliary"]["costUsd"]) == (1, 0.0012)
    assert (found["telemetry"]["requests"], found["telemetry"]["errors"]) == (2, 1)
    assert (found["session"]["tokens"], found["session"]["costUsd"]) == (
        before["session"]["tokens"],
        before["session"]["costUsd"],
    )
    assert started.get("/api/analytics/usage")["totals"] == usual
    assert not started.get("/health")["components"]["telemetry"]["findings"]
    kept = b"".join(path.read_bytes() for path in (tmp_path / "moonlock").rglob("*") if path.is_file())
    assert SESSION.encode() in kept and not [secret for secret in PERSON.values() if secret.encode() in kept]
    with log_of(tmp_path, SESSION).open("ab") as log:  # the log was only late
        title = usage(100, 20, 400, 3000)
        log.write(encoded(said("m2", "req_title", title, LONG_AGO, sessionId=SESSION)))
    eventually(lambda: report(started)["auxiliary"]["requests"] == 0)
