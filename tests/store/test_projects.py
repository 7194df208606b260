"""What is one project, and how it is called."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_batches import HOUR, NOON, batch, priced, session, usage

from moonlock.model.gain import Gain
from moonlock.model.label import Relabel
from moonlock.model.reading import Batch
from moonlock.model.session import SessionSeen
from moonlock.store import Store
from moonlock.store.connection import open_reader
from moonlock.store.places import session_id, uid_of
from moonlock.store.projects import projects

UUID = "11111111-1111-4111-8111-1111111111"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.write(tmp_path / "moon.db", priced)
    yield store
    store.close()


def seen(number: int, cwd: str, folder: str | None = None, at: int = 0) -> SessionSeen:
    """A session that worked there; its folder is named as Claude Code names it."""
    named = "".join(letter if letter.isalnum() else "-" for letter in cwd) if folder is None else folder
    when = NOON + (at or number) * HOUR
    return session(f"{UUID}{number:02}", named, cwd=cwd, first_at=when, last_at=when)


def keep(store: Store, *told: SessionSeen) -> dict[str, str]:
    """Keep them; the project of each, by the last two digits of the session and its folder."""
    for one in told:
        go_on(store, one)
    return shown(store)


def shown(store: Store) -> dict[str, str]:
    return {f"{each.key.native_id[-2:]} {each.key.folder}": each.project for each in store.sessions()}


def names(store: Store, *told: SessionSeen) -> list[str]:
    found = keep(store, *told)
    return [found[f"{one.key.native_id[-2:]} {one.key.folder}"] for one in told]


def test_a_project_is_called_like_its_folder(store: Store) -> None:
    assert names(store, seen(1, "/home/ann/code/api"), seen(2, "C:\\code\\web")) == ["api", "web"]
    assert {each.project: each.root for each in store.sessions()} == {"api": "/home/ann/code/api", "web": "C:/code/web"}


def test_folders_of_one_name_are_told_apart_by_as_much_as_it_takes(store: Store) -> None:
    told = [seen(1, "/x/a/api"), seen(2, "/x/b/api"), seen(3, "/y/b/api"), seen(4, "/x/web"), seen(5, "/api")]
    assert names(store, *told) == ["a/api", "x/b/api", "y/b/api", "web", "/api"]


def test_worktrees_belong_to_their_repository(store: Store) -> None:
    told = [
        seen(1, "/w/api"),
        seen(2, "/w/api/.claude/worktrees/fix/src"),
        seen(3, "/w/api/.worktrees/other"),
        seen(4, "", "-w-api--claude-worktrees-fix"),
    ]
    assert names(store, *told) == ["api"] * 4


def test_a_session_that_begins_with_history_of_another_project_is_of_its_own_folders(store: Store) -> None:
    assert names(store, seen(1, "/w/api"), seen(2, "/w/web"), seen(3, "/w/api", "-w-web")) == ["api", "web", "web"]


def test_a_session_without_a_working_directory_is_of_its_folders_project_or_has_the_folders_name(store: Store) -> None:
    told = [seen(1, "/w/my-app"), seen(2, "", "-w-my-app"), seen(3, "", "-Users-ann-other"), seen(4, "/x/other")]
    assert names(store, *told) == ["my-app", "my-app", "-Users-ann-other", "x/other"]
    assert {each.root for each in store.sessions()} == {"/w/my-app", "", "/x/other"}


def test_a_moved_folder_stays_one_project_under_its_newest_place(store: Store) -> None:
    """The session was copied along with the logs; the next one was begun at the new place."""
    old, copied, new = seen(1, "/old/place"), seen(1, "/old/place", "-new-home"), seen(2, "/new/home")
    assert names(store, old) == ["place"]
    assert names(store, old, copied, new) == ["home"] * 3
    assert {each.root for each in store.sessions()} == {"/new/home"}


def test_a_session_that_went_on_elsewhere_joins_both_places(store: Store) -> None:
    assert names(store, seen(1, "/w/a"), seen(1, "/w/b", at=2)) == ["b", "b"]
    assert names(store, seen(3, "/w/a"), seen(4, "/w/c")) == ["a", "c"]  # /w/a was used last


def test_short_ids_that_may_be_alike_by_chance_join_nothing(store: Store) -> None:
    told = [session("1", "-w-a", cwd="/w/a", last_at=NOON), session("1", "-w-b", cwd="/w/b", last_at=NOON)]
    store.append([batch(f"{one.key.folder}.jsonl", [], one) for one in told])
    assert {each.project for each in store.sessions()} == {"a", "b"}


def test_whoever_gets_another_name_by_a_new_neighbour_is_told(store: Store) -> None:
    first = store.append([batch("a.jsonl", [usage("m1")], seen(1, "/x/api"))])
    same = store.append([batch("b.jsonl", [usage("m2")], seen(2, "/x/api"))])
    other = store.append([batch("c.jsonl", [usage("m3")], seen(3, "/y/api"))])
    assert (first.regrouped, same.regrouped, other.regrouped) == (False, False, True)
    assert sorted(each.project for each in store.sessions()) == ["x/api", "x/api", "y/api"]


def test_a_project_is_called_after_its_older_place_again_when_that_goes_on(store: Store) -> None:
    there = seen(1, "/w/b", at=2)
    assert names(store, seen(1, "/w/a"), there, seen(3, "/w/a")) == ["a", "a", "a"]
    assert [each.project for each in go_on(store, seen(3, "/w/a", at=4)).sessions] == ["a"]
    back = go_on(store, seen(1, "/w/b", at=9))
    assert ([each.project for each in back.sessions], back.regrouped) == (["b"], True)
    assert set(shown(store).values()) == {"b"}
    assert not go_on(store, seen(1, "/w/b", at=10)).regrouped


def test_a_session_without_a_working_directory_follows_the_newest_one_of_its_folder(store: Store) -> None:
    bare = seen(3, "", "-w-x")
    assert names(store, seen(1, "/w/x/one", "-w-x"), seen(2, "/w/x/two", "-w-x"), bare) == ["one", "two", "two"]
    assert go_on(store, seen(1, "/w/x/one", "-w-x", at=9)).regrouped
    assert shown(store)["03 -w-x"] == "one"


def test_what_was_rolled_back_never_was(store: Store) -> None:
    first = seen(1, "/x/api")
    go_on(store, first)
    with pytest.raises(KeyboardInterrupt), store.together() as keep_all:
        keep_all([read_of(seen(2, "/y/api"))])
        go_on(store, first)
        raise KeyboardInterrupt
    again = go_on(store, first)
    assert ([each.project for each in again.sessions], again.regrouped) == (["api"], True)
    assert not go_on(store, first).regrouped


def read_of(one: SessionSeen) -> Batch:
    return batch(f"{one.key.folder}/{one.key.native_id}.jsonl", [], one)


def go_on(store: Store, one: SessionSeen) -> Gain:
    return store.append([read_of(one)])


PLACES = ("/w/a/api", "/w/b/api", "/w/b/api/.worktrees/x", "/w/web", "C:\\w\\api", "", "/")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 6), st.sampled_from(PLACES), st.integers(1, 9)), min_size=1, max_size=7))
def test_names_are_one_to_one_with_projects_in_whatever_order_logs_are_read(
    tmp_path_factory: pytest.TempPathFactory, told: list[tuple[int, str, int]]
) -> None:
    found = [seen(number, cwd, at=at) for number, cwd, at in told]
    answers = []
    for order in list(permutations(found))[:: max(1, len(found))][:3]:
        path = tmp_path_factory.mktemp("order") / "moon.db"
        store = Store.write(path, priced)
        store.append([read_of(one) for one in order])
        store.close()
        db = open_reader(path)
        answers.append(projects(db))
        db.close()
    assert all(answer == answers[0] for answer in answers)
    assert {session_id(one.key) for one in found} == set(answers[0])
    assert len({name for name, _ in answers[0].values()}) == len(set(answers[0].values()))


class Listener:
    """Knows of projects what gains say, and asks for all when it is told to."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.known: dict[str, tuple[str, str]] = {}

    def take(self, how: str, one: SessionSeen) -> None:
        if how == "live":
            self.learn(self.store.append([read_of(one)]))
        elif how == "quiet":
            self.store.append([read_of(one)], quiet=True)
        elif how == "hide":
            uid = uid_of(session_id(one.key))
            self.store.relabel(uid, Relabel(hidden=True), NOON)
            self.known.pop(uid, None)
        else:
            self.keep_together(one, back=how == "rolled back")

    def keep_together(self, one: SessionSeen, *, back: bool) -> None:
        try:
            with self.store.together() as keep_all:
                keep_all([read_of(one)])
                if back:
                    self.store.append([read_of(seen(9, "/v/w/api"))])
                    raise KeyboardInterrupt
        except KeyboardInterrupt:
            assert back

    def learn(self, gain: Gain) -> None:
        self.known.update((each.uid, (each.project, each.root)) for each in gain.sessions)
        if gain.regrouped:
            anew = {each.uid: (each.project, each.root) for each in self.store.sessions()}
            self.known = {uid: anew[uid] for uid in self.known}


