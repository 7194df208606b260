"""The few fields of a transcript that Moonlock needs, decoded by type: everything else is skipped without being built.

Three quarters of the decoder's time are the JSON scan itself, so a field more costs next to nothing, and a byte search
before the decoder costs more than it saves. What does not fit these types (a string where a count should
be, a lone surrogate, a torn line) makes the decoder refuse, and goes the slow way of ``repair``.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, Raw

SYNTHETIC = "<synthetic>"
"""The model of lines that the client wrote itself (rule S4)."""

MOST = 10**12
"""No response has so many tokens, and none costs so many micro-dollars: what is above is a bad number. Millions of
requests with the largest of all counts still add up within 64 bits."""
Count = Annotated[int, Meta(ge=0, le=MOST)] | None
Searches = Annotated[int, Meta(ge=0, le=10**6)] | None
Dollars = Annotated[float, Meta(ge=0, le=MOST / 10**6)] | None
_NOTHING = Raw()


class Split(msgspec.Struct, gc=False):
    ephemeral_5m_input_tokens: Count = None
    ephemeral_1h_input_tokens: Count = None


class ServerTools(msgspec.Struct, gc=False):
    web_search_requests: Searches = None


class Used(msgspec.Struct, gc=False):
    """``message.usage``, and each entry of its ``iterations``."""

    input_tokens: Count = None
    cache_creation_input_tokens: Count = None
    cache_read_input_tokens: Count = None
    output_tokens: Count = None
    server_tool_use: ServerTools | None = None
    service_tier: str | None = None
    cache_creation: Split | None = None
    inference_geo: str | None = None
    iterations: list[Used] | None = None
    speed: str | None = None
    model: str | None = None


class Block(msgspec.Struct, gc=False):
    type: str | None = None
    id: str | None = None
    name: str | None = None
    input: Raw = _NOTHING
    tool_use_id: str | None = None
    content: Raw = _NOTHING
    is_error: bool | None = None
    text: Raw = _NOTHING


class Message(msgspec.Struct, gc=False):
    model: str | None = None
    id: str | None = None
    content: list[Block] | str | None = None
    stop_reason: str | None = None
    usage: Used | None = None
    diagnostics: Raw = _NOTHING


class Nested(msgspec.Struct, gc=False, rename="camel"):
    """The line of a sub-agent inside a progress line of its parent (rule S2)."""

    type: str | None = None
    request_id: str | None = None
    uuid: str | None = None
    timestamp: str | None = None
    message: Message | None = None


class Progress(msgspec.Struct, gc=False, rename="camel"):
    type: str | None = None
    agent_id: str | None = None
    message: Nested | None = None


class Attachment(msgspec.Struct, gc=False):
    type: str | None = None
    content: Raw = _NOTHING


class Compacted(msgspec.Struct, gc=False, rename="camel"):
    trigger: str | None = None
    pre_tokens: Count = None
    post_tokens: Count = None
    tokens_saved: Count = None
    duration_ms: Count = None


class Origin(msgspec.Struct, gc=False):
    kind: str | None = None


class Line(msgspec.Struct, gc=False, rename="camel"):
    """One line of a transcript. Every field may be missing."""

    is_sidechain: bool | None = None
    agent_id: str | None = None
    cwd: str | None = None
    session_id: str | None = None
    version: str | None = None
    git_branch: str | None = None
    attribution_skill: str | None = None
    message: Message | None = None
    request_id: str | None = None
    type: str | None = None
    subtype: str | None = None
    data: Progress | None = None
    attachment: Attachment | None = None
    parent_tool_use_id: str | None = msgspec.field(default=None, name="parentToolUseID")
    content: Raw = _NOTHING
    uuid: str | None = None
    timestamp: str | None = None
    tool_use_result: Raw = _NOTHING
    tool_denial_kind: str | None = None
    is_meta: bool | None = None
    is_compact_summary: bool | None = None
    is_visible_in_transcript_only: bool | None = None
    origin: Origin | None = None
    plan_content: str | None = None
    is_api_error_message: bool | None = None
    api_error_status: Count = None
    error: Raw = _NOTHING
    retry_in_ms: float | None = None
    compact_metadata: Compacted | None = None
    microcompact_metadata: Compacted | None = None
    summary: str | None = None
    custom_title: str | None = None
    ai_title: str | None = None
    agent_name: str | None = None
    pr_number: Count = None
    pr_repository: str | None = None
    cost_usd: Dollars = msgspec.field(default=None, name="costUSD")


REFUSED = (msgspec.MsgspecError, ValueError, RecursionError)
"""What the decoder raises: odd types and broken JSON, invalid UTF-8, 200,000 brackets."""

_decoder = msgspec.json.Decoder(Line)
decode_lines = _decoder.decode_lines
decode_line = _decoder.decode


def text_of(raw: Raw) -> str:
    """The text of a string, or of the text blocks of a list; ``""`` for anything else."""
    data = bytes(raw)
    try:
        if data.startswith(b'"'):
            return msgspec.json.decode(data, type=str)
        blocks = msgspec.json.decode(data, type=list[Block]) if data.startswith(b"[") else []
    except REFUSED:
        return ""
    return "\n".join(text_of(block.text) for block in blocks if block.type == "text")
