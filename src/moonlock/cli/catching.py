"""Reading what the logs say and the store does not: in one go, without anybody watching live."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from moonlock.analytics.cost import price_of
from moonlock.analytics.prices import PriceTable
from moonlock.cli import known
from moonlock.cli.errors import in_a_line, warn
from moonlock.cli.prices import priced
from moonlock.cli.runs import of_process
from moonlock.config.settings import Config
from moonlock.live import catchup, clock, glimpses
from moonlock.live.catchup import Progress, SyncReport
from moonlock.model.instant import Instant, iso
from moonlock.sources import ALL
from moonlock.sources.base import walk
from moonlock.store import Store
from moonlock.store.errors import StoreLocked

PATIENCE, STEP = 10.0, 0.05
"""Seconds that another command which is reading logs is waited for."""


class Logs(NamedTuple):
    """Where logs are looked for, and the note of what was there before any was read."""

    env: Mapping[str, str]
    home: Path
    note: str


class Looked(Mapping[str, str]):
    """An environment that remembers what it was asked for."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self.at: dict[str, str | None] = {}

    def __getitem__(self, name: str) -> str:
        self.at[name] = self._env.get(name)
        return self._env[name]

    def __iter__(self) -> Iterator[str]:
        self.at.update(self._env)
        return iter(self._env)

    def __len__(self) -> int:
        return len(self._env)


def logs(config: Config, env: Mapping[str, str], home: Path) -> Logs:
    """The logs as they are now; without a note while the user's own prices cannot be used, so that it is told again."""
    looked = Looked(env)
    roots = [str(root) for source in ALL for root in source.roots(looked, home)]
    if config.prices and priced(config).wrong is not None:
        return Logs(env, home, "")
    prices = known.prices_of(config.prices, config.price_overrides, str(home))
    return Logs(env, home, known.note(prices, looked.at, roots))


def writable(config: Config, table: PriceTable, *, checked: bool = False) -> Store:
    """The store for writing; another command that only reads logs is waited for, a server is not."""
    waited = 0.0
    while True:
        try:
            now = clock.now()
            return _told(Store.write(config.db, price_of(table), now, checked), config.db, now)
        except StoreLocked as locked:
            serves = locked.pid is not None and of_process(config.places.runs, locked.pid) is not None
            if serves or waited >= PATIENCE:
                raise
        time.sleep(STEP)
        waited += STEP


def _told(store: Store, path: Path, now: Instant) -> Store:
    """The store; that it was damaged and begun anew just now is said, for names and deleted logs went with it."""
    if (path.parent / "quarantine").exists():
        for finding in store.health().findings:
            if finding.code == "store-repaired" and iso(now) in finding.message:
                warn(in_a_line(finding.message), in_a_line(finding.hint))
    return store


def caught_up(store: Store, table: PriceTable, there: Logs, told: Progress | None = None) -> SyncReport:
    """Price what is known as of now, then read all that is new; the note is left once nothing was left out."""
    if store.price_digest() != table.digest:
        store.reprice(price_of(table), table.digest)
    done = catchup.sync(store, ALL, there.env, there.home, told)
    now = clock.now()
    catchup.remember(store, ALL, (there.env, there.home), now)
    glimpses.leave(store, ALL, (there.env, there.home), now)
    if store.note() != there.note and _is_complete(done, there):
        store.keep_note(there.note)
    return done


def read_again(store: Store, there: Logs, told: Progress | None = None) -> SyncReport:
    """Read every log from its start: what is known stays as it is, and what was missed comes in."""
    return catchup.keep(store, catchup.pending(ALL, {}, there.env, there.home), ALL, told)


def _is_complete(done: SyncReport, there: Logs) -> bool:
    """No log resisted: that one is tried again. What the walk met is in the note, and so is seen when it ends."""
    if not done.troubles:
        return True
    met = {said for source in ALL for said in walk(source.roots(there.env, there.home), source.claims).troubles}
    return met.issuperset(done.troubles)
