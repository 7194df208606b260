"""What is left of sessions for a prompt, and JSON that is read without the library for it."""

from __future__ import annotations

import json

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moonlock.store.glimpses import MOST, Glimpses
from moonlock.store.jsontext import parsed
from moonlock.store.steps import migrate

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(-1e12, 1e12)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=4)
    ),
    max_leaves=12,
)


def store() -> Glimpses:
    db = apsw.Connection(":memory:")
    migrate(db)
    return Glimpses(db)


def test_a_glimpse_is_of_the_moment_in_which_its_session_was_heard_of_last() -> None:
    kept = store()
    kept.keep([("a" * 16, 5, '{"context":{"share":0.5},"objectives":null}')])
    assert kept.of("a" * 16, 5) == {"context": {"share": 0.5}, "objectives": None}
    assert kept.of("a" * 16, 6) is kept.of("b" * 16, 5) is None
    kept.keep([("a" * 16, 6, "[1]")])
    assert kept.of("a" * 16, 5) is kept.of("a" * 16, 6) is None


def test_the_newest_sessions_are_kept() -> None:
    kept = store()
    kept.keep([(f"{number:016x}", number, "{}") for number in range(MOST + 5)])
    assert [number for number in range(MOST + 5) if kept.of(f"{number:016x}", number) == {}] == [*range(5, MOST + 5)]
    assert kept.lacking() is None


@given(VALUES)
def test_it_reads_what_the_library_wrote(value: object) -> None:
    text = json.dumps(value)
    if "\\u0000" in text:
        return
    with apsw.Connection(":memory:") as db:
        assert parsed(db, text) == pytest.approx(value) if isinstance(value, float) else parsed(db, text) == value


@pytest.mark.parametrize("text", ["", "{", "nul", "\0", "[" * 5_000, '{"a":1}x'])
def test_what_is_no_json_is_nothing(text: str) -> None:
    with apsw.Connection(":memory:") as db:
        assert parsed(db, text) is None


def test_a_path_leads_to_a_part_or_to_nothing() -> None:
    with apsw.Connection(":memory:") as db:
        assert parsed(db, '{"a":{"b":[1,{"c":true}]}}', "$.a.b") == [1, {"c": True}]
        assert parsed(db, '{"a":5}', "$.a") == 5
        assert parsed(db, "[1]", "$.a.b") is None
