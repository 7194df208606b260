"""A home with logs, a store that read them, and any of its numbers explained."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, timedelta, tzinfo
from pathlib import Path

from moonlock.analytics.cost import price_of
from moonlock.analytics.periods import day_start, segments
from moonlock.analytics.prices import PriceTable, builtin
from moonlock.live.catchup import sync
from moonlock.live.explain import ALWAYS, blocks, explain
from moonlock.live.explained import Explanation, Scope
from moonlock.model.instant import Instant
from moonlock.model.question import Question
from moonlock.sources import ALL
from moonlock.store import Store

SUITE = Path(__file__).parent.parent / "conformance"
SAMPLES = Path(os.environ.get("MOONLOCK_SHARED") or Path(__file__).parents[3] / "shared") / "sample-logs" / "home"
EPOCH, FUTURE = 0, 4_102_444_800_000


class Explained:
    """A store, and the numbers that it explains."""

    def __init__(self, store: Store, home: Path, table: PriceTable) -> None:
        self.store, self.home, self.table = store, home, table

    def read(self) -> None:
        sync(self.store, ALL, {}, self.home)

    def total(self) -> Explanation:
        return self._of(Scope("total", "all", *ALWAYS, self.store.totals().usage))

    def between(self, start: Instant, end: Instant) -> Explanation:
        return self._of(Scope("day", "some", start, end, self.store.totals(start, end).usage))

    def days(self, zone: tzinfo = UTC) -> Iterator[Explanation]:
        """Every day of the zone that has usage, as the report by day has it."""
        for row in self.store.daily(segments(zone, EPOCH, FUTURE)):
            day = date.fromisoformat(row.key)
            start, end = day_start(day, zone), day_start(day + timedelta(days=1), zone)
            yield self._of(Scope("day", row.key, start, end, row.usage))

    def sessions(self) -> Iterator[Explanation]:
        for _, row in self.store.by_session():
            yield self._of(Scope("session", row.key, *ALWAYS, row.usage, row.key))

    def blocks(self) -> Iterator[Explanation]:
        """Every block that the report has."""
        yield from map(self._of, blocks(self.store.rows(Question("blocks", now=FUTURE)).rows))

    def _of(self, scope: Scope) -> Explanation:
        return explain(self.store, scope, self.table, ALL)


@contextmanager
def explained(home: Path, folder: Path, table: PriceTable | None = None) -> Iterator[Explained]:
    """Everything below this home, read into a store in the folder."""
    prices = table or builtin()
    store = Store.write(folder / "explained.db", price_of(prices))
    try:
        found = Explained(store, home, prices)
        found.read()
        yield found
    finally:
        store.close()
