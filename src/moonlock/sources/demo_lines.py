"""Lines as Claude Code 2.1.3xx writes them. Pure: who is writing, when, and what; nothing is written here."""

from __future__ import annotations

from random import Random
from typing import Any, NamedTuple

import msgspec

from moonlock.model.instant import Instant, iso

VERSION = "2.1.318"
Fields = dict[str, Any]


class Line(NamedTuple):
    """One line of one log; ``path`` is relative to the home folder."""

    at: Instant
    path: str
    data: bytes


class Spent(NamedTuple):
    """What one response costs."""

    read: int
    written: int
    output: int
    one_hour: bool
    searches: int = 0


class Answer(NamedTuple):
    """One response of the model, of which each content block becomes a line."""

    message: str
    request: str
    model: str
    spent: Spent


class Scribe:
    """Writes the lines of one transcript file; every id comes from the seeded ``rng``."""

    def __init__(self, rng: Random, cwd: str, branch: str, session: str, agent: str = "") -> None:
        self.rng, self.cwd, self.branch, self.session, self.agent = rng, cwd, branch, session, agent
        folder = ".claude/projects/" + "".join(sign if sign.isalnum() else "-" for sign in cwd)
        self.path = f"{folder}/{session}/subagents/agent-{agent}.jsonl" if agent else f"{folder}/{session}.jsonl"
        self.parent: str | None = None

    def helper(self, agent: str) -> Scribe:
        """The writer of a sub-agent's file."""
        return Scribe(self.rng, self.cwd, self.branch, self.session, agent)

    def prompt(self, at: Instant, text: str, *, summary: bool = False) -> Line:
        """What a person asks; ``summary`` is what the client itself puts there after a compaction."""
        more: Fields = {"message": {"role": "user", "content": text}}
        if summary:
            more |= {"isCompactSummary": True, "isVisibleInTranscriptOnly": True}
        elif not self.agent:
            more |= {"promptId": ident(self.rng), "permissionMode": "auto", "origin": {"kind": "human"}}
        return self._line(at, "user", more)

    def block(self, at: Instant, answer: Answer, content: Fields, *, share: float, stop: str | None) -> Line:
        """One content block; output grows from line to line (``share``), the rest is the same on all of them."""
        output = max(1, round(answer.spent.output * share))
        message = {
            "model": answer.model,
            "id": answer.message,
            "type": "message",
            "role": "assistant",
            "content": [content],
            "stop_reason": stop,
            "stop_sequence": None,
            "usage": usage(answer.spent, output),
        }
        return self._line(at, "assistant", {"message": message, "requestId": answer.request, "effort": "high"})

    def result(self, at: Instant, tool_id: str, text: str, *, failed: bool, told: Fields | str) -> Line:
        """What a tool gave back."""
        content = {"tool_use_id": tool_id, "type": "tool_result", "content": text, "is_error": failed}
        return self._line(at, "user", {"message": {"role": "user", "content": [content]}, "toolUseResult": told})

    def notice(self, at: Instant, tool_id: str, agent: str, told: str) -> Line:
        """A sub-agent in the background is done."""
        ids = f"<task-id>{agent}</task-id>\n<tool-use-id>{tool_id}</tool-use-id>\n<status>completed</status>"
        text = f"<task-notification>\n{ids}\n{told}\n</task-notification>"
        more: Fields = {"message": {"role": "user", "content": text}, "origin": {"kind": "task-notification"}}
        return self._line(at, "user", more)

    def compaction(self, at: Instant, before: int, after: int, duration: int) -> Line:
        """The client summarised the conversation."""
        facts = {
            "trigger": "auto",
            "preTokens": before,
            "postTokens": after,
            "durationMs": duration,
            "cumulativeDroppedTokens": before - after,
        }
        known, self.parent = self.parent, None
        more: Fields = {"subtype": "compact_boundary", "content": "Conversation compacted", "isMeta": False}
        return self._line(at, "system", more | {"logicalParentUuid": known, "level": "info", "compactMetadata": facts})

    def retry(self, at: Instant, attempt: int) -> Line:
        """The provider was overloaded; the client tries again by itself."""
        error = {
            "status": 529,
            "requestID": request_id(self.rng),
            "error": {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
        }
        more: Fields = {"subtype": "api_error", "level": "error", "error": error, "maxRetries": 10}
        return self._line(
            at, "system", more | {"retryAttempt": attempt, "retryInMs": 600 * 2**attempt, "source": "request_retry"}
        )

    def refusal(self, at: Instant, text: str) -> Line:
        """A limit: the client answers in the model's place."""
        nothing = {
            "input_tokens": 0,
            "output_tokens": 0,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "service_tier": None,
            "speed": None,
        }
        message = {
            "id": ident(self.rng),
            "model": "<synthetic>",
            "role": "assistant",
            "stop_reason": "stop_sequence",
            "stop_sequence": "",
            "type": "message",
            "usage": nothing,
            "content": [{"type": "text", "text": text}],
        }
        more: Fields = {"message": message, "requestId": request_id(self.rng), "error": "rate_limit"}
        return self._line(at, "assistant", more | {"isApiErrorMessage": True, "apiErrorStatus": 429})

    def bare(self, at: Instant, kind: str, **fields: object) -> Line:
        """A line without an envelope: title, last prompt, pull request."""
        return Line(at, self.path, encode({"type": kind, **fields, "sessionId": self.session}))

    def _line(self, at: Instant, kind: str, more: Fields) -> Line:
        uuid = ident(self.rng)
        head: Fields = {"parentUuid": self.parent, "isSidechain": bool(self.agent)}
        if self.agent:
            head["agentId"] = self.agent
        tail: Fields = {
            "type": kind,
            "uuid": uuid,
            "timestamp": iso(at),
            "userType": "external",
            "entrypoint": "cli",
            "cwd": self.cwd,
            "sessionId": self.session,
            "version": VERSION,
            "gitBranch": self.branch,
        }
        self.parent = uuid
        return Line(at, self.path, encode(head | more | tail))


def usage(spent: Spent, output: int) -> Fields:
    """The usage object of a response, with its one iteration."""
    split = {
        "ephemeral_5m_input_tokens": 0 if spent.one_hour else spent.written,
        "ephemeral_1h_input_tokens": spent.written if spent.one_hour else 0,
    }
    counts: Fields = {
        "input_tokens": 3,
        "cache_creation_input_tokens": spent.written,
        "cache_read_input_tokens": spent.read,
        "output_tokens": output,
    }
    return counts | {
        "server_tool_use": {"web_search_requests": spent.searches, "web_fetch_requests": 0},
        "service_tier": "standard",
        "cache_creation": split,
        "inference_geo": "not_available",
        "iterations": [counts | {"cache_creation": split, "type": "message"}],
        "speed": "standard",
    }


def encode(fields: Fields) -> bytes:
    return msgspec.json.encode(fields) + b"\n"


def ident(rng: Random) -> str:
    """A version-4 UUID."""
    text = f"{rng.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:]}"


def message_id(rng: Random) -> str:
    return f"msg_01{rng.getrandbits(88):022x}"


def request_id(rng: Random) -> str:
    return f"req_011C{rng.getrandbits(80):020x}"


def tool_id(rng: Random) -> str:
    return f"toolu_01{rng.getrandbits(88):022x}"
