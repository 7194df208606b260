"""The live line over Socket.IO, with real clients: the same frames, the same guard, the same bounds."""

from __future__ import annotations

import gc
import http.client
import json
import os
import queue
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import socketio
from node_client import EXAMPLE, NODE, installed
from server.running import BARE, TOKEN, Running, running
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from moonlock.server.site import Pace, Site

# The library's client leaves its sockets to the collector when it is cut off; ours are closed.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
LISTED = "http://localhost:5173"
ONE, TWO = f"{1:016x}", f"{2:016x}"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
FIRST = "/socket.io/?EIO=4&transport=polling"
Heard = tuple[str, dict[str, Any]]


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running(allowed_origins=[LISTED]) as found:
        yield found


class Client:
    """A client of the library; what it hears waits in the order in which it came."""

    def __init__(self) -> None:
        self.io = socketio.Client(reconnection=False)
        self._heard: queue.Queue[Heard] = queue.Queue()
        self.io.on("*", lambda event, data: self._heard.put((event, data)))
        self.io.on("disconnect", lambda reason: self._heard.put(("disconnect", {"reason": reason})))

    def heard(self) -> Heard:
        return self._heard.get(timeout=10)

    def until(self, event: str) -> list[Heard]:
        """All that comes up to this event."""
        found = [self.heard()]
        while found[-1][0] != event:
            found.append(self.heard())
        return found

    def facts(self, number: int) -> list[int]:
        """The numbers of the next facts."""
        return [self.until("session:tool")[-1][1]["seq"] for _ in range(number)]

    def settled(self) -> None:
        """All that was asked before has been answered."""
        self.io.emit("ping", {"t": 1})
        self.until("pong")


@contextmanager
def client(
    server: Running, headers: Mapping[str, str] = BEARER, transports: tuple[str, ...] = ("polling", "websocket")
) -> Iterator[tuple[Client, dict[str, Any]]]:
    """A client that has been greeted, and its greeting."""
    made = Client()
    made.io.connect(server.origin, headers=dict(headers), transports=list(transports))
    try:
        event, hello = made.heard()
        assert event == "hello"
        yield made, hello
    finally:
        made.io.disconnect()
        del made
        gc.collect()


@pytest.mark.parametrize("transports", [("polling",), ("websocket",), ("polling", "websocket")])
def test_frames_are_events_with_their_data_and_when_it_was(server: Running, transports: tuple[str, ...]) -> None:
    with client(server, transports=transports) as (line, hello):
        assert (hello["protocol"], hello["epoch"], hello["seq"]) == (1, "epoch-1", server.house.hub.seq)
        server.tell(30)
        found = [line.until("session:tool")[-1][1] for _ in range(30)]
        assert [one["seq"] for one in found] == list(range(hello["seq"] + 1, hello["seq"] + 31))
        assert {(one["sessionId"], one["tool"], one["state"]) for one in found} == {(ONE, "Bash", "started")}
        assert all(one["timestamp"].endswith("Z") and one["sentAt"].endswith("Z") for one in found)


def test_a_choice_leaves_a_proof_and_a_ping_is_answered(server: Running) -> None:
    with client(server) as (line, hello):
        line.io.emit("subscribe", {"sessions": [TWO], "types": ["session:tool"]})
        line.settled()
        server.tell(5, ONE)
        server.tell(1, TWO)
        skip, fact = line.until("session:tool")
        assert (skip[0], skip[1]["to"]) == ("skip", hello["seq"] + 5)
        assert (fact[1]["sessionId"], fact[1]["seq"]) == (TWO, hello["seq"] + 6)


def test_who_was_away_learns_what_it_missed_and_nothing_twice(server: Running) -> None:
    with client(server) as (line, hello):
        server.tell(2)
        line.facts(2)
    server.tell(30)
    with client(server) as (line, _):
        line.io.emit("resume", {"epoch": hello["epoch"], "seq": hello["seq"] + 2})
        assert line.facts(30) == list(range(hello["seq"] + 3, hello["seq"] + 33))
        server.tell(1)
        assert line.facts(1) == [hello["seq"] + 33]


def test_what_cannot_be_told_begins_anew(server: Running) -> None:
    with client(server) as (line, _):
        line.io.emit("resume", {"epoch": "another", "seq": 0})
        assert [event for event, _ in line.until("hello")] == ["resync", "hello"]


def test_the_heart_beats() -> None:
    with running(Site(BARE.page, pace=Pace(heartbeat=0.1))) as server, client(server) as (line, hello):
        assert line.until("heartbeat")[-1][1]["seq"] == hello["seq"]


@pytest.mark.parametrize(
    ("event", "given"), [("nothing", {}), ("resume", {"seq": "1"}), ("subscribe", {"types": ["no"]}), ("ping", 5)]
)
def test_nonsense_is_answered_and_the_line_lives_on(server: Running, event: str, given: object) -> None:
    with client(server) as (line, _):
        line.io.emit(event, given)
        assert line.until("error")[-1][1]["code"] in ("bad_message", "unknown_type")
        line.settled()


