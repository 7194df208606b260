"""Efficiency and suggestions of some days, or of one session, as they leave the house."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from moonlock.analytics import efficiency, suggestions
from moonlock.analytics.efficiency import dearest
from moonlock.analytics.prices import PriceTable
from moonlock.live.days import Days
from moonlock.live.shapes import cost, dollars, tokens_shape
from moonlock.model.efficiency import (
    CAUSES,
    Changed,
    Efficiency,
    Evidence,
    Failing,
    Hint,
    Instead,
    Rebuild,
    Repeat,
    Share,
    together,
)
from moonlock.model.efficiency_shapes import (
    ChangedShape,
    ErrorsShape,
    EvidenceShape,
    HintBasis,
    HintList,
    HintShape,
    InsteadShape,
    MixShape,
    PartShape,
    RebuildShape,
    RebuildsShape,
    RepeatShape,
    SpendingShape,
)
from moonlock.model.instant import iso
from moonlock.model.tokens import Usage
from moonlock.store import Store
from moonlock.store.efficiency import Story, Words
from moonlock.store.places import uid_of

SHOWN = 5
"""Sessions of each suggestion in a list of them."""
ALWAYS = -(1 << 62), 1 << 62


class Asked(msgspec.Struct, frozen=True):
    """Days, and what is charged."""

    days: Days
    table: PriceTable


def found(store: Store, asked: Asked) -> Efficiency:
    """The parts, over these days."""
    days = asked.days
    span = (ALWAYS[0] if days.start is None else days.start, ALWAYS[1] if days.end is None else days.end)
    return _read(store.economy().of_days(span), asked.table)


def listed(store: Store, asked: Asked, after: str | None = None, limit: int = 100) -> HintList:
    """Suggestions from behind the one with this key on; from the beginning where it does not hold any more."""
    known = found(store, asked)
    hints = suggestions.read(known)
    keys = [hint.key for hint in hints]
    begin = keys.index(after) + 1 if after in keys else 0
    part = hints[begin : begin + limit]
    named = _named(store, [one for hint in part for one in hint.evidence[:SHOWN]])
    days = asked.days
    return HintList(
        schema="moonlock.suggestions/1",
        timezone=days.name,
        since=days.since,
        until=days.until,
        spending=spending(known),
        suggestions=[_hint(hint, known.usage, named, SHOWN) for hint in part],
        next_cursor=part[-1].key if begin + limit < len(hints) else None,
    )


def basis(store: Store, asked: Asked, key: str, limit: int) -> HintBasis | None:
    """All that one suggestion is made of, nothing when it does not hold; None for a key that none has."""
    if key not in suggestions.KEYS:
        return None
    known = found(store, asked)
    hint = next((one for one in suggestions.read(known) if one.key == key), None)
    evidence = hint.evidence if hint else ()
    named = _named(store, evidence)
    lost = sorted(suggestions.behind(key, known) if hint else (), key=lambda one: (-(one.waste or 0), one.at))
    again = sorted(known.repeats if key == suggestions.REPEATS else (), key=lambda one: dearest(one.evidence))
    days = asked.days
    return HintBasis(
        schema="moonlock.suggestion/1",
        timezone=days.name,
        since=days.since,
        until=days.until,
        suggestion=_hint(hint, known.usage, named, len(evidence)) if hint else None,
        rebuilds=[_rebuild(one) for one in lost[:limit]],
        repeats=[_repeat(one) for one in again[:limit]],
        left_out=max(0, len(lost) + len(again) - limit),
    )


def of_session(store: Store, uid: str, table: PriceTable) -> SpendingShape:
    """The parts of one session that was found in a log."""
    return spending(_read(store.economy().of_session(uid), table))


def spending(known: Efficiency) -> SpendingShape:
    usage = known.usage
    return SpendingShape(
        cost_usd=cost(usage),
        requests=usage.requests,
        sessions=known.sessions,
        unpriced_tokens=usage.unpriced_tokens,
        rebuilds=_by_cause(known.rebuilds),
        large_context=_part(known.large, usage),
        price_cliffs=_part(known.cliffs, usage),
        subagents=_part(known.aside, usage),
        models=[_mix(share) for share in known.mix],
        prompts=known.prompts,
        cost_per_prompt=_each(usage, known.prompts),
        commits=known.commits,
        cost_per_commit=_each(usage, known.commits),
        changed=_changed(known.changed, usage),
        tools=_errors(known.tools),
    )


def _read(story: Story, table: PriceTable) -> Efficiency:
    return efficiency.read(story.before, story.paid, story.facts, table)


def _named(store: Store, evidence: Iterable[Evidence]) -> dict[int, Words]:
    return store.economy().called(sorted({one.session for one in evidence}))


def _hint(hint: Hint, usage: Usage, named: Mapping[int, Words], shown: int) -> HintShape:
    return HintShape(
        key=hint.key,
        title=hint.title,
        advice=hint.advice,
        measure=hint.measure,
        cost_usd=None if hint.cost is None else dollars(hint.cost),
        share=None if hint.cost is None else _share(hint.cost, usage),
        times=hint.times,
        sessions=len(hint.evidence),
        evidence=[_evidence(one, named[one.session]) for one in hint.evidence[:shown]],
        instead=None if hint.instead is None else _instead(hint.instead),
    )


def _evidence(one: Evidence, words: Words) -> EvidenceShape:
    return EvidenceShape(
        session_id=words.uid,
        name=words.name or None,
        title=words.title or None,
        project=words.project,
        times=one.times,
        cost_usd=None if one.cost is None else dollars(one.cost),
        first_at=iso(one.first),
        last_at=iso(one.last),
    )


def _rebuild(one: Rebuild) -> RebuildShape:
    return RebuildShape(
        at=iso(one.at),
        session_id=uid_of(one.session),
        subagent=one.agent_id or None,
        model=one.model,
        cause=one.cause,
        gap_ms=one.gap,
        context_before=one.before,
        rewritten_tokens=one.rewritten,
        wasted_usd=None if one.waste is None else dollars(one.waste),
    )


def _repeat(one: Repeat) -> RepeatShape:
    found = one.evidence
    return RepeatShape(
        session_id=uid_of(found.session),
        label=one.label or None,
        times=found.times,
        first_at=iso(found.first),
        last_at=iso(found.last),
        cost_usd=None if found.cost is None else dollars(found.cost),
    )


def _by_cause(rebuilds: Sequence[Rebuild]) -> list[RebuildsShape]:
    told = []
    for cause in CAUSES:
        lost = [one for one in rebuilds if one.cause == cause]
        if lost:
            priced = [one.waste for one in lost if one.waste is not None]
            rewritten = sum(one.rewritten for one in lost)
            wasted = dollars(sum(priced)) if priced else None
            told.append(RebuildsShape(cause=cause, times=len(lost), rewritten_tokens=rewritten, wasted_usd=wasted))
    return sorted(told, key=lambda one: -(one.wasted_usd or 0))


def _part(evidence: Sequence[Evidence], usage: Usage) -> PartShape:
    times, spent = together(evidence)
    known = None if usage.is_unpriced else dollars(spent)
    return PartShape(requests=times, cost_usd=known, share=_share(spent, usage))


def _share(spent: int, usage: Usage) -> float | None:
    return round(spent / usage.cost, 4) if usage.cost else None


def _each(usage: Usage, count: int) -> float | None:
    return None if not count or usage.is_unpriced else dollars(usage.cost / count)


def _changed(found: Changed, usage: Usage) -> ChangedShape:
    return ChangedShape(
        basis="attributed",
        lines_added=found.added,
        lines_removed=found.removed,
        cost_per_line=_each(usage, found.lines or 0),
        files_edited=found.files,
        cost_per_file=_each(usage, found.files),
    )


def _mix(share: Share) -> MixShape:
    return MixShape(
        model=share.model,
        tokens=tokens_shape(share.usage.tokens),
        requests=share.usage.requests,
        cost_usd=cost(share.usage),
        list_usd=None if share.listed is None else dollars(share.listed),
        instead=[_instead(one) for one in share.instead],
    )


def _instead(one: Instead) -> InsteadShape:
    return InsteadShape(model=one.model, cost_usd=dollars(one.cost))


def _errors(tools: Sequence[Failing]) -> ErrorsShape:
    calls, failed = sum(one.calls for one in tools), sum(one.failures for one in tools)
    return ErrorsShape(calls=calls, failed=failed, share=round(failed / calls, 4) if calls else None)
