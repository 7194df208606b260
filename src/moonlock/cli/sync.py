"""``moonlock sync``: read what is new in all logs, then exit."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from moonlock.cli.errors import Trouble, print_out
from moonlock.cli.given import home, settings
from moonlock.model.words import many, size, span

if TYPE_CHECKING:
    from moonlock.config.settings import Config
    from moonlock.live.catchup import Backlog, Progress, SyncReport
    from moonlock.store.errors import StoreLocked


@click.command()
@click.option(
    "--full", is_flag=True, help="Read every log from its start; what is known stays, what was missed comes in."
)
def sync(full: bool) -> None:
    """Read all logs now, then exit.

    Not needed while Moonlock runs: it reads lines as they are written.
    """
    from moonlock.cli.asked import log_environment
    from moonlock.cli.catching import caught_up, logs, read_again, writable
    from moonlock.cli.fresh import trouble
    from moonlock.cli.prices import prices
    from moonlock.live import clock
    from moonlock.store.errors import StoreError, StoreLocked

    config = settings({})
    table, began = prices(config), clock.monotonic()
    try:
        store = writable(config, table, checked=True)
        try:
            there = logs(config, log_environment(os.environ, config.claude_config_dir), home())
            with _bar() as told:
                done = caught_up(store, table, there, told)
                done = read_again(store, there, told) if full else done
            store.unpack()
            requests = store.totals().usage.requests
        finally:
            store.close()
    except StoreLocked as locked:
        print_out(_kept_by(config, locked, full))
        return
    except StoreError as failure:
        raise trouble(failure) from failure
    print_out(summary(done, clock.monotonic() - began, requests))


def summary(done: SyncReport, took: int, requests: int) -> str:
    """What was read, how fast, and what is known now."""
    known = f"{many(requests, 'request')} known"
    if done.troubles:
        known += f"; {many(len(done.troubles), 'place')} could not be read (`moonlock doctor` says why)"
    if not done.files:
        return f"Nothing new; {known}"
    speed = size(done.bytes * 1000 // max(took, 1))
    return f"Read {many(done.files, 'file')}, {size(done.bytes)} in {span(took)} ({speed}/s); {known}"


def _kept_by(config: Config, locked: StoreLocked, full: bool) -> str:
    """Somebody else writes the store: most likely the running server, which reads the logs by itself."""
    from moonlock.cli.runs import of_process

    run = of_process(config.places.runs, locked.pid) if locked.pid is not None else None
    if run is None:
        raise Trouble("locked", str(locked), "wait until it has ended") from locked
    message = f"Moonlock at {run.url} (pid {run.pid}) reads the logs as they are written"
    if full:
        raise Trouble("locked", message, "`moonlock stop` it first, to read them all again") from locked
    return f"Nothing to do: {message}"


@contextmanager
def _bar() -> Iterator[Progress]:
    """A progress bar for people; nothing where nobody looks."""
    if not sys.stderr.isatty():
        yield lambda files, size, backlog: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TransferSpeedColumn
    from rich.progress import Progress as Bar

    looks = (TextColumn("{task.fields[files]}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Bar(*looks, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, files="looking for logs")

        def told(files: int, done: int, backlog: Backlog) -> None:
            shown = f"{files:,} of {many(len(backlog.jobs), 'file')}"
            bar.update(task, total=backlog.bytes, completed=done, files=shown)

        yield told
