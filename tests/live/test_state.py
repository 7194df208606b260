"""The state of now and what is told of it: days that end, blocks that end, sessions that are left, late history."""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from live.frames import totals
from msgspec.structs import replace

from moonlock.analytics import blocks, burn
from moonlock.analytics.periods import day_bounds
from moonlock.live.known import Known
from moonlock.live.news import News
from moonlock.live.shapes import cost, dollars
from moonlock.live.state import Around, State
from moonlock.model.events import AgentError, LimitHit, ObjectiveSet, PromptSent, ToolCall
from moonlock.model.gain import Fact, Gain, UsageGain
from moonlock.model.instant import DAY, HOUR, MINUTE, SECOND, Instant, iso
from moonlock.model.session import PendingTool, Session, SessionKey, Tail
from moonlock.model.shapes import HealthShape
from moonlock.model.tokens import Tokens, Usage
from moonlock.model.wire import (
    ContextWarning,
    Frame,
    SessionComplete,
    SessionError,
    SessionObjective,
    SessionStart,
    SessionStatusChanged,
    SessionTokens,
    SessionTool,
    Snapshot,
    TodayUpdate,
)

NOON: Instant = 1_795_176_000_000  # 2026-11-20T12:00Z
HEALTH = HealthShape(status="healthy", version="0", uptime_ms=0, simulation=False, components={})
AROUND = Around(0, "epoch", "0", False, "UTC", (), HEALTH, None)


def usage(output: int, priced: bool = True) -> Usage:
    tokens = Tokens(output=output)
    return Usage(tokens, 1, output * 10) if priced else Usage(tokens, 1, 0, 1, output)


def session(uid: str, at: Instant, output: int = 0, title: str = "") -> Session:
    return Session(
        uid=uid,
        key=SessionKey("claude-code", "-w", uid),
        title=title,
        project="w",
        cwd="/w",
        branch="",
        version="",
        first_at=at,
        last_at=at,
        model="",
        tail=Tail(at=at, phase="answered"),
        usage=usage(output) if output else Usage(),
        subagents=Usage(),
    )


def known(now: Instant, *sessions: Session, zone: ZoneInfo | None = None, today: int = 0) -> Known:
    return Known(
        at=now,
        sessions={each.uid: each for each in sessions},
        objectives={},
        day=day_bounds(now, zone or UTC),
        today=usage(today) if today else Usage(),
        minutes={},
        pulses={},
        window=blocks.EMPTY,
        pace=burn.EMPTY,
    )


class World:
    """A state and its news, driven by hand."""

    def __init__(self, start: Known) -> None:
        self.state = State(start, {})
        self.news = News(self.state, start.at)

    def use(self, at: Instant, uid: str, output: int, now: Instant | None = None, **more: str) -> list[Frame]:
        gain = Gain((session(uid, at, output, **more),), (UsageGain(uid, at, usage(output)),))
        self.state.apply(gain)
        return self.news.of(gain, now or at)

    def happen(self, uid: str, event: object, now: Instant) -> list[Frame]:
        gain = Gain((session(uid, now),), (), (Fact(uid, event),))  # type: ignore[arg-type]
        self.state.apply(gain)
        return self.news.of(gain, now)

    def snapshot(self, now: Instant) -> Snapshot:
        return self.state.snapshot(now, AROUND)


def kinds(frames: list[Frame]) -> list[str]:
    return [str(frame.__struct_config__.tag) for frame in frames]


@given(st.integers(0, 10**15))
def test_money_on_the_wire_has_six_decimals(micro: int) -> None:
    shown = cost(Usage(requests=1, cost=micro))
    assert shown == dollars(micro) == float(f"{micro // 10**6}.{micro % 10**6:06d}")


def test_an_empty_house_has_an_empty_picture() -> None:
    snapshot = World(known(NOON)).snapshot(NOON)
    assert (snapshot.sessions, snapshot.block, snapshot.minutes) == ([], None, [])
    assert snapshot.today == totals(0)


def test_usage_is_in_day_block_minute_session_and_pulse() -> None:
    world = World(known(NOON))
    start, tokens = world.use(NOON, "s", 60)
    assert isinstance(start, SessionStart) and isinstance(tokens, SessionTokens)
    data = tokens.data
    assert data.session.tokens.total == data.today.tokens.total == 60
    assert data.block is not None and (data.block.tokens.total, data.block.cost_usd) == (60, 0.0006)
    assert data.minute is not None and (data.minute.at, data.minute.tokens.total) == (iso(NOON), 60)
    assert data.session.pulse == [0] * 14 + [60]
    assert data.block.burn_rate is not None and data.block.burn_rate.tokens_per_minute > 0


