"""How a file ends: the phase that its last telling line leaves a session in (claude-code.md, 4, 9 and 12)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from moonlock.model.events import LimitHit
from moonlock.model.instant import Instant
from moonlock.model.session import Phase
from moonlock.sources.claude_code import facts
from moonlock.sources.claude_code.schema import SYNTHETIC, Line
from moonlock.sources.claude_code.stamps import moment

_ENDED = {"end_turn", "stop_sequence", "max_tokens", "refusal"}
_SYSTEM: dict[str | None, Phase] = {
    "compact_boundary": "compacted",
    "turn_duration": "answered",
    "stop_hook_summary": "answered",
    "api_error": "failed",
    "error": "failed",
}


class Ending(msgspec.Struct, frozen=True):
    at: Instant
    phase: Phase
    resets_at: Instant | None = None


def ending(lines: Sequence[Line], *, sidechains: bool, otherwise: Instant) -> Ending | None:
    """The last line that tells a phase; a sub-agent's lines count only in its own file."""
    for line in reversed(lines):
        if line.is_sidechain and not sidechains:
            continue
        at = moment(line.timestamp) or otherwise
        if line.type == "assistant":
            found = _assistant(line, at)
        else:
            phase = _user(line) if line.type == "user" else _SYSTEM.get(line.subtype) if line.type == "system" else None
            found = Ending(at, phase) if phase else None
        if found is not None:
            return found
    return None


def _assistant(line: Line, at: Instant) -> Ending | None:
    message = line.message
    if message is None:
        return None
    if message.model == SYNTHETIC or line.is_api_error_message:
        event = facts.refused(line, at)
        if isinstance(event, LimitHit):
            return Ending(at, "limited", event.resets_at)
        return Ending(at, "failed" if event else "answered")
    if isinstance(message.content, list) and any(block.type == "tool_use" for block in message.content):
        return Ending(at, "calling")
    return Ending(at, "answered" if message.stop_reason in _ENDED else "answering")


def _user(line: Line) -> Phase | None:
    content = line.message.content if line.message else None
    if isinstance(content, list) and any(block.type == "tool_result" for block in content):
        return "answering"
    text = facts.said(line)
    if text.startswith(facts.INTERRUPTED):
        return "answered"
    return "prompted" if text.startswith("<task-notification>") or facts.typed(line) else None
