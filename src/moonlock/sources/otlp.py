"""Bodies of OTLP/HTTP as any exporter sends them, JSON or protobuf. Only what somebody reads here is described.

The protobuf library is an extra and takes 0.14 s to load: it is not imported before the first body that needs it.
"""

from __future__ import annotations

import json
import zlib
from typing import Literal

import msgspec

Signal = Literal["logs", "metrics"]
DELTA, CUMULATIVE = 1, 2
"""Temporalities of a sum: since the last time, since the start."""
Whole = int | float | str | None
"""JSON has no 64 bits: such numbers come as text."""


class UnfitOtlp(ValueError):
    """A body that is not OTLP, or was cut."""


class LargeOtlp(ValueError):
    """A body that becomes too large when it is unpacked."""


class NoProtobuf(RuntimeError):
    """The extra that reads protobuf is not installed."""


class Value(msgspec.Struct, frozen=True, rename="camel"):
    """A plain value; lists and tables are left out."""

    string_value: str | None = None
    bool_value: bool | None = None
    int_value: Whole = None
    double_value: float | str | None = None

    @property
    def plain(self) -> str | int | float | bool | None:
        found = (self.string_value, self.bool_value, self.int_value, self.double_value)
        return next((one for one in found if one is not None), None)


class Attribute(msgspec.Struct, frozen=True):
    key: str = ""
    value: Value | None = None


class Resource(msgspec.Struct, frozen=True):
    """Who exports."""

    attributes: list[Attribute] | None = None


class Scope(msgspec.Struct, frozen=True):
    """Which part of it."""

    name: str = ""


class Record(msgspec.Struct, frozen=True, rename="camel"):
    """One event."""

    time_unix_nano: Whole = None
    observed_time_unix_nano: Whole = None
    event_name: str = ""
    body: Value | None = None
    attributes: list[Attribute] | None = None


class ScopeLogs(msgspec.Struct, frozen=True, rename="camel"):
    scope: Scope | None = None
    log_records: list[Record] | None = None


class ResourceLogs(msgspec.Struct, frozen=True, rename="camel"):
    resource: Resource | None = None
    scope_logs: list[ScopeLogs] | None = None


class Logs(msgspec.Struct, frozen=True, rename="camel"):
    """A body of ``/v1/logs``."""

    resource_logs: list[ResourceLogs] = []


class Point(msgspec.Struct, frozen=True, rename="camel"):
    """How far a counter came."""

    attributes: list[Attribute] | None = None
    start_time_unix_nano: Whole = None
    time_unix_nano: Whole = None
    as_double: float | str | None = None
    as_int: Whole = None


class Sum(msgspec.Struct, frozen=True, rename="camel"):
    data_points: list[Point] | None = None
    aggregation_temporality: int | str = 0


class Metric(msgspec.Struct, frozen=True):
    """A counter; of other kinds of metrics only the name is read."""

    name: str = ""
    sum: Sum | None = None


class ScopeMetrics(msgspec.Struct, frozen=True, rename="camel"):
    scope: Scope | None = None
    metrics: list[Metric] | None = None


class ResourceMetrics(msgspec.Struct, frozen=True, rename="camel"):
    resource: Resource | None = None
    scope_metrics: list[ScopeMetrics] | None = None


class Metrics(msgspec.Struct, frozen=True, rename="camel"):
    """A body of ``/v1/metrics``."""

    resource_metrics: list[ResourceMetrics] = []


Otlp = Logs | Metrics
_KINDS: dict[Signal, type[Logs] | type[Metrics]] = {"logs": Logs, "metrics": Metrics}
_DECODERS = {signal: msgspec.json.Decoder(kind) for signal, kind in _KINDS.items()}


def from_json(signal: Signal, body: bytes) -> Otlp:
    """A body in JSON. ``UnfitOtlp`` when it is none, as a whole: an exporter does not send parts again."""
    try:
        return _DECODERS[signal].decode(body)
    except msgspec.ValidationError:
        raise UnfitOtlp from None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return _by_the_slow_way(signal, body)


def from_protobuf(signal: Signal, body: bytes) -> Otlp:
    """A body in protobuf. ``UnfitOtlp`` when it is none, ``NoProtobuf`` where nothing is installed that reads it."""
    try:
        from google.protobuf.json_format import MessageToDict
        from google.protobuf.message import DecodeError
        from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
        from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
    except ImportError:
        raise NoProtobuf from None
    message = ExportLogsServiceRequest() if signal == "logs" else ExportMetricsServiceRequest()
    try:
        message.ParseFromString(body)
        said = MessageToDict(message, use_integers_for_enums=True)
        return msgspec.convert(said, _KINDS[signal])
    except (DecodeError, msgspec.ValidationError, RecursionError):
        raise UnfitOtlp from None


def inflated(body: bytes, most: int) -> bytes:
    """What was packed with gzip; ``LargeOtlp`` above so many bytes, ``UnfitOtlp`` when it is torn or something else."""
    unpacker = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        found = unpacker.decompress(body, most + 1)
    except zlib.error:
        raise UnfitOtlp from None
    if len(found) > most:
        raise LargeOtlp
    if not unpacker.eof or unpacker.unused_data:
        raise UnfitOtlp
    return found


def _by_the_slow_way(signal: Signal, body: bytes) -> Otlp:
    """A text that was cut in the midst of a character has half of it, which only the standard library reads."""
    try:
        return msgspec.convert(json.loads(body), _KINDS[signal])
    except (ValueError, RecursionError):
        raise UnfitOtlp from None
