"""Tools, MCP servers, skills, files and commands as they leave the house."""

from __future__ import annotations

from typing import Literal

from moonlock.model.events import Outcome
from moonlock.model.shape import Shape
from moonlock.model.shapes import TokensShape, TotalsShape


class ToolData(Shape, frozen=True, rename="camel", kw_only=True):
    """A tool call, as it began or ended."""

    id: str
    tool: str
    state: Literal["started", "ended"]
    started_at: str
    duration_ms: int | None
    outcome: Outcome | None
    subagent: str | None
    target: str | None = None
    """The file that it reads or changes, by the project's root where it is inside; or the first words of a command."""
    added: int | None = None
    """Lines that it added to a file, once its result is known."""
    removed: int | None = None


class ToolUseShape(Shape, frozen=True, rename="camel", kw_only=True):
    """A tool in a session: how its calls went, and its share of the responses that called it."""

    tool: str
    server: str | None
    """The MCP server that it belongs to."""
    calls: int
    failed: int
    denied: int
    open: int
    duration_ms: int
    p50_ms: int | None
    """Half of the calls whose end is known took no longer."""
    p95_ms: int | None
    tokens: TokensShape
    cost_usd: float | None
    requests: int
    unpriced_tokens: int


class ServerUseShape(Shape, frozen=True, rename="camel", kw_only=True):
    """An MCP server: the sums of its tools."""

    server: str
    tools: int
    calls: int
    failed: int
    denied: int
    duration_ms: int
    tokens: TokensShape
    cost_usd: float | None
    requests: int
    unpriced_tokens: int


class SkillUseShape(Shape, frozen=True, rename="camel", kw_only=True):
    """A skill: the responses that worked by it, and the calls that these made."""

    skill: str
    calls: int
    failed: int
    denied: int
    duration_ms: int
    p50_ms: int | None
    p95_ms: int | None
    tokens: TokensShape
    cost_usd: float | None
    requests: int
    unpriced_tokens: int


class ToolUseList(Shape, frozen=True, rename="camel", kw_only=True):
    """All of a session; its tools add up to ``totals``."""

    tools: list[ToolUseShape]
    servers: list[ServerUseShape]
    """The MCP servers among them, dearest first."""
    skills: list[SkillUseShape]
    """The skills by which responses worked, dearest first; what worked by none is left out."""
    totals: TotalsShape


class FileWorkShape(Shape, frozen=True, rename="camel", kw_only=True):
    """A file that a session read or changed; calls that failed did neither."""

    path: str
    """By the project's root where it is inside."""
    calls: int
    reads: int
    edits: int
    failed: int
    """Calls that failed or were denied."""
    added: int | None
    """Lines, as the agent counted them; null where it counted none."""
    removed: int | None
    first_at: str
    last_at: str


class FileTotals(Shape, frozen=True, rename="camel", kw_only=True):
    """Of all files, also those of other parts."""

    files: int
    edited: int
    """Files that were changed."""
    calls: int
    reads: int
    edits: int
    failed: int
    added: int | None
    removed: int | None


class FilesShape(Shape, frozen=True, rename="camel", kw_only=True):
    """The most changed files of a session, at most twenty."""

    files: list[FileWorkShape]
    totals: FileTotals


class FileList(FilesShape, frozen=True, rename="camel", kw_only=True):
    """Files of a session, most changed first."""

    next_cursor: str | None


class CommandWorkShape(Shape, frozen=True, rename="camel", kw_only=True):
    """Commands of a session that begin alike. Two are the same where their whole lines are."""

    label: str | None
    """The words that name the program and what it is to do; null where no program is named."""
    runs: int
    failed: int
    denied: int
    open: int
    failed_in_row: int
    """The longest row of failures of one and the same command."""
    repeats: int
    """Runs of a command that had run before in the session."""
    duration_ms: int
    first_at: str
    last_at: str


class CommandTotals(Shape, frozen=True, rename="camel", kw_only=True):
    """Of all commands, also those of other parts; ``failedInRow`` is the longest row of any."""

    labels: int
    runs: int
    failed: int
    denied: int
    open: int
    failed_in_row: int
    repeats: int
    duration_ms: int


class CommandsShape(Shape, frozen=True, rename="camel", kw_only=True):
    """The commands that a session ran most, at most twenty."""

    commands: list[CommandWorkShape]
    totals: CommandTotals


class CommandList(CommandsShape, frozen=True, rename="camel", kw_only=True):
    """Commands of a session, most run first."""

    next_cursor: str | None
