"""What is told of a store or a session elsewhere: the lines of an export, each with keys that hold everywhere.

Times are ISO-8601 in UTC, keys are 16 hex digits. ``ages`` say how old the words of a session are, so that the newer of
two stores' words is known; they are milliseconds, shifted where a sub-agent said them.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from moonlock.model.events import Outcome
from moonlock.model.manual import (
    LONGEST_METADATA,
    LONGEST_PHASE,
    LONGEST_WORD,
    MOST_MONEY,
    MOST_TOKENS,
    CheckpointSource,
    FollowKind,
)
from moonlock.model.reading import Shape
from moonlock.model.session import Phase
from moonlock.model.timer import LONGEST as LONGEST_TIMER
from moonlock.model.timer import SHORTEST, MarkKind

SCHEMA = "moonlock.export/1"
LONGEST = 1_000_000
"""Bytes of one line."""


def camel(name: str) -> str:
    """A name of ours as JSON has it."""
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


Key = Annotated[str, Meta(pattern="^[0-9a-f]{16}$")]
Text = Annotated[str, Meta(max_length=100_000)]
Count = Annotated[int, Meta(ge=0, le=10**12)]
Money = Annotated[float, Meta(ge=0, le=1e8)]
Age = Annotated[int, Meta(ge=-(1 << 62), le=1 << 62)]
Moment = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$")]
Span = Annotated[int, Meta(ge=-(10**13), le=10**13)]
Word = Annotated[str, Meta(min_length=1, max_length=LONGEST_WORD)]
Number = Annotated[int, Meta(ge=1, le=1 << 40)]


class Line(msgspec.Struct, frozen=True, rename="camel", kw_only=True, tag_field="type", omit_defaults=True):
    """One line."""


class FileLine(Line, frozen=True, kw_only=True, tag="file"):
    """A log that was read; later lines name it by ``id``. ``cursor`` is how far, when all that it brought is here."""

    id: Number
    path: Text
    source: Text
    session: Key
    born: Moment | None = None
    cursor: tuple[int, int, int, int, int, int, int, int] | None = None
    counts: list[Count] = []
    tail_counts: list[Count] = []
    tail_pending: bool = False
    gone: bool = False
    damage: list[tuple[Count, Count, Shape, Count]] = []
    """Offset, length, shape, records recovered."""


class SessionLine(Line, frozen=True, kw_only=True, tag="session"):
    """A session, as its logs tell of it."""

    id: Key
    agent: Text
    folder: Text
    native_id: Text
    title: Text = ""
    cwd: Text = ""
    branch: Text = ""
    version: Text = ""
    first_at: Moment | None = None
    last_at: Moment | None = None
    tail_at: Moment | None = None
    phase: Phase = ""
    limit_resets_at: Moment | None = None
    settled_at: Moment | None = None
    context: Count | None = None
    context_at: Moment | None = None
    model: Text = ""
    model_at: Moment | None = None
    largest_prompt: Count = 0
    ages: tuple[Age, Age, Age, Age, Age] | None = None
    """Rank and age of the title, ages of folder, branch and version."""


class ChainLine(Line, frozen=True, kw_only=True, tag="chain"):
    """When a session's own line, or one of its sub-agents', was alive on a branch."""

    session: Key
    agent_id: Text = ""
    branch: Text = ""
    first_at: Moment
    last_at: Moment


class RequestLine(Line, frozen=True, kw_only=True, tag="request"):
    """One billed response. ``costUsd`` is what it cost where it comes from: it is priced again where it arrives."""

    key: Key
    session: Key
    file: Number
    at: Moment
    last_at: Moment
    model: Text
    input: Count = 0
    output: Count = 0
    cache_write_5m: Count = msgspec.field(name="cacheWrite5m", default=0)
    cache_write_1h: Count = msgspec.field(name="cacheWrite1h", default=0)
    cache_read: Count = 0
    cost_usd: Money | None = None
    recorded_usd: Money | None = None
    searches: Count = 0
    marks: Annotated[int, Meta(ge=0, lt=1 << 16)] = 0
    sidechain: bool = False
    agent_id: Text = ""
    branch: Text = ""
    aliases: list[Key] = []
    skill: Text = ""


class ToolLine(Line, frozen=True, kw_only=True, tag="tool"):
    """A tool call. Of what it was given and said there is its file or the first words of its command, an identity of
    the whole command, and how many lines changed: the store has no more.
    """

    key: Key
    session: Key
    file: Number
    at: Moment
    name: Text
    request: Key
    duration_ms: Annotated[int, Meta(ge=-(10**15), le=10**15)] | None = None
    outcome: Outcome | None = None
    agent_id: Text = ""
    target: Text = ""
    mark: Key | None = None
    added: Count | None = None
    removed: Count | None = None


class ToolEndLine(Line, frozen=True, kw_only=True, tag="tool-end"):
    """The result of a tool call that was not read yet."""

    key: Key
    at: Moment
    outcome: Outcome
    added: Count | None = None
    removed: Count | None = None


class EventLine(Line, frozen=True, kw_only=True, tag="event"):
    """What else happened: a prompt (never its text), a compaction, a limit, an error, an objective, a pull request."""

    key: Key
    session: Key
    file: Number
    at: Moment
    kind: Text
    facts: dict[str, str | int | bool | None] = {}
    """What else is known of it, by its name; times as everywhere."""


class LabelLine(Line, frozen=True, kw_only=True, tag="label"):
    """A person's words for a session, and when they were last changed; null where nobody knows."""

    session: Key
    changed_at: Moment | None = None
    name: Text = ""
    description: Text = ""
    tags: list[Text] = []
    hidden_at: Moment | None = None


