"""The report by skill adds up to the totals of every other report."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_batches import HOUR, NOON, batch, call, key, priced, session, usage

from moonlock.model.events import Event
from moonlock.model.label import Relabel
from moonlock.model.question import Question
from moonlock.store import Store
from moonlock.store.skilluse import NO_SKILL


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.write(tmp_path / "moon.db", priced)
    yield store
    store.close()


def asked(store: Store, **terms: object) -> dict[str, tuple[int, int, int]]:
    """Tokens, requests and calls by skill."""
    rows = store.rows(Question("skill", **terms)).rows  # type: ignore[arg-type]
    return {row[0]: (sum(row[2][:5]), row[2][5], int(str(dict(row[5])["calls"]))) for row in rows}


skilled = st.tuples(st.integers(0, 9), st.sampled_from(("", "review", "pdf")), st.sampled_from(("opus", "mystery")))


@settings(max_examples=25, deadline=None)
@given(st.lists(skilled, max_size=15), st.lists(st.integers(0, 12), max_size=10))
def test_skills_add_up_to_every_other_report(told: list[tuple[int, str, str]], calls: list[int]) -> None:
    events: list[Event] = [usage(f"m{n}", NOON + n, skill=skill, model=model) for n, skill, model in told]
    events += [call(f"t{n}", NOON, request=key(f"m{of}")) for n, of in enumerate(calls)]
    with tempfile.TemporaryDirectory() as folder:
        store = Store.write(Path(folder) / "moon.db", priced)
        store.append([batch("a.jsonl", events[::2]), batch("b.jsonl", events[1::2])])
        by_skill, by_tool = store.rows(Question("skill")), store.rows(Question("tool"))
        store.close()
    assert by_skill.totals[2:4] == by_tool.totals[2:4] and by_skill.reading == by_tool.reading
    assert sum(int(str(dict(row[5])["calls"])) for row in by_skill.rows) == len(calls)
    met = {row[0]: row[2][5] for row in by_skill.rows if row[2][5]}
    skills: dict[int, str] = {}
    for number, skill, _ in told:
        skills[number] = max(skill, skills.get(number, ""))
    assert met == {one or NO_SKILL: [*skills.values()].count(one) for one in set(skills.values())}


def test_a_response_and_its_calls_count_for_its_skill(store: Store) -> None:
    seen: list[Event] = [
        usage("m1", skill="review"),
        usage("m2"),
        call("t1", request=key("m1")),
        call("t2", request=key("m9")),
    ]
    store.append([batch("a.jsonl", seen)])
    assert asked(store) == {"review": (6_110, 1, 1), NO_SKILL: (6_110, 1, 1)}
    assert asked(store, start=NOON + HOUR) == {}
    assert asked(store, projects=("app",)) == asked(store)
    assert asked(store, models=("opus",)) == {"review": (6_110, 1, 1), NO_SKILL: (6_110, 1, 0)}, "whose call is that?"


def test_a_response_under_two_ids_has_one_skill(store: Store) -> None:
    copies = [usage("m1", aliases=(7,)), usage("m2", skill="review", aliases=(7,))]
    calls = [call("t1", request=key("m1")), call("t2", request=key("m2"))]
    store.append([batch("a.jsonl", [copies[0], calls[0]])])
    store.append([batch("b.jsonl", [copies[1], calls[1]], session("a"))])
    assert asked(store) == {"review": (6_110, 1, 2)}


def test_skills_at_other_prices_and_without_hidden_sessions(store: Store) -> None:
    store.append([batch("a.jsonl", [usage("m1", skill="review")]), batch("b.jsonl", [usage("m2", skill="pdf")])])
    rows = store.rows(Question("skill"), lambda _: 5).rows
    assert {row[0]: row[2][6] for row in rows} == {"review": 5, "pdf": 5}
    found = store.session("b")
    assert found is not None
    store.relabel(found.uid, Relabel(hidden=True), NOON)
    assert asked(store) == {"review": (6_110, 1, 0)}


def test_the_skills_of_all_sessions_are_the_report_by_skill(store: Store) -> None:
    for name in ("a", "b"):
        seen: list[Event] = [
            usage(f"{name}1", skill="review"),
            usage(f"{name}2"),
            call(name, request=key(f"{name}1"), duration=4),
        ]
        store.append([batch(f"{name}.jsonl", seen)])
    whole = asked(store)["review"]
    found = [store.session(name) for name in ("a", "b")]
    each = [one for each in found if each for one in store.chronicle(each.uid).work().skills()]
    assert [one.name for one in each] == ["review", "review"]
    assert whole == (sum(one.usage.tokens.total for one in each), 2, sum(one.calls for one in each))