@pytest.mark.parametrize("transports", [("polling",), ("websocket",)])
def test_a_client_that_floods_is_cut_off(server: Running, transports: tuple[str, ...]) -> None:
    with client(server, transports=transports) as (line, _), client(server) as (other, _):
        with suppress(Exception):  # the library fails in its own ways when it is cut off
            for number in range(200):
                line.io.emit("ping", {"t": number})
        eventually(lambda: server.house.hub.listeners == 1)
        other.settled()


def test_the_token_withdrawn_ends_the_line() -> None:
    beating = Site(BARE.page, pace=Pace(heartbeat=0.1))
    with running(beating, "always") as server, client(server, transports=("websocket",)) as (line, _):
        server.token = "another"
        line.until("disconnect")


def asked(
    server: Running, method: str, path: str, headers: Mapping[str, str], body: str | None = None
) -> tuple[int, Mapping[str, str], bytes]:
    caller = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        caller.request(method, path, body, dict(headers))
        said = caller.getresponse()
        return said.status, {name.lower(): value for name, value in said.getheaders()}, said.read()
    finally:
        caller.close()


FOREIGN = [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost:9999"}]


@pytest.mark.parametrize("headers", [*FOREIGN, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}])
def test_a_foreign_page_stays_out_and_is_told_nothing(server: Running, headers: dict[str, str]) -> None:
    status, said, body = asked(server, "GET", FIRST, headers)
    assert (status, json.loads(body)["error"]["code"]) == (403, "foreign_origin")
    assert "access-control-allow-origin" not in said
    posted = asked(server, "POST", f"{FIRST}&sid=x", {**headers, "Content-Type": "text/plain"}, "40")
    assert (posted[0], "access-control-allow-origin" in posted[1]) == (403, False)


@pytest.mark.parametrize("headers", [*FOREIGN, {}])
def test_a_foreign_page_gets_no_websocket_and_a_script_needs_the_token(
    server: Running, headers: dict[str, str]
) -> None:
    url = f"ws://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=websocket"
    with pytest.raises(InvalidStatus) as refused, connect(url, additional_headers=headers, proxy=None):
        pass
    assert refused.value.response.status_code == 403


def test_only_the_listed_page_may_read(server: Running) -> None:
    status, said, _ = asked(server, "GET", FIRST, {"Origin": LISTED, "Sec-Fetch-Site": "cross-site"})
    assert (status, said["access-control-allow-origin"], said["vary"]) == (200, LISTED, "Origin")
    question = {"Origin": LISTED, "Access-Control-Request-Method": "GET"}
    question["Access-Control-Request-Headers"] = "authorization"
    status, said, _ = asked(server, "OPTIONS", FIRST, question)
    assert (status, said["access-control-allow-origin"]) == (204, LISTED)
    assert "Authorization" in said["access-control-allow-headers"]


def test_a_foreign_host_stays_out_even_with_the_token(server: Running) -> None:
    assert asked(server, "GET", FIRST, {"Host": "evil.example", **BEARER})[0] == 403


def test_a_closed_house_asks_for_the_token() -> None:
    with running(auth="always") as server:
        assert asked(server, "GET", FIRST, {})[0] == 401
        assert asked(server, "GET", FIRST, BEARER)[0] == 200


@pytest.mark.parametrize(
    ("method", "query", "body", "status"),
    [
        ("GET", "EIO=3&transport=polling", None, 400),
        ("GET", "EIO=4&transport=polling&j=0", None, 400),
        ("GET", "EIO=4&transport=polling&sid=unknown", None, 400),
        ("GET", "EIO=4&transport=carrier-pigeon", None, 400),
        ("GET", "EIO=4&transport=websocket", None, 400),
        ("POST", "EIO=4&transport=polling&sid=unknown", "40", 400),
        ("POST", "EIO=4&transport=polling&sid=SID", "x", 400),
        ("POST", "EIO=4&transport=polling&sid=SID", "d=40", 400),
        ("POST", "EIO=4&transport=polling&sid=SID", '451-["x",{"_placeholder":true,"num":0}]', 400),
        ("POST", "EIO=4&transport=polling&sid=SID", "\x1e".join(["40"] * 17), 400),
        ("POST", "EIO=4&transport=polling&sid=SID", "40" + "x" * 70_000, 413),
        ("PUT", "EIO=4&transport=polling", "{}", 405),
    ],
)
def test_what_no_client_sends_is_refused_in_the_one_shape(
    server: Running, method: str, query: str, body: str | None, status: int
) -> None:
    opened = json.loads(asked(server, "GET", FIRST, BEARER)[2][1:])
    kind = {"Content-Type": "application/json" if method == "PUT" else "text/plain"}
    said = asked(server, method, f"/socket.io/?{query.replace('SID', opened['sid'])}", {**BEARER, **kind}, body)
    assert (said[0], set(json.loads(said[2])["error"])) == (status, {"code", "message", "hint"})