class SeedLine(Line, frozen=True, kw_only=True, tag="seed"):
    """What one model had on a day before the first log, as an agent counted it."""

    agent: Text
    day: Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    model: Text
    tokens: Count
    sessions: Count
    seeded_at: Moment


class HandLine(Line, frozen=True, kw_only=True, tag="hand"):
    """A session by hand: what was planned, and all that happened to its timer, in its order."""

    id: Key
    name: Text
    description: Text = ""
    tags: list[Text] = []
    project: Text = ""
    follow: FollowKind = "none"
    of: Text = ""
    """Folder of the project, or id of the session, that is followed."""
    duration_ms: Annotated[int, Meta(ge=SHORTEST, le=LONGEST_TIMER)]
    token_budget: Annotated[int, Meta(ge=1, le=MOST_TOKENS)] | None = None
    cost_budget_usd: Annotated[float, Meta(gt=0, le=MOST_MONEY / 1_000_000)] | None = None
    marks: Annotated[list[tuple[MarkKind, Moment, Span]], Meta(min_length=1, max_length=5_000)]
    """What, when by the wall clock, and by how many milliseconds that was set."""
    dismissed: list[Key] = []
    """Keys of suggestions that are not wanted."""
    hidden_at: Moment | None = None


class PostingLine(Line, frozen=True, kw_only=True, tag="posting"):
    """Tokens that were posted to a session by hand."""

    hand: Key
    at: Moment
    tokens: Annotated[int, Meta(ge=0, le=MOST_TOKENS)]
    operation: Word | None = None
    model: Word | None = None


class CheckpointLine(Line, frozen=True, kw_only=True, tag="checkpoint"):
    """A phase of a session by hand; ``key``, ``source`` and ``session`` are of one that was suggested."""

    hand: Key
    at: Moment
    elapsed_ms: Annotated[int, Meta(ge=0, le=LONGEST_TIMER)]
    phase: Annotated[str, Meta(min_length=1, max_length=LONGEST_PHASE)]
    prompts: Count | None = None
    metadata: Annotated[str, Meta(max_length=LONGEST_METADATA)] = ""
    """A JSON object as text."""
    source: CheckpointSource = "person"
    session: Key | None = None
    key: Key | None = None


AnyLine = (
    FileLine
    | SessionLine
    | ChainLine
    | RequestLine
    | ToolLine
    | ToolEndLine
    | EventLine
    | LabelLine
    | SeedLine
    | HandLine
    | PostingLine
    | CheckpointLine
)


class Header(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """The first line: what this is, who wrote it, and when. ``scope`` is ``store``, or ``session`` for one alone."""

    schema: str
    version: Text
    exported_at: Moment
    scope: Text


class Footer(msgspec.Struct, frozen=True, rename="camel", kw_only=True, tag_field="type", tag="end"):
    """The last line: how many lines there are of each type, and the SHA-256 of all bytes before it."""

    counts: dict[str, int]
    sha256: str


class Imported(msgspec.Struct, frozen=True):
    """What an import brought: lines of each type that were read, and what is in the store now and was not before."""

    counts: dict[str, int]
    sessions: int = 0
    requests: int = 0
    tools: int = 0
    events: int = 0
    labels: int = 0
    hands: int = 0
    postings: int = 0
    checkpoints: int = 0
    names_left_out: tuple[str, ...] = ()
    """Names of sessions that another session has here."""
