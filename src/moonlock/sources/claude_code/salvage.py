"""Whole records out of damaged lines: cut off with the next one glued on, run together, or behind a run of NUL bytes.

One machine's 10,949 transcripts held 30 such lines (anthropics/claude-code#81843). The keys that a record must have are
strict on purpose: a laxer rule invented or missed 15 of 20,000.
"""

from __future__ import annotations

import json
import re
from math import isfinite
from typing import Any

import msgspec

from moonlock.model.reading import Shape

REFUSED_NUMBER = -1
"""Stands for NaN, 1e999 and integers of 20 digits: never a count, and refused as one."""

_JUNK = re.compile(r"[\x00 \r\t\ufeff]*")
_KEYS = "parentUuid|type|sessionId|uuid|timestamp|message|isSidechain|requestId|version|cwd|userType|leafUuid"
_START = re.compile(rf'\{{\s*"(?=(?:{_KEYS})")')
_FOLLOWS = re.compile(r'[\x00 \r\t]*(?:\Z|\{[\x00 \r\t]*(?:["{]|\Z))')
_BRIEF = {"summary", "custom-title", "ai-title", "agent-name", "last-prompt", "mode", "permission-mode"}
_BRIEF |= {"file-history-snapshot", "queue-operation", "pr-link"}
"""Records without an envelope: believed where a record must begin, never searched for."""
_EFFORT = 32_000_000
"""Characters that are scanned for one line: a line made to be slow is given up, and reported."""

_decode = json.JSONDecoder(
    parse_constant=lambda name: REFUSED_NUMBER,
    parse_float=lambda said: value if isfinite(value := float(said)) else REFUSED_NUMBER,
    parse_int=lambda said: int(said) if len(said) < 20 else REFUSED_NUMBER,
).raw_decode


class Salvage(msgspec.Struct, frozen=True):
    """The records that are whole, and what was wrong with the line; ``""`` when it only had odd types."""

    records: list[dict[str, Any]]
    shape: Shape | None


def salvage(line: bytes) -> Salvage:
    """Everything whole in a line that the typed decoder refused."""
    text = line.decode("utf-8", "replace")
    value, end, _ = _value(text, _skip(text, 0))
    nul = "\x00" in text
    if end and not text[_skip(text, end) :]:
        if isinstance(value, dict):
            return Salvage([value], "nul" if nul else None)
        return Salvage([], "foreign")
    found = _Search(text).records()
    torn = bool(found) or text.lstrip("\x00 \r\t\ufeff").startswith('{"')
    return Salvage(found, "nul" if nul else "cut" if torn else "not-json")


class _Search:
    """The records of one line, at a bounded cost."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.effort = _EFFORT

    def records(self) -> list[dict[str, Any]]:
        found, at, text = [], _skip(self.text, 0), self.text
        while at < len(text):
            record, end = self.whole(at, expected=True)
            if record is None:
                end = self.resume(at + 1)
            else:
                found.append(record)
            at = _skip(text, end)
        return found

    def whole(self, at: int, *, expected: bool) -> tuple[dict[str, Any] | None, int]:
        value, end, scanned = _value(self.text, at)
        self.effort -= scanned + at // 16 + 200  # Python counts the lines before an error, which is no error of ours
        if not isinstance(value, dict) or not isinstance(value.get("type"), str):
            return None, at
        named = {"sessionId", "timestamp"} <= value.keys() and ("uuid" in value or "requestId" in value)
        return (value, end) if named or (expected and value["type"] in _BRIEF) else (None, at)

    def resume(self, at: int) -> int:
        """Where the next record starts: only another record may follow it, so no object inside a torn one counts."""
        for start in _START.finditer(self.text, at):
            record, end = self.whole(start.start(), expected=False)
            if record is not None and _FOLLOWS.match(self.text, end):
                return start.start()
            if self.effort < 0:
                break
        return len(self.text)


def _value(text: str, at: int) -> tuple[Any, int, int]:
    """The JSON value that starts here, its end (0 when there is none), and how many characters were looked at."""
    try:
        value, end = _decode(text, at)
    except json.JSONDecodeError as error:
        return None, 0, (len(text) if error.msg.startswith("Unterminated") else error.pos) - at
    except (ValueError, RecursionError):  # an integer of 5,000 digits, 200,000 brackets
        return None, 0, len(text) - at
    return value, end, end - at


def _skip(text: str, at: int) -> int:
    junk = _JUNK.match(text, at)
    return junk.end() if junk else at
