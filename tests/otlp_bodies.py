"""What Claude Code exports over OpenTelemetry, in the shape of its documentation, as JSON and as protobuf."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

SESSION = "11111111-1111-4111-8111-111111111111"
NOW = 1_795_161_600_000
PERSON = {
    "user.email": "ann@example.org",
    "user.account_uuid": "22222222-2222-4222-8222-222222222222",
    "user.id": "f" * 64,
    "organization.id": "33333333-3333-4333-8333-333333333333",
}
Body = dict[str, Any]


def attributes(said: dict[str, object]) -> list[Body]:
    def value(one: object) -> Body:
        if isinstance(one, bool):
            return {"boolValue": one}
        if isinstance(one, int):
            return {"intValue": one}
        return {"doubleValue": one} if isinstance(one, float) else {"stringValue": one}

    return [{"key": key, "value": value(one)} for key, one in said.items() if one is not None]


def event(name: str, at: int = NOW, **said: object) -> Body:
    """One log record; what is None is left out."""
    named = {key.replace("__", "."): one for key, one in said.items()}
    whole = {"session.id": SESSION, "event.name": name, "event.sequence": at % 1000, **PERSON, **named}
    return {
        "timeUnixNano": str(at * 1_000_000),
        "body": {"stringValue": f"claude_code.{name}"},
        "attributes": attributes(whole),
    }


def request(number: str = "req_1", at: int = NOW, **said: object) -> Body:
    """An ``api_request``; the client writes its numbers as text."""
    told = {
        "model": "claude-haiku-4-5",
        "cost_usd": "0.0012",
        "duration_ms": "850",
        "input_tokens": "100",
        "output_tokens": "20",
        "cache_read_tokens": "3000",
        "cache_creation_tokens": "400",
        "request_id": number,
        "query_source": "compact",
        "speed": "normal",
    }
    return event("api_request", at, **{**told, **said})


def logs(*records: Body, scope: str = "com.anthropic.claude_code.events", service: str = "claude-code") -> Body:
    resource = {"attributes": attributes({"service.name": service, "service.version": "2.1.260", "host.arch": "arm64"})}
    return {"resourceLogs": [{"resource": resource, "scopeLogs": [{"scope": {"name": scope}, "logRecords": records}]}]}


def point(value: float, end: int = NOW, start: int = NOW - 60_000, **said: object) -> Body:
    number = {"asDouble": value if value == value else "NaN"} if isinstance(value, float) else {"asInt": str(value)}
    times = {"startTimeUnixNano": str(start * 1_000_000), "timeUnixNano": str(end * 1_000_000)}
    return {**times, **number, "attributes": attributes({"session.id": SESSION, **PERSON, **said})}


def metric(name: str, *points: Body, temporality: int = 1) -> Body:
    counted = {"aggregationTemporality": temporality, "isMonotonic": True, "dataPoints": list(points)}
    return {"name": f"claude_code.{name}", "unit": "", "sum": counted}


def metrics(*found: Body) -> Body:
    resource = {"attributes": attributes({"service.name": "claude-code"})}
    scope = {"name": "com.anthropic.claude_code"}
    return {"resourceMetrics": [{"resource": resource, "scopeMetrics": [{"scope": scope, "metrics": list(found)}]}]}


def packed(body: Body) -> bytes:
    """The same in protobuf."""
    from google.protobuf.json_format import ParseDict
    from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

    message = ExportLogsServiceRequest() if "resourceLogs" in body else ExportMetricsServiceRequest()
    found: bytes = ParseDict(body, message).SerializeToString()
    return found


def encoded(body: Body) -> bytes:
    return json.dumps(body).encode()


def told(records: Iterable[Body]) -> bytes:
    return encoded(logs(*records))
