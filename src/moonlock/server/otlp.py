"""The doors for OpenTelemetry: OTLP/HTTP, in JSON or protobuf. They answer once a body is read, before it is kept."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from litestar import Request, Response, post
from litestar.openapi.spec import Example, OpenAPIMediaType, OpenAPIResponse, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType

from moonlock.server.errors import TOO_LARGE_OTLP, WRONG_TYPE, Problem, Refusal, refusals
from moonlock.server.guard import OTLP_BYTES
from moonlock.server.house import House
from moonlock.server.methods import methods
from moonlock.server.site import Site
from moonlock.sources.otlp import LargeOtlp, NoProtobuf, Otlp, Signal, UnfitOtlp, from_json, from_protobuf, inflated

LOGS, METRICS = "/v1/logs", "/v1/metrics"
JSON, PROTOBUF = "application/json", "application/x-protobuf"
BAD_OTLP = Refusal(
    400,
    "bad_otlp",
    "The body is no OTLP message of this kind, or was cut.",
    "Set OTEL_EXPORTER_OTLP_PROTOCOL to http/json, and the endpoint without /v1.",
)
BAD_ENCODING = Refusal(
    415, "unsupported_encoding", "This Content-Encoding is not read here.", "Send gzip, or the body as it is."
)
NO_PROTOBUF = Refusal(
    415,
    "no_protobuf",
    "Nothing is installed here that reads protobuf.",
    "Set OTEL_EXPORTER_OTLP_PROTOCOL to http/json, or pip install 'moonlock[otlp]'.",
)
BUSY = Refusal(503, "busy", "Too much telemetry waits to be kept.", "Exporters send it again by themselves.")
EXAMPLES: dict[Signal, Any] = {
    "logs": {"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": {"stringValue": "claude_code.api_request"}}]}]}]},
    "metrics": {"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"name": "claude_code.commit.count"}]}]}]},
}


@dataclass
class OtlpOperation(Operation):
    """Describes bodies of another standard, and the answer that it demands."""

    def __post_init__(self) -> None:
        signal: Signal = "metrics" if "metrics" in (self.operation_id or "").lower() else "logs"
        told = Schema(type=OpenAPIType.OBJECT, description="OTLP in JSON; unknown keys are left out")
        packed = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY, description="the same in protobuf")
        said = {
            JSON: OpenAPIMediaType(told, examples={"claude-code": Example(value=EXAMPLES[signal])}),
            PROTOBUF: OpenAPIMediaType(packed),
        }
        self.request_body = RequestBody(said, "an export request", required=True)
        answer = (self.responses or {})["200"]
        if isinstance(answer, OpenAPIResponse):
            answer.content = {JSON: OpenAPIMediaType(Schema(type=OpenAPIType.OBJECT)), PROTOBUF: said[PROTOBUF]}


def routes(house: House, site: Site) -> list[Any]:
    """One door for each kind of signal that is read."""
    doors = partial(post, status_code=200, responses=refusals(400, 408, 413, 415, 503), operation_class=OtlpOperation)

    @doors(LOGS, operation_id="OtlpLogs", request_max_body_size=OTLP_BYTES)
    async def logs(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Events of an agent's OpenTelemetry exporter.

        Kept are ids of sessions and requests, tokens, costs and counts; nobody's name, and no word of a prompt.
        """
        return await _taken(house, site, "logs", request)

    @doors(METRICS, operation_id="OtlpMetrics", request_max_body_size=OTLP_BYTES)
    async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Counters of an agent's OpenTelemetry exporter, delta or cumulative."""
        return await _taken(house, site, "metrics", request)

    return [methods(LOGS, "POST"), logs, methods(METRICS, "POST"), metrics]


async def _taken(house: House, site: Site, signal: Signal, request: Request[Any, Any, Any]) -> Response[bytes]:
    """The answer that the standard asks for: a message without anything, which says that nothing was refused."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    packing = request.headers.get("content-encoding", "identity").strip().lower()
    body = await request.body()
    if kind not in (JSON, PROTOBUF):
        raise Problem(WRONG_TYPE)
    try:
        plain = _plain(packing, body)
        said = await _read(signal, kind, plain)
    except UnfitOtlp:
        raise Problem(BAD_OTLP) from None
    except LargeOtlp:
        raise Problem(TOO_LARGE_OTLP) from None
    except NoProtobuf:
        raise Problem(NO_PROTOBUF) from None
    if not house.telemetry.offer(said, len(plain), site.clock()):
        raise Problem(BUSY)
    return Response(b"{}" if kind == JSON else b"", status_code=200, media_type=kind)


def _plain(packing: str, body: bytes) -> bytes:
    if packing == "gzip":
        return inflated(body, OTLP_BYTES)
    if packing not in ("identity", ""):
        raise Problem(BAD_ENCODING)
    return body


async def _read(signal: Signal, kind: str, body: bytes) -> Otlp:
    """JSON is read in the twinkling of an eye; the other library is loaded, and works, in a thread aside."""
    if kind == JSON:
        return from_json(signal, body)
    return await asyncio.get_running_loop().run_in_executor(_ASIDE, from_protobuf, signal, body)


_ASIDE = ThreadPoolExecutor(1, "moonlock-otlp")
"""One body after the other: four megabytes of nothing but empty messages take half a gigabyte while they are read."""
