"""What a person does with sessions by hand, against a real store: what is kept, what is gathered, what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_batches import HOUR, MINUTE, NOON, batch, priced, session, usage

from moonlock.live.commands import Amended, Commands, timer_of
from moonlock.live.gathered import entries, final, ran, whole
from moonlock.model.instant import SECOND
from moonlock.model.label import Relabel
from moonlock.model.manual import Amend, Budget, Follow, Hand, Milestone, Plan, Posting
from moonlock.model.timer import Clocks, Mark
from moonlock.model.tokens import Usage
from moonlock.store import Store
from moonlock.store.errors import AmbiguousSession, KeyReused, OutOfTime, StoreReadOnly, UnknownName, WrongTurn
from moonlock.store.hands import number_of

ALL = Follow("all")
FIVE = 5 * HOUR


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Two projects with a request every ten minutes around noon."""
    store = Store.write(tmp_path / "moon.db", priced)
    for name, folder, root in (("a1", "-w-alpha", "/w/alpha"), ("b1", "-w-beta", "/w/beta")):
        events = [usage(f"{name}{at}", NOON + at * 10 * MINUTE + 1, output=at + 20) for at in range(-6, 60)]
        store.append([batch(f"{name}.jsonl", events, session(name, folder, cwd=root))])
    yield store
    store.close()


def started(store: Store, follow: Follow = ALL, name: str = "Focus", now: int = NOON) -> Hand:
    return Commands(store).start(Plan(name, FIVE, follow=follow), now)[0]


def turned(store: Store, status: str, now: int, name: str = "Focus") -> Hand:
    done = Commands(store).amend(name, Amend(status=status), now)  # type: ignore[arg-type]
    assert done is not None
    return done.hand


def used(store: Store, start: int, end: int) -> Usage:
    return store.usage_between(start, end)


def test_it_gathers_what_everybody_uses_while_it_runs_and_nothing_while_it_is_paused(store: Store) -> None:
    started(store)
    turned(store, "paused", NOON + HOUR)
    turned(store, "running", NOON + 2 * HOUR)
    done = turned(store, "completed", NOON + 3 * HOUR)
    assert done.usage == used(store, NOON, NOON + HOUR) + used(store, NOON + 2 * HOUR, NOON + 3 * HOUR)
    assert timer_of(done, NOON + 9 * HOUR).elapsed == 2 * HOUR


@pytest.mark.parametrize("said", ["alpha", "ALPHA", "/w/alpha", "/w/alpha/"])
def test_it_follows_a_project_by_name_or_folder(store: Store, said: str) -> None:
    hand = started(store, Follow("project", said))
    assert (hand.plan.follow, hand.plan.project) == (Follow("project", "/w/alpha"), "alpha")
    done = turned(store, "completed", NOON + HOUR)
    assert done.usage.requests == 6


def test_it_follows_one_session_of_an_agent(store: Store) -> None:
    hand = started(store, Follow("session", "b1"))
    assert hand.plan.project == "beta"
    assert turned(store, "completed", NOON + HOUR).usage.requests == 6


def test_nothing_is_gathered_where_nobody_is_followed(store: Store) -> None:
    started(store, Follow())
    assert turned(store, "completed", NOON + HOUR).usage == Usage()


def test_what_is_not_there_cannot_be_followed(store: Store) -> None:
    for follow in (Follow("project", "gamma"), Follow("session", "c1"), Follow("project", " ")):
        with pytest.raises(UnknownName):
            started(store, follow)
    assert store.hands().open() == []


def test_a_hidden_session_is_left_out_here_too(store: Store) -> None:
    hand = started(store)
    store.relabel("b1", Relabel(hidden=True), NOON)
    assert whole(store, hand, NOON + HOUR).usage.requests * 2 == hand.usage.requests


