"""One session in its details, from real logs in a real store: what each figure is made of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from claude_lines import HOUR, MINUTE, SECOND, SESSION, TEN, Line, call, line, prompted, result, said, transcript, usage

from moonlock.analytics.cost import price_of
from moonlock.analytics.prices import builtin
from moonlock.live import chronicle
from moonlock.live.chronicle import Window
from moonlock.live.commands import Commands
from moonlock.live.hand_shapes import hand_shape
from moonlock.live.shapes import Setting, session_shape
from moonlock.live.transcript import LogGone, NoSuchPlace
from moonlock.live.transcript import transcript as excerpt
from moonlock.model.chronicle import FACT_KINDS, FactKind
from moonlock.model.chronicle_shapes import EventShape, StatesShape, TimelineShape
from moonlock.model.instant import Instant, iso
from moonlock.model.manual import Amend, Follow, Milestone, Plan, Posting
from moonlock.model.presence import Remembered, Wait
from moonlock.model.reading import Cursor
from moonlock.model.shapes import SessionShape
from moonlock.sources import ALL
from moonlock.sources.base import look
from moonlock.sources.claude_code import ClaudeCode
from moonlock.store import Store

LATER = TEN + 5 * HOUR
WHOLE = Window()


def todos(at: Instant, *states: str) -> Line:
    items = [{"content": f"Step {n}", "status": state, "activeForm": "…"} for n, state in enumerate(states)]
    return call(f"toolu_todo{at}", "TodoWrite", {"todos": items}, at)


def answered(name: str, at: Instant, output: int = 100, **more: object) -> Line:
    return said(f"msg_{name}", f"req_{name}", usage(10, output, 0, 1000), at, **more)


STORY = [
    prompted("secret words", TEN),
    todos(TEN + SECOND, "in_progress", "pending"),
    call("toolu_1", "Bash", {}, TEN + 2 * SECOND, uuid="b1"),
    result("toolu_1", TEN + 12 * SECOND, error=True, content="exit 1", uuid="r1"),
    answered("a", TEN + 20 * SECOND, uuid="a1"),
    todos(TEN + 30 * SECOND, "completed", "in_progress"),
    prompted("again", TEN + 10 * MINUTE, uuid="p2"),
    answered("b", TEN + 11 * MINUTE, model="claude-sonnet-5", uuid="a2"),
    line("system", TEN + 12 * MINUTE, subtype="compact_boundary", compactMetadata={"trigger": "auto", "preTokens": 9}),
    line("system", TEN + 13 * MINUTE, subtype="api_error", error={"type": "overloaded_error"}),
]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.write(tmp_path / "moon.db", price_of(builtin()))
    yield opened
    opened.close()


def read(store: Store, *paths: Path) -> SessionShape:
    for path in paths:
        seen = look(str(path))
        assert seen is not None
        store.append(list(ClaudeCode().read(seen, Cursor(), 1 << 30)))
    return known(store)


def known(store: Store) -> SessionShape:
    session = store.session(SESSION)
    assert session is not None
    return session_shape(session, Setting(LATER, {}))


@pytest.fixture
def session(store: Store, tmp_path: Path) -> SessionShape:
    return read(store, transcript(tmp_path, *STORY))


def every_event(store: Store, session: SessionShape, limit: int, kinds: tuple[FactKind, ...]) -> list[EventShape]:
    found, after = chronicle.events(store, session, kinds, None, limit)
    while after is not None:
        more, after = chronicle.events(store, session, kinds, after, limit)
        found += more
    return found


def course(store: Store, session: SessionShape, window: Window = WHOLE) -> TimelineShape:
    return chronicle.timeline(store, session, window, LATER)


def test_events_are_told_in_time_order_with_what_their_kind_has(store: Store, session: SessionShape) -> None:
    found = every_event(store, session, 3, FACT_KINDS)
    assert [event.at for event in found] == sorted(event.at for event in found)
    kinds = [event.kind for event in found]
    assert (kinds[0], kinds.count("objective"), kinds.count("tool"), kinds.count("request")) == ("prompt", 4, 3, 5)
    by_kind = {event.kind: event for event in found}
    assert by_kind["compaction"].compaction is not None and by_kind["compaction"].compaction.tokens_before == 9
    assert by_kind["error"].error is not None and by_kind["error"].error.kind == "overloaded_error"
    assert by_kind["request"].request is not None and by_kind["request"].request.model == "claude-sonnet-5"
    bash = next(event.tool for event in found if event.tool is not None and event.tool.tool == "Bash")
    assert (bash.outcome, bash.duration_ms) == ("failed", 10 * SECOND)


def test_of_a_prompt_only_the_time_is_told(store: Store, session: SessionShape) -> None:
    prompts = every_event(store, session, 50, ("prompt",))
    assert [event.at for event in prompts] == [iso(TEN), iso(TEN + 10 * MINUTE)]
    assert "secret" not in str(every_event(store, session, 500, FACT_KINDS))


def test_the_timeline_has_turns_tools_marks_and_sums_that_end_with_the_session(
    store: Store, session: SessionShape
) -> None:
    found = course(store, session)
    turns = [(span.start_at, span.end_at) for span in found.spans if span.lane == "turn"]
    assert turns == [(iso(TEN), iso(TEN + 30 * SECOND)), (iso(TEN + 10 * MINUTE), iso(TEN + 11 * MINUTE))]
    bash = next(span for span in found.spans if span.name == "Bash")
    assert (bash.end_at, bash.outcome, bash.failed) == (iso(TEN + 12 * SECOND), "failed", 1)
    assert [mark.name for mark in found.marks if mark.kind == "model"] == ["claude-sonnet-5"]
    last = found.points[-1]
    assert (last.tokens, last.cost_usd, last.requests) == (session.tokens, session.cost_usd, session.requests)
    assert last.context == 1010 and found.whole.points == len(found.points) == session.requests


def test_each_mark_carries_the_sums_of_its_moment(store: Store, session: SessionShape) -> None:
    marks = {mark.kind: mark for mark in course(store, session).marks}
    assert marks["compaction"].sums.tokens == session.tokens
    assert marks["prompt"].sums.requests == 4


def test_a_part_of_the_timeline_agrees_with_the_whole(store: Store, session: SessionShape) -> None:
    whole = course(store, session)
    start = TEN + 10 * MINUTE + 30 * SECOND
    part = course(store, session, Window(start, None))
    assert [span for span in part.spans if span.lane == "turn"] == [
        span for span in whole.spans if span.lane == "turn" and (span.end_at or "") >= iso(start)
    ]
    assert part.points == [point for point in whole.points if point.at >= iso(start)]
    assert part.marks == [mark for mark in whole.marks if mark.at >= iso(start)]
    early = course(store, session, Window(None, start))
    assert early.marks == [mark for mark in whole.marks if mark.at < iso(start)]


def test_a_session_that_works_has_a_turn_without_an_end(store: Store, tmp_path: Path) -> None:
    session = read(store, transcript(tmp_path, prompted("x", LATER - SECOND)))
    assert session.status == "running"
    assert [span.end_at for span in course(store, session).spans] == [None]


def test_many_spans_become_few_that_say_how_many_they_are(store: Store, tmp_path: Path) -> None:
    lines = [call(f"toolu_{n}", "Read", {}, TEN + n * SECOND, uuid=f"c{n}") for n in range(60)]
    session = read(store, transcript(tmp_path, prompted("x", TEN), *lines))
    found = course(store, session, Window(most=10))
    assert len(found.spans) == 10 and sum(span.count for span in found.spans) == found.whole.spans == 61
    assert len(found.points) <= 10 < found.whole.points == 60
    assert found.points[-1].requests == 60


def test_sub_agents_are_a_lane_of_their_own(store: Store, tmp_path: Path) -> None:
    main = transcript(tmp_path, prompted("x", TEN), answered("a", TEN + SECOND))
    helper = [answered("h", TEN + 3 * SECOND, isSidechain=True, agentId="h1")]
    aside = transcript(tmp_path, *helper, name=f"{SESSION}/subagents/agent-h1.jsonl")
    session = read(store, main, aside)
    (agent,) = [span for span in course(store, session).spans if span.lane == "agent"]
    assert (agent.subagent, agent.start_at) == ("h1", iso(TEN + 3 * SECOND))


def test_an_objective_tells_its_changes_and_what_was_used_while_it_was_in_progress(
    store: Store, session: SessionShape
) -> None:
    one, after = chronicle.objectives(store, session, None, 1)
    other, end = chronicle.objectives(store, session, after, 1)
    first, second = sorted((*one, *other), key=lambda aim: aim.title)
    assert (first.title, first.state, first.in_progress_ms) == ("Step 0", "completed", 29 * SECOND)
    assert [change.state for change in first.changes] == ["in_progress", "completed"]
    assert (first.tokens.output, end) == (50 + 50 + 100, None)
    assert (second.title, second.state) == ("Step 1", "in_progress")
    assert second.in_progress_ms == 11 * MINUTE - 30 * SECOND


def test_tools_add_up_to_the_session(store: Store, session: SessionShape) -> None:
    found = chronicle.tools(store, session)
    assert found.totals.tokens == session.tokens and found.totals.cost_usd == session.cost_usd
    assert {tool.tool: (tool.calls, tool.failed) for tool in found.tools} == {
        "TodoWrite": (2, 0),
        "Bash": (1, 1),
        "(no tool)": (0, 0),
    }


def test_the_tools_of_an_mcp_server_are_added_up(store: Store, tmp_path: Path) -> None:
    names = ("mcp__github__read", "mcp__github__write", "mcp__web__open", "Bash")
    lines: list[Line] = []
    for number, name in enumerate(names):
        lines.append(call(f"toolu_{number}", name, {}, TEN + number * MINUTE, uuid=f"c{number}"))
        lines.append(
            result(f"toolu_{number}", TEN + number * MINUTE + 7 * SECOND, error=number == 1, uuid=f"e{number}")
        )
    found = chronicle.tools(store, read(store, transcript(tmp_path, *lines)))
    assert {one.server: (one.tools, one.calls, one.failed, one.duration_ms) for one in found.servers} == {
        "github": (2, 2, 1, 14 * SECOND),
        "web": (1, 1, 0, 7 * SECOND),
    }
    assert sum(one.tokens.total for one in found.servers) == 3 * found.totals.tokens.total / 4
    assert {(one.tool, one.server, one.p50_ms, one.p95_ms) for one in found.tools} >= {
        ("mcp__github__read", "github", 7 * SECOND, 7 * SECOND),
        ("Bash", None, 7 * SECOND, 7 * SECOND),
    }


def test_objectives_that_go_on_at_the_same_time_share_what_is_used(store: Store, tmp_path: Path) -> None:
    lines = [
        todos(TEN, "in_progress", "in_progress"),
        answered("a", TEN + MINUTE, 101),
        todos(TEN + 2 * MINUTE, "completed", "in_progress"),
        answered("b", TEN + 3 * MINUTE, 100),
    ]
    session = read(store, transcript(tmp_path, *lines))
    first, second = sorted(chronicle.objectives(store, session, None, 9)[0], key=lambda aim: aim.title)
    assert (first.trust, first.in_progress_ms, first.shared_ms) == (1, 2 * MINUTE, 2 * MINUTE)
    assert (second.in_progress_ms, second.shared_ms) == (3 * MINUTE, 2 * MINUTE)
    assert {first.tokens.output, second.tokens.output - 150} == {25 + 50, 25 + 51}
    assert first.cost_usd is not None and second.cost_usd is not None and session.cost_usd is not None
    assert first.cost_usd + second.cost_usd == pytest.approx(session.cost_usd, abs=1e-6)


def test_a_session_that_named_nothing_shows_what_it_led_to(store: Store, tmp_path: Path) -> None:
    made = {"gitOperation": {"commit": {"sha": "abcdef0123456789", "kind": "committed"}}}
    lines = [
        prompted("Do it", TEN),
        call("toolu_1", "Bash", {}, TEN + SECOND, uuid="c1"),
        result("toolu_1", TEN + MINUTE, uuid="e1", toolUseResult=made),
        answered("a", TEN + 2 * MINUTE, 70),
    ]
    session = read(store, transcript(tmp_path, *lines))
    (one,) = chronicle.objectives(store, session, None, 9)[0]
    assert (one.title, one.source, one.state, one.trust) == ("commit abcdef0", "commit", "completed", 5)
    assert (one.in_progress_ms, one.tokens.output) == (MINUTE, 50)


def test_the_report_on_an_observed_session_adds_up(store: Store, session: SessionShape) -> None:
    told = chronicle.report(store, session, builtin(), TEN + 20 * MINUTE)
    assert (told.time.turns, told.time.working_ms) == (2, 30 * SECOND + MINUTE)
    assert told.time.wall_ms == told.time.working_ms + told.time.waiting_ms == 11 * MINUTE
    assert sum(model.tokens.total for model in told.models) == session.tokens.total
    assert (told.happened.prompts, told.happened.compactions, told.happened.errors) == (2, 1, 1)
    assert told.efficiency is not None and told.efficiency.active_ms == told.time.working_ms
    assert {one.title for one in told.objectives} == {"Step 0", "Step 1"}
    assert added(told.states) == told.states.total_ms == 13 * MINUTE
    assert told.states.working_ms > 0 and told.states.waiting_ms > 0
    assert (told.states.permission_ms, told.states.sources) == (None, ["log"])


def added(states: StatesShape) -> int:
    apart = ("total_ms", "sources")
    return sum(getattr(states, name) or 0 for name in states.__struct_fields__ if name not in apart)


def test_what_hooks_tell_of_waiting_is_taken_out_of_work_and_stands_on_the_timeline(
    store: Store, session: SessionShape
) -> None:
    before = chronicle.report(store, session, builtin(), LATER).states
    asked = Wait(TEN + 3 * SECOND, TEN + 10 * SECOND, "permission", "Bash", TEN + 12 * SECOND)
    unknown = Wait(TEN + 10 * MINUTE, None, "permission", "Edit", TEN + 11 * MINUTE)
    who = session.agent, session.agent_session_id
    store.witnesses().keep([Remembered(*who, LATER, course=b"x", waits=(asked, unknown))])
    after = chronicle.report(store, session, builtin(), LATER).states
    assert (after.permission_ms, after.sources) == (7 * SECOND, ["log", "hooks"])
    assert before.working_ms - after.working_ms == 7 * SECOND
    assert added(after) == after.total_ms == before.total_ms
    waits = [one for one in course(store, session).spans if one.lane == "waiting"]
    assert [(one.start_at, one.end_at, one.name) for one in waits] == [
        (iso(asked.start), iso(TEN + 10 * SECOND), "permission"),
        (iso(unknown.start), None, "permission"),
    ]


def test_a_session_without_anything_has_an_empty_report(store: Store, session: SessionShape) -> None:
    import msgspec

    nobody = msgspec.structs.replace(session, id="0" * 16)
    told = chronicle.report(store, nobody, builtin(), TEN + 20 * MINUTE)
    assert (told.time.wall_ms, told.tools, told.efficiency) == (0, [], None)
    assert course(store, nobody).spans == [] and chronicle.objectives(store, nobody, None, 5) == ([], None)


def by_hand(store: Store) -> SessionShape:
    commands = Commands(store)
    hand, _ = commands.start(Plan("Focus", follow=Follow("all")), TEN, "")
    commands.reach(hand.uid, Milestone("half"), TEN + 25 * SECOND)
    commands.amend(hand.uid, Amend(status="paused"), TEN + MINUTE)
    commands.post(hand.uid, Posting(500), TEN + MINUTE)
    commands.amend(hand.uid, Amend(status="running"), TEN + 5 * MINUTE)
    done = commands.amend(hand.uid, Amend(status="completed"), TEN + 20 * MINUTE)
    assert done is not None
    return hand_shape(done.hand, LATER)


def test_events_of_a_session_by_hand_are_its_timer_and_its_checkpoints(store: Store) -> None:
    found = every_event(store, by_hand(store), 2, FACT_KINDS)
    assert [(event.kind, event.status and event.status.kind) for event in found] == [
        ("status", "start"),
        ("checkpoint", None),
        ("status", "pause"),
        ("status", "resume"),
        ("status", "complete"),
    ]
    assert found[1].checkpoint is not None and found[1].checkpoint.phase == "half"


@pytest.mark.usefixtures("session")
def test_the_timeline_of_a_session_by_hand_has_its_timer_and_what_it_gathered(store: Store) -> None:
    hand = by_hand(store)
    found = course(store, hand)
    assert [(span.lane, span.name, span.start_at, span.end_at) for span in found.spans] == [
        ("timer", "running", iso(TEN), iso(TEN + MINUTE)),
        ("timer", "paused", iso(TEN + MINUTE), iso(TEN + 5 * MINUTE)),
        ("timer", "running", iso(TEN + 5 * MINUTE), iso(TEN + 20 * MINUTE)),
    ]
    ledger = store.gathering().usage(Follow("all"), ((TEN, TEN + MINUTE), (TEN + 5 * MINUTE, TEN + 20 * MINUTE)))
    last = found.points[-1]
    assert (last.tokens.total, last.requests) == (ledger.tokens.total + 500, ledger.requests)
    assert last.unpriced_tokens == 500
    reached = next(mark for mark in found.marks if mark.kind == "checkpoint")
    assert (reached.name, reached.sums.requests) == ("half", 3)


def test_a_paused_timer_stands_until_somebody_goes_on(store: Store) -> None:
    commands = Commands(store)
    hand, _ = commands.start(Plan("Focus"), TEN, "")
    paused = commands.amend(hand.uid, Amend(status="paused"), TEN + MINUTE)
    assert paused is not None
    spans = course(store, hand_shape(paused.hand, LATER)).spans
    assert [(span.name, span.end_at) for span in spans] == [("running", iso(TEN + MINUTE)), ("paused", None)]


def test_what_was_said_is_read_from_the_session_or_one_of_its_helpers(store: Store, tmp_path: Path) -> None:
    main = transcript(tmp_path, prompted("one"), prompted("two"))
    aside = transcript(tmp_path, answered("h", TEN, agentId="h1"), name=f"{SESSION}/subagents/agent-h1.jsonl")
    logs = store.chronicle(read(store, main, aside).id).logs()
    first = excerpt(logs, ALL, "", None, 1)
    assert [one.text for one in first.said] == ["one"] and first.next is not None
    assert [one.text for one in excerpt(logs, ALL, "", first.next, 5).said] == ["two"]
    assert [one.text for one in excerpt(logs, ALL, "h1", None, 5).said] == ["words"]
    with pytest.raises(NoSuchPlace):
        excerpt(logs, ALL, "", (0, 3, 0), 5)
    with pytest.raises(NoSuchPlace):
        excerpt(logs, ALL, "", (7, 0, 0), 5)
    with pytest.raises(LogGone):
        excerpt(logs, ALL, "nobody", None, 5)


def test_a_log_that_is_gone_is_said_to_be_gone_and_one_in_two_places_is_found(store: Store, tmp_path: Path) -> None:
    path = transcript(tmp_path, prompted("one"))
    copy = transcript(tmp_path / "other", prompted("one"))
    logs = store.chronicle(read(store, path, copy).id).logs()
    assert len(logs) == 2
    for log in sorted((path, copy), key=str)[:1]:
        log.unlink()
    assert [one.text for one in excerpt(logs, ALL, "", None, 5).said] == ["one"]
    for log in (path, copy):
        log.unlink(missing_ok=True)
    with pytest.raises(LogGone):
        excerpt(logs, ALL, "", None, 5)
