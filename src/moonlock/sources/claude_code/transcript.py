"""What was said in a session, read from its transcript when somebody asks. Nothing of it is kept anywhere."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec import Raw

from moonlock.model.chronicle import Page, Said, Speech, Spot
from moonlock.model.events import Outcome
from moonlock.model.instant import Instant
from moonlock.model.reading import Cursor, Seen
from moonlock.sources.claude_code import tools
from moonlock.sources.claude_code.facts import typed
from moonlock.sources.claude_code.schema import REFUSED, Block, Line, decode_line, text_of
from moonlock.sources.claude_code.spot import BLANK
from moonlock.sources.claude_code.stamps import moment
from moonlock.sources.claude_code.words import NAME, clean
from moonlock.sources.tailer import LONG, Tailer

MOST_TEXT = 20_000
"""Characters of one thing that was said; what is longer is cut, and says so."""
MOST_READ = 4 * 1024 * 1024
"""Bytes that are looked through for one page: between two things that were said there may be much that was not."""
_PIECE = 256 * 1024
_NOTHING = Raw()


class _Part(msgspec.Struct, gc=False):
    """A block of a message, with the thoughts that no count needs."""

    type: str | None = None
    thinking: Raw = _NOTHING
    text: Raw = _NOTHING
    input: Raw = _NOTHING
    id: str | None = None
    name: str | None = None
    tool_use_id: str | None = None
    content: Raw = _NOTHING
    is_error: bool | None = None


class _Message(msgspec.Struct, gc=False):
    content: list[_Part] | str | None = None


class _Whole(msgspec.Struct, gc=False):
    message: _Message | None = None
    content: Raw = _NOTHING


_decode = msgspec.json.Decoder(_Whole).decode


def transcript(seen: Seen, start: Spot, most: int) -> Page | None:
    """So many things that were said, from a place on; None when no line begins there.

    A page may have fewer, even none, before the end: then the file had much else in between.
    """
    said: list[Said] = []
    first, skipped = start
    with Tailer(seen, Cursor()) as tailer:
        if first > tailer.size or (first and tailer.peek(first - 1, 1) != b"\n"):
            return None
        for at, raw in _lines(tailer, first):
            if at - first >= MOST_READ:
                return Page(said, (at, 0))
            told = list(_told(raw))
            before = skipped if at == first else 0
            room = most - len(said)
            said += told[before : before + room]
            if len(told) - before > room:
                return Page(said, (at, before + room))
    return Page(said, None)


def _lines(tailer: Tailer, at: int) -> Iterator[tuple[int, bytes]]:
    """Every line from there on, and where it begins; of one that is too long to be a record only its first bytes."""
    begun, rest = at, b""
    while at < tailer.size:
        piece = tailer.peek(at, min(_PIECE, tailer.size - at))
        if not piece:
            break  # it shrank under our hands
        at += len(piece)
        *whole, rest = (rest + piece).split(b"\n")
        for raw in whole:
            yield begun, raw
            begun += len(raw) + 1
        if len(rest) > LONG:
            yield begun, b"\0"
            begun = at = _behind(tailer, at)
            rest = b""
    if rest:
        yield begun, rest


def _behind(tailer: Tailer, at: int) -> int:
    """Where the next line begins, seen from the middle of one."""
    while at < tailer.size:
        piece = tailer.peek(at, min(_PIECE, tailer.size - at))
        end = piece.find(b"\n") + 1
        at += end or len(piece)
        if end or not piece:
            break
    return at


def _told(raw: bytes) -> Iterator[Said]:
    if not raw.strip(BLANK):
        return
    try:
        line, whole = decode_line(raw), _decode(raw)
    except REFUSED:
        yield Said(at=None, kind="note", text="", readable=False)
        return
    at = moment(line.timestamp)
    if line.type == "system":
        yield _said(at, "note", text_of(whole.content) or line.subtype or "", line)
    elif line.type in ("user", "assistant") and whole.message is not None:
        yield from _message(whole.message, line, at)


def _message(message: _Message, line: Line, at: Instant | None) -> Iterator[Said]:
    words: Speech = "answer" if line.type == "assistant" else "prompt" if typed(line) else "note"
    if isinstance(message.content, str):
        yield _said(at, words, message.content, line)
        return
    for part in message.content or ():
        if part.type == "text":
            yield _said(at, words, _string(part.text), line)
        elif part.type == "thinking":
            yield _said(at, "thinking", _string(part.thinking), line)
        elif part.type in ("tool_use", "server_tool_use"):
            yield _said(at, "call", bytes(part.input).decode("utf-8", "replace"), line, part)
        elif part.type == "tool_result":
            yield _said(at, "result", text_of(part.content), line, part)
        elif part.type in ("image", "document"):
            yield _said(at, words, f"({part.type})", line)


def _said(at: Instant | None, kind: Speech, text: str, line: Line, part: _Part | None = None) -> Said:
    known = part or _Part()
    return Said(
        at=at,
        kind=kind,
        text=text[:MOST_TEXT],
        cut=max(0, len(text) - MOST_TEXT),
        tool=clean(known.name or "", NAME),
        call=known.id or known.tool_use_id or "",
        outcome=_outcome(known, line) if kind == "result" else None,
        model=(line.message.model if line.message else None) or "",
        agent_id=line.agent_id or "",
    )


def _outcome(part: _Part, line: Line) -> Outcome:
    if not part.is_error:
        return "ok"
    refused = line.tool_denial_kind or tools.denied(line.tool_use_result, Block(content=part.content))
    return "denied" if refused else "failed"


def _string(raw: Raw) -> str:
    """The text of a block; thoughts and texts are strings."""
    try:
        return msgspec.json.decode(raw, type=str)
    except REFUSED:
        return ""