def test_only_what_fits_can_be_done(store: Store) -> None:
    started(store)
    for status, now in (("running", 1), ("paused", 0), ("paused", 2), ("running", 0), ("completed", 0), ("running", 3)):
        wanted = Amend(status=status)  # type: ignore[arg-type]
        if now:
            with pytest.raises(WrongTurn):
                Commands(store).amend("Focus", wanted, NOON + now)
        else:
            Commands(store).amend("Focus", wanted, NOON + 5)
    for refused in (Amend(duration=HOUR), Amend(token_budget=5), Amend(cost_budget=None)):
        with pytest.raises(WrongTurn):
            Commands(store).amend("Focus", refused, NOON + 9)
    with pytest.raises(WrongTurn):
        Commands(store).post("Focus", Posting(1), NOON + 9)
    with pytest.raises(WrongTurn):
        Commands(store).reach("Focus", Milestone("late"), NOON + 9)


def test_one_that_has_run_out_takes_nothing_more_before_anybody_noticed(store: Store) -> None:
    started(store)
    for late in (Amend(status="paused"), Amend(status="completed"), Amend(duration=2 * FIVE)):
        with pytest.raises(WrongTurn) as refused:
            Commands(store).amend("Focus", late, NOON + FIVE)
        assert refused.value.state == "expired"


def test_words_can_change_at_any_time_and_a_refused_change_changes_nothing(store: Store) -> None:
    started(store)
    turned(store, "completed", NOON + 1)
    Commands(store).amend("Focus", Amend(name="Fixed", tags=("a", "b"), description="why"), NOON + 2)
    with pytest.raises(WrongTurn):
        Commands(store).amend("Fixed", Amend(name="No", status="running"), NOON + 3)
    found = store.hands().find("fixed")
    assert found is not None
    assert (found.plan.name, found.tags, found.description) == ("Fixed", ("a", "b"), "why")


def test_a_plan_can_change_while_there_is_time(store: Store) -> None:
    started(store)
    with pytest.raises(OutOfTime):
        Commands(store).amend("Focus", Amend(duration=HOUR), NOON + HOUR)
    done = Commands(store).amend("Focus", Amend(duration=2 * HOUR, token_budget=9, cost_budget=7), NOON + HOUR)
    assert done is not None and (done.hand.plan.duration, done.hand.plan.budget) == (2 * HOUR, Budget(9, 7))
    done = Commands(store).amend("Focus", Amend(token_budget=None), NOON + HOUR)
    assert done is not None and done.hand.plan.budget == Budget(None, 7)


def test_what_is_deleted_is_over_and_comes_back_as_it_was(store: Store) -> None:
    hand = started(store)
    done = Commands(store).amend("Focus", Amend(hidden=True), NOON + HOUR)
    assert done == Amended(done.hand, "complete") if done else False
    assert store.hands().page(None, 9) == []
    back = Commands(store).amend(hand.uid, Amend(hidden=False), NOON + 2 * HOUR)
    assert back is not None and not back.hand.hidden and back.hand.marks[-1].at == NOON + HOUR
    assert [one.uid for one in store.hands().page(None, 9)] == [hand.uid]


def test_the_same_key_gives_the_same_answer_and_another_body_is_refused(store: Store) -> None:
    commands = Commands(store)
    first, fresh = commands.start(Plan("Focus"), NOON, "k1")
    again, repeated = commands.start(Plan("Focus"), NOON + 9, "k1")
    assert (first.uid, fresh, repeated) == (again.uid, True, False)
    with pytest.raises(KeyReused):
        commands.start(Plan("Other"), NOON, "k1")
    one, two = (commands.post("Focus", Posting(150, "x"), NOON + at, "k1") for at in (1, 2))
    assert one is not None and two is not None and (one.entry, one.fresh, two.fresh) == (two.entry, True, False)
    with pytest.raises(KeyReused):
        commands.post("Focus", Posting(151, "x"), NOON + 3, "k1")
    marked = [commands.reach("Focus", Milestone("p"), NOON + at, "k1") for at in (4, 5)]
    assert len({one.checkpoint for one in marked if one}) == 1
    turned(store, "completed", NOON + 6)
    late = commands.post("Focus", Posting(150, "x"), NOON + HOUR, "k1")
    assert late is not None and late.entry == one.entry and late.hand.posted == 150


def test_posted_tokens_belong_within_the_session(store: Store) -> None:
    started(store)
    for at in (NOON - 1, NOON + 2 * HOUR):
        with pytest.raises(OutOfTime):
            Commands(store).post("Focus", Posting(5, at=at), NOON + HOUR)
    done = Commands(store).post("Focus", Posting(5, "run", "m", NOON + 7), NOON + HOUR)
    assert done is not None and (done.entry.at, done.entry.operation, done.hand.posted) == (NOON + 7, "run", 5)


