"""What calls of some days tell of efficiency: files that were changed, commands that failed in a row, mere reading."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_batches import DAY, MINUTE, NOON, batch, call, key, priced, session, usage

from moonlock.model.efficiency import Changed, Evidence, Facts, Paid, Repeat
from moonlock.model.events import Event, Outcome
from moonlock.store import Store
from moonlock.store.callfacts import call_facts
from moonlock.store.places import signed
from moonlock.store.steps import migrate

SPAN = NOON, NOON + DAY
EVER = 0, 1 << 40
COST = usage("a").tokens.total
SHELL, FILE = key("npm test --all"), "/w/app/a.py"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store.write(tmp_path / "moon.db", priced)) as found:
        yield found


def ran(minute: int, outcome: Outcome | None, command: str = "npm test --all", **more: object) -> list[Event]:
    """A response that ran a command, so long after noon."""
    name, at = f"{minute}", NOON + minute * MINUTE
    given = {"target": "npm test", "mark": key(command), "duration": None if outcome is None else 5, **more}
    return [usage(name, at), call(f"c{name}", at + 1, request=key(name), outcome=outcome, **given)]


def edited(minute: int, path: str, **more: object) -> list[Event]:
    """A response that changed a file: five lines were added and two removed, unless it is said otherwise."""
    name, at = f"{minute}", NOON + minute * MINUTE
    given = {"name": "Edit", "target": path, "outcome": "ok", "duration": 5, "added": 5, "removed": 2, **more}
    return [usage(name, at), call(f"c{name}", at + 1, request=key(name), **given)]


def facts(store: Store, *each: list[Event], path: str = "s1.jsonl") -> Facts:
    store.append([batch(path, [event for events in each for event in events])])
    return store.economy().of_days(SPAN).facts


def number(store: Store, native: str) -> int:
    known = store.session(native)
    assert known is not None
    return signed(int(known.uid, 16))


def test_a_command_that_fails_three_times_is_told_by_its_first_words_with_what_the_tries_cost(store: Store) -> None:
    found = facts(store, ran(0, "failed"), ran(1, "failed"), ran(5, "failed")).repeats
    evidence = Evidence(number(store, "s1"), 3, 3 * COST, NOON + 1, NOON + 5 * MINUTE + 1)
    assert found == (Repeat("npm test", evidence),)


def test_a_success_ends_a_row_and_it_is_gone(store: Store) -> None:
    parted = [ran(minute, "ok" if minute == 2 else "failed") for minute in range(5)]
    assert facts(store, *parted).repeats == ()


def test_two_rows_of_one_command_are_told_apart(store: Store) -> None:
    found = facts(store, *(ran(minute, "ok" if minute == 3 else "failed") for minute in range(8))).repeats
    assert [one.evidence.times for one in found] == [3, 4]


def test_neither_other_commands_nor_edits_nor_refusals_end_a_row(store: Store) -> None:
    between = ran(1, "ok", "npm run lint"), edited(2, FILE), ran(3, "denied"), ran(4, None)
    found = facts(store, ran(0, "failed"), *between, ran(5, "failed"), ran(6, "failed")).repeats
    assert [one.evidence.times for one in found] == [3]


def test_the_same_first_words_are_not_the_same_command(store: Store) -> None:
    assert facts(store, *(ran(minute, "failed", f"npm test {minute}") for minute in range(4))).repeats == ()


def test_each_session_has_rows_of_its_own_and_its_sub_agents_are_in_them(store: Store) -> None:
    store.append([batch("s2.jsonl", ran(3, "failed"), session("s2"))])
    assert facts(store, ran(0, "failed"), ran(1, "failed")).repeats == ()
    assert len(facts(store, ran(2, "failed", agent_id="x")).repeats) == 1


def test_a_response_that_tried_twice_is_paid_once_and_one_that_is_not_known_has_no_price(store: Store) -> None:
    again = call("twice", NOON + 2, request=key("0"), outcome="failed", duration=1, target="npm test", mark=SHELL)
    (one,) = facts(store, [*ran(0, "failed"), again], ran(1, "failed")).repeats
    assert (one.evidence.times, one.evidence.cost) == (3, 2 * COST)
    given = {"outcome": "failed", "duration": 1, "mark": 5, "request": key("nobody")}
    other: list[Event] = [call(f"o{after}", NOON + after, **given) for after in range(3)]
    unknown = next(one for one in facts(store, other).repeats if not one.label)
    assert (unknown.evidence.times, unknown.evidence.cost) == (3, None)


def test_what_two_commands_in_a_row_of_failures_cost_is_what_their_responses_cost(store: Store) -> None:
    """A response that tried both is shared between them; one that failed seldom has no share."""
    other = {"outcome": "failed", "duration": 1}
    told = [ran(minute, "failed") for minute in range(3)]
    for minute, events in enumerate(told):
        events.append(call(f"lint{minute}", NOON + minute * MINUTE + 2, request=key(f"{minute}"), mark=5, **other))
    told[0].append(call("seldom", NOON + 3, request=key("0"), mark=6, **other))
    found = facts(store, *told).repeats
    assert [one.evidence.times for one in found] == [3, 3]
    assert sum(one.evidence.cost or 0 for one in found) == 3 * (COST // 2) * 2


def test_changed_lines_are_added_up_and_each_file_counts_once(store: Store) -> None:
    found = facts(store, edited(0, FILE), edited(1, FILE, added=1, removed=0), edited(2, "/w/app/b.py")).changed
    assert (found, found.lines) == (Changed(11, 4, 2), 15)


def test_edits_that_failed_and_files_that_were_only_read_are_no_changed_files(store: Store) -> None:
    failed = edited(0, FILE, outcome="failed", added=None, removed=None)
    read = edited(1, "/w/app/b.py", name="Read", added=None, removed=None)
    assert facts(store, failed, read).changed == Changed()
    assert facts(store, edited(-5, FILE), edited(24 * 60, FILE)).changed == Changed()


def test_lines_that_nobody_counted_are_unknown_and_not_none(store: Store) -> None:
    found = facts(store, edited(0, FILE, added=None, removed=None)).changed
    assert (found, found.lines) == (Changed(None, None, 1), None)


def test_a_response_looks_where_all_its_calls_read_or_search(store: Store) -> None:
    def asked(name: str, *tools: str) -> list[Event]:
        calls = [call(f"{name}{tool}", NOON + 1, request=key(name), name=tool) for tool in tools]
        return [usage(name, NOON), *calls]

    told = [asked("a", "Read", "Grep"), asked("b", "Read", "Edit"), asked("c", "WebSearch"), asked("d"), ran(9, "ok")]
    store.append([batch("s1.jsonl", [event for events in told for event in events])])
    by_key: list[Paid] = store.economy().of_days(SPAN).paid
    assert sum(one.looks for one in by_key) == 2
    known = store.session("s1")
    assert known is not None and sum(one.looks for one in store.economy().of_session(known.uid).paid) == 2


RUNS = st.lists(st.tuples(st.sampled_from([1, 2]), st.sampled_from([7, 8]), st.sampled_from([0, 1, 2, None])))


@settings(deadline=None, max_examples=60)
@given(RUNS)
def test_rows_are_those_of_a_plain_count(runs: list[tuple[int, int, int | None]]) -> None:
    with closing(apsw.Connection(":memory:")) as db:
        migrate(db)
        for number in (1, 2):
            db.execute(
                "insert into session select ?, '', '', '', '', 0, 0, '', 0, '', 0, '', 0, 0, 0, 0, '', null, 0,"
                " null, 0, '', 0, 0",
                (number,),
            )
            db.execute("insert into chain (id, session, agent_id, branch) values (?, ?, '', '')", (number, number))
        for at, (chain, mark, outcome) in enumerate(runs):
            db.execute("insert into tool values (?, ?, ?, 1, 0, null, ?, 1)", (at, chain, at, outcome))
            db.execute("insert into subject values (?, 0, ?, null, null)", (at, mark))
        told = [(one.evidence.session, one.evidence.times) for one in call_facts(db, array("q", [1, 2]), EVER).repeats]
    assert sorted(told) == sorted(_plain(runs))


def _plain(runs: list[tuple[int, int, int | None]]) -> Iterator[tuple[int, int]]:
    for whose in {run[:2] for run in runs}:
        row = 0
        for outcome in [*(run[2] for run in runs if run[:2] == whose), 0]:
            if outcome == 1:
                row += 1
            elif outcome == 0:
                if row >= 3:
                    yield whose[0], row
                row = 0
