"""What the provider says of a cache that it did not find: `message.diagnostics.cache_miss_reason`."""

from __future__ import annotations

import msgspec
from msgspec import Raw

from moonlock.model.events import LOST_MESSAGES, LOST_MODEL, LOST_SYSTEM, LOST_TOOLS
from moonlock.sources.claude_code.schema import REFUSED

_MARKS = {
    "model_changed": LOST_MODEL,
    "system_changed": LOST_SYSTEM,
    "tools_changed": LOST_TOOLS,
    "messages_changed": LOST_MESSAGES,
}
"""`unavailable` and `previous_message_not_found` name no cause: a cache that ran out looks like that too."""


class _Reason(msgspec.Struct):
    type: str = ""


class _Diagnostics(msgspec.Struct):
    cache_miss_reason: _Reason | None = None


_decode = msgspec.json.Decoder(_Diagnostics).decode


def lost(diagnostics: Raw) -> int:
    """The mark of the request; 0 when nothing is said, or nothing that is known here."""
    said = bytes(diagnostics)
    if not said.startswith(b"{"):
        return 0
    try:
        reason = _decode(said).cache_miss_reason
    except REFUSED:
        return 0
    return 0 if reason is None else _MARKS.get(reason.type, 0)
