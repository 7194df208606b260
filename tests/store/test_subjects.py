"""What calls were about and by which skill responses worked: whole whatever is read first, and in every copy."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store.test_order import QUICK
from store_batches import HOUR, NOON, batch, call, key, priced, usage

from moonlock.model.efficiency import Changed
from moonlock.model.events import Event, ToolCall, ToolEnded
from moonlock.model.packing import packed
from moonlock.store import Store

EDIT = call("t", name="Edit", target="/w/app.py")
ENDED = ToolEnded(key("t"), NOON + 50, "ok", 4, 1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.write(tmp_path / "moon.db", priced)
    yield opened
    opened.close()


def subjects(store: Store) -> list[tuple[object, ...]]:
    """Target, mark, lines added and removed of each call."""
    sql = "select n.text, s.mark, s.added, s.removed from subject s left join name n on n.id = s.target order by s.call"
    return store._db.execute(sql).fetchall()


def skills(store: Store) -> dict[object, object]:
    found = store._db.execute("select k.request, n.text from skill k join name n on n.id = k.name").fetchall()
    return {request: name for request, name in found}


def parts(*events: Event) -> list[list[Event]]:
    """Each event in a read of its own."""
    return [[event] for event in events]


@pytest.mark.parametrize("told", [[[EDIT, ENDED]], parts(EDIT, ENDED), parts(ENDED, EDIT), parts(ENDED, EDIT, ENDED)])
@pytest.mark.parametrize("quiet", [True, False])
def test_call_and_result_meet_in_any_order(store: Store, told: list[list[Event]], quiet: bool) -> None:
    for offset, events in enumerate(told, 1):
        store.append([batch("a.jsonl", events, offset=offset)], quiet)
    assert subjects(store) == [("/w/app.py", 0, 4, 1)]


def test_what_was_packed_has_its_subjects_once_it_is_taken_out(store: Store) -> None:
    with store.together() as append:
        append([packed(batch("a.jsonl", [EDIT, call("c", target="git push", mark=-3)]))])
        append([packed(batch("b.jsonl", [ENDED]))])
    assert subjects(store) == []
    store.settle()
    assert sorted(subjects(store), key=str) == [("/w/app.py", 0, 4, 1), ("git push", -3, None, None)]


def test_what_is_known_is_not_written_again(store: Store) -> None:
    whole = batch("a.jsonl", [usage("m", skill="review"), EDIT, ENDED, call("c", mark=5)])
    store.append([whole])
    assert store.append([whole]).rows == 0
    assert store.append([batch("b.jsonl", [call("c", NOON + HOUR)])]).facts == ()
    assert ("/w/app.py", 0, 4, 1) in subjects(store) and (None, 5, None, None) in subjects(store)


def test_lines_of_a_tool_that_works_on_no_file_that_is_known_are_not_told(store: Store) -> None:
    """Its result was read without it: then nobody knew which tool it was."""
    store.append([batch("a.jsonl", [usage("m"), call("t", request=key("m"), name="mcp__fs__edit")])])
    (fact,) = store.append([batch("a.jsonl", [ENDED], offset=200)]).facts
    assert isinstance(fact.event, ToolCall)
    (shown,) = store.chronicle(fact.uid).page(["tool"], None, 9)
    for told in (fact.event, shown.fact):
        assert isinstance(told, ToolCall)
        assert (told.outcome, told.added, told.removed) == ("ok", None, None)
    assert store.economy().of_days((NOON - HOUR, NOON + HOUR)).facts.changed == Changed()


def test_a_call_without_subject_has_no_row(store: Store) -> None:
    store.append([batch("a.jsonl", [call("t"), ToolEnded(key("t"), NOON + 1, "ok")])])
    assert subjects(store) == []


def test_who_watches_is_told_what_a_call_is_about_and_at_its_end_how_many_lines_changed(store: Store) -> None:
    begun = store.append([batch("a.jsonl", [usage("m"), EDIT])])
    over = store.append([batch("a.jsonl", [ENDED], offset=200)])
    told = [fact.event for fact in (*begun.facts, *over.facts)]
    assert all(isinstance(event, ToolCall) for event in told)
    assert [(event.target, event.added, event.removed) for event in told] == [  # type: ignore[union-attr]
        ("/w/app.py", None, None),
        ("/w/app.py", 4, 1),
    ]


def test_who_watches_is_told_the_lines_of_a_result_that_came_first(store: Store) -> None:
    store.append([batch("a.jsonl", [ENDED])])
    (fact,) = store.append([batch("a.jsonl", [EDIT], offset=200)]).facts
    assert isinstance(fact.event, ToolCall)
    assert (fact.event.target, fact.event.outcome, fact.event.added) == ("/w/app.py", "ok", 4)


def test_the_word_of_an_alias_is_that_of_the_response_that_stays(store: Store) -> None:
    """Rule D3: copies of one response that a gateway numbered, met in any order."""
    first, other = usage("g1", aliases=(5,), skill="review"), usage("g2", aliases=(6,))
    both = usage("g2", aliases=(5, 6), skill="")
    for number, event in enumerate((first, other, both)):
        store.append([batch(f"{number}.jsonl", [event])])
    assert skills(store) == {min(key("g1"), key("g2")): "review"}


def test_a_response_whose_first_line_names_no_skill_gains_it(store: Store) -> None:
    store.append([batch("a.jsonl", [usage("m")])])
    gain = store.append([batch("a.jsonl", [usage("m", skill="review")], offset=200)])
    assert (skills(store), gain.usage) == ({key("m"): "review"}, ())


@QUICK
@given(
    st.lists(
        st.builds(
            lambda target, mark, lines: call("t", target=target, mark=mark, added=lines, removed=lines),
            st.sampled_from(("", "/w/a", "/w/b", "/w/\ud800")),
            st.sampled_from((0, -5, 5)),
            st.sampled_from((None, 0, 7)),
        ),
        max_size=4,
    ),
    st.randoms(use_true_random=False),
)
def test_copies_that_contradict_each_other_do_so_in_any_order(told: list[ToolCall], chance: random.Random) -> None:
    shuffled = chance.sample(told, len(told))
    assert _kept(told) == _kept(shuffled)


def _kept(told: list[ToolCall]) -> list[tuple[object, ...]]:
    with tempfile.TemporaryDirectory() as folder:
        store = Store.write(Path(folder) / "moon.db", priced)
        for offset, event in enumerate(told, 1):
            store.append([batch("a.jsonl", [event], offset=offset)])
        found = subjects(store)
        store.close()
    return found