@pytest.mark.parametrize("text", ["x", "", "4[[[[", "4" + "[" * 60_000, "b4QA==", b"\x04binary", "9", "451-[]"])
def test_nonsense_on_the_websocket_ends_it_and_nothing_else(
    server: Running, text: str | bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    url = f"ws://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=websocket"
    with connect(url, additional_headers=BEARER, proxy=None) as line, client(server) as (other, _):
        line.send(text)
        with pytest.raises(ConnectionClosed) as ended:
            while True:
                line.recv(10)
        assert ended.value.rcvd is not None and ended.value.rcvd.code == 1008
        other.settled()
    assert capfd.readouterr().err == ""


def test_a_client_that_does_not_read_is_closed_and_harms_nobody() -> None:
    """It joins by polling and never asks again: frames wait in the line's bounded queue, not in the library's."""
    with running(Site(BARE.page, pace=Pace(sending=1))) as server, client(server) as (other, hello):
        sid = json.loads(asked(server, "GET", FIRST, BEARER)[2][1:])["sid"]
        path = f"{FIRST}&sid={sid}"
        assert asked(server, "POST", path, {**BEARER, "Content-Type": "text/plain"}, "40")[0] == 200
        eventually(lambda: server.house.hub.listeners == 2)
        server.tell(400)
        assert other.facts(400)[-1] == hello["seq"] + 400
        eventually(lambda: server.house.hub.listeners == 1)
        _, _, body = asked(server, "GET", path, BEARER)
        assert body.count(b"session:tool") <= 16


def eventually(true: Any) -> None:
    ended = time.monotonic() + 10
    while not true():
        assert time.monotonic() < ended
        time.sleep(0.02)


def test_there_are_no_more_lines_than_sockets_may_be(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    from moonlock.server import socketio as door

    monkeypatch.setattr(door, "SOCKETS", 0)
    status, said, body = asked(server, "GET", FIRST, BEARER)
    assert (status, json.loads(body)["error"]["code"], said["retry-after"]) == (429, "too_many_sockets", "60")


def test_a_poll_that_waits_does_not_hold_up_the_end(capfd: pytest.CaptureFixture[str]) -> None:
    with running() as server, client(server, transports=("polling",)):
        began = time.monotonic()
        server.call(server.door.leave)
        eventually(lambda: not server.door.server_state.tasks)
        assert time.monotonic() - began < 1
    assert capfd.readouterr().err == ""


def test_without_the_extra_the_address_says_how_to_get_it(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    from moonlock.server import socketio as door

    monkeypatch.setattr(door, "has_socketio", lambda: False)
    status, _, body = asked(server, "GET", FIRST, BEARER)
    assert (status, json.loads(body)["error"]["code"]) == (503, "no_socketio")


def test_the_library_is_not_loaded_before_somebody_comes() -> None:
    code = "import sys, moonlock.server.app; print('socketio' in sys.modules, 'engineio' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "False False\n"


@pytest.fixture(scope="module")
def example() -> Path:
    return installed() / "client.mjs"


@contextmanager
def run(example: Path, server: Running, **more: str) -> Iterator[subprocess.Popen[str]]:
    env = {**os.environ, "MOONLOCK_URL": server.origin, **more}
    with subprocess.Popen([NODE, example], env=env, stdout=subprocess.PIPE, encoding="utf-8") as process:
        try:
            yield process
        finally:
            process.kill()


def lines(process: subprocess.Popen[str], event: str) -> dict[str, Any]:
    """The next line about this event."""
    assert process.stdout is not None
    for text in process.stdout:
        said: dict[str, Any] = json.loads(text)
        if said["event"] == event:
            return said
    pytest.fail(f"the client ended before {event}")


@pytest.mark.parametrize("transports", ["polling", "websocket", "polling,websocket"])
@pytest.mark.parametrize("who", [{"MOONLOCK_ORIGIN": LISTED}, {"MOONLOCK_TOKEN": TOKEN}], ids=["listed", "token"])
def test_a_front_end_that_knows_only_the_names_of_events_works(
    server: Running, example: Path, who: dict[str, str], transports: str
) -> None:
    with run(example, server, MOONLOCK_TRANSPORTS=transports, **who) as process:
        hello = lines(process, "hello")
        server.tell(3)
        found = [lines(process, "session:tool") for _ in range(3)]
        assert [one["seq"] for one in found] == [hello["seq"] + 1, hello["seq"] + 2, hello["seq"] + 3]
        assert {one["tool"] for one in found} == {"Bash"} and all(one["timestamp"] for one in found)


@pytest.mark.parametrize("transports", ["polling", "websocket"])
@pytest.mark.parametrize("who", [{"MOONLOCK_ORIGIN": "http://localhost:9999"}, {"MOONLOCK_TOKEN": "wrong"}])
def test_a_front_end_that_is_not_listed_stays_out(
    server: Running, example: Path, who: dict[str, str], transports: str
) -> None:
    more = {"MOONLOCK_ORIGIN": "http://localhost:9999", **who}
    with run(example, server, MOONLOCK_TRANSPORTS=transports, **more) as process:
        said, _ = process.communicate(timeout=20)
    assert (said, process.returncode) == ('{"event":"refused"}\n', 1)


def test_the_lock_file_of_the_example_names_no_registry() -> None:
    packages = json.loads((EXAMPLE / "package-lock.json").read_text())["packages"]
    assert [name for name, package in packages.items() if "resolved" in package] == []
