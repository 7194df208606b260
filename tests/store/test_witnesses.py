"""What hooks and registries said outlives a restart, and how long a person was waited for stays with the session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_batches import priced

from moonlock.model.presence import Remembered, Wait, Waited
from moonlock.store import Store, hooks, waits

NOON = 1_795_000_000_000
AGENT = "claude-code"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    found = Store.write(tmp_path / "moon.db", priced)
    yield found
    found.close()


def told(session: str = "a", at: int = NOON, **more: object) -> Remembered:
    return msgspec.structs.replace(Remembered(AGENT, session, at, course=b"said"), **more)


def wait(start: int, over: int | None, heard: int) -> Wait:
    return Wait(NOON + start, None if over is None else NOON + over, "permission", "Bash", NOON + heard)


def test_everything_comes_back_as_it_was(store: Store) -> None:
    whole = [told("b", NOON - 1, alive=True), told("a", gone_at=NOON, course=b"")]
    store.witnesses().keep(whole)
    store.witnesses().keep(whole)
    assert store.witnesses().all() == whole
    assert store.witnesses().waits.of(AGENT, "a") == Waited()
    assert store.witnesses().waits.of(AGENT, "b") == Waited(hooked=True)


def test_the_sessions_that_spoke_last_are_kept_and_what_others_waited_stays(store: Store) -> None:
    store.witnesses().keep([told("first", NOON, waits=(wait(1, 2, 3),))])
    store.witnesses().keep(told(str(number), NOON + number) for number in range(1, hooks.MOST + 21))
    found = store.witnesses().all()
    assert (len(found), found[0].session) == (hooks.MOST, "21")
    assert store.witnesses().waits.of(AGENT, "first") == Waited(True, (wait(1, 2, 3),))


def test_a_hook_that_came_late_tells_a_wait_anew(store: Store) -> None:
    kept = store.witnesses()
    kept.keep([told(waits=(wait(1, 2, 3), wait(10, 20, 21)), settled=NOON)])
    kept.keep([told(waits=(wait(8, 20, 21), wait(30, None, 31)), settled=NOON + 5)])
    assert kept.waits.of(AGENT, "a").waits == (wait(1, 2, 3), wait(8, 20, 21), wait(30, None, 31))


def test_a_session_has_a_bounded_number_of_waits(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    many = tuple(wait(10 * number, 10 * number + 5, 10 * number + 5) for number in range(waits.MOST + 5))
    store.witnesses().keep([told(waits=many)])
    assert store.witnesses().waits.of(AGENT, "a").waits == many[5:]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=12, unique=True), st.integers(1, 12))
def test_keeping_again_what_a_course_tells_loses_and_doubles_nothing(starts: list[int], at_once: int) -> None:
    import apsw

    from moonlock.store.steps import migrate

    db = apsw.Connection(":memory:")
    migrate(db)
    kept, all_of_them = (
        hooks.Witnesses(db),
        [wait(10 * start, 10 * start + 5, 10 * start + 6) for start in sorted(starts)],
    )
    for end in range(1, len(all_of_them) + 1):
        newest = all_of_them[max(0, end - at_once) : end]
        kept.keep([told(waits=tuple(newest), settled=newest[0].heard - 1)])
    assert kept.waits.of(AGENT, "a").waits == tuple(all_of_them)
    db.close()
