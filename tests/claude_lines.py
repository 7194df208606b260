"""Lines of Claude Code transcripts, made by hand in the shapes of real ones, and what reading them gives."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from moonlock.model.events import UsageEvent, merged
from moonlock.model.instant import Instant, iso
from moonlock.model.reading import Batch, Counts, Cursor
from moonlock.model.session import Tail
from moonlock.sources.base import look
from moonlock.sources.claude_code import ClaudeCode

TEN = 1_759_658_400_000
"""2025-10-05T10:00:00Z."""
SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000
SESSION = "aaaaaaaa-0000-4000-8000-000000000001"
OPUS = "claude-opus-4-8"
Line = dict[str, Any]
_E = TypeVar("_E")


def line(type: str, at: Instant | str | None = TEN, **more: Any) -> Line:
    """A line with its envelope; a field that is ``...`` is left out."""
    whole = {
        "parentUuid": None,
        "isSidechain": False,
        "type": type,
        "timestamp": iso(at) if isinstance(at, int) else at,
        "cwd": "/home/dev/app",
        "sessionId": SESSION,
        "version": "2.1.219",
        "gitBranch": "main",
        "uuid": f"{type}-{at}-{len(more)}",
        **more,
    }
    return {key: value for key, value in whole.items() if value is not ...}


def usage(input: Any = 10, output: Any = 50, write: Any = 0, read: Any = 0, **more: Any) -> Line:
    """The usage object of a response, its cache writes split as one-hour writes."""
    split = {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": write}
    whole = {
        "input_tokens": input,
        "output_tokens": output,
        "cache_creation_input_tokens": write,
        "cache_read_input_tokens": read,
        "cache_creation": split,
        **more,
    }
    return {key: value for key, value in whole.items() if value is not ...}


def said(
    message: str | None = "msg_a", request: str | None = "req_a", used: Line | None = None, at: Any = TEN, **more: Any
) -> Line:
    """An assistant line; ``content``, ``model`` and ``stop`` belong to its message."""
    inner = {
        "id": message,
        "type": "message",
        "role": "assistant",
        "model": more.pop("model", OPUS),
        "content": more.pop("content", [{"type": "text", "text": "words"}]),
        "stop_reason": more.pop("stop", None),
        "usage": usage() if used is None else used,
    }
    return line("assistant", at, **{"requestId": request, "message": inner, **more})


def prompted(text: Any = "Do it, please", at: Any = TEN, **more: Any) -> Line:
    return line("user", at, **{"message": {"role": "user", "content": text}, **more})


def call(tool: str, name: str = "Bash", given: Any = None, at: Any = TEN, **more: Any) -> Line:
    """A response that calls one tool."""
    block = {"type": "tool_use", "id": tool, "name": name, "input": given or {}}
    return said(more.pop("message", f"msg_{tool}"), f"req_{tool}", None, at, content=[block], **more)


def result(tool: str, at: Any = TEN, content: Any = "done", error: bool | None = None, **more: Any) -> Line:
    block = {"type": "tool_result", "tool_use_id": tool, "content": content, "is_error": error}
    return line("user", at, **{"message": {"role": "user", "content": [block]}, **more})


def synthetic(text: str, at: Any = TEN, **more: Any) -> Line:
    """A line that the client wrote itself."""
    content = [{"type": "text", "text": text}]
    return said(
        "11111111-1111-4111-8111-111111111111", None, usage(0, 0), at, model="<synthetic>", content=content, **more
    )


def encoded(*lines: Line | bytes) -> bytes:
    """The lines as the client writes them, each with its newline."""
    return b"".join(
        (one if isinstance(one, bytes) else json.dumps(one, separators=(",", ":")).encode()) + b"\n" for one in lines
    )


def transcript(home: Path, *lines: Line | bytes, name: str = f"{SESSION}.jsonl") -> Path:
    """A transcript in a home folder; written anew."""
    path = home / ".claude/projects/-home-dev-app" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encoded(*lines))
    return path


def batches(path: Path, cursor: Cursor | None = None, limit: int = 1 << 20) -> list[Batch]:
    """What one reading of a file brings."""
    seen = look(str(path))
    assert seen is not None
    return list(ClaudeCode().read(seen, cursor or Cursor(), limit))


def batch(path: Path, cursor: Cursor | None = None) -> Batch:
    """The only batch of a reading."""
    (only,) = batches(path, cursor, 1 << 40)
    return only


def only(kind: type[_E], of: Batch | Iterable[Batch]) -> list[_E]:
    """The events of one kind."""
    return [event for one in ([of] if isinstance(of, Batch) else of) for event in one.events if isinstance(event, kind)]


def requests(of: Batch | Iterable[Batch]) -> dict[int, UsageEvent]:
    """What a store would keep: copies merged, replays on a sidechain dropped (rule D7)."""
    known: dict[int, UsageEvent] = {}
    aliases: dict[int, int] = {}
    for event in only(UsageEvent, of):
        key = next((aliases[alias] for alias in event.aliases if alias in aliases), event.key)
        aliases.update(dict.fromkeys(event.aliases, key))
        known[key] = merged(known[key], event) if key in known else event
    main = {key >> 16 for key, event in known.items() if not event.sidechain}
    return {key: event for key, event in known.items() if not event.sidechain or key >> 16 not in main}


def counts(of: Iterable[Batch]) -> Counts:
    """What became of all lines, when ``of`` reads a file in several steps."""
    whole, tail = Counts(), Counts()
    for one in of:
        whole, tail = whole + one.counts, one.tail_counts
    return whole + tail


def tail(of: Batch) -> Tail:
    assert of.session.tail is not None
    return of.session.tail
