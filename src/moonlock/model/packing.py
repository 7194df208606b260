"""Events that no sum needs, put aside as one piece: whoever only adds up usage never makes objects of them."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from moonlock.model.events import Event, PromptSent, ToolCall, ToolEnded
from moonlock.model.reading import Batch

Aside = ToolCall | ToolEnded | PromptSent
_KINDS = {ToolCall, ToolEnded, PromptSent}

_encode = msgspec.msgpack.Encoder().encode
opened = msgspec.msgpack.Decoder(list[Aside]).decode


def packed(batch: Batch) -> Batch:
    """The same, with its tool calls, their results and its prompts in ``packed``."""
    aside: list[Event] = []
    rest: list[Event] = []
    prompted_at = 0
    for event in batch.events:
        kind = type(event)
        (aside if kind in _KINDS else rest).append(event)
        if kind is PromptSent and event.at > prompted_at:
            prompted_at = event.at
    if not aside:
        return batch
    return replace(batch, events=rest, packed=_encode(aside), prompted_at=max(prompted_at, batch.prompted_at))


def unpacked(batch: Batch) -> Batch:
    """The same, with all events where they belong."""
    if not batch.packed:
        return batch
    return replace(batch, events=[*batch.events, *opened(batch.packed)], packed=b"")