def test_nobody_is_called_like_that(store: Store) -> None:
    commands = Commands(store)
    assert commands.amend("x", Amend(), NOON) is None
    assert commands.post("x", Posting(1), NOON) is None
    assert commands.reach("x", Milestone("p"), NOON) is None
    assert store.hands().find(" ") is None


def test_a_name_that_is_used_again_means_the_one_that_is_open(store: Store) -> None:
    first = started(store)
    turned(store, "completed", NOON + 1)
    second = started(store, now=NOON + 2)
    for said in ("focus", "FOCUS ", "foc", second.uid, second.uid[:12]):
        found = store.hands().find(said)
        assert found is not None and found.uid == second.uid
    turned(store, "completed", NOON + 3)
    found = store.hands().find("focus")
    assert found is not None and found.uid == second.uid != first.uid
    started(store, name="Fork", now=NOON + 4)
    with pytest.raises(AmbiguousSession):
        store.hands().find("fo")
    started(store, name="Fork", now=NOON + 5)
    with pytest.raises(AmbiguousSession):
        store.hands().find("fork")


def test_time_that_ran_out_while_nobody_watched_is_ended_where_it_ran_out(store: Store) -> None:
    started(store)
    assert Commands(store).expire(NOON + FIVE - 1) == []
    (done,) = Commands(store).expire(NOON + 30 * HOUR)
    assert done.marks[-1].at == NOON + FIVE and done.over
    assert done.usage == used(store, NOON, NOON + FIVE)
    assert Commands(store).expire(NOON + 31 * HOUR) == []


def test_jumps_are_remembered_by_every_open_session_also_between_two_servers(store: Store) -> None:
    commands = Commands(store)
    assert commands.look(Clocks(NOON, 5, 5), "boot-1") == []
    started(store, name="Old")
    turned(store, "completed", NOON + 1, "Old")
    started(store)
    later = Clocks(NOON + 2 * HOUR, 5 + 30 * MINUTE, 5 + HOUR)
    (touched,) = Commands(store).look(later, "boot-1")
    assert [(mark.kind, mark.by) for mark in touched.marks[1:]] == [("suspend", 30 * MINUTE), ("clock", HOUR)]
    assert timer_of(touched, NOON + 2 * HOUR).elapsed == HOUR
    assert Commands(store).look(later, "boot-1") == []
    assert Commands(store).look(Clocks(NOON + 9 * HOUR, 1, 1), "boot-2") == [], "another run of the machine"
    assert Commands(store).look(Clocks(NOON + 19 * HOUR, 1, 1), "") == [], "nobody knows which run"


def test_phases_add_up_to_the_session_and_each_has_what_was_used_on_the_way_to_it(store: Store) -> None:
    hand, commands = started(store), Commands(store)
    commands.post("Focus", Posting(7), NOON + MINUTE)
    commands.reach("Focus", Milestone("plan", 3, '{"a":1}'), NOON + HOUR)
    turned(store, "paused", NOON + 90 * MINUTE)
    turned(store, "running", NOON + 2 * HOUR)
    commands.post("Focus", Posting(5), NOON + 2 * HOUR + 1)
    commands.reach("Focus", Milestone("build"), NOON + 150 * MINUTE)
    found = final(store, turned(store, "completed", NOON + 3 * HOUR), NOON + 9 * HOUR)
    assert [(one.phase, one.elapsed, one.posted) for one in found.stretches] == [
        ("plan", HOUR, 7),
        ("build", HOUR, 5),
        (None, 30 * MINUTE, 0),
    ]
    assert sum((one.usage for one in found.stretches), Usage()) == found.hand.usage
    assert found.stretches[0].usage == used(store, NOON, NOON + HOUR)
    assert [one.milestone.metadata for one in store.hands().checkpoints(number_of(hand.uid))] == ['{"a":1}', ""]


