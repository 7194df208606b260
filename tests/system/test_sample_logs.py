"""Real logs: every report adds up to the totals that were worked out by hand from ccusage and the bills."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import reduce
from operator import add
from pathlib import Path

import pytest

from moonlock.analytics.cost import price_of
from moonlock.analytics.prices import builtin
from moonlock.live.catchup import sync
from moonlock.model.report import ReportRow
from moonlock.model.tokens import Usage
from moonlock.sources import ALL
from moonlock.store import Store

SAMPLES = Path(os.environ.get("MOONLOCK_SHARED") or Path(__file__).parents[3] / "shared") / "sample-logs" / "home"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="no sample logs here: set MOONLOCK_SHARED to their folder")


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store.write(tmp_path_factory.mktemp("samples") / "moon.db", price_of(builtin()))
    sync(store, ALL, {}, SAMPLES)
    yield store
    store.close()


def summed(rows: Iterable[ReportRow]) -> Usage:
    return reduce(add, (row.usage for row in rows), Usage())


def test_the_totals_are_known(samples: Store) -> None:
    tokens = samples.totals().usage.tokens
    found = (tokens.input, tokens.output, tokens.cache_creation, tokens.cache_read)
    assert found == (159_106, 586_952, 3_319_656, 91_067_366)


def test_days_sessions_and_models_add_up_to_the_totals(samples: Store) -> None:
    totals = samples.totals()
    assert summed(samples.daily(((0, 0),))) == totals.usage
    assert summed(row for _, row in samples.by_session()) == totals.usage
    assert summed(samples.by_model()) == totals.usage


def test_the_models_of_every_row_add_up_to_it(samples: Store) -> None:
    days, people = samples.daily(((0, 0),)), [row for _, row in samples.by_session()]
    for row in (samples.totals(), *days, *people, *samples.by_model()):
        assert reduce(add, (share.usage for share in row.models), Usage()) == row.usage


def test_nothing_of_it_is_silent(samples: Store) -> None:
    reading = samples.reading()
    assert reading.skipped == reading.repaired == reading.pending_tail == 0
    further = 1  # the request to a model that refused, billed beside the one that answered in its place
    assert reading.records - reading.duplicates + further == samples.totals().usage.requests
    assert samples.health().status == "healthy" and samples.damage() == []
