"""What happens between responses: prompts, compactions, errors, limits, titles, pull requests. Never their texts."""

from __future__ import annotations

from typing import Literal

import msgspec

from moonlock.model.events import AgentError, Compaction, Event, LimitHit, PromptSent, PullRequestOpened
from moonlock.model.instant import Instant
from moonlock.model.session import TitleSource
from moonlock.sources.claude_code.identity import name_key
from moonlock.sources.claude_code.schema import REFUSED, Compacted, Line, text_of
from moonlock.sources.claude_code.words import NAME, TITLE, clean

_NOT_TYPED = (
    "<task-notification>",
    "<local-command-",
    "<command-message>",
    "<command-name>",
    "<bash-input>",
    "<bash-stdout>",
    "<bash-stderr>",
    "<system-reminder>",
    "<ci-monitor-event>",
    "This session is being continued from a previous conversation",
    "Caveat: The messages below",
)
INTERRUPTED = "[Request interrupted by user"


class Fault(msgspec.Struct, frozen=True):
    """The shapes of ``error`` on system lines: nested as the API sent it, or flat as the client saw it."""

    type: str | None = None
    status: int | None = None
    error: Fault | None = None
    connection: Connection | None = None


class Connection(msgspec.Struct, frozen=True):
    code: str | None = None


def identity(line: Line, at: Instant) -> str:
    """A line's own name; copies keep it."""
    return line.uuid or f"{line.type}\0{at}"


def spoken(line: Line) -> bool:
    """Whether the line says of itself that a person wrote it."""
    return line.origin is not None and line.origin.kind in ("human", "cli")


def typed(line: Line) -> bool:
    """Whether a person wrote this line (claude-code.md, 7.1 and 7.2); its result blocks are ruled out by the caller."""
    if line.is_meta or line.is_compact_summary or line.is_visible_in_transcript_only or line.is_sidechain:
        return False
    if line.origin is not None and line.origin.kind is not None and not spoken(line):
        return False
    text = said(line)
    return bool(text) and not text.startswith((*_NOT_TYPED, INTERRUPTED))


def said(line: Line) -> str:
    """The beginning of a user's words; a picture alone is words enough."""
    content = line.message.content if line.message else None
    if isinstance(content, list):
        texts = [text_of(block.text) for block in content if block.type == "text"]
        pictures = any(block.type in ("image", "document") for block in content)
        return next((text.lstrip() for text in texts if text.strip()), "(picture)" if pictures else "")
    return content[:200].lstrip() if content else ""


def words(line: Line) -> str:
    """The whole first text of a user's line."""
    content = line.message.content if line.message else None
    if isinstance(content, list):
        return next((text_of(block.text).lstrip() for block in content if block.type == "text"), "")
    return (content or "").lstrip()


def prompt(line: Line, at: Instant) -> PromptSent:
    return PromptSent(name_key("prompt", identity(line, at)), at)


def compaction(line: Line, at: Instant) -> Compaction | None:
    """A boundary after which the context is small again."""
    if line.subtype not in ("compact_boundary", "microcompact_boundary"):
        return None
    key = name_key("compaction", identity(line, at))
    if line.subtype == "compact_boundary":
        told = line.compact_metadata or Compacted()
        trigger: Literal["auto", "manual"] = "manual" if told.trigger == "manual" else "auto"
        return Compaction(key, at, trigger, told.pre_tokens, told.post_tokens, told.duration_ms)
    told = line.microcompact_metadata or Compacted()
    known = told.pre_tokens is not None and told.tokens_saved is not None
    after = max(0, (told.pre_tokens or 0) - (told.tokens_saved or 0)) if known else None
    return Compaction(key, at, "micro", told.pre_tokens, after, told.duration_ms)


def trouble(line: Line, at: Instant) -> AgentError | None:
    """A system line that tells of a failed request."""
    if line.subtype in ("api_error", "error"):
        fault = _fault(line)
        retrying = line.subtype == "api_error" or line.retry_in_ms is not None
        key = name_key("error", identity(line, at))
        return AgentError(key, at, clean(_kind(fault), TITLE), fault.status, retrying)
    if line.subtype in ("api_refusal", "model_refusal_fallback"):
        key = name_key("error", identity(line, at))
        return AgentError(key, at, "refusal", None, line.subtype == "model_refusal_fallback")
    return None


def refused(line: Line, at: Instant) -> LimitHit | AgentError | None:
    """What a line that the client wrote itself stands for; None for a filler ("No response requested.")."""
    from moonlock.sources.claude_code import limits  # with it come the time zones, and refusals are rare

    text = said(line)
    key = name_key("refused", identity(line, at))
    limit = limits.refusal(text, at)
    if limit is not None:
        return LimitHit(key, at, limit.kind, limit.resets_at)
    if line.is_api_error_message or text.startswith("API Error"):
        return AgentError(key, at, clean(text_of(line.error) or "unknown", TITLE), line.api_error_status)
    return None


def pull_request(line: Line, at: Instant) -> Event | None:
    if line.pr_number is None:
        return None
    repository = clean(line.pr_repository or "", NAME)
    return PullRequestOpened(name_key("pull-request", repository, str(line.pr_number)), at, line.pr_number, repository)


def title(line: Line) -> tuple[TitleSource, str] | None:
    """A name for the session: a person's own before the agent's, the agent's before an old summary."""
    if line.custom_title:
        return "custom", clean(line.custom_title, TITLE)
    if line.ai_title or line.agent_name:
        return "agent", clean(line.ai_title or line.agent_name or "", TITLE)
    if line.summary:
        return "summary", clean(line.summary, TITLE)
    return None


def _fault(line: Line) -> Fault:
    try:
        return msgspec.json.decode(line.error, type=Fault) if len(memoryview(line.error)) else Fault()
    except REFUSED:
        return Fault()


def _kind(fault: Fault) -> str:
    """The innermost name: ``overloaded_error`` says more than ``error``."""
    if fault.error is not None and (inner := _kind(fault.error)) != "unknown":
        return inner
    if fault.type and fault.type != "error":
        return fault.type
    return (fault.connection.code if fault.connection else None) or "unknown"
