"""One session in its details, asked of the store in a reader's turn: events, timeline, objectives, tools, report.

A session that was found in a log has lines, tools and prompts; one by hand has a timer and checkpoints, and its sums
are those that it gathered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise

import msgspec

from moonlock.analytics import timeline as course
from moonlock.analytics.prices import PriceTable
from moonlock.analytics.timeline import Mark, Span, Sums
from moonlock.live import efficiency as spent
from moonlock.live import telemetry as exported
from moonlock.live.chronicle_shapes import (
    event_shape,
    mark_shape,
    point_shape,
    server_shapes,
    skill_shape,
    span_shape,
    tool_shape,
)
from moonlock.live.hand_course import hand_facts, hand_timeline
from moonlock.live.hand_shapes import efficiency
from moonlock.live.objectives import Aim, aims, changes_of, order_of, own
from moonlock.live.shapes import cost, tokens_shape, totals
from moonlock.live.spells import states_shape, wait_spans, waited
from moonlock.live.toolwork import top_commands, top_files
from moonlock.model.chronicle import After, Billed, FactKind
from moonlock.model.chronicle_shapes import (
    CountsShape,
    EventShape,
    HappenedShape,
    ModelShape,
    ObjectiveShape,
    ReportShape,
    TimelineShape,
    TimeShape,
)
from moonlock.model.events import AgentError, Committed, Compaction, LimitHit, PromptSent, PullRequestOpened
from moonlock.model.instant import Instant, iso
from moonlock.model.shapes import SessionShape, SubagentShape
from moonlock.model.tokens import Usage
from moonlock.model.toolwork_shapes import ToolUseList
from moonlock.store import Store
from moonlock.store.facts import Happening

ALWAYS = -(1 << 62), 1 << 62
WORKING = ("running", "compacting")
_NAMED: dict[type, str] = {AgentError: "kind", LimitHit: "kind", Compaction: "trigger"}
"""What a mark is called by, where an event has a word for it."""


class Window(msgspec.Struct, frozen=True):
    """Which part of a session, and how finely; an open end is None."""

    start: Instant | None = None
    end: Instant | None = None
    most: int = 2_000


def events(
    store: Store, session: SessionShape, kinds: Collection[FactKind], after: After | None, limit: int
) -> tuple[list[EventShape], After | None]:
    """The first facts of these kinds behind that one, and where to go on."""
    if session.origin == "manual":
        found = [told for told in hand_facts(store, session.id) if told.kind in kinds]
        found = [told for told in found if after is None or told.order > after][: limit + 1]
    else:
        found = store.chronicle(session.id).page(kinds, after, limit + 1)
    page = found[:limit]
    folders = store.chronicle(session.id).work().folders() if any(told.kind == "tool" for told in page) else ()
    return [event_shape(told, folders) for told in page], page[-1].order if len(found) > limit else None


def timeline(store: Store, session: SessionShape, window: Window, now: Instant) -> TimelineShape:
    """Spans, marks and sums of a part of the session, as fine as is asked."""
    if session.origin == "manual":
        spans, marks, sums = hand_timeline(store, session.id, now)
    else:
        spans, marks, sums = _observed(store, session, window)
    start, end = window.start or ALWAYS[0], ALWAYS[1] if window.end is None else window.end
    inside = [span for span in spans if span.start < end and (span.end is None or span.end >= start)]
    noted = [mark for mark in marks if start <= mark.at < end]
    shown = course.gathered(noted, window.most)
    points = sums.points(window.most, start)
    return TimelineShape(
        session_id=session.id,
        from_=session.started_at if window.start is None else iso(window.start),
        to=session.last_activity_at if window.end is None else iso(window.end),
        spans=[span_shape(span) for span in course.merged(inside, window.most)],
        marks=[mark_shape(mark, sums.at(mark.at)) for mark in shown],
        points=[point_shape(point) for point in points],
        whole=CountsShape(spans=len(inside), marks=len(noted), points=sums.since(start)),
    )


def objectives(
    store: Store, session: SessionShape, after: After | None, limit: int
) -> tuple[list[ObjectiveShape], After | None]:
    """What the session set out to do, in the order in which it came up."""
    found = [aim for aim in _aims(store, session.id) if after is None or order_of(aim) > after]
    page = found[:limit]
    return [aim.shape for aim in page], order_of(page[-1]) if len(found) > limit else None


def tools(store: Store, session: SessionShape) -> ToolUseList:
    """Its tools, dearest first."""
    chronicle = store.chronicle(session.id)
    found = chronicle.tools()
    return ToolUseList(
        tools=[tool_shape(shared) for shared in found],
        servers=server_shapes(found),
        skills=[skill_shape(shared) for shared in chronicle.work().skills()],
        totals=totals(sum((shared.usage for shared in found), Usage())),
    )


def report(store: Store, session: SessionShape, table: PriceTable, now: Instant) -> ReportShape:
    """What is to be said of a session that was found in a log."""
    auxiliary, telemetry = exported.of_session(store, session, now)
    chronicle = store.chronicle(session.id)
    billed, happened = chronicle.requests(), chronicle.happened()
    calls, tools, work = chronicle.calls(), chronicle.tools(), chronicle.work()
    turns = course.turns(_prompts(happened), calls, billed)
    time = _time(session, turns)
    return ReportShape(
        session=session,
        time=time,
        states=states_shape(session, turns, calls, happened, waited(store, session)),
        models=_models(billed),
        tools=[tool_shape(shared) for shared in tools],
        servers=server_shapes(tools),
        skills=[skill_shape(shared) for shared in work.skills()],
        files=top_files(work),
        commands=top_commands(work),
        objectives=[aim.shape for aim in _aims(store, session.id)],
        happened=_happened(happened),
        efficiency=efficiency(time.working_ms, session),
        spending=spent.of_session(store, session.id, table),
        auxiliary=auxiliary,
        telemetry=telemetry,
    )


def _observed(store: Store, session: SessionShape, window: Window) -> tuple[list[Span], list[Mark], Sums]:
    """Read from the prompt on that the window's first turn begins with."""
    chronicle = store.chronicle(session.id)
    end = ALWAYS[1] if window.end is None else window.end
    happened = chronicle.happened(end)
    prompts = _prompts(happened)
    since = ALWAYS[0]
    if window.start is not None:
        since = max((at for at in prompts if at <= window.start), default=since)
    billed, calls = chronicle.requests(since, end), chronicle.calls(since, end)
    turns = course.turns([at for at in prompts if at >= since], calls, billed)
    if turns and session.status in WORKING and window.end is None:
        turns[-1] = msgspec.structs.replace(turns[-1], end=None)
    titles = dict(_titles(session.subagents))
    helpers = [
        Span("agent", start, over, titles.get(name) or name, agent_id=name) for name, start, over in chronicle.helpers()
    ]
    base, before = (Usage(), None) if since == ALWAYS[0] else (chronicle.before(since), chronicle.last_before(since))
    marks = [*_marks(happened), *_switches(before, billed)]
    waits = wait_spans(waited(store, session), calls)
    return [*turns, *map(course.used, calls), *helpers, *waits], marks, Sums(billed, base, before)


