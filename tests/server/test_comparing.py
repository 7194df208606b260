"""Sessions of both kinds side by side over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from litestar.testing import TestClient
from server.small_house import SmallHouse
from server.test_manual import caller_of, refused, start
from store_batches import HOUR, NOON, batch, call, key, session, usage

from moonlock.model.events import AgentError, Event, ObjectiveSet

Client = TestClient[Any]


@pytest.fixture
def client() -> Iterator[Client]:
    """Two sessions of an agent, one twice as long, and one by hand."""
    house = SmallHouse()
    for name, many in (("alpha", 1), ("beta", 2)):
        happened: list[Event] = [usage(f"{name}{number}", NOON + number) for number in range(many)]
        happened += [call(f"{name}t{number}", NOON + number, outcome="failed") for number in range(many)]
        happened += [AgentError(key(f"{name}e"), NOON, "overloaded", 529)]
        happened += [ObjectiveSet(key(f"{name}o"), NOON, "1", "Saw", "completed", "TaskCreate")]
        happened += [ObjectiveSet(key(f"{name}d"), NOON, "2", "No", "deleted", "TaskCreate")]
        seen = session(name, first_at=NOON, last_at=NOON + many * HOUR, cwd="/w/app")
        house.store.append([batch(f"{name}.jsonl", happened, seen)])
    with caller_of(house) as caller:
        start(caller, "Focus")
        caller.post("/api/sessions/Focus/tokens", json={"tokensUsed": 10})
        caller.post("/api/sessions/Focus/checkpoints", json={"phase": "p"})
        yield caller


def compared(client: Client, ids: str) -> Any:
    said = client.get("/api/sessions/compare", params={"ids": ids})
    assert said.status_code == 200, said.text
    return said.json()["sessions"]


def test_each_stands_beside_the_first_with_what_is_more(client: Client) -> None:
    first, second = compared(client, "alpha,beta")
    assert first["figures"]["elapsedMs"] == HOUR and first["difference"] is None
    assert second["figures"]["tokens"]["total"] == 2 * first["figures"]["tokens"]["total"]
    assert second["figures"]["objectives"] == {"done": 1, "total": 1}
    assert second["tools"] == [{"name": "Bash", "calls": 2, "failed": 2, "denied": 0}]
    more = second["difference"]
    assert more["tokens"] == first["figures"]["tokens"] and more["costUsd"] == first["figures"]["costUsd"]
    assert (more["elapsedMs"], more["requests"], more["toolCalls"], more["errors"]) == (HOUR, 1, 1, 0)


def test_a_session_by_hand_stands_beside_others_and_an_unknown_price_is_no_difference(client: Client) -> None:
    _, mine = compared(client, "alpha, Focus")
    assert (mine["origin"], mine["figures"]["tokens"]["total"], mine["figures"]["checkpoints"]) == ("manual", 10, 1)
    assert mine["difference"]["costUsd"] is None and mine["difference"]["tokens"]["output"] == -100


def test_one_that_is_not_known_or_may_be_several_says_so_in_its_column(client: Client) -> None:
    start(client, "Forest")
    found = compared(client, "alpha,nobody,fo,beta")
    assert [one["missing"] for one in found] == [None, "unknown", "ambiguous", None]
    assert found[1]["figures"] is found[1]["difference"] is None and found[3]["difference"] is not None
    assert [one["difference"] for one in compared(client, "nobody,alpha")] == [None, None]


@pytest.mark.parametrize("ids", ["", "alpha", "a,b,c,d,e", "alpha,", "alpha," + "x" * 401, "x" * 1700])
def test_too_few_too_many_or_empty_ones_are_refused(ids: str, client: Client) -> None:
    assert refused(client.get("/api/sessions/compare", params={"ids": ids}), 400) == "bad_parameter"


def test_nobody_known_is_not_found(client: Client) -> None:
    assert refused(client.get("/api/sessions/compare", params={"ids": "x\ny,nobody"}), 404) == "no_such_session"
    assert refused(client.get("/api/sessions/compare"), 400) == "bad_parameter"
