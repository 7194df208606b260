"""OpenTelemetry: every documented metric and event, with all attributes, through the door in both encodings."""

from __future__ import annotations

import re
from typing import Any

import pytest
from litestar.testing import TestClient
from live_sources.known import REFERENCE, table
from otlp_bodies import attributes, encoded, packed
from server.small_house import SmallHouse
from server.test_manual import caller_of

from moonlock.model.telemetry import Telemetry
from moonlock.sources.claude_code.otlp import telemetry

NOW = 1_795_161_600_000
TABLE = table("telemetry")
WORDS, METRICS, EVENTS = TABLE["words"], TABLE["metrics"], TABLE["events"]
DOORS = {"application/json": encoded, "application/x-protobuf": packed}
POINTS = [(name, more) for name, forms in METRICS.items() for more in forms]


def of_event(name: str, more: dict[str, Any], service: str = "claude-code") -> dict[str, Any]:
    said = {**TABLE["standard"], **TABLE["of_events"], "event.name": name, "event.sequence": 7, **more}
    record = {"timeUnixNano": str(NOW * 1_000_000), "body": {"stringValue": name}, "attributes": attributes(said)}
    scopes = [{"scope": {"name": "com.anthropic.claude_code.events"}, "logRecords": [record]}]
    resource = {"attributes": attributes({**TABLE["resource"], "service.name": service})}
    return {"resourceLogs": [{"resource": resource, "scopeLogs": scopes}]}


def of_metric(name: str, more: dict[str, Any]) -> dict[str, Any]:
    point = {
        "startTimeUnixNano": str((NOW - 60_000) * 1_000_000),
        "timeUnixNano": str(NOW * 1_000_000),
        "asDouble": 3.0,
        "attributes": attributes({**TABLE["standard"], **more}),
    }
    counted = {"aggregationTemporality": 1, "isMonotonic": True, "dataPoints": [point]}
    metrics = [{"name": f"claude_code.{name}", "sum": counted}]
    scopes = [{"scope": {"name": "com.anthropic.claude_code"}, "metrics": metrics}]
    return {"resourceMetrics": [{"resource": {"attributes": attributes(TABLE["resource"])}, "scopeMetrics": scopes}]}


def heard(body: dict[str, Any], kind: str) -> Telemetry:
    """What the door hands on of a body in this encoding."""
    house, path = SmallHouse(), "/v1/logs" if "resourceLogs" in body else "/v1/metrics"
    with caller_of(house) as caller:
        client: TestClient[Any] = caller
        answer = client.post(path, content=DOORS[kind](body), headers={"content-type": kind})
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
    ((said, *_),) = house.telemetry._waiting
    return telemetry(said, NOW)


def test_the_tables_have_all_documented_metrics_and_events() -> None:
    path = REFERENCE / "live-sources.md"
    if not path.is_file():
        pytest.skip("no reference here: set MOONLOCK_SHARED to its folder")
    text = path.read_text("utf-8")
    events = text.split("### 5.2 Events (26)")[1].split("Content is off")[0]
    named = {re.match(r"[\s*]*([a-z_]+)", part) for part in re.sub(r"\{[^}]*\}", "", events).split("·")}
    assert {found[1] for found in named if found} == set(EVENTS)
    metrics = text.split("### 5.1 Metrics")[1].split("### 5.2")[0]
    assert set(re.findall(r"`claude_code\.([a-z_.]+)`", metrics)) == set(METRICS)


@pytest.mark.parametrize("kind", DOORS)
@pytest.mark.parametrize("name", EVENTS)
def test_every_event_is_accepted_and_no_word_and_no_person_is_kept(name: str, kind: str) -> None:
    found = heard(of_event(name, EVENTS[name]), kind)
    told = ["request"] * len(found.requests) + [one.kind for one in found.noted]
    assert told == [kept for event, kept in TABLE["kept_events"].items() if event == name]
    assert found.others == (0 if told else 1)
    assert WORDS not in repr(found)


@pytest.mark.parametrize("kind", DOORS)
@pytest.mark.parametrize(("name", "more"), POINTS)
def test_every_metric_is_accepted_in_all_its_forms(name: str, more: dict[str, Any], kind: str) -> None:
    found = heard(of_metric(name, more), kind)
    kept = TABLE["kept_metrics"].get(name, [])
    assert [one.counter for one in found.counted] == kept[METRICS[name].index(more) :][:1]
    assert found.others == (0 if kept else 1)
    assert WORDS not in repr(found)


@pytest.mark.parametrize("attribute", EVENTS["api_request"])
def test_a_request_without_any_one_of_its_attributes_is_still_one(attribute: str) -> None:
    more = {name: said for name, said in EVENTS["api_request"].items() if name != attribute}
    (found,) = heard(of_event("api_request", more), "application/json").requests
    assert (found.session, found.cost) == (TABLE["standard"]["session.id"], 420_000)
    assert found.tokens.total == sum(int(said) for name, said in more.items() if name.endswith("_tokens"))


@pytest.mark.parametrize("service", TABLE["services"])
@pytest.mark.parametrize("event", TABLE["undocumented"])
def test_events_that_are_not_documented_are_counted(event: str, service: str) -> None:
    assert heard(of_event(event, {"x": WORDS}, service), "application/json") == Telemetry((), (), (), 1)
