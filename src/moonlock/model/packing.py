"""Events that no sum needs, put aside as one piece: whoever only adds up usage never makes objects of them."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from moonlock.model.events import PromptSent, ToolCall, ToolEnded
from moonlock.model.reading import Batch

Aside = ToolCall | ToolEnded | PromptSent
_KINDS = (ToolCall, ToolEnded, PromptSent)

_encode = msgspec.msgpack.Encoder().encode
opened = msgspec.msgpack.Decoder(list[Aside]).decode


def packed(batch: Batch) -> Batch:
    """The same, with its tool calls, their results and its prompts in ``packed``."""
    aside = [event for event in batch.events if isinstance(event, _KINDS)]
    if not aside:
        return batch
    rest = [event for event in batch.events if not isinstance(event, _KINDS)]
    prompted_at = max((event.at for event in aside if isinstance(event, PromptSent)), default=0)
    return replace(batch, events=rest, packed=_encode(aside), prompted_at=max(prompted_at, batch.prompted_at))


def unpacked(batch: Batch) -> Batch:
    """The same, with all events where they belong."""
    if not batch.packed:
        return batch
    return replace(batch, events=[*batch.events, *opened(batch.packed)], packed=b"")
