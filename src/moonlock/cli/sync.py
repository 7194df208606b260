"""``moonlock sync``: read what is new in all logs, then exit; ``--full`` compares all of them with what is known."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from moonlock.cli.errors import Trouble, print_out
from moonlock.cli.given import home, settings

if TYPE_CHECKING:
    from moonlock.analytics.prices import PriceTable
    from moonlock.cli.synced import Synced
    from moonlock.config.settings import Config
    from moonlock.store import Store
    from moonlock.store.errors import StoreLocked

EPILOG = """\b
Examples:
  moonlock sync                read what is new
  moonlock sync --full         and check what is known
  moonlock sync --full --json  the same, for a script
"""


@click.command(epilog=EPILOG)
@click.option(
    "--full", is_flag=True, help="Read every log from its start and say what differs; what is known always stays."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document (moonlock.sync/1).")
def sync(full: bool, as_json: bool) -> None:
    """Read all logs now, then exit.

    Not needed while Moonlock runs: it reads lines as they are written.
    """
    from moonlock.cli import synced
    from moonlock.cli.catching import writable
    from moonlock.cli.fresh import trouble
    from moonlock.cli.prices import prices
    from moonlock.store.errors import StoreError, StoreLocked

    config = settings({})
    table = prices(config)
    try:
        store = writable(config, table, checked=True)
        try:
            done = _read(store, table, config, full)
            store.unpack()
        finally:
            store.close()
    except StoreLocked as locked:
        url, said = _kept_by(config, locked, full)
        print_out(synced.document(None, url) if as_json else said)
        return
    except StoreError as failure:
        raise trouble(failure) from failure
    print_out(synced.document(done) if as_json else synced.text(done))


def _read(store: Store, table: PriceTable, config: Config, full: bool) -> Synced:
    """Read what is new; then, if asked to, everything again."""
    from moonlock.analytics.differences import differences
    from moonlock.cli.asked import log_environment
    from moonlock.cli.bar import Bar
    from moonlock.cli.catching import caught_up, logs, read_again
    from moonlock.cli.synced import Synced, by_day
    from moonlock.live import clock

    began = clock.monotonic()
    there = logs(config, log_environment(os.environ, config.claude_config_dir), home())
    requests = store.totals().usage.requests
    with Bar() as bar:
        report = caught_up(store, table, there, bar)
        found = None
        if full:
            before, began = by_day(store, config), clock.monotonic()
            report = read_again(store, there, bar)
            found = differences(before, by_day(store, config))
    known = store.totals().usage.requests
    return Synced(report, clock.monotonic() - began, known, known - requests, found)


def _kept_by(config: Config, locked: StoreLocked, full: bool) -> tuple[str, str]:
    """Somebody else writes the store: most likely the running server, which reads the logs by itself."""
    from moonlock.cli.runs import of_process

    run = of_process(config.places.runs, locked.pid) if locked.pid is not None else None
    if run is None:
        raise Trouble("locked", str(locked), "wait until it has ended") from locked
    message = f"Moonlock at {run.url} (pid {run.pid}) reads the logs as they are written"
    if full:
        raise Trouble("locked", message, "`moonlock stop` it first, to read them all again") from locked
    return run.url, f"Nothing to do: {message}"
