"""Routes about everything: what they refuse, how they go on, and who has an answer already."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar.testing import TestClient
from server.running import BARE
from server.small_house import SmallHouse, session
from server.test_rest import caller

from moonlock.model.context_shapes import ContextShape
from moonlock.model.house_shapes import PriceTableShape, SettingShape
from moonlock.model.rows import Row
from moonlock.server.spans import behind, page

FULL = ContextShape(
    used=9,
    limit=10,
    share=0.9,
    until_compaction=1,
    level="critical",
    assumed=False,
    limit_source="estimated",
    compacts_at=10,
    compacts_by="estimated",
    turns=None,
    as_of=None,
    advice=None,
)


@pytest.fixture
def house() -> SmallHouse:
    return SmallHouse([session(1, context=FULL), session(2)])


@pytest.fixture
def api(house: SmallHouse) -> Iterator[TestClient[Any]]:
    with caller(house) as found:
        yield found


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("analytics/usage?since=2026-02-30", "bad_parameter"),
        ("analytics/usage?since=2026-03-02&until=2026-03-01", "bad_parameter"),
        ("analytics/usage?since=0001-01-01", "bad_parameter"),
        ("analytics/usage?until=9999-12-31", "bad_parameter"),
        ("analytics/usage?period=year", "bad_parameter"),
        ("analytics/usage?groupBy=mood", "bad_parameter"),
        ("analytics/usage?period=day&groupBy=project", "bad_parameter"),
        ("analytics/usage?timezone=Mars/Olympus", "bad_parameter"),
        ("analytics/usage?limit=0", "bad_parameter"),
        ("analytics/usage?limit=1001", "bad_parameter"),
        ("analytics/usage?cursor=nonsense", "bad_cursor"),
        ("analytics/usage?project=nobody", "unknown_name"),
        ("blocks?tokenLimit=0", "bad_parameter"),
        ("blocks?active=perhaps", "bad_parameter"),
        ("objectives?state=lost", "bad_parameter"),
        ("objectives?cursor=WzFd", "bad_cursor"),
        ("explain", "bad_parameter"),
        ("explain?of=day", "bad_parameter"),
        ("explain?of=day&key=2026-13-01", "bad_parameter"),
        ("explain?of=block&key=%20", "bad_parameter"),
        ("explain?of=total&limit=-1", "bad_parameter"),
        ("explain?of=total&timezone=Mars", "bad_parameter"),
    ],
)
def test_what_cannot_be_answered_is_said_to_be_wrong(api: TestClient[Any], query: str, code: str) -> None:
    said = api.get(f"/api/{query}")
    assert (said.status_code, said.json()["error"]["code"]) == (400, code)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("analytics/usage?groupBy=mood", "groupBy"),
        ("blocks?tokenLimit=0", "tokenLimit"),
        ("objectives?state=lost", "state"),
        ("explain", "of"),
        ("sessions/compare", "ids"),
    ],
)
def test_an_unfit_parameter_is_named_as_the_caller_writes_it(api: TestClient[Any], query: str, name: str) -> None:
    said = api.get(f"/api/{query}").json()["error"]["message"]
    assert said == f"This request has an unfit value: {name}."


def test_there_is_no_number_where_nothing_is(api: TestClient[Any]) -> None:
    said = [api.get(f"/api/explain?of={of}&key=x") for of in ("forecast", "session")]
    assert [(one.status_code, one.json()["error"]["code"]) for one in said] == [
        (404, "no_window"),
        (404, "no_such_session"),
    ]
    assert api.get("/api/explain?of=total").json()["addsUp"] is True


def test_contexts_are_those_of_sessions_that_have_one_fullest_first(house: SmallHouse) -> None:
    half = msgspec.structs.replace(FULL, used=5, share=0.5)
    house.known = [session(1, context=half)]
    with caller(house) as api:
        found = api.get("/api/context").json()["contexts"]
    assert [(one["sessionId"], one["context"]["share"]) for one in found] == [(f"{1:016x}", 0.5)]


def test_every_price_that_is_charged_is_listed(api: TestClient[Any]) -> None:
    found = msgspec.json.decode(api.get("/api/prices").content, type=PriceTableShape)
    named = {one.model: one for one in found.prices if one.since is None}
    opus = named["claude-opus-4-8"]
    assert (opus.input, opus.output, opus.own) == (5.0, 25.0, False)
    assert all(one.cache_read <= one.input for one in found.prices if one.model.startswith("claude"))


def test_settings_are_those_that_the_house_was_given() -> None:
    site = msgspec.structs.replace(
        BARE, settings=(SettingShape(name="port", value=3001, origin="default", fixed=False),)
    )
    with caller(SmallHouse(), site) as api:
        said = api.get("/api/settings").json()
    assert said == {"settings": [{"name": "port", "value": 3001, "origin": "default", "fixed": False}]}


def test_whoever_has_an_answer_already_gets_none(api: TestClient[Any]) -> None:
    first = api.get("/api/sources")
    tag = first.headers["etag"]
    again = api.get("/api/sources", headers={"if-none-match": f'"other", W/{tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert again.headers["cache-control"] == first.headers["cache-control"] == "no-store"
    assert api.get("/api/sources", headers={"if-none-match": '"other"'}).content == first.content
    assert api.head("/api/sources", headers={"if-none-match": tag}).status_code == 304


def test_another_answer_has_another_tag(house: SmallHouse, api: TestClient[Any]) -> None:
    before = api.get("/api/context").headers["etag"]
    house.known = []
    after = api.get("/api/context", headers={"if-none-match": before})
    assert (after.status_code, after.json()) == (200, {"contexts": []})


def test_a_refusal_and_what_is_no_json_have_no_tag(api: TestClient[Any]) -> None:
    for path in ("/api/nothing", "/metrics", "/api/sessions/none"):
        assert "etag" not in api.get(path).headers


def test_metrics_name_no_session_however_many_there_are() -> None:
    with caller(SmallHouse([session(number) for number in range(1, 500)])) as api:
        said = api.get("/metrics")
    assert said.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = said.text.splitlines()
    assert len(lines) < 100
    assert 'moonlock_sessions{status="completed"} 1' in lines
    assert 'moonlock_healthy{component="store"} 1' in lines
    samples = [line for line in lines if not line.startswith("#")]
    assert all(line.startswith("moonlock_") and float(line.rpartition(" ")[2]) >= 0 for line in samples)
    assert "00000001" not in said.text


def test_a_question_is_answered_once_until_something_changes(house: SmallHouse) -> None:
    with caller(house) as api:
        first = api.get("/api/analytics/usage")
        assert api.get("/api/analytics/usage").content == first.content
        assert house.readers.asked == 1
        api.post("/api/sessions", json={"name": "Focus"})
        api.get("/api/analytics/usage")
        assert house.readers.asked == 2
        api.get("/api/analytics/usage?period=week")
        assert house.readers.asked == 3


KEYS = st.lists(st.text("abc", min_size=1, max_size=3), unique=True, max_size=20)


def row(key: str, cost: int) -> Row:
    return key, ("claude-code",), (0, 0, 0, 0, 0, 1, cost, 0, 0, 0), 1, [], ()


@given(KEYS, st.integers(1, 5), st.data())
def test_parts_put_together_are_the_whole_list(keys: list[str], limit: int, data: st.DataObject) -> None:
    costs = data.draw(st.lists(st.integers(0, 3), min_size=len(keys), max_size=len(keys)))
    rows = sorted((row(key, cost) for key, cost in zip(keys, costs, strict=True)), key=lambda one: (-one[2][6], one[0]))
    told: list[Row] = []
    cursor = None
    while True:
        part, cursor = page("project", rows, limit, behind(cursor, "project"))
        told += part
        if cursor is None:
            break
    assert told == rows


@given(st.lists(st.dates(date(2026, 1, 1), date(2026, 2, 1)), unique=True, min_size=2, max_size=9), st.booleans())
def test_a_list_goes_on_where_a_row_that_is_gone_would_stand(days: list[date], by_time: bool) -> None:
    report = "daily" if by_time else "project"
    rows = [row(str(day), 0) for day in sorted(days)]
    _, cursor = page(report, rows, 1, None)
    part, _ = page(report, rows[1:], 1, behind(cursor, report))
    assert part[0] == rows[1]
