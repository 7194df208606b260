"""What the store shows to whoever explains a number."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest
from store_batches import DAY, NOON, batch, key, priced, session, usage

from moonlock.model.tokens import Tokens
from moonlock.store import Store
from moonlock.store.places import signed


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.write(tmp_path / "moon.db", priced)
    yield opened
    opened.close()


def test_requests_of_a_span_come_with_everything_that_was_booked(store: Store) -> None:
    store.append([batch("a.jsonl", [usage("m1", NOON, marks=1, branch="main"), usage("m2", NOON + DAY)])])
    (one,) = store.evidence().between(NOON, NOON + DAY)
    assert (one.event.key, one.event.model, one.model, one.event.branch) == (key("m1"), "opus", "opus-fast", "main")
    assert (one.event.tokens, one.cost) == (Tokens(10, 100, 0, 1000, 5000), 6110)
    assert (one.replay, one.hidden) == (False, False)
    (file,) = store.evidence().files()
    assert (one.file, one.session) == (file.number, file.session)


def test_the_requests_of_a_session_are_those_of_its_helpers_too(store: Store) -> None:
    helper = usage("m2", NOON + 1, sidechain=True, agent_id="a1")
    store.append([batch("s1.jsonl", [usage("m1"), helper]), batch("s2.jsonl", [usage("m3")])])
    uid = store.evidence().between(NOON, NOON + 1)[0].session
    found = store.evidence().of_session(uid)
    assert {one.session for one in found} == {uid}
    assert [one.event.agent_id for one in found] == ["", "a1"]
    assert store.evidence().of_session("0" * 16) == []


def test_replays_are_told_apart(store: Store) -> None:
    replay = usage("m1", NOON + 1, request="r2", sidechain=True)
    store.append([batch("a.jsonl", [usage("m1"), replay])])
    (one,) = store.evidence().replays()
    assert (one.event.key, one.replay) == (replay.key, True)
    assert [each.replay for each in store.evidence().between(NOON, NOON + DAY)] == [False, True]


def test_a_hidden_session_is_known_as_hidden(store: Store, tmp_path: Path) -> None:
    store.append([batch("a.jsonl", [usage("m1")])])
    uid = store.evidence().between(NOON, NOON + 1)[0].session
    with apsw.Connection(str(tmp_path / "moon.db")) as db:
        db.execute("insert into label (session, hidden_at) values (?, 1)", (signed(int(uid, 16)),))
    assert [one.hidden for one in store.evidence().between(NOON, NOON + DAY)] == [True]


def test_other_names_of_a_request_lead_to_it(store: Store) -> None:
    store.append([batch("a.jsonl", [usage("9", request="", aliases=(41, 42))])])
    store.append([batch("b.jsonl", [usage("8", request="", aliases=(42,))], session("s2"))])
    keys = sorted([key("9", ""), key("8", "")])
    united = store.evidence().united()
    assert united[keys[1]] == keys[0]
    assert keys[0] not in united


def test_files_say_how_far_they_were_read_and_stay_when_they_are_gone(store: Store) -> None:
    store.append([batch("b.jsonl", offset=70, modified=9), batch("a\udcff.jsonl", [usage("m1")])])
    store.gone(["b.jsonl"])
    first, second = store.evidence().files()
    assert (first.path, first.source) == ("a\udcff.jsonl", "claude-code")
    assert (second.path, second.read_to, second.modified) == ("b.jsonl", 70, 9)
