"""What an append keeps, and what it says was new."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from store_batches import DAY, HOUR, MINUTE, NOON, batch, call, key, priced, session, usage

from moonlock.model.events import FAST, UNDERSTATED, LimitHit, ObjectiveSet, PromptSent, ToolCall, ToolEnded
from moonlock.model.gain import Gain
from moonlock.model.reading import Counts, Cursor, Damage
from moonlock.model.session import PendingTool, Tail
from moonlock.model.tokens import Tokens, Usage
from moonlock.store import Store

UTC = ((0, 0),)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.write(tmp_path / "moon.db", priced)
    yield store
    store.close()


def requests(store: Store) -> int:
    return store.totals().usage.requests


def test_a_new_request_is_told_with_its_session_and_cost(store: Store) -> None:
    gain = store.append([batch("s1.jsonl", [usage("m1")])])
    (new,) = gain.usage
    (told,) = gain.sessions
    assert new.usage == Usage(Tokens(10, 100, 0, 1000, 5000), 1, 6110)
    assert (new.uid, new.at, new.agent_id) == (told.uid, NOON, "")
    assert told.usage == new.usage == store.totals().usage


def test_nothing_appended_is_nothing_gained(store: Store) -> None:
    assert store.append([]) == Gain()


def test_a_request_without_a_price_is_never_free(store: Store) -> None:
    store.append([batch("s1.jsonl", [usage("m1", model="mystery")])])
    total = store.totals().usage
    assert (total.cost, total.unpriced_requests, total.unpriced_tokens) == (0, 1, 6110)
    assert store.reading().unpriced_models == ("mystery",)


def test_a_line_read_twice_counts_once(store: Store) -> None:
    again = [batch("s1.jsonl", [usage("m1"), call("t1"), PromptSent(key("p1"), NOON)])]
    assert store.append(again).rows > 0
    assert store.append(again) == Gain(sessions=tuple(store.sessions()))


def test_a_response_that_grows_tells_the_difference(store: Store) -> None:
    store.append([batch("s1.jsonl", [usage("m1", output=1)])])
    gain = store.append([batch("s1.jsonl", [usage("m1", NOON + 5, output=500)], offset=200)])
    assert [new.usage for new in gain.usage] == [Usage(Tokens(output=499), cost=499)]
    assert store.totals().usage.tokens.output == 500


def test_a_copy_that_was_read_first_gives_the_request_back(store: Store) -> None:
    store.append([batch("copy.jsonl", [usage("m1", NOON + DAY)])])
    gain = store.append([batch("first.jsonl", [usage("m1", NOON)])])
    assert [(new.at, new.usage.requests) for new in gain.usage] == [(NOON + DAY, -1), (NOON, 1)]
    assert {told.key.native_id: told.usage.requests for told in gain.sessions} == {"first": 1, "copy": 0}
    assert [row.key for row in store.daily(UTC)] == ["2025-10-09"]


@pytest.mark.parametrize("turn", [1, -1])
def test_of_equal_times_the_older_file_wins_then_the_smaller_path(store: Store, turn: int) -> None:
    old = batch("z.jsonl", [usage("m1"), usage("m2")], born=HOUR)
    new = batch("a.jsonl", [usage("m1")], born=2 * HOUR)
    about_the_same = batch("y.jsonl", [usage("m2")], born=HOUR + MINUTE)
    store.append([old, new, about_the_same][::turn])
    assert {told.key.native_id: told.usage.requests for told in store.sessions()} == {"z": 1, "a": 0, "y": 1}


@pytest.mark.parametrize("turn", [1, -1])
@pytest.mark.parametrize("at_once", [True, False])
def test_a_sidechain_copy_of_a_main_chain_message_is_a_replay(store: Store, turn: int, at_once: bool) -> None:
    main = batch("s1.jsonl", [usage("m1", output=5)])
    replay = batch("s1/agent-a.jsonl", [usage("m1", output=900, request="other", sidechain=True)], session("s1"))
    for batches in [[main, replay][::turn]] if at_once else [[one] for one in (main, replay)][::turn]:
        gain = store.append(batches)
    assert store.totals().usage.tokens.output == 5
    assert gain.sessions[0].usage.requests == 1


def test_two_requests_of_one_main_chain_message_are_two_bills(store: Store) -> None:
    store.append([batch("s1.jsonl", [usage("m1"), usage("m1", request="again")])])
    assert requests(store) == 2


def test_a_main_chain_line_beats_a_sidechain_line_of_the_same_request(store: Store) -> None:
    store.append([batch("s1/agent-a.jsonl", [usage("m1", sidechain=True, agent_id="a")], session("s1"))])
    (told,) = store.append([batch("s1.jsonl", [usage("m1")])]).sessions
    assert (told.usage.requests, told.subagents.requests) == (1, 0)


def test_subagents_have_their_own_share(store: Store) -> None:
    seen = session("s1", agent_id="a1", first_at=NOON - 5, last_at=NOON + 9)
    helper = batch("s1/agent-a1.jsonl", [usage("m2", sidechain=True, agent_id="a1", model="haiku")], seen)
    store.append([batch("s1.jsonl", [usage("m1")]), helper])
    (told,) = store.sessions()
    (agent,) = told.agents
    assert (told.usage.requests, told.subagents.requests) == (2, 1)
    assert (agent.agent_id, agent.model, agent.first_at, agent.last_at) == ("a1", "haiku", NOON - 5, NOON + 9)
    assert told.model == "opus"


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1)])
@pytest.mark.parametrize("at_once", [True, False])
def test_responses_that_share_an_alias_are_one(store: Store, order: tuple[int, ...], at_once: bool) -> None:
    told = [
        batch("a.jsonl", [usage("g1", aliases=(71, 1 << 63), output=1)]),
        batch("b.jsonl", [usage("g2", aliases=(72,), output=2)]),
        batch("c.jsonl", [usage("g3", aliases=(72, 71), output=3)]),
    ]
    batches = [told[index] for index in order]
    for part in [batches] if at_once else [[one] for one in batches]:
        store.append(part)
    assert requests(store) == 1
    assert store.totals().usage.tokens.output == 3
    assert store.append(batches).rows == 0


def test_a_fast_request_is_a_model_of_its_own_and_grows_as_one(store: Store) -> None:
    store.append([batch("s1.jsonl", [usage("m1", marks=FAST | UNDERSTATED)])])
    store.append([batch("s1.jsonl", [usage("m1", marks=FAST, output=200)], offset=200)])
    (row,) = store.by_model()
    assert (row.key, row.usage.tokens.output, row.usage.understated) == ("opus-fast", 200, 0)


def test_a_recorded_cost_of_nothing_is_a_cost(store: Store) -> None:
    store.append([batch("s1.jsonl", [usage("m1", model="mystery", recorded=0)])])
    assert store.totals().usage.unpriced_requests == 0


def test_a_tool_call_is_told_when_it_starts_and_when_it_ends(store: Store) -> None:
    seen = session("s1", last_at=NOON, tail=Tail(NOON, "calling"))
    gain = store.append([batch("s1.jsonl", [call("t1")], seen)])
    assert [fact.event for fact in gain.facts] == [call("t1")]
    assert gain.sessions[0].tail.pending == (PendingTool(key("t1"), "Bash", NOON),)
    gain = store.append([batch("s1.jsonl", [ToolEnded(key("t1"), NOON + 70, "failed")], seen, offset=200)])
    assert [fact.event for fact in gain.facts] == [call("t1", duration=70, outcome="failed")]
    assert gain.sessions[0].tail.pending == ()


@pytest.mark.parametrize("at_once", [True, False])
def test_a_result_read_before_its_call_is_not_lost(store: Store, at_once: bool) -> None:
    parts = [
        batch("b.jsonl", [ToolEnded(key("t1"), NOON + 90, "ok"), ToolEnded(key("t1"), NOON + 70, "ok")]),
        batch("a.jsonl", [call("t1")]),
    ]
    for part in [parts] if at_once else [[one] for one in parts]:
        gain = store.append(part)
    assert [fact.event for fact in gain.facts] == [call("t1", duration=70, outcome="ok")]
    assert store.append(parts).rows == 0


def test_copies_of_a_call_count_once_for_the_earliest(store: Store) -> None:
    done = call("t1", duration=5, outcome="denied")
    store.append([batch("z.jsonl", [done]), batch("b.jsonl", [call("t1", NOON + 9)])])
    store.append([batch("a.jsonl", [done])])
    assert [(use.calls, use.denied, use.duration) for use in store.tools(uid(store, "a"))] == [(1, 1, 5)]
    assert store.tools(uid(store, "z")) == store.tools(uid(store, "b")) == []


def uid(store: Store, native_id: str) -> str:
    return next(told.uid for told in store.sessions() if told.key.native_id == native_id)


@pytest.mark.parametrize("call_first", [True, False])
def test_a_result_of_another_read_that_is_older_than_its_call_takes_no_time(store: Store, call_first: bool) -> None:
    reads = [batch("a.jsonl", [call("t1")]), batch("a.jsonl", [ToolEnded(key("t1"), NOON - MINUTE, "ok")], offset=200)]
    told = [fact.event for read in (reads if call_first else reversed(reads)) for fact in store.append([read]).facts]
    assert told[-1] == call("t1", duration=0, outcome="ok")
    assert [(use.calls, use.duration) for use in store.tools(uid(store, "a"))] == [(1, 0)]


def test_a_result_without_a_duration_keeps_its_outcome(store: Store) -> None:
    store.append([batch("a.jsonl", [call("t1", outcome="ok"), call("t2", name="Read")])])
    found = store.tools("a")
    assert {(use.name, use.calls, use.open, use.failed) for use in found} == {("Bash", 1, 0, 0), ("Read", 1, 1, 0)}
    assert store.append([batch("b.jsonl", [call("t1")])]).facts == ()


def test_a_prompt_ends_the_wait_for_calls_that_were_given_up(store: Store) -> None:
    seen = session("s1", tail=Tail(NOON, "calling"))
    store.append([batch("s1.jsonl", [call("t1")], seen)])
    gain = store.append([batch("s1.jsonl", [PromptSent(key("p"), NOON + 5)], seen, offset=200)])
    assert gain.sessions[0].tail.pending == ()


def test_copies_of_an_event_count_once_for_the_earliest(store: Store) -> None:
    hit = LimitHit(key("l"), NOON, "session", NOON + HOUR)
    assert len(store.append([batch("z.jsonl", [hit])]).facts) == 1
    assert store.append([batch("a.jsonl", [hit])]).facts == ()
    assert store.append([batch("m.jsonl", [LimitHit(key("l"), NOON + 1, "session")])]).facts == ()
    assert (store.events("a"), store.events("z"), store.limits(NOON)) == ([hit], [], [hit])


def test_an_event_that_says_more_when_read_again_is_told_again(store: Store) -> None:
    store.append([batch("a.jsonl", [LimitHit(key("l"), NOON, "session")])])
    more = LimitHit(key("l"), NOON, "session", NOON + HOUR)
    assert [fact.event for fact in store.append([batch("a.jsonl", [more], offset=200)]).facts] == [more]


def test_an_objective_has_its_newest_state(store: Store) -> None:
    def said(name: str, at: int, state: str, title: str = "Build") -> ObjectiveSet:
        return ObjectiveSet(key(f"{name}{at}"), NOON + at, name, title, state, "TaskUpdate")  # type: ignore[arg-type]

    told = [said("1", 1, "pending"), said("2", 2, "pending"), said("1", 3, "completed"), said("1", 2, "in_progress")]
    store.append([batch("a.jsonl", told[2:])])
    store.append([batch("a.jsonl", told[:2], offset=200)])
    assert [(one.objective, one.state) for one in store.objectives("a")] == [("1", "completed"), ("2", "pending")]
    assert [*store.objectives("nobody"), *store.events("nobody"), *store.tools("nobody")] == []


@pytest.mark.parametrize("turn", [1, -1])
def test_what_is_said_of_a_session_is_put_together_from_all_its_files(store: Store, turn: int) -> None:
    tail = Tail(NOON + 50, "answered", context=900, context_at=NOON + 50, model="opus", largest_prompt=300_000)
    said = [
        session("s", cwd="/work/app/.claude/worktrees/x", first_at=NOON, last_at=NOON + 5, title="Sum",
                title_source="summary", branch="old", version="1"),
        session("s", cwd="/elsewhere", first_at=NOON + 1, last_at=NOON + 9, title="Mine", title_source="custom",
                branch="new", version="2", tail=Tail(NOON + 9, "calling", limit_resets_at=NOON, largest_prompt=7)),
        session("s", first_at=NOON + 6, last_at=NOON + 50, title="Agent's", title_source="agent", tail=tail),
        session("s", agent_id="a", cwd="/tmp/aside", first_at=1, last_at=NOON + 99, branch="side", title="Side",
                title_source="custom", version="9", tail=Tail(NOON + 99, "prompted")),
    ]  # fmt: skip
    store.append([batch(f"{index}.jsonl", [], one) for index, one in enumerate(said)][::turn])
    told = store.session("s")
    assert told is not None
    assert (told.title, told.cwd, told.branch, told.version) == ("Mine", "/work/app/.claude/worktrees/x", "new", "2")
    assert (told.project, told.model, told.first_at, told.last_at) == ("app", "opus", 1, NOON + 99)
    assert told.tail == tail


def test_names_that_are_not_unicode_are_kept(store: Store) -> None:
    path = "/logs/caf\udce9.jsonl"
    seen = session("s\ud83d", cwd="/caf\udce9", title="\ud83d!", title_source="agent")
    store.append([batch(path, [usage("m", model="o\ud83d")], seen)])
    assert list(store.cursors()) == [path]
    assert store.cursor(path).offset == 100
    assert store.sessions()[0].title == "?!"


def test_lines_are_counted_once_and_the_last_one_only_while_it_is_unfinished(store: Store) -> None:
    counts = {"counts": Counts(5, 1, 0, 1, 1, 2, 30), "tail_counts": Counts(1, 1)}
    store.append([batch("a.jsonl", [usage("m1")], None, tail_pending=True, **counts)])
    read = store.reading()
    assert (read.records, read.skipped, read.repaired, read.pending_tail, read.duplicates) == (2, 1, 1, 1, 1)
    assert (read.not_billed_lines, read.not_billed_tokens, read.files) == (2, 30, 1)
    store.append([batch("a.jsonl", [usage("m2")], counts=Counts(1, 1), offset=200)])
    read = store.reading()
    assert (read.records, read.pending_tail, read.duplicates) == (2, 0, 0)


def test_a_last_line_that_rested_counts_although_the_cursor_stays(store: Store) -> None:
    store.append([batch("a.jsonl", offset=0, tail_pending=True)])
    store.append([batch("a.jsonl", [usage("m1")], offset=0, tail_counts=Counts(1, 1))])
    read = store.reading()
    assert (read.records, read.pending_tail, read.duplicates) == (1, 0, 0)


@pytest.mark.parametrize("reason", ["shrank", "replaced"])
def test_a_file_that_starts_again_loses_nothing(store: Store, reason: str) -> None:
    bad = (Damage(3, 9, "cut", 1),)
    store.append([batch("a.jsonl", [usage("m1"), usage("m2")], counts=Counts(2, 2), damage=bad)])
    again = batch("a.jsonl", [usage("m3")], counts=Counts(1, 1), offset=50, modified=9_000_000, restarted=reason)
    store.append([again])
    assert requests(store) == 3
    assert store.cursor("a.jsonl").offset == 50
    assert [(note.path, note.reason, note.at, note.offset) for note in store.restarts()] == [
        ("a.jsonl", reason, 9, 100)
    ]
    assert (store.damage(), store.reading().records, store.reading().duplicates) == ([], 1, 0)
    assert store.append([again]).rows == 0


def test_damage_is_listed_once_with_its_place(store: Store) -> None:
    bad = (Damage(3, 9, "nul", 2), Damage(60, 1, "not-json"))
    store.append([batch("a.jsonl", damage=bad)])
    assert store.append([batch("a.jsonl", damage=bad)]).rows == 0
    assert [(place.path, place.damage) for place in store.damage()] == [("a.jsonl", bad[0]), ("a.jsonl", bad[1])]
    assert [finding.code for finding in store.health().findings] == ["damaged-lines"]


def test_a_vanished_file_takes_nothing_along(store: Store) -> None:
    store.append([batch("a.jsonl", [usage("m1")])])
    assert (store.gone(["a.jsonl", "unknown"]), store.gone(["a.jsonl"]), store.gone([])) == (1, 0, 0)
    assert requests(store) == 1
    assert [finding.code for finding in store.health().findings] == ["logs-gone"]
    store.append([batch("a.jsonl", offset=200)])
    assert store.health().findings == ()


def test_a_log_that_comes_back_as_it_was_is_gone_no_longer(store: Store) -> None:
    store.append([batch("a.jsonl", [usage("m1")]), batch("b.jsonl", [usage("m2")])])
    assert [store.absent(paths) for paths in ([], ["a.jsonl"], ["a.jsonl"], ["b.jsonl"])] == [0, 1, 0, 1]
    assert [finding.message[:4] for finding in store.health().findings] == ["1 lo"]
    assert store.absent([]) == 0
    assert store.health().findings == ()


def test_an_unknown_file_has_an_empty_cursor(store: Store) -> None:
    assert store.cursor("never.jsonl") == Cursor()
    assert store.cursors() == {}


def test_cursors_come_back_as_they_were(store: Store) -> None:
    cursor = Cursor(1, 2**64 - 1, 2**64 - 1, 4, 5, 2**64 - 1, 7, -8)
    store.append([batch("a.jsonl", cursor=cursor)])
    assert store.cursors() == {"a.jsonl": cursor} == {"a.jsonl": store.cursor("a.jsonl")}


def test_a_backlog_is_kept_like_anything_else_but_told_in_one_number(store: Store) -> None:
    many = [usage(f"m{index}", NOON + index * MINUTE) for index in range(500)]
    gain = store.append([batch("a.jsonl", many)], quiet=True)
    assert (gain.usage, gain.sessions, gain.rows) == ((), (), 503)
    assert store.sessions()[0].usage == store.totals().usage
    assert requests(store) == 500


def test_new_prices_reach_everything_that_is_known(store: Store) -> None:
    store.append([batch("a.jsonl", [usage("m1"), usage("m2", model="mystery", marks=FAST)])])
    assert store.price_digest() == ""
    assert store.reprice(lambda event: 7 if event.model == "mystery" else priced(event), "new") == 1
    assert (store.price_digest(), store.totals().usage.cost, store.reading().unpriced_models) == ("new", 6117, ())
    store.append([batch("a.jsonl", [usage("m3", model="mystery")], offset=200)])
    assert store.sessions()[0].usage.cost == 6124


def test_a_tool_call_of_a_subagent_is_not_waited_for_by_the_main_chain(store: Store) -> None:
    event: ToolCall = call("t1", agent_id="a")
    gain = store.append([batch("s1.jsonl", [event])])
    assert gain.sessions[0].tail.pending == ()
    assert gain.facts[0].event == event


def test_a_file_without_a_whole_line_makes_no_session(store: Store) -> None:
    """The session of a sub-agent's file beside the sessions is not known before its first line."""
    store.append([batch("agent-a1.jsonl", offset=0)])
    assert not store.sessions(None, 10)
    assert list(store.cursors()) == ["agent-a1.jsonl"]


