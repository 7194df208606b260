"""What Claude Code posts when it calls a hook: a few short words of it are kept, never a prompt, an input or an output.

All 31 events that are documented, and those that are not: whatever has a session and a name is one.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from moonlock.model.instant import DAY, Instant
from moonlock.model.presence import HookSeen
from moonlock.sources.claude_code.stamps import moment
from moonlock.sources.claude_code.words import name

_ID = re.compile(r"[\w.:@+-]{1,128}", re.ASCII)
_REASONS = {"StopFailure": "error", "SessionEnd": "reason", "SessionStart": "source"}
_TRIGGERED = ("PreCompact", "PostCompact")


class _Posted(msgspec.Struct):
    """Any value is taken, for a version may send another kind; what is not named here is never built."""

    session_id: Any = None
    hook_event_name: Any = None
    timestamp: Any = None
    prompt_id: Any = None
    tool_name: Any = None
    tool_use_id: Any = None
    notification_type: Any = None
    agent_id: Any = None
    error: Any = None
    reason: Any = None
    source: Any = None
    trigger: Any = None
    duration_ms: Any = None


_decode = msgspec.json.Decoder(_Posted).decode


def hook(body: bytes, now: Instant) -> HookSeen | None:
    """The hook that was called; None for what is none. Its own time counts where it has one, and it can be true."""
    try:
        posted = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    session, event = _id(posted.session_id), _id(posted.hook_event_name)
    if not session or not event:
        return None
    field = "trigger" if event in _TRIGGERED else _REASONS.get(event, "")
    return HookSeen(
        session=session,
        event=event,
        at=_at(posted.timestamp, now),
        tool=name(posted.tool_name) if isinstance(posted.tool_name, str) else "",
        tool_id=_id(posted.tool_use_id),
        prompt_id=_id(posted.prompt_id),
        notice=_id(posted.notification_type),
        agent_id=_id(posted.agent_id),
        reason=_id(getattr(posted, field)) if field else "",
        took=_took(posted.duration_ms),
    )


def _id(value: object) -> str:
    """A short word without anything that could be a text."""
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""


def _took(value: object) -> int | None:
    """How long a tool ran; what is no time, or longer than a day, is not known."""
    known = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= DAY
    return int(value) if known and isinstance(value, int | float) else None


def _at(stamp: object, now: Instant) -> Instant:
    """A moment of the last day; a clock that runs ahead, and a day that nobody remembers, count as now."""
    at = moment(stamp) if isinstance(stamp, str) else None
    return at if at is not None and now - DAY <= at <= now else now