HOWS = st.sampled_from(("live", "live", "live", "live", "quiet", "together", "rolled back", "hide"))
SESSIONS = st.tuples(
    st.integers(1, 4), st.sampled_from((*PLACES[:3], "")), st.sampled_from(("-w-a-api", "-w-b-api", "-w-c"))
)
STEPS = st.tuples(HOWS, st.integers(0, 5), st.integers(1, 30))


@settings(max_examples=150, deadline=None)
@given(st.lists(SESSIONS, min_size=2, max_size=6), st.lists(STEPS, max_size=12))
def test_what_a_listener_was_told_is_what_is_found_out_anew(
    tmp_path_factory: pytest.TempPathFactory, sessions: list[tuple[int, str, str]], steps: list[tuple[str, int, int]]
) -> None:
    path = tmp_path_factory.mktemp("live") / "moon.db"
    store = Store.write(path, priced)
    listener, reader = Listener(store), open_reader(path)
    begun = [("live", which, which + 1) for which in range(len(sessions))]
    for how, which, at in [*begun, *steps]:
        listener.take(how, seen(*sessions[which % len(sessions)], at))
        anew = {uid_of(session): project for session, project in projects(reader).items()}
        if how == "live":
            assert listener.known == {uid: anew[uid] for uid in listener.known}
    reader.close()
    store.close()
