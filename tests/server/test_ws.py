"""The live line, over real sockets: begin, resume without a gap, choose, and what ends it."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from server.running import BARE, TOKEN, Running, running
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from moonlock.server.line import SOCKETS
from moonlock.server.site import Pace, Site

ONE, TWO = f"{1:016x}", f"{2:016x}"
Message = dict[str, object]


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running() as found:
        yield found


def heard(line: ClientConnection, patience: float = 5) -> list[Message]:
    """The frames of the next message."""
    said = json.loads(line.recv(patience))
    return said if isinstance(said, list) else [said]


def until(line: ClientConnection, seq: object) -> list[Message]:
    """All frames up to this one."""
    found: list[Message] = []
    while not found or found[-1].get("seq", found[-1].get("to")) != seq:
        found += heard(line)
    return found


def seqs(frames: list[Message]) -> list[object]:
    return [frame["seq"] for frame in frames]


def say(line: ClientConnection, **message: object) -> None:
    line.send(json.dumps(message))


def code_of(line: ClientConnection) -> int:
    """How the server ends the line."""
    with pytest.raises(ConnectionClosed) as ended:
        while True:
            line.recv(10)
    return ended.value.rcvd.code if ended.value.rcvd else 1006


def test_it_begins_with_the_whole_picture_and_goes_on_by_one(server: Running) -> None:
    with server.live() as line:
        (hello,) = heard(line)
        assert (hello["type"], hello["protocol"], hello["epoch"]) == ("hello", 1, "epoch-1")
        begin = server.house.hub.seq
        assert hello["seq"] == begin
        server.tell(3)
        assert seqs(until(line, begin + 3)) == [begin + 1, begin + 2, begin + 3]


def test_many_frames_at_once_come_as_an_array_in_order(server: Running) -> None:
    with server.live() as line:
        heard(line)
        begin = server.house.hub.seq
        server.tell(100)
        frames = until(line, begin + 100)
        assert seqs(frames) == list(range(begin + 1, begin + 101))


def test_a_message_holds_no_more_frames_than_set() -> None:
    with running(Site(BARE.page, pace=Pace(frames=7))) as server, server.live() as line:
        heard(line)
        server.tell(100)
        sizes: list[int] = []
        while sum(sizes) < 100:
            sizes.append(len(heard(line)))
        assert max(sizes) <= 7


def test_who_was_away_learns_what_it_missed_and_nothing_twice(server: Running) -> None:
    with server.live() as line:
        heard(line)
        begin = server.house.hub.seq
        server.tell(2)
        until(line, begin + 2)
    server.tell(30)
    with server.live() as line:
        (hello,) = heard(line)
        say(line, type="resume", epoch=hello["epoch"], seq=begin + 2)
        assert seqs(until(line, begin + 32)) == list(range(begin + 3, begin + 33))
        server.tell(1)
        assert seqs(heard(line)) == [begin + 33]


def test_who_missed_nothing_is_told_nothing(server: Running) -> None:
    with server.live() as line:
        (hello,) = heard(line)
        say(line, type="resume", epoch=hello["epoch"], seq=hello["seq"])
        say(line, type="ping", t=7)
        (pong,) = heard(line)
        assert (pong["type"], pong["t"]) == ("pong", 7)


@pytest.mark.parametrize(("epoch", "seq"), [("another", 0), ("epoch-1", 10_000_000), ("epoch-1", -1)])
def test_what_cannot_be_told_begins_anew(server: Running, epoch: str, seq: int) -> None:
    with server.live() as line:
        heard(line)
        say(line, type="resume", epoch=epoch, seq=seq)
        (resync,), (hello,) = heard(line), heard(line)
        assert (resync["type"], hello["type"], hello["seq"]) == ("resync", "hello", server.house.hub.seq)
        server.tell(1)
        assert seqs(heard(line)) == [hello["seq"] + 1]  # type: ignore[operator]


def test_a_choice_of_sessions_leaves_a_proof_that_nothing_was_missed(server: Running) -> None:
    with server.live() as line:
        heard(line)
        begin = server.house.hub.seq
        say(line, type="subscribe", sessions=[TWO])
        say(line, type="ping", t=1)
        heard(line)
        server.tell(5, ONE)
        server.tell(1, TWO)
        skip, frame = until(line, begin + 6)
        assert (skip["type"], skip["to"]) == ("skip", begin + 5)
        assert (frame["sessionId"], frame["seq"]) == (TWO, begin + 6)


def test_a_choice_of_types_leaves_out_the_others(server: Running) -> None:
    with server.live() as line:
        heard(line)
        begin = server.house.hub.seq
        say(line, type="subscribe", types=["session:start"])
        say(line, type="ping", t=1)
        heard(line)
        server.tell(5)
        say(line, type="subscribe")
        say(line, type="ping", t=2)
        heard(line)
        server.tell(1)
        assert [frame["type"] for frame in until(line, begin + 6)] == ["skip", "session:tool"]


def test_the_heart_beats_and_tells_the_newest_number_after_the_skip_that_leads_to_it() -> None:
    with running(Site(BARE.page, pace=Pace(heartbeat=0.15))) as server, server.live() as line:
        heard(line)
        say(line, type="subscribe", sessions=[TWO])
        say(line, type="ping", t=1)
        while heard(line)[0]["type"] != "pong":
            pass
        server.tell(5, ONE)
        found: list[Message] = []
        while not any(frame["type"] == "heartbeat" and frame["seq"] == 5 for frame in found):
            found += heard(line)
        kinds = [frame["type"] for frame in found]
        assert kinds.index("skip") < max(n for n, kind in enumerate(kinds) if kind == "heartbeat")
        assert found[kinds.index("skip")]["to"] == 5


def test_a_heartbeat_names_no_frame_that_has_not_come_before_it() -> None:
    with running(Site(BARE.page, pace=Pace(heartbeat=0.001))) as server, server.live() as line:
        at, beats = server.house.hub.seq, 0
        heard(line)
        for _ in range(40):
            server.tell(5, ONE)
            for frame in until(line, at + 5):
                if frame["type"] == "heartbeat":
                    beats += 1
                    assert frame["seq"] in range(at + 1)
                else:
                    assert frame["seq"] == at + 1
                    at += 1
        assert beats


@pytest.mark.parametrize(
    ("garbage", "code"),
    [
        ("", "not_json"),
        ("{", "not_json"),
        ('{"type":"ping","t":NaN}', "not_json"),
        ('{"type":"ping","t":1,"x":' + "[" * 30_000, "not_json"),
        (b"\xff\xfe", "not_json"),
        ('{"type":"nothing"}', "bad_message"),
        ('{"type":"resume","seq":"1"}', "bad_message"),
        ('{"type":"subscribe","types":["session:nothing"]}', "unknown_type"),
        ("[1]", "bad_message"),
    ],
)
def test_garbage_is_answered_and_the_line_lives_on(server: Running, garbage: str | bytes, code: str) -> None:
    with server.live() as line:
        heard(line)
        line.send(garbage)
        (said,) = heard(line)
        assert (said["type"], said["code"]) == ("error", code)
        say(line, type="ping", t=1)
        assert heard(line)[0]["type"] == "pong"


def test_ten_times_garbage_in_a_row_ends_it(server: Running) -> None:
    with server.live() as line:
        heard(line)
        for _ in range(9):
            line.send("{")
        say(line, type="ping", t=1)  # the row is broken
        for _ in range(10):
            line.send("{")
        assert code_of(line) == 1008


def test_a_flood_ends_it(server: Running) -> None:
    with server.live() as line:
        heard(line)
        for number in range(21):
            say(line, type="ping", t=number)
        assert code_of(line) == 1008


def test_a_message_of_more_than_64_kb_ends_it(server: Running) -> None:
    with server.live() as line:
        heard(line)
        line.send(" " * 70_000)
        assert code_of(line) == 1009


def test_a_client_that_does_not_read_is_let_go_and_nobody_waits_for_it() -> None:
    with running(Site(BARE.page, pace=Pace(sending=0.5))) as server:
        stalled = raw_line(server)
        with server.live(max_size=None) as line:
            heard(line)
            for burst in range(1, 5):
                server.tell(200, name="long " * 3_000)
                assert seqs(until(line, burst * 200))[-1] == burst * 200
            eventually(lambda: server.house.hub.listeners == 1)
            server.tell(1)
            assert seqs(heard(line)) == [801]
        stalled.close()


def eventually(true: Callable[[], bool]) -> None:
    ended = time.monotonic() + 10
    while not true():
        assert time.monotonic() < ended
        time.sleep(0.01)


def raw_line(server: Running) -> socket.socket:
    """A WebSocket whose owner says hello and then never reads; its buffers are small."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect(("127.0.0.1", server.port))
    head = (
        f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nOrigin: {server.origin}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    line.sendall(head.encode())
    assert line.recv(12) == b"HTTP/1.1 101"
    return line


def test_there_are_no_more_than_64_lines(server: Running) -> None:
    eventually(lambda: server.house.hub.listeners == 0)
    with ExitStack() as lines:
        for _ in range(SOCKETS):
            heard(lines.enter_context(server.live()))
        with pytest.raises(InvalidStatus) as refused, server.live():
            pass
        assert refused.value.response.status_code == 429
        assert b"too_many_sockets" in (refused.value.response.body or b"")
    eventually(lambda: server.house.hub.listeners == 0)
    with server.live() as line:
        assert heard(line)[0]["type"] == "hello"


def test_a_refused_line_hears_why_in_the_one_shape(server: Running) -> None:
    with pytest.raises(InvalidStatus) as refused, server.live(origin="https://evil.example"):
        pass
    said = refused.value.response
    assert (said.status_code, json.loads(said.body or b"")["error"]["code"]) == (403, "foreign_origin")
    assert said.headers["content-security-policy"].startswith("default-src 'none'")


def test_a_line_without_origin_needs_the_token(server: Running) -> None:
    with pytest.raises(InvalidStatus) as refused, server.live(origin=None):
        pass
    assert refused.value.response.status_code == 403
    with server.live(origin=None, additional_headers={"authorization": f"Bearer {TOKEN}"}) as line:
        assert heard(line)[0]["type"] == "hello"


def test_messages_are_compressed(server: Running) -> None:
    with server.live() as line:
        assert [extension.name for extension in line.protocol.extensions] == ["permessage-deflate"]


def test_a_closed_tab_is_noticed(server: Running) -> None:
    eventually(lambda: server.house.hub.listeners == 0)
    with server.live() as line:
        heard(line)
        assert server.house.hub.listeners == 1
    eventually(lambda: server.house.hub.listeners == 0)


def test_when_what_was_told_no_longer_holds_everybody_begins_again() -> None:
    with running() as server, server.live() as line:
        first = heard(line)[0]
        server.tell(2)
        until(line, 2)
        server.call(lambda: server.house.hub.begin_again("epoch-2", ONE))
        resync, hello = heard(line) + heard(line)
        assert (resync["type"], hello["type"], hello["epoch"], hello["seq"]) == ("resync", "hello", "epoch-2", 2)
        assert first["epoch"] == "epoch-1"
        server.tell(1)
        assert seqs(until(line, 3)) == [3]
        with server.live() as late:
            heard(late)
            say(late, type="resume", epoch="epoch-1", seq=2)
            assert [message["type"] for message in heard(late) + heard(late)] == ["resync", "hello"]
            say(late, type="resume", epoch="epoch-2", seq=2)
            assert seqs(heard(late)) == [3]
