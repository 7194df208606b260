"""What no client library can be made to send, over a raw socket to the real server."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator

import pytest
from server.running import Running, running

from moonlock.server import protocol
from moonlock.server.guard import HEADERS


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running() as found:
        yield found


def sent(server: Running, *lines: str, body: bytes = b"") -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer to exactly these lines."""
    text = "\r\n".join(line.replace("HERE", f"127.0.0.1:{server.port}") for line in lines) + "\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), 5) as line:
        line.sendall(text.encode("latin-1") + body)
        line.shutdown(socket.SHUT_WR)
        said = b""
        while part := line.recv(65_536):
            said += part
    head, _, rest = said.partition(b"\r\n\r\n")
    first, *others = head.decode("latin-1").split("\r\n")
    pairs = (other.split(": ", 1) for other in others)
    return int(first.split()[1]), {name.lower(): value for name, value in pairs}, rest


UPGRADE = ("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13")
KEY = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="

REFUSED = {
    "two hosts": ("GET /api/now HTTP/1.1", "Host: HERE", "Host: evil.example"),
    "two hosts, one of them ours twice": ("GET /api/now HTTP/1.1", "Host: HERE", "Host: HERE"),
    "no host": ("GET /api/now HTTP/1.1",),
    "HTTP/1.0 without host": ("GET /api/now HTTP/1.0",),
    "absolute form": ("GET http://HERE/api/now HTTP/1.1", "Host: HERE"),
    "absolute form of another": ("GET http://evil.example/ HTTP/1.1", "Host: HERE"),
    "authority form": ("CONNECT evil.example:443 HTTP/1.1", "Host: HERE"),
    "star": ("OPTIONS * HTTP/1.1", "Host: HERE"),
    "a way up": ("GET /assets/../../etc/passwd HTTP/1.1", "Host: HERE"),
    "a way up at the end": ("GET /.. HTTP/1.1", "Host: HERE"),
    "a way up, hidden": ("GET /assets/%2e%2e/%2e%2e/etc/passwd HTTP/1.1", "Host: HERE"),
    "NUL": ("GET /assets/%00 HTTP/1.1", "Host: HERE"),
    "backslash": ("GET /assets\\..\\x HTTP/1.1", "Host: HERE"),
    "empty host": ("GET /api/now HTTP/1.1", "Host: "),
    "foreign host": ("GET /api/now HTTP/1.1", "Host: evil.example"),
    "user-info in host": ("GET /api/now HTTP/1.1", "Host: HERE@evil.example"),
    "list of hosts": ("GET /api/now HTTP/1.1", "Host: HERE, evil.example"),
    "two origins": ("GET /api/now HTTP/1.1", "Host: HERE", "Origin: http://HERE", "Origin: https://evil.example"),
    "two tokens": ("GET /api/now HTTP/1.1", "Host: HERE", "Authorization: Bearer a", "Authorization: Bearer b"),
    "folded header": ("GET /api/now HTTP/1.1", "Host: HERE", " evil.example"),
    "no HTTP": ("HELLO",),
    "TLS": ("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",),
    "websocket of another page": ("GET /ws HTTP/1.1", "Host: HERE", "Origin: https://evil.example", *UPGRADE, KEY),
    "websocket of a foreign host": ("GET /ws HTTP/1.1", "Host: evil.example", "Origin: http://HERE", *UPGRADE, KEY),
    "websocket without key": ("GET /ws HTTP/1.1", "Host: HERE", "Origin: http://HERE", *UPGRADE),
    "websocket with a short key": ("GET /ws HTTP/1.1", "Host: HERE", *UPGRADE, "Sec-WebSocket-Key: AAAA"),
    "websocket elsewhere": ("GET /api/now HTTP/1.1", "Host: HERE", "Origin: http://HERE", *UPGRADE, KEY),
    "websocket by POST": ("POST /ws HTTP/1.1", "Host: HERE", *UPGRADE, KEY),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_in_the_one_shape_with_every_header(server: Running, name: str) -> None:
    status, headers, body = sent(server, *REFUSED[name])
    assert status in (400, 403, 404, 405)
    assert set(json.loads(body)["error"]) == {"code", "message", "hint"}
    assert set(HEADERS) <= set(headers)
    assert headers["cache-control"] == "no-store"
    assert "server" not in headers


def test_a_plain_request_is_answered(server: Running) -> None:
    status, headers, body = sent(server, "GET /api/now HTTP/1.1", "Host: HERE", "Connection: close")
    assert (status, json.loads(body)["epoch"]) == (200, "epoch-1")
    assert "server" not in headers


def test_http_1_0_with_host_is_answered(server: Running) -> None:
    assert sent(server, "GET /health HTTP/1.0", "Host: HERE")[0] == 200


def test_a_head_request_says_how_long_the_answer_would_be(server: Running) -> None:
    status, headers, body = sent(server, "HEAD /api/now HTTP/1.1", "Host: HERE", "Connection: close")
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 100


def test_a_promised_body_of_100_mb_is_refused_before_it_comes(server: Running) -> None:
    head = ("POST /api/now HTTP/1.1", "Host: HERE", "Content-Type: application/json", "Content-Length: 100000000")
    status, _, body = sent(server, *head, body=b"[" * 1000)
    assert (status, json.loads(body)["error"]["code"]) == (413, "too_large")


def test_a_head_without_end_is_refused(server: Running) -> None:
    with socket.create_connection(("127.0.0.1", server.port), 5) as line:
        line.sendall(b"GET / HTTP/1.1\r\nX-Long: ")
        with pytest.raises(OSError, match=r"reset|pipe"):
            while True:
                line.sendall(b"a" * 8_192)
    assert sent(server, "GET /health HTTP/1.1", "Host: HERE", "Connection: close")[0] == 200


def test_an_address_that_another_program_forwards_is_not_believed(server: Running) -> None:
    said = sent(server, "GET /api/now HTTP/1.1", "Host: evil.example", "X-Forwarded-Host: HERE", "Connection: close")
    assert said[0] == 403


def test_the_connections_that_say_nothing_make_room_for_those_that_speak(server: Running) -> None:
    silent = [socket.create_connection(("127.0.0.1", server.port), 5) for _ in range(protocol.WAITING + 50)]
    try:
        began = time.monotonic()
        assert sent(server, "GET /api/now HTTP/1.1", "Host: HERE", "Connection: close")[0] == 200
        assert time.monotonic() - began < 1
        silent[0].settimeout(2)
        assert silent[0].recv(1) == b""
    finally:
        for line in silent:
            line.close()


def test_half_a_head_after_an_answer_waits_no_longer_than_a_first_one(server: Running) -> None:
    with socket.create_connection(("127.0.0.1", server.port), 5) as line:
        line.sendall(f"GET /health HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode())
        assert answered(line).startswith(b"HTTP/1.1 200")
        line.sendall(b"GET /hea")
        time.sleep(0.2)
        (waiting,) = [one for one in server.door.server_state.connections if isinstance(one, protocol.PatientHttp)]
        assert waiting.waits
        line.sendall(f"lth HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode())
        assert answered(line).startswith(b"HTTP/1.1 200")
        assert not waiting.waits


def answered(line: socket.socket) -> bytes:
    """One whole answer of a connection that goes on."""
    said = b""
    while not said.endswith(b"}"):
        said += line.recv(65_536)
    return said
