"""The doors for OpenTelemetry: what exporters send, and how they are answered."""

from __future__ import annotations

import gzip
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import Any

import pytest
from litestar.testing import TestClient
from otlp_bodies import Body, encoded, logs, metric, metrics, packed, point, request
from server.running import running
from server.small_house import SmallHouse
from server.test_manual import caller_of, refused

from moonlock.live import telemetry
from moonlock.server import otlp
from moonlock.sources.otlp import NoProtobuf, Otlp, Signal, from_json

Client = TestClient[Any]
JSON = {"content-type": "application/json"}
PROTOBUF = {"content-type": "application/x-protobuf"}
BODIES: dict[str, Body] = {"/v1/logs": logs(request()), "/v1/metrics": metrics(metric("commit.count", point(1)))}


@pytest.fixture
def house() -> SmallHouse:
    return SmallHouse()


@pytest.fixture
def client(house: SmallHouse) -> Iterator[Client]:
    with caller_of(house) as caller:
        yield caller


def waiting(house: SmallHouse) -> list[Otlp]:
    return [said for said, _, _ in house.telemetry._waiting]


@pytest.mark.parametrize("path", BODIES)
def test_each_encoding_is_answered_in_kind_and_means_the_same(client: Client, house: SmallHouse, path: str) -> None:
    body = BODIES[path]
    answer = client.post(path, content=encoded(body), headers={"content-type": "application/json; charset=utf-8"})
    assert (answer.status_code, answer.json(), answer.headers["content-type"]) == (200, {}, "application/json")
    answer = client.post(path, content=packed(body), headers=PROTOBUF)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == "application/x-protobuf"
    first, second = waiting(house)
    assert type(first) is type(second)


def test_bodies_may_be_packed_and_bombs_are_refused(client: Client, house: SmallHouse) -> None:
    body = encoded(BODIES["/v1/logs"])
    for packing, sent in (("gzip", gzip.compress(body)), ("identity", body), ("GZIP", gzip.compress(body))):
        answer = client.post("/v1/logs", content=sent, headers={**JSON, "content-encoding": packing})
        assert answer.status_code == 200
    assert len(waiting(house)) == 3
    bomb = client.post(
        "/v1/logs", content=gzip.compress(b" " * 90_000_000), headers={**JSON, "content-encoding": "gzip"}
    )
    assert refused(bomb, 413) == "too_large"
    torn = client.post("/v1/logs", content=gzip.compress(body)[:-3], headers={**JSON, "content-encoding": "gzip"})
    assert refused(torn, 400) == "bad_otlp"
    other = client.post("/v1/logs", content=body, headers={**JSON, "content-encoding": "br"})
    assert refused(other, 415) == "unsupported_encoding"
    assert len(waiting(house)) == 3


def test_a_batch_may_have_four_megabytes(client: Client, house: SmallHouse) -> None:
    assert client.post("/v1/logs", content=b" " * 3_999_998 + b"{}", headers=JSON).status_code == 200
    assert refused(client.post("/v1/logs", content=b" " * 4_000_001, headers=JSON), 413) == "too_large"


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"resourceLogs":{}}', b"\xff", b"[" * 9_000])
def test_what_is_no_message_is_refused_and_nothing_is_kept(client: Client, house: SmallHouse, body: bytes) -> None:
    assert refused(client.post("/v1/logs", content=body, headers=JSON), 400) == "bad_otlp"
    if body:
        assert refused(client.post("/v1/logs", content=body, headers=PROTOBUF), 400) == "bad_otlp"
    assert not waiting(house)


def test_other_types_of_bodies_are_refused(client: Client) -> None:
    for kind in ("application/x-ndjson", "text/plain", "application/json2"):
        assert refused(client.post("/v1/logs", content=b"{}", headers={"content-type": kind}), 415)
    assert client.get("/v1/logs").status_code == 405
    assert client.options("/v1/metrics").headers["allow"] == "OPTIONS, POST"


def test_a_full_house_asks_the_exporter_to_come_again(
    client: Client, house: SmallHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telemetry, "MOST_WAITING", 10)
    assert client.post("/v1/logs", content=b"{}" + b" " * 9, headers=JSON).status_code == 200
    assert refused(client.post("/v1/logs", content=b"{}", headers=JSON), 503) == "busy"


def test_without_the_extra_protobuf_is_refused_with_the_way_out(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(signal: Signal, body: bytes) -> Otlp:
        raise NoProtobuf

    monkeypatch.setattr(otlp, "from_protobuf", none)
    answer = client.post("/v1/logs", content=b"", headers={**PROTOBUF, "content-length": "0"})
    assert refused(answer, 415) == "no_protobuf"
    assert "moonlock[otlp]" in answer.json()["error"]["hint"]


def test_the_extra_is_not_needed_for_json() -> None:
    program = (
        "import sys; sys.modules['google.protobuf'] = None; sys.modules['opentelemetry'] = None\n"
        "from moonlock.sources.otlp import NoProtobuf, from_json, from_protobuf\n"
        "from_json('logs', b'{}')\n"
        "try: from_protobuf('logs', b'')\n"
        "except NoProtobuf: print('as meant')"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, encoding="utf-8")
    assert said.stdout == "as meant\n"


def test_an_exporter_that_sends_in_chunks_is_heard_by_the_real_server() -> None:
    house, body = SmallHouse(), encoded(BODIES["/v1/logs"])
    with running(house=house) as server:
        link = HTTPConnection("127.0.0.1", server.port, timeout=10)
        pieces = (body[at : at + 50] for at in range(0, len(body), 50))
        link.request("POST", "/v1/logs", pieces, JSON, encode_chunked=True)
        answer = link.getresponse()
        assert (answer.status, answer.read()) == (200, b"{}")
        link.close()
    assert waiting(house) == [from_json("logs", body)]


def test_bodies_in_protobuf_are_read_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    at_work, most = [0], [0]

    def slow(signal: Signal, body: bytes) -> Otlp:
        at_work[0] += 1
        most[0] = max(most[0], at_work[0])
        time.sleep(0.05)
        at_work[0] -= 1
        return from_json(signal, b"{}")

    def send() -> int:
        link = HTTPConnection("127.0.0.1", server.port, timeout=10)
        try:
            link.request("POST", "/v1/logs", b"", {**PROTOBUF, "content-length": "0"})
            return link.getresponse().status
        finally:
            link.close()

    monkeypatch.setattr(otlp, "from_protobuf", slow)
    with running() as server, ThreadPoolExecutor(4) as exporters:
        assert [one.result() for one in [exporters.submit(send) for _ in range(4)]] == [200] * 4
    assert most == [1]


def test_the_token_is_asked_of_exporters_too_where_it_is_asked_of_everybody() -> None:
    with running(auth="always") as server:
        link = HTTPConnection("127.0.0.1", server.port, timeout=10)
        for headers, status in ((JSON, 401), ({**JSON, "authorization": f"Bearer {server.token}"}, 200)):
            link.request("POST", "/v1/logs", b"{}", headers)
            answer = link.getresponse()
            answer.read()
            assert answer.status == status
        link.close()
