"""The server before the real house: a line written to a log is heard over the socket and read over REST."""

from __future__ import annotations

import json
import urllib.request
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec
from serving import serving
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from moonlock.live.clock import now
from moonlock.model.instant import MINUTE, moment
from moonlock.model.shapes import HealthShape, SessionList, SessionShape
from moonlock.model.wire import FrameBase, Hello, ServerMessage, SessionTokens, Snapshot

SESSION = "11111111-1111-4111-8111-111111111111"
Shape = TypeVar("Shape")


def line(number: int, at: datetime) -> str:
    """One answer of an agent, as it stands in its log."""
    usage = {
        "input_tokens": 10,
        "output_tokens": number,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
    }
    message = {"id": f"msg_{number}", "model": "claude-sonnet-4-5", "role": "assistant", "usage": usage, "content": []}
    stamp = at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    about = {"type": "assistant", "sessionId": SESSION, "cwd": "/w/alpha", "version": "2.1.0", "uuid": f"u{number}"}
    return json.dumps({**about, "timestamp": stamp, "requestId": f"req_{number}", "message": message}) + "\n"


def asked(url: str, shape: type[Shape]) -> Shape:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(url, timeout=5) as answer:
        return msgspec.json.decode(answer.read(), type=shape)


def heard(live: ClientConnection) -> list[ServerMessage]:
    said = str(live.recv(5, decode=True))
    whole = said if said.startswith("[") else f"[{said}]"
    return msgspec.json.decode(whole, type=list[ServerMessage])


def test_a_line_in_a_log_is_heard_at_once_and_can_be_read_afterwards(tmp_path: Path) -> None:
    log = tmp_path / ".claude" / "projects" / "-w-alpha" / f"{SESSION}.jsonl"
    log.parent.mkdir(parents=True)
    began = moment(now() - MINUTE)
    log.write_text(line(1, began))
    with serving(tmp_path) as url, connect(url.replace("http", "ws") + "/ws", origin=Origin(url), proxy=None) as live:
        (hello,) = heard(live)
        assert isinstance(hello, Hello)
        with log.open("a") as file:
            file.write(line(2, began))
        told: list[ServerMessage] = []
        while not any(isinstance(frame, SessionTokens) and frame.data.session.tokens.total == 23 for frame in told):
            told += heard(live)
        numbers = [frame.seq for frame in told if isinstance(frame, FrameBase)]
        assert numbers == list(range(hello.seq + 1, hello.seq + 1 + len(numbers)))
        (session,) = asked(f"{url}/api/sessions", SessionList).sessions
        assert asked(f"{url}/api/sessions/{session.id}", SessionShape) == session
        assert asked(f"{url}/api/sessions/{SESSION[:8]}", SessionShape).id == session.id
        assert asked(f"{url}/api/now", Snapshot).sessions[0].id == session.id
        assert {"page", "store", "watcher", "hub", "sources"} <= set(asked(f"{url}/health", HealthShape).components)
