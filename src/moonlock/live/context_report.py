"""The context of one session from its log: what fills it, how full it was, and when it was compacted."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from moonlock.analytics import growth
from moonlock.analytics.growth import EMPTY, Growth
from moonlock.live.contexts import of_chain
from moonlock.live.shapes import context_shape
from moonlock.model.chronicle import Billed
from moonlock.model.context_shapes import CompactedShape, ContextReport, FillShape, HelperContextShape
from moonlock.model.events import Compaction
from moonlock.model.instant import iso
from moonlock.model.shapes import SessionShape
from moonlock.store import Store

EnvironmentOf = Callable[[str], Mapping[str, str]]
"""The environment that the session is taken to have for a model."""


def context_report(store: Store, session: SessionShape, environment: EnvironmentOf) -> ContextReport:
    """What is known of the context of a session that was found in a log."""
    chronicle = store.chronicle(session.id)
    billed = chronicle.requests()
    own = [one for one in billed if not one.agent_id]
    events = [event for event in chronicle.happened() if isinstance(event, Compaction)]
    return ContextReport(
        session_id=session.id,
        context=session.context,
        peak=max((one.tokens.prompt for one in own), default=None),
        fill=fill(own, [event for event in events if event.trigger != "micro"]),
        compactions=[_compacted(event, own) for event in events],
        subagents=[*_helpers(billed, session.version or "", environment)],
    )


def fill(own: Sequence[Billed], compactions: Sequence[Compaction]) -> FillShape | None:
    """What the last prompt was made of, or what a compaction left of it since.

    What tools gave back is no number of the log: it is what remains.
    """
    if not own:
        return None
    used, first = own[-1].tokens.prompt, own[0].tokens.prompt
    last = max(compactions, key=lambda event: event.at, default=None)
    if last is not None and last.at > own[-1].at and last.tokens_after is not None:
        beginning = min(first, last.tokens_after)
        return FillShape(beginning=beginning, summary=last.tokens_after - beginning, answers=0, results=0)
    emptied = max((event.at for event in compactions if event.at <= own[-1].at), default=own[0].at)
    since = [one for one in own if one.at >= emptied]
    beginning = min(first, used)
    summary = max(0, min(since[0].tokens.prompt, used) - beginning)
    answers = min(sum(one.tokens.output for one in since[:-1]), used - beginning - summary)
    return FillShape(
        beginning=beginning, summary=summary, answers=answers, results=used - beginning - summary - answers
    )


def _compacted(event: Compaction, own: Sequence[Billed]) -> CompactedShape:
    index = bisect_right(own, event.at, key=lambda one: one.at)
    return CompactedShape(
        at=iso(event.at),
        trigger=event.trigger,
        tokens_before=event.tokens_before,
        measured_before=own[index - 1].tokens.prompt if index else None,
        tokens_after=event.tokens_after,
        duration_ms=event.duration,
    )


def _helpers(billed: Iterable[Billed], version: str, environment: EnvironmentOf) -> Iterator[HelperContextShape]:
    known: dict[str, Growth] = {}
    for one in billed:
        if one.agent_id:
            before = known.get(one.agent_id, EMPTY)
            known[one.agent_id] = growth.add(before, one.at, one.tokens.prompt, one.model)
    for name, grown in known.items():
        window = of_chain(grown, version, environment(grown.model))
        if window is not None:
            yield HelperContextShape(id=name, model=grown.model or None, context=context_shape(window))