def test_a_session_whose_tokens_and_status_changed_is_described_once() -> None:
    world = World(known(NOON))
    world.use(NOON, "s", 60)
    tokens, status = world.use(NOON + SECOND, "s", 5, title="another")
    assert isinstance(tokens, SessionTokens) and isinstance(status, SessionStatusChanged)
    assert tokens.data.session is status.data


def test_a_context_that_fills_is_told_and_warned_of() -> None:
    world = World(known(NOON))

    def answer(number: int, prompt: int) -> list[Frame]:
        at = NOON + number * SECOND
        tail = Tail(at, "answered", context=prompt, context_at=at, model="claude-haiku-4-5", largest_prompt=prompt)
        used = UsageGain("s", at, Usage(Tokens(prompt), 1, 1))
        gain = Gain((replace(session("s", at, 1), tail=tail),), (used,))
        world.state.apply(gain)
        return world.news.of(gain, at)

    assert kinds(answer(0, 90_000)) == ["session:start", "session:tokens"]
    assert kinds(answer(1, 90_010)) == ["session:tokens"]
    assert kinds(answer(2, 99_000)) == ["session:tokens", "context:update"]
    assert kinds(answer(3, 101_000)) == ["session:tokens", "context:update", "context:warning"]
    warned = answer(4, 140_000)[-1]
    assert isinstance(warned, ContextWarning) and warned.session_id == "s"
    assert (warned.data.context.level, warned.data.subagent) == ("danger", None)
    assert warned.data.context.turns is not None and warned.data.context.advice is not None


def test_a_pulse_begins_with_what_the_store_knows_and_says_which_minute_is_its_last() -> None:
    start = replace(known(NOON, session("s", NOON), session("t", NOON)), pulses={"s": {NOON - MINUTE: 7, NOON: 2}})
    world = World(start)
    world.use(NOON + 5 * SECOND, "s", 3)
    shown = {each.id: each for each in world.snapshot(NOON + 5 * SECOND).sessions}
    assert (shown["s"].pulse, shown["s"].pulse_at) == ([0] * 13 + [7, 5], iso(NOON))
    assert (shown["t"].pulse, shown["t"].pulse_at) == ([0] * 15, None)
    world.news.again(start, NOON + MINUTE)
    assert world.snapshot(NOON + MINUTE).sessions[0].pulse == [0] * 12 + [7, 2, 0]


def test_facts_of_before_are_frames_of_live_sessions_alone() -> None:
    world = World(known(NOON, session("s", NOON), session("old", NOON - 2 * HOUR)))
    facts = [Fact(uid, ToolCall(1, NOON, "Bash")) for uid in ("s", "old", "nobody")]
    assert [frame.session_id for frame in world.news.past(facts)] == ["s"]


def test_the_frames_of_a_gain_and_the_next_snapshot_say_the_same() -> None:
    world = World(known(NOON))
    world.use(NOON, "s", 60)
    frame = world.use(NOON + 5 * SECOND, "s", 40)[-1]
    snapshot = world.snapshot(NOON + 5 * SECOND)
    assert isinstance(frame, SessionTokens)
    assert (frame.data.session, frame.data.today, frame.data.block) == (
        snapshot.sessions[0],
        snapshot.today,
        snapshot.block,
    )
    assert [frame.data.minute] == snapshot.minutes


def test_usage_in_two_minutes_is_a_frame_for_each() -> None:
    world = World(known(NOON))
    gain = Gain(
        (session("s", NOON + MINUTE, 5),),
        (UsageGain("s", NOON, usage(2)), UsageGain("s", NOON + MINUTE, usage(3))),
    )
    world.state.apply(gain)
    frames = [each for each in world.news.of(gain, NOON + MINUTE) if isinstance(each, SessionTokens)]
    assert [each.data.minute and each.data.minute.tokens.total for each in frames] == [2, 3]