def _prompts(happened: Iterable[Happening]) -> list[Instant]:
    return [event.at for event in happened if isinstance(event, PromptSent)]


def _marks(happened: Iterable[Happening]) -> Iterator[Mark]:
    for event in happened:
        name = getattr(event, _NAMED.get(type(event), ""), "") or getattr(event, "title", "")
        yield Mark(str(event.__struct_config__.tag), event.at, name)


def _titles(agents: Iterable[SubagentShape]) -> Iterator[tuple[str, str | None]]:
    for agent in agents:
        yield agent.id, agent.title
        yield from _titles(agent.subagents)


def _switches(before: Billed | None, billed: Iterable[Billed]) -> Iterator[Mark]:
    """Where the session's own line went on with another model."""
    own = [*([before] if before else []), *(one for one in billed if not one.agent_id)]
    return (Mark("model", one.at, one.model) for last, one in pairwise(own) if one.model != last.model)


def _aims(store: Store, uid: str) -> list[Aim]:
    chronicle = store.chronicle(uid)
    told = changes_of(chronicle.happened())
    since = min((changes[0].at for changes in told), default=0)
    if not told:
        return []
    billed = chronicle.requests(since)
    return aims(told, billed, own(told, chronicle.work().called(), billed))


def _time(session: SessionShape, turns: Sequence[Span]) -> TimeShape:
    first = turns[0].start if turns else 0
    last = max((turn.end or turn.start for turn in turns), default=0)
    working = sum((turn.end or turn.start) - turn.start for turn in turns)
    return TimeShape(
        started_at=session.started_at,
        ended_at=session.ended_at,
        wall_ms=last - first,
        working_ms=working,
        waiting_ms=last - first - working,
        turns=len(turns),
    )


def _models(billed: Iterable[Billed]) -> list[ModelShape]:
    found: dict[str, list[Billed]] = {}
    for one in billed:
        found.setdefault(one.model, []).append(one)
    sums = {model: Sums(each).at(ALWAYS[1]).usage for model, each in found.items()}
    ordered = sorted(sums.items(), key=lambda found: (-found[1].cost, -found[1].tokens.total, found[0]))
    return [
        ModelShape(
            model=model,
            tokens=tokens_shape(usage.tokens),
            cost_usd=cost(usage),
            requests=usage.requests,
            unpriced_tokens=usage.unpriced_tokens,
        )
        for model, usage in ordered
    ]


def _happened(happened: Sequence[Happening]) -> HappenedShape:
    def count(kind: type) -> int:
        return sum(isinstance(event, kind) for event in happened)

    return HappenedShape(
        prompts=count(PromptSent),
        compactions=count(Compaction),
        errors=count(AgentError),
        limits=count(LimitHit),
        pull_requests=count(PullRequestOpened),
        commits=count(Committed),
    )
