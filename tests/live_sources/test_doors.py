"""Every shape through the doors of a server: the agent is let go at once, and what it said is heard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from litestar.testing import TestClient
from live_sources.known import changed, leaves, table
from server.small_house import SmallHouse, one_thread
from server.test_manual import caller_of

from moonlock.live import clock
from moonlock.live.presence import Presence
from moonlock.sources import ALL

HOOKS, STATUS_LINES = table("hooks"), table("statusline")


@pytest.fixture(scope="module")
def house() -> SmallHouse:
    house = SmallHouse()
    house.presence = Presence(ALL, house.setup, lambda sessions: None, house.store, one_thread)
    return house


@pytest.fixture(scope="module")
def client(house: SmallHouse) -> Iterator[TestClient[Any]]:
    with caller_of(house) as caller:
        yield caller


def test_each_form_of_each_hook_is_answered_with_nothing_and_heard(client: TestClient[Any], house: SmallHouse) -> None:
    for event, forms in HOOKS["events"].items():
        for more in [*forms, {**HOOKS["helper"], **forms[0]}]:
            said = client.post("/api/hooks/claude-code", json={**HOOKS["common"], "hook_event_name": event, **more})
            assert (said.status_code, said.content) == (204, b""), event
    for event in HOOKS["undocumented"]:
        body = {**HOOKS["common"], "hook_event_name": event}
        assert client.post("/api/hooks/claude-code", json=body).status_code == 204
    assert client.get("/health").status_code == 200
    assert not {"no-hooks", "odd-hooks"} & {one.code for one in house.presence.health(clock.now()).findings}


def test_each_trap_of_the_status_line_is_answered_with_nothing(client: TestClient[Any]) -> None:
    full = STATUS_LINES["full"]
    traps = [case["change"] for case in STATUS_LINES["traps"]]
    for change in [*traps, *({field: None} for field in leaves(full)), *({field: "null"} for field in leaves(full))]:
        said = full
        for field, value in change.items():
            said = changed(said, field, value)
        reply = client.post("/api/statusline", json=said)
        assert (reply.status_code, reply.content) == (204, b""), change
