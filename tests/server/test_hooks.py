"""The door for hooks: whatever comes, the agent that called is let go at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from litestar.testing import TestClient
from server.small_house import SmallHouse, one_thread
from server.test_manual import caller_of

from moonlock.live import clock
from moonlock.live.presence import Presence
from moonlock.server.guard import HOOK_BYTES
from moonlock.sources import ALL

Client = TestClient[Any]
DOOR = "/api/hooks/claude-code"
JSON = {"content-type": "application/json"}


@pytest.fixture
def house() -> SmallHouse:
    house = SmallHouse()
    house.presence = Presence(ALL, house.setup, lambda sessions: None, house.store, one_thread)
    return house


@pytest.fixture
def client(house: SmallHouse) -> Iterator[Client]:
    with caller_of(house) as caller:
        yield caller


def codes(house: SmallHouse) -> set[str]:
    return {finding.code for finding in house.presence.health(clock.now()).findings}


def test_a_hook_is_answered_with_nothing_and_heard(client: Client, house: SmallHouse) -> None:
    body = {"session_id": "s1", "hook_event_name": "Stop", "last_assistant_message": "secret"}
    said = client.post(DOOR, json=body)
    assert (said.status_code, said.content) == (204, b"")
    assert client.post(DOOR, json=body).status_code == 204
    assert "no-hooks" not in codes(house)
    assert "odd-hooks" not in codes(house)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"session_id":7}', b"[" * 50_000])
def test_what_is_no_hook_does_not_trouble_the_agent(client: Client, house: SmallHouse, body: bytes) -> None:
    assert client.post(DOOR, content=body, headers=JSON).status_code == 204
    assert client.get("/health").status_code == 200
    assert {"no-hooks", "odd-hooks"} <= codes(house)


def test_what_a_tool_gave_back_may_be_an_image_or_a_whole_file(client: Client, house: SmallHouse) -> None:
    image = {"type": "image", "file": {"base64": "x" * 5_000_000}}
    body = {"session_id": "s1", "hook_event_name": "PostToolUse", "tool_name": "Read", "tool_response": image}
    assert client.post(DOOR, json=body).status_code == 204
    assert client.get("/health").status_code == 200
    assert not {"no-hooks", "odd-hooks"} & codes(house)


def test_the_guard_stands_before_this_door_too(client: Client) -> None:
    assert client.post(DOOR, content=b" " * (HOOK_BYTES + 1), headers=JSON).status_code == 413
    assert client.post(DOOR, content=b"{}", headers={"content-type": "text/plain"}).status_code == 415
    assert client.post(DOOR, json={}, headers={"origin": "https://evil.example"}).status_code == 403
    assert client.get(DOOR).status_code == 405