def test_what_was_used_by_a_session_that_is_over_is_told_of_the_day() -> None:
    world = World(known(NOON))
    (frame,) = world.use(NOON - 61 * MINUTE, "s", 9, now=NOON)
    assert isinstance(frame, TodayUpdate)
    assert (frame.data.today.tokens.total, frame.data.minutes) == (9, [])
    gain = Gain((), (UsageGain("moved away", NOON - 30 * MINUTE, usage(5)),))
    world.state.apply(gain)
    (frame,) = world.news.of(gain, NOON)
    assert isinstance(frame, TodayUpdate)
    assert [minute.tokens.total for minute in frame.data.minutes] == [5]


def test_usage_of_yesterday_is_not_of_today() -> None:
    world = World(known(NOON))
    world.use(NOON - DAY, "s", 9, now=NOON)
    assert world.snapshot(NOON).today.tokens.total == 0


def test_minutes_older_than_an_hour_leave_the_picture() -> None:
    world = World(known(NOON))
    world.use(NOON, "s", 9)
    assert len(world.snapshot(NOON + 59 * MINUTE).minutes) == 1
    assert world.snapshot(NOON + 60 * MINUTE).minutes == []
    world.news.tick(NOON + 2 * HOUR)
    assert world.state.minutes == {}


def test_at_local_midnight_the_day_begins_again_and_the_store_is_asked() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    midnight = NOON + 11 * HOUR
    world = World(known(NOON, zone=berlin, today=500))
    assert world.news.tick(midnight - SECOND) == []
    (frame,) = world.news.tick(midnight)
    assert isinstance(frame, TodayUpdate) and frame.data.today.tokens.total == 0
    assert world.state.stale


def test_midnight_after_an_idle_day_begins_a_new_day_too() -> None:
    world = World(known(NOON))
    world.news.tick(NOON + 12 * HOUR)
    assert world.state.stale
    world.news.again(known(NOON + 12 * HOUR), NOON + 12 * HOUR)
    assert not world.state.stale
    world.use(NOON + 13 * HOUR, "s", 5)
    assert world.snapshot(NOON + 13 * HOUR).today.tokens.total == 5


def test_when_a_block_ends_it_leaves_the_picture_and_that_is_told() -> None:
    world = World(known(NOON))
    world.use(NOON, "s", 9)
    world.news.tick(NOON + 5 * HOUR - SECOND)
    frames = [each for each in world.news.tick(NOON + 5 * HOUR) if isinstance(each, TodayUpdate)]
    assert [each.data.block for each in frames] == [None]


def test_a_fading_rate_is_told_every_ten_seconds_and_silence_when_it_has_died_away() -> None:
    world = World(known(NOON))
    world.use(NOON, "s", 10_000)
    told = [second for second in range(1, 61) if world.news.tick(NOON + second * SECOND)]
    assert told == [10, 20, 30, 40, 50, 60]
    world.news.tick(NOON + 4 * HOUR)
    assert world.news.tick(NOON + 4 * HOUR + MINUTE) == []


def test_with_nothing_to_say_nothing_is_said() -> None:
    world = World(known(NOON, session("s", NOON)))
    assert [frame for second in range(60) for frame in world.news.tick(NOON + second * SECOND)] == []


def test_a_session_that_is_left_is_complete_once() -> None:
    world = World(known(NOON, session("s", NOON)))
    (idle,) = world.news.tick(NOON + 16 * MINUTE)
    assert isinstance(idle, SessionStatusChanged) and idle.data.status == "idle"
    (left,) = world.news.tick(NOON + HOUR + SECOND)
    assert isinstance(left, SessionComplete)
    assert (left.data.status, left.data.ended_at, left.at) == ("completed", iso(NOON), iso(NOON + HOUR + SECOND))
    assert world.news.tick(NOON + 2 * HOUR) == []


def test_a_session_that_goes_on_after_a_pause_starts_again() -> None:
    world = World(known(NOON, session("s", NOON)))
    world.news.tick(NOON + HOUR + SECOND)
    assert kinds(world.use(NOON + 2 * HOUR, "s", 1)) == ["session:start", "session:tokens"]


def test_a_status_that_changes_by_time_alone_is_told() -> None:
    limited = session("s", NOON)
    tail = Tail(at=NOON, phase="limited", limit_resets_at=NOON + 10 * MINUTE)
    world = World(known(NOON, replace(limited, tail=tail)))
    assert world.news.tick(NOON + 9 * MINUTE) == []
    (frame,) = world.news.tick(NOON + 10 * MINUTE)
    assert isinstance(frame, SessionStatusChanged) and frame.data.status == "idle"


