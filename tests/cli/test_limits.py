"""Limits without a server: the quick answer is the one that the server's fold gives, wherever it gives one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_batches import priced

from moonlock.analytics.quota import fit
from moonlock.cli.limits import document
from moonlock.live.last_limits import plain, told
from moonlock.model.instant import HOUR, MINUTE
from moonlock.model.limits import QuotaSample
from moonlock.store import Store

NOW = 1_795_161_600_000
LENGTH = 5 * HOUR
Line = tuple[str, int, float, int]
"""Session, how many minutes ago, percent, and minutes until the reset."""
LINES = st.lists(
    st.tuples(
        st.sampled_from(["a", "b"]),
        st.integers(0, 50),
        st.sampled_from([0, 3.25, 41.5, 41.5, 99.994, 100, 106, -1]),
        st.sampled_from([90, 90, 90, 91, 150, -5, 400]),
    ),
    max_size=5,
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("limits")


@pytest.fixture(scope="module")
def store(home: Path) -> Iterator[Store]:
    found = Store.write(home / "moon.db", priced)
    yield found
    found.close()


def sampled(line: Line) -> QuotaSample | None:
    session, ago, used, left = line
    return fit(QuotaSample("five_hour", LENGTH, used, NOW + left * MINUTE, NOW - ago * MINUTE, session))


def written(spool: Path, lines: list[Line]) -> None:
    with spool.open("w") as file:
        for session, ago, used, left in sorted(lines, key=lambda line: -line[1]):
            window = {"used_percentage": used, "resets_at": (NOW + left * MINUTE) // 1000}
            said = {"session_id": session, "rate_limits": {"five_hour": window}}
            file.write(json.dumps({"at": NOW - ago * MINUTE, "said": said}) + "\n")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(known=LINES, waiting=LINES)
def test_the_quick_answer_is_that_of_the_fold(home: Path, store: Store, known: list[Line], waiting: list[Line]) -> None:
    store.quotas().forget(1 << 60)
    store.quotas().keep(sample for line in known if (sample := sampled(line)) is not None)
    written(home / "spool", waiting)
    quick = plain(store, str(home / "spool"), NOW)
    if quick is not None:
        assert told(quick, NOW) == document(store, home / "spool", NOW)


@pytest.mark.parametrize("window", [None, 5, {}, {"used_percentage": True, "resets_at": "soon"}, {"resets_at": 1e300}])
def test_a_window_that_makes_no_sense_says_nothing(home: Path, store: Store, window: object) -> None:
    store.quotas().forget(1 << 60)
    said = {"session_id": "a", "rate_limits": {"five_hour": window}}
    (home / "spool").write_text(json.dumps({"at": NOW - MINUTE, "said": said}) + "\n" + "x" * 70_000 + "\n")
    (home / "short").write_text(json.dumps({"at": NOW - MINUTE, "said": said}))
    assert plain(store, str(home / "spool"), NOW) == plain(store, str(home / "short"), NOW) == []
    assert plain(store, str(home / "nowhere"), NOW) == []
    assert told([], NOW) is None