def test_a_result_in_a_copy_is_told_of_the_session_that_called(store: Store) -> None:
    store.append([batch("a.jsonl", [call("t1")])])
    gain = store.append([batch("b.jsonl", [ToolEnded(key("t1"), NOON + 50, "ok")])])
    assert {told.key.native_id: told.tail.pending for told in gain.sessions} == {"a": (), "b": ()}


def test_a_call_that_turns_out_to_be_anothers_is_told_of_both_sessions(store: Store) -> None:
    store.append([batch("b.jsonl", [call("t1")])])
    gain = store.append([batch("a.jsonl", [call("t1")])])
    assert {told.key.native_id: len(told.tail.pending) for told in gain.sessions} == {"a": 1, "b": 0}


def test_an_objective_that_turns_out_to_be_anothers_is_told_to_have_moved(store: Store) -> None:
    aim = ObjectiveSet(key("o1"), NOON, "1", "do it", "pending", "TodoWrite")
    assert not store.append([batch("b.jsonl", [aim])]).moved
    assert not store.append([batch("b.jsonl", [aim])]).moved
    assert store.append([batch("a.jsonl", [aim])]).moved


def test_two_files_that_differ_at_the_same_size_say_the_same_in_either_order(tmp_path: Path) -> None:
    early, late = (
        batch("b.jsonl", [usage("m1", NOON - 1, model="haiku")]),
        batch("a.jsonl", [usage("m1", model="opus")]),
    )
    found = []
    for number, order in enumerate(([early, late], [late, early])):
        store = Store.write(tmp_path / f"{number}.db", priced)
        for one in order:
            store.append([one])
        found.append([(row.key, row.usage) for row in store.by_model()])
        store.close()
    assert found[0] == found[1]


def test_at_the_same_size_the_main_chain_describes_the_response(store: Store) -> None:
    store.append([batch("a/agent-x.jsonl", [usage("m1", model="zebra", sidechain=True)])])
    store.append([batch("b.jsonl", [usage("m1", model="haiku")])])
    assert [row.key for row in store.by_model()] == ["haiku"]
