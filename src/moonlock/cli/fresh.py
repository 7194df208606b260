"""The store with everything in it that the logs say by now.

While a server runs on the store, that server keeps it fresh: then it is read as it is, and no log is looked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from moonlock.cli.asked import log_environment
from moonlock.cli.errors import Trouble, in_a_line, warn
from moonlock.cli.served import is_served
from moonlock.config.settings import Config
from moonlock.model.words import many
from moonlock.sources import ALL
from moonlock.sources.base import Walk, walk
from moonlock.store import Store

if TYPE_CHECKING:
    from moonlock.cli.catching import Logs
    from moonlock.model.reading import Cursor, Seen
    from moonlock.store.errors import StoreError, UnknownName

NAMED = 8
"""So many names are told where none is near."""


@contextmanager
def fresh(config: Config, env: Mapping[str, str], home: Path) -> Iterator[Store]:
    """The store to read from, brought up to date unless a server does that."""
    from moonlock.store.errors import StoreError

    try:
        store = _served(config) or _caught_up(config, env, home)
        try:
            yield store
        finally:
            store.close()
    except StoreError as failure:
        raise trouble(failure) from failure


@contextmanager
def whole(config: Config, env: Mapping[str, str], home: Path) -> Iterator[Store]:
    """The same, with the tool calls and prompts that a first report leaves packed (decision 0010)."""
    from moonlock.store.errors import StoreError, StorePacked

    with fresh(config, env, home) as store:
        try:
            store.unpack()
        except StorePacked:
            pass  # this one only reads
        else:
            yield store
            return
    try:
        _unpack(config)
    except StoreError as failure:
        raise trouble(failure) from failure
    with fresh(config, env, home) as store:
        yield store


def _unpack(config: Config) -> None:
    from moonlock.cli.catching import writable
    from moonlock.cli.prices import prices

    store = writable(config, prices(config))
    try:
        store.unpack()
    finally:
        store.close()


def trouble(failure: StoreError) -> Trouble:
    """A failure of the store, in the words of the command line."""
    from moonlock.store.errors import AmbiguousSession, NameTaken, UnknownName

    if isinstance(failure, UnknownName):
        return Trouble(f"unknown_{failure.kind}", f"no such {failure.kind}: {failure.name}", _nearest(failure), 1)
    message, hint = in_a_line(str(failure)), in_a_line(failure.hint)
    if isinstance(failure, AmbiguousSession | NameTaken):
        return Trouble("ambiguous" if isinstance(failure, AmbiguousSession) else "name_taken", message, hint, 1)
    return Trouble("store", message, hint)


def _nearest(failure: UnknownName) -> str:
    """The name that was most likely meant, else some of those there are."""
    from moonlock.config.errors import nearest

    known = failure.known
    if close := nearest(failure.name, known):
        return f"did you mean {close}?"
    more = f" and {len(known) - NAMED} more" if len(known) > NAMED else ""
    return f"there is {', '.join(known[:NAMED])}{more}" if known else f"there is no {failure.kind} yet"


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
    served = config.db.is_file() and is_served(str(config.places.runs), str(config.db))
    return Store.read(config.db) if served else None


def _caught_up(config: Config, env: Mapping[str, str], home: Path) -> Store:
    """The store after all logs were read; as it is, when another process has it and does not end."""
    from moonlock.cli.bar import Bar
    from moonlock.cli.catching import caught_up, logs, writable
    from moonlock.cli.prices import prices
    from moonlock.store.errors import StoreLocked, StoreReadOnly

    there = logs(config, log_environment(env, config.claude_config_dir), home)
    if (known := _noted(config, there)) is not None:
        return known
    table = prices(config)
    try:
        store = writable(config, table)
    except StoreLocked as locked:
        warn(
            f"{in_a_line(str(locked))}; what is new in the logs may be missing", "ask again when that process has ended"
        )
        return Store.read(config.db)
    except (StoreReadOnly, OSError) as failure:
        if not config.db.is_file():
            raise
        return _as_it_is(config, there, table.digest, failure)
    try:
        with Bar() as told:
            done = caught_up(store, table, there, told)
    except BaseException:
        store.close()
        raise
    if done.troubles:
        left_out = many(len(done.troubles), "place")
        warn(f"{left_out} could not be read, so this may not be all", "`moonlock doctor` says why")
    return store


def _noted(config: Config, there: Logs) -> Store | None:
    """The store for reading, if all was read and nothing happened since."""
    from moonlock.store.errors import StoreTooOld

    if not config.db.is_file() or not config.db.stat().st_size:
        return None
    try:
        store = Store.read(config.db)
    except StoreTooOld:
        return None  # opening it for writing brings it up to date
    if there.note and store.note() == there.note:
        return store
    store.close()
    return None


def _as_it_is(config: Config, there: Logs, digest: str, failure: Exception) -> Store:
    """The store that cannot be written; in such a one nobody could leave a note, so it is compared log by log."""
    store = Store.read(config.db)
    cursors = store.cursors()
    unread = sum(
        not is_known(seen, cursors.get(seen.path)) for found in walks(there.env, there.home) for seen in found.found
    )
    if unread:
        warn(
            f"{in_a_line(str(failure))}; what is new in {many(unread, 'log')} is missing", "`moonlock doctor` says why"
        )
    elif store.price_digest() != digest:
        warn(f"{in_a_line(str(failure))}; costs are those of other prices", "`moonlock doctor` says why")
    return store
