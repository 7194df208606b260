"""One session in its details: in time order, in pages, and at a cost that follows the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_batches import HOUR, NOON, batch, call, key, priced, session, usage

from moonlock.model.chronicle import FACT_KINDS, FactKind, Told
from moonlock.model.events import Compaction, Event, ObjectiveSet, PromptSent, UsageEvent
from moonlock.model.manual import Follow
from moonlock.model.question import Question
from moonlock.store import Store
from moonlock.store.steps import migrate

KINDS: tuple[FactKind, ...] = ("request", "tool", "prompt", "compaction", "objective")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.write(tmp_path / "moon.db", priced)
    yield store
    store.close()


def uid(store: Store, native_id: str) -> str:
    found = store.session(native_id)
    assert found is not None
    return found.uid


def pages(store: Store, name: str, limit: int, kinds: tuple[FactKind, ...] = KINDS) -> list[Told]:
    chronicle = store.chronicle(uid(store, name))
    found: list[Told] = []
    while page := chronicle.page(kinds, found[-1].order if found else None, limit):
        assert len(page) <= limit
        found += page
    return found


moments = st.integers(0, 6).map(lambda minutes: NOON + minutes)
made = st.one_of(
    st.builds(lambda n, at: usage(f"m{n}", at), st.integers(0, 9), moments),
    st.builds(lambda n, at: usage(f"a{n}", at, agent_id="x", branch="b"), st.integers(0, 9), moments),
    st.builds(lambda n, at: call(f"t{n}", at, agent_id="x" if n % 2 else ""), st.integers(0, 9), moments),
    st.builds(lambda n, at: PromptSent(key(f"p{n}"), at), st.integers(0, 9), moments),
    st.builds(lambda n, at: Compaction(key(f"c{n}"), at, "auto"), st.integers(0, 9), moments),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(made, max_size=25), st.integers(1, 7))
def test_pages_put_together_are_everything_once_and_in_order(events: list[Event], limit: int) -> None:
    db = apsw.Connection(":memory:")
    migrate(db)
    store = Store(db, ":memory:", priced)
    store.append([batch("s.jsonl", events), batch("other.jsonl", [usage("else"), call("else")])])
    found = pages(store, "s", limit)
    assert [told.order for told in found] == sorted({told.order for told in found})
    assert {(told.kind == "request", told.key) for told in found} == {
        (isinstance(event, UsageEvent), event.key) for event in events
    }
    store.close()


def test_only_the_kinds_that_are_asked_for_are_told(store: Store) -> None:
    store.append([batch("s.jsonl", [usage("m"), call("t"), PromptSent(key("p"), NOON)])])
    assert [told.kind for told in pages(store, "s", 10, ("tool",))] == ["tool"]
    assert [told.kind for told in pages(store, "s", 10, ("prompt", "error"))] == ["prompt"]
    assert [told.kind for told in pages(store, "s", 1, FACT_KINDS)] == ["prompt", "request", "tool"]


def test_a_replay_is_no_request_and_an_objective_keeps_its_title(store: Store) -> None:
    titled = ObjectiveSet(key("o1"), NOON, "1", "Write it", "pending", "TaskCreate")
    bare = ObjectiveSet(key("o2"), NOON + 5, "1", "", "completed", "TaskUpdate")
    store.append([batch("s.jsonl", [usage("m"), usage("m", sidechain=True, request="o"), titled, bare])])
    assert [told.kind for told in pages(store, "s", 10)] == ["objective", "request", "objective"]
    chronicle = store.chronicle(uid(store, "s"))
    assert [(one.title, one.state) for one in chronicle.happened() if isinstance(one, ObjectiveSet)] == [
        ("Write it", "pending"),
        ("Write it", "completed"),
    ]
    assert len(chronicle.requests()) == 1


def test_a_span_has_what_began_in_it_and_calls_that_reach_into_it(store: Store) -> None:
    long, short = call("t1", NOON, duration=HOUR, outcome="ok"), call("t2", NOON, duration=5, outcome="failed")
    store.append([batch("s.jsonl", [usage("m1"), usage("m2", NOON + HOUR), long, short])])
    chronicle = store.chronicle(uid(store, "s"))
    assert [one.at for one in chronicle.requests(NOON + 1)] == [NOON + HOUR]
    assert [one.key for one in chronicle.calls(NOON + 10, NOON + HOUR)] == [long.key]
    assert chronicle.calls(NOON, NOON) == []
    assert chronicle.before(NOON + 1).tokens.total == 6110 and chronicle.before(NOON).requests == 0


def test_sub_agents_have_a_life_and_logs_are_known_by_path(store: Store) -> None:
    helper = session("s", agent_id="x")
    store.append([batch("s.jsonl", [usage("m1")]), batch("x.jsonl", [usage("m2", NOON + 7, agent_id="x")], helper)])
    chronicle = store.chronicle(uid(store, "s"))
    assert chronicle.helpers() == [("x", NOON + 7, NOON + 7)]
    assert [(log.path, log.source) for log in chronicle.logs()] == [
        ("s.jsonl", "claude-code"),
        ("x.jsonl", "claude-code"),
    ]


def test_a_session_that_nobody_knows_has_nothing(store: Store) -> None:
    chronicle = store.chronicle("0" * 16)
    assert not any((chronicle.page(FACT_KINDS, None, 10), chronicle.requests(), chronicle.calls(), chronicle.tools()))
    assert chronicle.before(NOON).requests == 0 and not chronicle.logs() and not chronicle.helpers()


def test_the_tools_of_all_sessions_are_the_report_by_tool(store: Store) -> None:
    for name in ("s", "t"):
        several = [
            call(f"{name}{n}", NOON + n, name=tool, request=key(name)) for n, tool in enumerate(("Read", "Edit"))
        ]
        lost = call(f"{name}lost", name="Bash", request=key("nobody"), duration=7, outcome="denied")
        store.append([batch(f"{name}.jsonl", [usage(name), usage(f"{name}2", model="mystery"), *several, lost])])
    whole = {row[0]: (list(row[2]), dict(row[5])) for row in store.rows(Question("tool")).rows}
    for name, (sums, facts) in whole.items():
        each = [one for native in ("s", "t") for one in store.chronicle(uid(store, native)).tools() if one.name == name]
        assert len(each) == 2
        assert sum(one.usage.tokens.total for one in each) == sum(sums[:5])
        assert (sum(one.usage.requests for one in each), sum(one.usage.cost for one in each)) == (sums[5], sums[6])
        counted = {"calls": sum(one.calls for one in each), "denied": sum(one.denied for one in each)}
        assert counted == {"calls": facts["calls"], "denied": facts["denied"]}
        assert sum(one.duration for one in each) == facts["durationMs"]
        assert {(one.times or (None, None)) for one in each} == {(facts["p50Ms"], facts["p95Ms"])}


def test_what_is_gathered_can_be_had_one_by_one(store: Store) -> None:
    store.append([batch("s.jsonl", [usage("m1"), usage("m2", NOON + 9)]), batch("t.jsonl", [usage("m3", NOON + 3)])])
    gathering = store.gathering()
    assert [one.at for one in gathering.billed(Follow("all"), ((NOON, NOON + 5), (NOON + 9, None)))] == [
        NOON,
        NOON + 3,
        NOON + 9,
    ]
    mine = Follow("session", uid(store, "t"))
    assert [one.at for one in gathering.billed(mine, ((NOON, None),))] == [NOON + 3]
    assert gathering.billed(Follow(), ((NOON, None),)) == []


def steps(store: Store, work: Callable[[], object]) -> int:
    """Instructions of SQLite's machine, in tens."""
    counted = 0

    def count() -> bool:
        nonlocal counted
        counted += 1
        return False

    store._db.set_progress_handler(count, 10)
    work()
    store._db.set_progress_handler(None)
    return counted


def test_a_page_costs_what_it_gives_however_much_is_remembered(store: Store) -> None:
    def grow(name: str, many: int) -> None:
        events: list[Event] = []
        for number in range(many):
            at = NOON + number * 1000
            events += [
                usage(f"{name}{number}", at),
                call(f"{name}{number}", at),
                PromptSent(key(f"{name}{number}"), at),
            ]
        store.append([batch(f"{name}.jsonl", events)])

    grow("s", 60)
    store.settle()
    chronicle = store.chronicle(uid(store, "s"))
    after = chronicle.requests()[20].at, "tool", 0
    few = steps(store, lambda: chronicle.page(KINDS, after, 10))
    grow("other", 1500)
    grow("s2", 700)
    assert steps(store, lambda: chronicle.page(KINDS, after, 10)) <= few * 1.2
    longer = store.chronicle(uid(store, "s2"))
    assert steps(store, lambda: longer.page(KINDS, after, 10)) <= few * 1.5
    asked: tuple[Callable[[], object], ...] = (chronicle.requests, chronicle.calls, chronicle.tools)
    assert all(steps(store, work) < 60 * 60 for work in asked)
