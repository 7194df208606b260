"""Lines that the typed decoder refused, one by one: odd types set aside, bad counts refused, torn lines searched."""

from __future__ import annotations

import json
from typing import Any, TypeVar

import msgspec

from moonlock.model.reading import Shape
from moonlock.sources.claude_code.salvage import REFUSED_NUMBER, salvage
from moonlock.sources.claude_code.schema import (
    REFUSED,
    Attachment,
    Block,
    Compacted,
    Line,
    Message,
    Nested,
    Origin,
    Progress,
    ServerTools,
    Split,
    Used,
    decode_line,
)

_S = TypeVar("_S", bound=msgspec.Struct)

_PARTS: dict[tuple[type[msgspec.Struct], str], type[msgspec.Struct]] = {
    (Line, "message"): Message,
    (Line, "data"): Progress,
    (Line, "attachment"): Attachment,
    (Line, "origin"): Origin,
    (Line, "compact_metadata"): Compacted,
    (Line, "microcompact_metadata"): Compacted,
    (Progress, "message"): Nested,
    (Nested, "message"): Message,
    (Message, "content"): Block,
    (Message, "usage"): Used,
    (Used, "server_tool_use"): ServerTools,
    (Used, "cache_creation"): Split,
    (Used, "iterations"): Used,
}
_LISTS: set[tuple[type[msgspec.Struct], str]] = {(Message, "content"), (Used, "iterations")}
_COUNTED: set[tuple[type[msgspec.Struct], str]] = {
    (Used, name) for name in Used.__struct_fields__ if name.endswith("_tokens")
}
_COUNTED |= {(Split, name) for name in Split.__struct_fields__}
_COUNTED |= {(ServerTools, "web_search_requests"), (Line, "cost_usd")}


class Repaired(msgspec.Struct, frozen=True):
    """What came out of one refused line. ``shape`` is None when nothing is missing."""

    lines: list[Line]
    shape: Shape | None
    refused: int = 0
    """Lines that lost their usage for a bad count."""

    @property
    def recovered(self) -> int:
        """Lines that count in full."""
        return len(self.lines) - self.refused


def repaired(raw: bytes) -> Repaired:
    """The records of a line; a count that is no whole number from 0 to ``MOST`` takes its usage with it.

    What is left of such a usage would be a number, but not that of the response.
    """
    try:
        return Repaired([decode_line(raw)], None)
    except REFUSED:
        saved = salvage(raw)
    lines = [_fitted(record, Line) for record in saved.records]
    costs = [_refuse_cost(line) for line in lines]
    refused = [_refuse(line) for line in lines]
    bad = any(refused) or any(costs)
    return Repaired(lines, saved.shape or ("bad-number" if bad else None), sum(refused))


def _fitted(record: dict[str, Any], shape: type[_S]) -> _S:
    """The record as that type, without the fields whose types are odd."""
    fields = msgspec.structs.fields(shape)
    said = [(field, record[field.encode_name]) for field in fields if record.get(field.encode_name) is not None]
    return shape(**{field.name: part for field, value in said if (part := _part(value, field, shape)) is not None})


def _part(value: Any, field: msgspec.structs.FieldInfo, shape: type[msgspec.Struct]) -> Any:
    place = (shape, field.name)
    inner = _PARTS.get(place)
    if inner and isinstance(value, list) and place in _LISTS:
        return [_fitted(item, inner) for item in value if isinstance(item, dict)]
    if inner and isinstance(value, dict) and place not in _LISTS:
        return _fitted(value, inner)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    try:  # a lone surrogate cannot be encoded, and becomes a question mark
        return msgspec.json.decode(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"), type=field.type)
    except REFUSED:
        return REFUSED_NUMBER if place in _COUNTED else None


def _refuse_cost(line: Line) -> bool:
    """Whether the recorded cost is bad; then it is as if none was recorded."""
    bad = line.cost_usd is not None and line.cost_usd < 0
    if bad:
        line.cost_usd = None
    return bad


def _refuse(line: Line) -> bool:
    """Whether a count is bad; then the line has no usage any more."""
    nested = line.data.message if line.data else None
    refused = False
    for message in (line.message, nested.message if nested else None):
        if message is not None and message.usage is not None and _bad(message.usage):
            message.usage, refused = None, True
    return refused


def _bad(usage: Used) -> bool:
    split, tools = usage.cache_creation or Split(), usage.server_tool_use or ServerTools()
    counts = (
        usage.input_tokens,
        usage.output_tokens,
        usage.cache_creation_input_tokens,
        usage.cache_read_input_tokens,
        split.ephemeral_5m_input_tokens,
        split.ephemeral_1h_input_tokens,
        tools.web_search_requests,
    )
    return any(count is not None and count < 0 for count in counts) or any(map(_bad, usage.iterations or ()))
