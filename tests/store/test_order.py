"""However the logs are met, cut up or repeated, the store says the same: rows, sums and sessions."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec.structs import replace
from store_batches import DAY, HOUR, MINUTE, NOON, batch, call, key, priced, session, usage

from moonlock.model.events import FAST, UNDERSTATED, Event, LimitHit, PromptSent, ToolEnded, UsageEvent
from moonlock.model.reading import Batch
from moonlock.model.tokens import Tokens, Usage
from moonlock.store import Store
from moonlock.store.schema import SUMS

QUICK = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])

MESSAGES = ("m1", "m2", "m3", "m4")
TIMES = (NOON, NOON + 1, NOON + HOUR, NOON + DAY)
BRANCHES = ("", "main", "fix")
FILES = ("a.jsonl", "b.jsonl", "c.jsonl", "a/agent-x.jsonl", "a/agent-y.jsonl")


@st.composite
def requests(draw: st.DrawFn) -> UsageEvent:
    """A telling of one of few responses: tellings of one agree on what it was, not on when or how much."""
    message, request = draw(st.sampled_from(MESSAGES)), draw(st.sampled_from(("r", "q")))
    at = draw(st.sampled_from(TIMES))
    return usage(
        message,
        at,
        last_at=at + draw(st.sampled_from((0, 700))),
        request=request,
        model={"m1": "opus", "m2": "mystery"}.get(message, "haiku"),
        tokens=Tokens(*(draw(st.integers(0, 9)) for _ in range(5))),
        marks={"m3": FAST, "m4": UNDERSTATED}.get(message, 0),
        searches=draw(st.integers(0, 2)),
        recorded=3 if (message, request) == ("m1", "q") else None,
        sidechain=draw(st.booleans()),
        aliases=draw(st.sampled_from(((7,), (8,), (7, 8)))) if message == "m4" else (),
        skill=draw(st.sampled_from(("", "review"))) if message in ("m1", "m4") else "",
    )


def others() -> st.SearchStrategy[Event]:
    times = st.sampled_from(TIMES)
    labels = st.sampled_from(("t1", "t2", "t3"))
    return st.one_of(
        st.builds(lambda at: call("t3", at), times),
        st.builds(lambda at, file: call("t1", at, name="Edit", target=file), times, st.sampled_from(("", "/w/app.py"))),
        st.builds(lambda at: call("t2", at, target="git push", mark=-7), times),
        st.builds(lambda label, at: ToolEnded(key(label), at + 50, "failed"), labels, times),
        st.builds(lambda at: ToolEnded(key("t1"), at + 50, "ok", 3, 0), times),
        st.builds(lambda label, at: PromptSent(key("p" + label), at), labels, times),
        st.builds(lambda label: LimitHit(key("l" + label), NOON, "session"), labels),
    )


@st.composite
def reads(draw: st.DrawFn) -> Batch:
    """One read of one file; births are all known and far apart, or all unknown (else who is older has no order)."""
    path = draw(st.sampled_from(FILES))
    agent_id = path.partition("agent-")[2].removesuffix(".jsonl")
    events = draw(st.lists(st.one_of(requests(), requests(), others()), max_size=6))
    mine = [told_by(event, agent_id, path) for event in events]
    return batch(path, mine, session(path.partition(".")[0].partition("/")[0], agent_id=agent_id), born=0)


def told_by(event: Event, agent_id: str, path: str) -> Event:
    """The event as this file has it: one branch at a time, which another file may name otherwise."""
    if isinstance(event, UsageEvent):
        branch = BRANCHES[(len(path) + event.at // HOUR + event.at % 2) % len(BRANCHES)]
        return replace(event, agent_id=agent_id, branch=branch)
    return event


def content(store: Store) -> dict[str, object]:
    """Everything that a person can be told, numbers of rows left out."""
    db = store._db
    asked = {
        "requests": "select r.key, n.text, c.session, c.agent_id, c.branch, f.path, r.at, r.span, r.input, r.output,"
        " r.write_5m, r.write_1h, r.cache_read, r.searches, r.recorded, r.cost, r.marks, r.side from request r"
        " join name n on n.id = r.model join chain c on c.id = r.chain join file f on f.id = r.file order by 1",
        "rollup": f"select slot, c.session, c.agent_id, c.branch, n.text, {_of('r')} from rollup r"
        " join chain c on c.id = r.chain join name n on n.id = r.model order by 1, 2, 3, 4, 5",
        "chains": f"select session, agent_id, branch, {SUMS} from chain where requests order by 1, 2, 3",
        "tools": "select t.key, c.session, c.agent_id, t.at, n.text, t.duration, t.outcome, f.path from tool t"
        " join chain c on c.id = t.chain join name n on n.id = t.name join file f on f.id = t.file order by 1",
        "ends": "select * from tool_end order by 1",
        "subjects": "select s.call, n.text, s.mark, s.added, s.removed"
        " from subject s left join name n on n.id = s.target order by 1",
        "skills": "select k.request, n.text from skill k join name n on n.id = k.name order by 1",
        "events": "select e.key, e.session, e.at, e.kind, e.body, f.path from event e"
        " join file f on f.id = e.file order by 1",
        "aliases": "select * from alias where alias in (7, 8) order by 1",
    }
    return {name: db.execute(sql).fetchall() for name, sql in asked.items()}


def _of(table: str) -> str:
    return ", ".join(f"{table}.{name}" for name in SUMS.split(", "))


def kept(parts: Iterable[Sequence[Batch]]) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        store = Store.write(Path(folder) / "moon.db", priced)
        try:
            for part in parts:
                store.append(part)
            assert_sums_are_those_of_the_requests(store)
            return content(store)
        finally:
            store.close()


def assert_sums_are_those_of_the_requests(store: Store) -> None:
    spent = "input + output + write_5m + write_1h + cache_read"
    sums = (
        "sum(input), sum(output), sum(write_5m), sum(write_1h), sum(cache_read), count(*), sum(ifnull(cost, 0)),"
        f" sum(cost is null), sum(iif(cost is null, {spent}, 0)), sum(marks >> 4 & 1) from request where side < 2"
    )
    db = store._db
    truth = db.execute(f"select at / 900000, chain, model, {sums} group by 1, 2, 3 order by 1, 2, 3").fetchall()
    assert db.execute("select * from rollup order by 1, 2, 3").fetchall() == truth
    chains = db.execute(f"select chain, {sums} group by 1 order by 1").fetchall()
    assert db.execute(f"select id, {SUMS} from chain where requests order by id").fetchall() == chains


@QUICK
@given(st.lists(reads(), max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_files_and_their_repetition_change_nothing(told: list[Batch], chance: random.Random) -> None:
    once = kept([told])
    shuffled = [*told, *chance.sample(told, len(told) // 2)]
    chance.shuffle(shuffled)
    assert kept([shuffled]) == once
    assert kept([one] for one in shuffled) == once


@QUICK
@given(st.lists(reads(), max_size=6), st.integers(0, 3))
def test_appends_of_one_transaction_keep_what_single_ones_would(told: list[Batch], known: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store.write(Path(folder) / "moon.db", priced)
        store.append(told[:known])
        with store.together() as append:
            for one in told[known:]:
                append([one])
        assert_sums_are_those_of_the_requests(store)
        whole = content(store)
        store.close()
    assert whole == kept([told])


@QUICK
@given(st.lists(reads(), max_size=5))
def test_a_file_read_in_pieces_says_what_it_says_at_once(told: list[Batch]) -> None:
    pieces = [
        batch(one.path, [event], one.session, offset=place + 1)
        for one in told
        for place, event in enumerate(one.events)
    ]
    whole = kept([told])
    assert kept([piece] for piece in pieces) | {"aliases": 0} == whole | {"aliases": 0}


@QUICK
@given(st.lists(reads(), max_size=5))
def test_what_is_known_is_not_written_again(told: list[Batch]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store.write(Path(folder) / "moon.db", priced)
        store.append(told)
        gain = store.append(told)
        store.close()
    assert (gain.rows, gain.usage, gain.facts) == (0, (), ())


@QUICK
@given(st.lists(st.lists(reads(), max_size=3), max_size=4))
def test_the_gains_add_up_to_what_the_sessions_have(parts: list[list[Batch]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store.write(Path(folder) / "moon.db", priced)
        gained: dict[str, Usage] = {}
        for part in parts:
            for new in store.append(part).usage:
                gained[new.uid] = gained[new.uid] + new.usage if new.uid in gained else new.usage
        told = {one.uid: one.usage for one in store.sessions()}
        for uid, total in gained.items():
            assert told[uid] == total
        assert sum(one.requests for one in told.values()) == sum(one.requests for one in gained.values())
        store.close()


class AnyLife(RuleBasedStateMachine):
    """Files grow, are read again, shrink, and the program restarts: history only grows, and the sums hold."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "moon.db"
        self.store = Store.write(self.path, priced)
        self.told: list[Batch] = []
        self.clock = 1

    @rule(told=reads(), restarted=st.sampled_from(("", "", "shrank", "replaced")))
    def read(self, told: Batch, restarted: str) -> None:
        self.clock += 1
        one = batch(
            told.path, told.events, told.session, offset=self.clock, modified=self.clock * MINUTE, restarted=restarted
        )
        self.told.append(one)
        self.store.append([one])

    @rule(chance=st.randoms(use_true_random=False))
    def read_again(self, chance: random.Random) -> None:
        some = chance.sample(self.told, len(self.told) // 2)
        before = content(self.store)
        self.store.append(some)
        assert content(self.store) == before

    @rule()
    def restart(self) -> None:
        self.store.close()
        self.store = Store.write(self.path, priced)

    @invariant()
    def sums_hold(self) -> None:
        assert_sums_are_those_of_the_requests(self.store)
        assert self.store.totals().usage.requests == sum(one.usage.requests for one in self.store.sessions())

    def teardown(self) -> None:
        end = content(self.store)
        self.store.close()
        self.folder.cleanup()
        assert kept([self.told]) == end


TestAnyLife = AnyLife.TestCase
TestAnyLife.settings = settings(QUICK, max_examples=8, stateful_step_count=10)