def test_a_new_title_is_told() -> None:
    world = World(known(NOON, session("s", NOON)))
    gain = Gain((session("s", NOON, title="New"),))
    world.state.apply(gain)
    (frame,) = world.news.of(gain, NOON)
    assert isinstance(frame, SessionStatusChanged) and frame.data.title == "New"


def test_without_a_live_session_the_last_one_is_shown() -> None:
    world = World(known(NOON, session("a", NOON - 5 * HOUR), session("b", NOON - 4 * HOUR)))
    assert [shown.id for shown in world.snapshot(NOON).sessions] == ["b"]


def test_the_last_session_is_never_forgotten_but_older_ones_are() -> None:
    world = World(known(NOON, session("a", NOON), session("b", NOON + HOUR)))
    world.news.tick(NOON + 3 * DAY)
    assert list(world.state.sessions) == ["b"]


def test_facts_are_told_of_live_sessions() -> None:
    world = World(known(NOON, session("s", NOON)))
    call = ToolCall(key=-1, at=NOON, name="Bash", duration=1500, outcome="ok")
    (tool,) = world.happen("s", call, NOON)
    assert isinstance(tool, SessionTool)
    assert (tool.data.id, tool.data.state, tool.at) == ("f" * 16, "ended", iso(NOON + 1500))
    (error,) = world.happen("s", AgentError(key=1, at=NOON, kind="overloaded", status=529, retrying=True), NOON)
    assert isinstance(error, SessionError) and (error.data.status, error.data.limit) == (529, False)
    (limit,) = world.happen("s", LimitHit(key=2, at=NOON, kind="session", resets_at=NOON + HOUR), NOON)
    assert isinstance(limit, SessionError) and limit.data.resets_at == iso(NOON + HOUR)
    assert world.happen("s", PromptSent(key=3, at=NOON), NOON) == []


def test_a_tool_is_told_with_what_it_is_about_by_the_project() -> None:
    world = World(known(NOON, session("s", NOON)))
    edit = ToolCall(1, NOON, "Edit", duration=5, outcome="ok", target="/w/src/a.py", added=3, removed=1)
    (tool,) = world.happen("s", edit, NOON)
    assert isinstance(tool, SessionTool)
    assert (tool.data.target, tool.data.added, tool.data.removed) == ("src/a.py", 3, 1)


def test_another_target_of_the_same_tool_is_another_state() -> None:
    world = World(known(NOON, session("s", NOON)))

    def works_on(path: str) -> list[Frame]:
        pending = PendingTool(1, "Edit", NOON, path), PendingTool(2, "Edit", NOON + 1, "/w/later.py")
        tail = Tail(at=NOON, phase="calling", pending=pending)
        gain = Gain((replace(session("s", NOON), tail=tail),))
        world.state.apply(gain)
        return world.news.of(gain, NOON)

    (first,), (second,) = works_on("/w/a.py"), works_on("/tmp/b.py")
    assert isinstance(first, SessionStatusChanged) and isinstance(second, SessionStatusChanged)
    told = [(frame.data.state.tool, frame.data.state.target) for frame in (first, second)]
    assert told == [("Edit", "a.py"), ("Edit", "/tmp/b.py")]
    assert works_on("/tmp/b.py") == []


def test_objectives_are_counted_and_an_older_word_changes_nothing() -> None:
    world = World(known(NOON, session("s", NOON)))
    world.happen("s", ObjectiveSet(1, NOON, "1", "First", "completed", "TodoWrite"), NOON)
    world.happen("s", ObjectiveSet(2, NOON - SECOND, "1", "First", "pending", "TodoWrite"), NOON)
    (frame,) = world.happen("s", ObjectiveSet(3, NOON, "2", "Second", "in_progress", "TodoWrite"), NOON)
    assert isinstance(frame, SessionObjective) and frame.data.objectives is not None
    said = frame.data.objectives
    assert (said.done, said.total, said.current) == (1, 2, "Second")
    world.happen("s", ObjectiveSet(4, NOON, "2", "Second", "deleted", "TodoWrite"), NOON)
    shown = world.snapshot(NOON).sessions[0].objectives
    assert shown is not None and (shown.done, shown.total, shown.current) == (1, 1, None)


