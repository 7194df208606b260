"""Suggestions over HTTP: of the last days, in parts, and each with all that it is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from litestar.testing import TestClient
from server.small_house import NOW, SmallHouse
from server.test_rest import caller
from store_batches import DAY, MINUTE, batch, session, usage

from moonlock.model.tokens import Tokens

TOKENS = Tokens(10, 100, 200_000, 0, 0)


@pytest.fixture
def api() -> Iterator[TestClient[Any]]:
    """A session of today that waited too long, and one that switched models two days ago."""
    house = SmallHouse()
    breaks = [
        usage(f"a{n}", NOW - 60 * MINUTE + n * 10 * MINUTE, model="claude-opus-4-5", tokens=TOKENS) for n in range(4)
    ]
    models = ("claude-opus-4-5", "claude-sonnet-4-5")
    switched = [usage(f"b{n}", NOW - 2 * DAY + n * MINUTE, model=models[n % 2], tokens=TOKENS) for n in range(7)]
    house.store.append([batch("a.jsonl", breaks, session("a")), batch("b.jsonl", switched, session("b"))])
    with caller(house) as found:
        yield found


def keys(said: dict[str, Any]) -> list[str]:
    return [one["key"] for one in said["suggestions"]]


def test_suggestions_are_of_as_many_days_as_are_asked_for(api: TestClient[Any]) -> None:
    week = api.get("/api/suggestions").json()
    assert week["schema"] == "moonlock.suggestions/1"
    assert {"rebuild-idle", "rebuild-model"} <= {*keys(week)}
    today = api.get("/api/suggestions", params={"days": 1}).json()
    assert "rebuild-idle" in keys(today) and "rebuild-model" not in keys(today)
    assert (today["since"], today["until"]) == (today["until"], week["until"])
    assert week["spending"]["changed"]["basis"] == "attributed"
    assert week["spending"]["requests"] == 11 and today["spending"]["requests"] == 4


def test_the_list_comes_in_parts(api: TestClient[Any]) -> None:
    whole = api.get("/api/suggestions").json()
    found, cursor = [], None
    while True:
        part = api.get("/api/suggestions", params={"limit": 1, **({"cursor": cursor} if cursor else {})}).json()
        found += part["suggestions"]
        cursor = part["nextCursor"]
        if cursor is None:
            break
    assert found == whole["suggestions"] and len(found) >= 2


def test_one_is_explained_by_its_key(api: TestClient[Any]) -> None:
    said = api.get("/api/suggestions/rebuild-model", params={"limit": 2}).json()
    assert (said["suggestion"]["times"], len(said["rebuilds"]), said["leftOut"]) == (6, 2, 4)
    assert {one["cause"] for one in said["rebuilds"]} == {"model"}
    gone = api.get("/api/suggestions/rebuild-model", params={"days": 1}).json()
    assert (gone["suggestion"], gone["rebuilds"]) == (None, [])
    assert (said["repeats"], said["suggestion"]["measure"]) == ([], "wasted")
    unknown = api.get("/api/suggestions/Rebuild!")
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "no_such_suggestion")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("?days=0", "bad_parameter"),
        ("?days=367", "bad_parameter"),
        ("?days=week", "bad_parameter"),
        ("?limit=0", "bad_parameter"),
        ("?timezone=Mars/Olympus", "bad_parameter"),
        ("?cursor=nonsense", "bad_cursor"),
        ("?cursor=WyJkYWlseSIsIngiXQ", "bad_cursor"),
        ("/rebuild-idle?limit=-1", "bad_parameter"),
    ],
)
def test_what_cannot_be_answered_is_said_to_be_wrong(api: TestClient[Any], query: str, code: str) -> None:
    said = api.get(f"/api/suggestions{query}")
    assert (said.status_code, said.json()["error"]["code"]) == (400, code)


def test_a_zone_cuts_the_days_and_an_unchanged_answer_has_the_same_tag(api: TestClient[Any]) -> None:
    said = api.get("/api/suggestions", params={"timezone": "Pacific/Auckland"})
    assert said.json()["timezone"] == "Pacific/Auckland"
    assert api.get("/api/suggestions", params={"timezone": "Pacific/Auckland"}).headers["etag"] == said.headers["etag"]
