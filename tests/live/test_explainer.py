"""Explanations as the server asks for them: by another process, and what it says when there is nothing."""

from __future__ import annotations

import asyncio
import json
from contextlib import closing
from pathlib import Path

import pytest
from live.house import open_store
from live.logs import answer, log, write
from live.traps import sprung, trap

from moonlock.analytics.prices import builtin
from moonlock.live import catchup, clock
from moonlock.live.explainer import MOST_WAITING, Explainer, Of, Wanted, found
from moonlock.model.instant import DAY, HOUR, iso
from moonlock.model.question import Question
from moonlock.sources import ALL
from moonlock.store import Store

NOW = clock.now()
THEN = NOW - 3 * DAY
DAY_OF_IT = iso(THEN)[:10]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store that has read a log."""
    write(log(tmp_path), answer(THEN, 50), answer(NOW - HOUR, 70))
    with closing(open_store(tmp_path)) as store:
        catchup.sync(store, ALL, {}, tmp_path)
        return store.path


def wanted(path: Path, of: Of, key: str = "", limit: int = 9) -> Wanted:
    return Wanted(of, key, limit, str(path), "UTC", NOW, builtin(), "built-in")


@pytest.mark.parametrize(("of", "key", "output"), [("total", "", 120), ("day", DAY_OF_IT, 50), ("session", "s1", 120)])
def test_a_number_is_explained_to_its_last_token(path: Path, of: Of, key: str, output: int) -> None:
    said = json.loads(found(wanted(path, of, key)).document)
    assert (said["totals"]["outputTokens"], said["addsUp"], said["leftOut"]) == (output, True, {})


def test_a_block_is_found_by_the_beginning_of_its_start(path: Path) -> None:
    with closing(Store.read(path)) as store:
        (first, *_) = [row[0] for row in store.rows(Question("blocks", now=NOW)).rows]
    assert json.loads(found(wanted(path, "block", first[:13])).document)["totals"]["outputTokens"] == 50


def test_the_open_window_is_foreseen(path: Path) -> None:
    assert json.loads(found(wanted(path, "forecast")).document)["of"]["kind"] == "forecast"
    assert json.loads(found(wanted(path, "quota")).document)["of"]["kind"] == "quota"


@pytest.mark.parametrize(
    ("of", "key", "why"),
    [
        ("day", "2020-01-01", "unknown_day"),
        ("block", "2020", "unknown_block"),
        ("block", "2", "ambiguous"),
        ("session", "nobody", "unknown_session"),
    ],
)
def test_there_is_a_word_for_every_number_that_is_not_there(path: Path, of: Of, key: str, why: str) -> None:
    assert found(wanted(path, of, key)).why == why


def test_another_process_says_the_same(path: Path) -> None:
    assert asyncio.run(Explainer().told(wanted(path, "total"))) == found(wanted(path, "total"))


def test_the_process_runs_no_code_that_lies_where_the_server_was_started(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert asyncio.run(Explainer().told(wanted(path, "total"))) == found(wanted(path, "total"))
    assert not sprung(tmp_path)


def test_a_process_that_dies_has_nothing_to_say(tmp_path: Path) -> None:
    assert asyncio.run(Explainer().told(wanted(tmp_path / "none.db", "total"))) is None


def test_when_too_many_wait_the_next_one_is_turned_away(path: Path) -> None:
    async def story() -> None:
        explainer = Explainer()
        waiting = [asyncio.ensure_future(explainer.told(wanted(path, "total"))) for _ in range(MOST_WAITING)]
        await asyncio.sleep(0)
        assert await explainer.told(wanted(path, "total")) is None
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    asyncio.run(story())