def test_it_stands_beside_ones_own_sessions_before_it(store: Store) -> None:
    assert final(store, started(store, name="First", now=NOON - HOUR), NOON).past is None
    turned(store, "completed", NOON, "First")
    hand = started(store)
    found = final(store, hand, NOON + MINUTE).past
    assert found is not None and (found.sessions, found.elapsed) == (1, HOUR)
    assert found.tokens == used(store, NOON - HOUR, NOON).tokens.total
    before = store.hands().find("First")
    assert before is not None and final(store, before, NOON).past is None


def test_every_count_of_tokens_is_listed_once_and_they_make_the_total(store: Store) -> None:
    hand, commands = started(store), Commands(store)
    for at in range(5):
        commands.post("Focus", Posting(at + 1), NOON + at * 20 * MINUTE)
    hand = turned(store, "completed", NOON + 2 * HOUR)
    listed, after = [], None
    while part := store.gathering().entries(hand.plan.follow, ran(hand, NOON), number_of(hand.uid), after, 4):
        listed += part
        after = part[-1].at, part[-1].source, part[-1].number
    assert sum(entry.tokens for entry in listed) == hand.tokens
    assert listed == sorted(listed, key=lambda entry: (entry.at, entry.source, entry.number))
    assert len({(entry.source, entry.number) for entry in listed}) == len(listed) == 24 + 5
    assert {entry.uid is None for entry in listed if entry.source == "log"} == {False}


def test_every_count_is_listed_however_often_the_timer_was_paused(store: Store) -> None:
    hand, work = started(store), store.handwork()
    with work.durably():
        for turn in range(1, 1_201):
            work.mark(number_of(hand.uid), Mark("pause" if turn % 2 else "resume", NOON + turn * 6 * SECOND))
    (hand,) = store.hands().some((number_of(hand.uid),))
    listed = entries(store, hand.uid, NOON + 2 * HOUR)
    assert len(ran(hand, NOON + 2 * HOUR)) == 601
    assert sum(entry.tokens for entry in listed) == whole(store, hand, NOON + 2 * HOUR).tokens > 0


def test_a_store_that_is_only_read_refuses(tmp_path: Path, store: Store) -> None:
    reader = Store.read(tmp_path / "moon.db")
    with pytest.raises(StoreReadOnly):
        Commands(reader).start(Plan("x"), NOON)
    reader.close()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["paused", "running", "completed"]), st.integers(1, HOUR)), max_size=8))
def test_whatever_is_asked_in_whatever_order_time_and_usage_agree(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    store = Store.write(tmp_path_factory.mktemp("hands") / "moon.db", priced)
    store.append([batch("a1.jsonl", [usage(f"m{at}", NOON + at * 7 * MINUTE) for at in range(80)], session("a1"))])
    started(store)
    now, ran_for, state, since = NOON, 0, "running", NOON
    gathered = Usage()
    for status, passed in steps:
        now += passed
        fits = state != "completed" and status != state and timer_of(store.hands().open()[0], now).state != "expired"
        if not fits:
            with pytest.raises(WrongTurn):
                turned(store, status, now)
            continue
        turned(store, status, now)
        if state == "running":
            ran_for, gathered = ran_for + now - since, gathered + used(store, since, now)
        state, since = status, now
    found = store.hands().find("Focus")
    assert found is not None
    if state != "running":
        assert timer_of(found, now).elapsed == ran_for
        assert whole(store, found, now).usage == gathered
    store.close()


def test_a_timer_of_five_hours_is_not_a_second_off_however_it_was_treated(store: Store) -> None:
    """Pauses of odd lengths, the clock set twice: promise R14, by arithmetic."""
    started(store)
    commands, wall, boot, ran_for = Commands(store), NOON, 0, 0
    commands.look(Clocks(wall, boot, boot), "b")
    for step, (length, status, by) in enumerate(
        [(4_321, "paused", 0), (99_999, "running", -HOUR), (7_654_321, "paused", 0), (1, "running", HOUR)]
    ):
        ran_for += length if step % 2 == 0 else 0
        wall, boot = wall + length + by, boot + length
        commands.look(Clocks(wall, boot, boot), "b")
        turned(store, status, wall)
    hand = store.hands().open()[0]
    assert timer_of(hand, wall + 10 * SECOND).elapsed == ran_for + 10 * SECOND
