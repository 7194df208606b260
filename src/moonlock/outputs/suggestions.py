"""Suggestions for people: what may be done better, the sessions behind it, and where the money went."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from moonlock.model.efficiency import Cause
from moonlock.model.efficiency_shapes import (
    ChangedShape,
    EvidenceShape,
    HintBasis,
    HintList,
    HintShape,
    MixShape,
    PartShape,
    RebuildShape,
    RepeatShape,
    SpendingShape,
)
from moonlock.model.words import many
from moonlock.outputs.figures import dollars, exact, lasting, share
from moonlock.outputs.shown import shown

WHY: dict[Cause, str] = {
    "idle": "break longer than the cache lives",
    "model": "model switched",
    "compaction": "context compacted",
    "system": "system prompt changed",
    "tools": "tools changed",
    "messages": "earlier messages changed",
    "unknown": "cause unknown",
}
NAMED = 40
OTHERS = 2
"""Models whose price is told beside the one that was paid."""
_MEASURED = {"wasted": "need not have been paid", "spent": "spent there", "difference": "less at the other price"}


def render(found: HintList, width: int) -> str:
    """All suggestions, and what they are made of."""
    parts = [f"Suggestions, {_days(found.since, found.until)} ({found.timezone})"]
    if not found.suggestions:
        parts.append("Nothing is suggested: no waste above the floor (three times, $0.50 and 2 % of what was spent).")
    parts += ["\n".join(_hint(hint, width)) for hint in found.suggestions]
    parts.append("\n".join(["Where the money went", *_spending(found.spending)]))
    return "\n\n".join(parts)


def render_basis(found: HintBasis, width: int, limit: int) -> str:
    """One suggestion with all its sessions, and so many of its rebuilds or rows of failures."""
    parts = [f"Suggestion, {_days(found.since, found.until)} ({found.timezone})"]
    parts += ["\n".join(_hint(found.suggestion, width))] if found.suggestion else []
    for title, told in (
        ("Caches that were written anew, dearest first", [_rebuild(one) for one in found.rebuilds]),
        ("Rows of failures, dearest first", [_repeat(one) for one in found.repeats]),
    ):
        if told:
            more = found.left_out + max(0, len(told) - limit)
            rest = [f"  and {more} more (--limit, --json)"] if more else []
            parts.append("\n".join([title, *told[:limit], *rest]))
    return "\n\n".join(parts)


def _hint(hint: HintShape, width: int) -> Iterator[str]:
    told = [] if hint.cost_usd is None else [f"{dollars(hint.cost_usd)} {_MEASURED[hint.measure]}"]
    told += [] if hint.share is None else [f"{share(hint.share)} of all"]
    told.append(f"{many(hint.times, 'time')} in {many(hint.sessions, 'session')}")
    yield f"{shown(hint.title)}  [{hint.key}]"
    yield f"  {', '.join(told)}"
    yield from textwrap.wrap(
        hint.advice, max(20, width - 2), initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False
    )
    if hint.instead is not None:
        yield f"  the same tokens on {shown(hint.instead.model)}: {dollars(hint.instead.cost_usd)}"
    for one in hint.evidence:
        yield _evidence(one)
    if hint.sessions > len(hint.evidence):
        yield f"    and {many(hint.sessions - len(hint.evidence), 'session')} more"


def _evidence(one: EvidenceShape) -> str:
    cost = "" if one.cost_usd is None else f"  {dollars(one.cost_usd)}"
    name = shown(one.name or one.title or "")[:NAMED]
    return f"    {one.session_id[:8]}  {shown(one.project)}  {many(one.times, 'time')}{cost}  {name}".rstrip()


def _rebuild(one: RebuildShape) -> str:
    cost = "no price" if one.wasted_usd is None else dollars(one.wasted_usd)
    why = f"{WHY[one.cause]}, {lasting(one.gap_ms)} after the request before"
    return f"  {one.at}  {one.session_id[:8]}  {exact(one.rewritten_tokens)} tokens  {cost}  {why}"


def _repeat(one: RepeatShape) -> str:
    cost = "no price" if one.cost_usd is None else dollars(one.cost_usd)
    label = shown(one.label or "a command")[:NAMED]
    return f"  {one.first_at}  {one.session_id[:8]}  {label}  {many(one.times, 'time')}  {cost}  until {one.last_at}"


def _spending(found: SpendingShape) -> Iterator[str]:
    if found.cost_usd is None:
        yield f"  {many(found.requests, 'request')} without a price"
    else:
        least = "at least " if found.unpriced_tokens else ""
        yield f"  {least}{dollars(found.cost_usd)} in {many(found.requests, 'request')}"
    for one in found.rebuilds:
        cost = "no price" if one.wasted_usd is None else dollars(one.wasted_usd)
        yield f"  caches written anew, {WHY[one.cause]}: {cost}, {many(one.times, 'time')}"
    yield from _part("context above 100,000 tokens", found.large_context)
    yield from _part("dearer beyond a price threshold", found.price_cliffs)
    yield from _part("sub-agents", found.subagents)
    for name, each, count in (
        ("prompt", found.cost_per_prompt, found.prompts),
        ("commit", found.cost_per_commit, found.commits),
    ):
        if each is not None:
            yield f"  for each {name}: {dollars(each)}, {many(count, name)}"
    yield from _changed(found.changed)
    if found.tools.share is not None:
        yield f"  tool calls that failed: {share(found.tools.share)} of {exact(found.tools.calls)}"
    for mix in found.models:
        cost = "no price" if mix.list_usd is None else dollars(mix.list_usd)
        yield f"  {shown(mix.model)}: {cost}{_instead(mix)}"


def _changed(found: ChangedShape) -> Iterator[str]:
    lines = (found.lines_added or 0) + (found.lines_removed or 0)
    if found.cost_per_line is not None:
        added, removed = exact(found.lines_added or 0), exact(found.lines_removed or 0)
        each = f"${found.cost_per_line:,.3f}"  # most are below a cent
        yield f"  for each changed line: {each}, {many(lines, 'line')} (+{added} -{removed}; attributed)"
    if found.cost_per_file is not None:
        yield f"  for each edited file: {dollars(found.cost_per_file)}, {many(found.files_edited, 'file')} (attributed)"


def _instead(mix: MixShape) -> str:
    """Some other prices of the same tokens, the nearest first."""
    listed = mix.list_usd or 0.0
    nearest = sorted(mix.instead, key=lambda one: abs(one.cost_usd - listed))
    told = {dollars(one.cost_usd): f"{shown(one.model)} {dollars(one.cost_usd)}" for one in reversed(nearest)}
    return f"; at the price of {', '.join([*reversed(told.values())][:OTHERS])}" if told else ""


def _part(name: str, part: PartShape) -> Iterator[str]:
    if part.requests:
        cost = "no price" if part.cost_usd is None else dollars(part.cost_usd)
        of_all = "" if part.share is None else f" ({share(part.share)})"
        yield f"  {name}: {cost}{of_all}, {many(part.requests, 'request')}"


def _days(since: str | None, until: str | None) -> str:
    return f"{since or 'from the beginning'} to {until or 'now'}"
