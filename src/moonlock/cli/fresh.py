"""The store with everything in it that the logs say by now. Loads no more than the answer needs: see quick.py.

While a server runs on the store, that server keeps it fresh: then it is read as it is, and no log is looked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from moonlock.cli.errors import Trouble
from moonlock.cli.prices import digest, prices
from moonlock.config.settings import Config
from moonlock.sources import ALL
from moonlock.sources.base import Walk, walk
from moonlock.store import Store

if TYPE_CHECKING:
    from moonlock.model.reading import Cursor, Seen
    from moonlock.store.errors import StoreError


@contextmanager
def fresh(config: Config, env: Mapping[str, str], home: Path) -> Iterator[Store]:
    """The store to read from, brought up to date unless a server does that."""
    from moonlock.store.errors import StoreError

    try:
        store = _served(config) or _unchanged(config, env, home) or _caught_up(config, env, home)
        try:
            yield store
        finally:
            store.close()
    except StoreError as failure:
        raise trouble(failure) from failure


def trouble(failure: StoreError) -> Trouble:
    """A failure of the store, in the words of the command line."""
    return Trouble("store", str(failure), failure.hint)


def walks(env: Mapping[str, str], home: Path) -> list[Walk]:
    """What each source finds now, in the order of ``ALL``."""
    return [walk(source.roots(env, home), source.claims) for source in ALL]


def is_known(seen: Seen, cursor: Cursor | None) -> bool:
    """Nothing happened to the file since it was read."""
    if cursor is None:
        return False
    known = (cursor.device, cursor.inode, cursor.size, cursor.modified)
    return known == (seen.device, seen.inode, seen.size, seen.modified)


def _served(config: Config) -> Store | None:
    """The store as a running server keeps it."""
    if not config.places.runs.is_dir() or not config.db.is_file():
        return None
    from moonlock.cli.runs import is_served

    return Store.read(config.db) if is_served(config.places.runs, config.db) else None


def _unchanged(config: Config, env: Mapping[str, str], home: Path) -> Store | None:
    """The store for reading, if it holds all there is at the prices of now."""
    if not config.db.is_file() or not config.db.stat().st_size:
        return None
    store = Store.read(config.db)
    cursors = store.cursors()
    unread = any(not is_known(seen, cursors.get(seen.path)) for found in walks(env, home) for seen in found.found)
    if not unread and store.price_digest() == digest(config):
        return store
    store.close()
    return None


def _caught_up(config: Config, env: Mapping[str, str], home: Path) -> Store:
    """The store after all logs were read; as it is, when another process has it and does not end."""
    from moonlock.cli.catching import caught_up, writable
    from moonlock.store.errors import StoreLocked

    table = prices(config)
    digest(config, table)  # remembered for the next, warm report
    try:
        store = writable(config, table)
    except StoreLocked:
        return Store.read(config.db)
    try:
        caught_up(store, table, env, home)
    finally:
        store.close()
    return Store.read(config.db)
