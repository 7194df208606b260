"""Reading what the logs say and the store does not: in one go, without anybody watching live."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from moonlock.analytics.cost import price_of
from moonlock.analytics.prices import PriceTable
from moonlock.cli.runs import of_process
from moonlock.config.settings import Config
from moonlock.live import catchup, clock
from moonlock.live.catchup import Progress, SyncReport
from moonlock.sources import ALL
from moonlock.store import Store
from moonlock.store.errors import StoreLocked

PATIENCE, STEP = 10.0, 0.05
"""Seconds that another command which is reading logs is waited for."""


def writable(config: Config, table: PriceTable, *, checked: bool = False) -> Store:
    """The store for writing; another command that only reads logs is waited for, a server is not."""
    waited = 0.0
    while True:
        try:
            return Store.write(config.db, price_of(table), clock.now(), checked)
        except StoreLocked as locked:
            serves = locked.pid is not None and of_process(config.places.runs, locked.pid) is not None
            if serves or waited >= PATIENCE:
                raise
        time.sleep(STEP)
        waited += STEP


def caught_up(
    store: Store, table: PriceTable, env: Mapping[str, str], home: Path, told: Progress | None = None
) -> SyncReport:
    """Price what is known as of now, then read all that is new."""
    if store.price_digest() != table.digest:
        store.reprice(price_of(table), table.digest)
    return catchup.sync(store, ALL, env, home, told)


def read_again(store: Store, env: Mapping[str, str], home: Path, told: Progress | None = None) -> SyncReport:
    """Read every log from its start: what is known stays as it is, and what was missed comes in."""
    backlog = catchup.pending(ALL, {}, env, home)
    files = size = rows = 0
    troubles = list(backlog.troubles)
    for group in catchup.gathered(catchup.read_backlog(backlog, ALL), catchup.TRANSACTION):
        rows += store.append(group.batches, quiet=True).rows
        files, size = files + group.files, size + group.bytes
        troubles += group.troubles
        if told is not None:
            told(files, size, backlog)
    return SyncReport(files, size, rows, 0, backlog.places, tuple(troubles))