def test_facts_of_sessions_that_are_over_are_no_news() -> None:
    world = World(known(NOON))
    gain = Gain((session("s", NOON - DAY),), (), (Fact("s", ToolCall(1, NOON - DAY, "Bash")),))
    world.state.apply(gain)
    assert world.news.of(gain, NOON) == []


def test_usage_before_the_block_makes_the_state_ask_the_store() -> None:
    world = World(known(NOON))
    world.use(NOON, "s", 1)
    assert not world.state.stale
    world.use(NOON - HOUR, "t", 1, now=NOON)
    assert world.state.stale
    world.news.again(known(NOON, session("s", NOON)), NOON)
    assert not world.state.stale


def test_an_old_session_that_goes_on_makes_the_state_ask_the_store() -> None:
    world = World(known(NOON))
    old = replace(session("s", NOON), first_at=NOON - 3 * DAY)
    world.state.apply(Gain((old,)))
    assert world.state.stale


def test_what_the_store_knows_better_is_told_as_a_difference() -> None:
    world = World(known(NOON, session("a", NOON), session("b", NOON)))
    later = known(NOON, session("b", NOON, 5), session("c", NOON), today=5)
    assert kinds(world.news.again(later, NOON)) == ["session:complete", "session:tokens", "session:start"]
    assert world.news.again(later, NOON) == []


def test_minutes_that_history_changed_are_told() -> None:
    world = World(known(NOON))
    start = known(NOON, today=5)
    later = replace(start, minutes={NOON: Tokens(output=5), NOON - 2 * HOUR: Tokens(output=1)})
    (frame,) = world.news.again(later, NOON)
    assert isinstance(frame, TodayUpdate)
    assert [minute.at for minute in frame.data.minutes] == [iso(NOON)]


def test_a_newer_last_session_that_history_brought_is_told() -> None:
    world = World(known(NOON, session("a", NOON - 5 * HOUR)))
    later = known(NOON, session("a", NOON - 5 * HOUR), session("b", NOON - 2 * HOUR))
    (frame,) = world.news.again(later, NOON)
    assert isinstance(frame, SessionStatusChanged) and frame.session_id == "b"


def test_a_clock_that_was_set_back_over_midnight_makes_the_state_ask_the_store() -> None:
    world = World(known(NOON, today=5))
    world.news.tick(NOON - DAY)
    assert world.state.stale


def test_a_request_far_ahead_of_the_clock_neither_hides_the_window_nor_fixes_the_rate() -> None:
    world = World(known(NOON))
    world.use(NOON, "s", 60)
    world.use(NOON + 400 * DAY, "s", 1_000)
    world.use(NOON + SECOND, "s", 1)
    block = world.snapshot(NOON + SECOND).block
    assert block is not None and block.burn_rate is not None
    assert (block.start_at, block.tokens.total) == (iso(NOON), 61)
    assert block.burn_rate.tokens_per_minute < 100
    assert [minute.at for minute in world.snapshot(NOON + SECOND).minutes] == [iso(NOON)]
    assert not world.state.stale


def test_what_was_ahead_of_the_clock_is_asked_for_when_its_time_comes() -> None:
    world = World(known(NOON))
    world.use(NOON + HOUR, "s", 60)
    world.news.tick(NOON + SECOND)
    assert not world.state.stale
    world.news.tick(NOON + HOUR)
    assert world.state.stale


def test_a_limit_that_was_hit_ahead_of_the_clock_waits_too() -> None:
    world = World(known(NOON))
    world.use(NOON, "s", 60)
    world.happen("s", LimitHit(1, NOON + DAY, "session", NOON + DAY + HOUR), NOON)
    assert not world.state.stale


def test_objectives_that_moved_to_another_session_make_the_state_ask_the_store() -> None:
    world = World(known(NOON))
    world.state.apply(Gain(moved=True))
    assert world.state.stale


def test_of_two_sessions_that_ended_together_the_same_is_shown_whichever_was_met_first() -> None:
    for order in (("a", "b"), ("b", "a")):
        world = World(known(NOON, *(session(uid, NOON) for uid in order)))
        assert [shown.id for shown in world.snapshot(NOON).sessions] == ["a", "b"]
        assert [shown.id for shown in world.snapshot(NOON + 2 * HOUR).sessions] == ["a"]
