"""Where money went, and what is suggested because of it, as it leaves the house."""

from __future__ import annotations

from typing import Literal

from moonlock.model.efficiency import Cause, Measure
from moonlock.model.shape import Shape
from moonlock.model.shapes import TokensShape


class PartShape(Shape, frozen=True, rename="camel", kw_only=True):
    """Some of the responses, what they cost, and which share of all money that is; null where nothing has a price."""

    requests: int
    cost_usd: float | None
    share: float | None


class RebuildsShape(Shape, frozen=True, rename="camel", kw_only=True):
    """Caches that were written anew for one reason. ``wastedUsd`` is what reading them would not have cost."""

    cause: Cause
    times: int
    rewritten_tokens: int
    wasted_usd: float | None


class InsteadShape(Shape, frozen=True, rename="camel", kw_only=True):
    """The same tokens at another model's list price; it says nothing of how well that model would have done."""

    model: str
    cost_usd: float


class MixShape(Shape, frozen=True, rename="camel", kw_only=True):
    """A model's part. ``listUsd`` is the list price of its tokens, which ``instead`` is to be compared with."""

    model: str
    tokens: TokensShape
    requests: int
    cost_usd: float | None
    list_usd: float | None
    instead: list[InsteadShape]


class ErrorsShape(Shape, frozen=True, rename="camel", kw_only=True):
    """Tool calls, and how many of them failed; ``share`` is null without a call."""

    calls: int
    failed: int
    share: float | None


class ChangedShape(Shape, frozen=True, rename="camel", kw_only=True):
    """What became of files, and all money of the same span by it: ``attributed``, for no log says what a line cost.

    Lines are null where no result counted any.
    """

    basis: Literal["attributed"]
    lines_added: int | None
    lines_removed: int | None
    cost_per_line: float | None
    """By lines that were added or removed."""
    files_edited: int
    cost_per_file: float | None


class SpendingShape(Shape, frozen=True, rename="camel", kw_only=True):
    """The parts that an opinion may be made of: there is no grade."""

    cost_usd: float | None
    requests: int
    sessions: int
    unpriced_tokens: int
    rebuilds: list[RebuildsShape]
    """Each reason that there was, dearest first."""
    large_context: PartShape
    """Responses with more than 100,000 tokens of context."""
    price_cliffs: PartShape
    """Responses beyond a long-context threshold of their price, and what that cost more."""
    subagents: PartShape
    models: list[MixShape]
    prompts: int
    cost_per_prompt: float | None
    commits: int
    cost_per_commit: float | None
    changed: ChangedShape
    tools: ErrorsShape


class EvidenceShape(Shape, frozen=True, rename="camel", kw_only=True):
    """A session in which it happened: how often, from when to when, and for how much."""

    session_id: str
    name: str | None
    title: str | None
    project: str
    times: int
    cost_usd: float | None
    first_at: str
    last_at: str


class HintShape(Shape, frozen=True, rename="camel", kw_only=True):
    """A suggestion. It holds as long as the days show it.

    ``measure`` says what ``costUsd`` is: ``wasted`` need not have been paid, ``spent`` is all that was paid there,
    ``difference`` is how much less the tokens cost at the price of ``instead``.
    """

    key: str
    title: str
    advice: str
    measure: Measure
    cost_usd: float | None
    share: float | None
    """Of all that was spent in these days."""
    times: int
    sessions: int
    evidence: list[EvidenceShape]
    """The dearest sessions, or all where one suggestion was asked for."""
    instead: InsteadShape | None


class RebuildShape(Shape, frozen=True, rename="camel", kw_only=True):
    """One response that wrote anew what had been in the cache."""

    at: str
    session_id: str
    subagent: str | None
    model: str
    cause: Cause
    gap_ms: int
    """Since the response before."""
    context_before: int
    rewritten_tokens: int
    wasted_usd: float | None


class RepeatShape(Shape, frozen=True, rename="camel", kw_only=True):
    """One command that failed again and again in a session. ``label`` names the program, never what it was given."""

    session_id: str
    label: str | None
    times: int
    first_at: str
    last_at: str
    cost_usd: float | None
    """Of the responses that called it."""


class HintList(Shape, frozen=True, rename="camel", kw_only=True):
    """Suggestions, dearest first, and what they are made of."""

    schema: Literal["moonlock.suggestions/1"]
    timezone: str
    since: str | None
    until: str | None
    spending: SpendingShape
    suggestions: list[HintShape]
    next_cursor: str | None


class HintBasis(Shape, frozen=True, rename="camel", kw_only=True):
    """One suggestion with all its sessions and, where it is about caches or commands, each rebuild or row of failures.

    ``suggestion`` is null when it does not hold.
    """

    schema: Literal["moonlock.suggestion/1"]
    timezone: str
    since: str | None
    until: str | None
    suggestion: HintShape | None
    rebuilds: list[RebuildShape]
    repeats: list[RepeatShape]
    left_out: int
    """Rebuilds, or rows of failures, that are not listed."""
