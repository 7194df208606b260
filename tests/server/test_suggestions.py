"""Suggested checkpoints over HTTP: listed until somebody decides, and refused where there is nothing to decide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from litestar.testing import TestClient
from server.small_house import SmallHouse
from server.test_manual import OBSERVED, caller_of, refused, start
from store_batches import batch, key, session

from moonlock.live import clock
from moonlock.model.events import Committed
from moonlock.store.places import uid_of

Client = TestClient[Any]
NOBODY = f"{5:016x}"


@pytest.fixture
def client() -> Iterator[Client]:
    """Two sessions by hand that follow everybody, and three commits since they began."""
    house = SmallHouse()
    with caller_of(house) as caller:
        for name in ("Focus", "Forest"):
            start(caller, name, follow="all")
        now = clock.now()
        made = [Committed(key(f"c{number}"), now + number, f"abc{number}") for number in range(3)]
        house.store.append([batch("a.jsonl", made, session("a", first_at=now, last_at=now + 5))])
        yield caller


def path_of(number: int, what: str, name: str = "Focus") -> str:
    return f"/api/sessions/{name}/checkpoints/{uid_of(key(f'c{number}'))}/{what}"


def listed(client: Client) -> list[tuple[str, bool]]:
    found = client.get("/api/sessions/Focus/checkpoints").json()["checkpoints"]
    return [(one["phase"], one["suggested"]) for one in found]


def test_suggestions_stand_among_the_checkpoints_until_they_are_decided(client: Client) -> None:
    assert listed(client) == [(f"commit abc{number}", True) for number in range(3)]
    for _ in range(2):
        said = client.post(path_of(1, "accept"))
        assert said.status_code == 200
        one = said.json()
        assert (one["suggested"], one["source"], one["phase"]) == (False, "commit", "commit abc1")
        assert client.post(path_of(2, "dismiss")).status_code == 204
    assert listed(client) == [("commit abc0", True), ("commit abc1", False)]
    phases = client.get("/api/sessions/Focus/report").json()["phases"]
    assert [one["phase"] for one in phases] == ["commit abc1", None]
    assert refused(client.post(path_of(1, "dismiss")), 409) == "accepted"


def test_all_that_waits_is_listed_newest_first_in_parts(client: Client) -> None:
    client.post(path_of(1, "accept", "Forest"))
    client.post("/api/sessions/Forest/end")
    client.post(path_of(0, "dismiss"))
    whole = client.get("/api/checkpoints/suggested").json()
    assert [(one["sessionName"], one["phase"]) for one in whole["suggestions"]] == [
        ("Focus", "commit abc2"),
        ("Focus", "commit abc1"),
    ]
    first = client.get("/api/checkpoints/suggested", params={"limit": 1}).json()
    second = client.get("/api/checkpoints/suggested", params={"limit": 1, "cursor": first["nextCursor"]}).json()
    assert [*first["suggestions"], *second["suggestions"]] == whole["suggestions"]
    assert second["nextCursor"] is whole["nextCursor"] is None


def test_what_is_not_there_or_makes_no_sense_is_refused(client: Client) -> None:
    for what in ("accept", "dismiss"):
        assert refused(client.post(path_of(1, what, "nobody")), 404) == "no_such_session"
        assert refused(client.post(path_of(1, what, OBSERVED)), 409) == "not_by_hand"
        assert refused(client.post(f"/api/sessions/Focus/checkpoints/{NOBODY}/{what}"), 404) == "no_such_suggestion"
        assert refused(client.post(f"/api/sessions/Focus/checkpoints/xyz/{what}"), 400) == "bad_parameter"
    assert refused(client.get("/api/checkpoints/suggested", params={"cursor": "!"}), 400) == "bad_cursor"
    assert refused(client.get("/api/checkpoints/suggested", params={"limit": 0}), 400) == "bad_parameter"
