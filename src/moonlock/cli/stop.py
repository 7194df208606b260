"""``moonlock stop`` and ``restart``: find the running server, and be sure that it is one before it is ended."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import click

from moonlock.cli.errors import Trouble, print_out
from moonlock.cli.given import settings
from moonlock.cli.runs import Run, living, of_process
from moonlock.cli.served import exists
from moonlock.config.settings import Config
from moonlock.config.token import peek

PATIENCE, STEP = 10.0, 0.02


@click.command()
@click.option(
    "--port", type=click.IntRange(1, 65535), metavar="PORT", help="The one at this port, when there are several."
)
def stop(port: int | None) -> None:
    """End the running server."""
    config = settings({"port": port})
    run = running(config)
    end(run, config.places.runs)
    print_out(f"Moonlock at {run.url} has ended (pid {run.pid})")


@click.command()
@click.option(
    "--port", type=click.IntRange(1, 65535), metavar="PORT", help="The one at this port, when there are several."
)
def restart(port: int | None) -> None:
    """End the running server and start it again here, with the options it had."""
    config = settings({"port": port})
    run = running(config)
    end(run, config.places.runs)
    from moonlock.cli.start import start

    start.main(list(run.args), prog_name="moonlock start", standalone_mode=False)


def running(config: Config) -> Run:
    """The server that is meant: the one at the chosen port, else the only one."""
    found = living(config.places.runs, peek(config.places.token))
    chosen = [run for run in found if run.port == config.port]
    if config.origins["port"] == "default" and len(found) == 1:
        chosen = found
    if chosen:
        return chosen[0]
    raise Trouble("not_running", *_none(config, found), status=1)


def end(run: Run, runs: Path) -> None:
    """Ask the process to end, and wait until it has; its file goes last, when port and store are free."""
    os.kill(run.pid, signal.SIGTERM)
    waited = 0.0
    while exists(run.pid) and of_process(runs, run.pid) is not None and waited < PATIENCE:
        time.sleep(STEP)
        waited += STEP
    if waited >= PATIENCE:
        raise Trouble(
            "still_running",
            f"Moonlock at {run.url} does not end (pid {run.pid})",
            "wait a moment and try again",
            status=1,
        )


def _none(config: Config, found: Sequence[Run]) -> tuple[str, str]:
    if not found:
        return "no Moonlock is running", "`moonlock start` starts one"
    ports = ", ".join(str(run.port) for run in found)
    if config.origins["port"] == "default":
        return f"several Moonlocks are running, none at port {config.port}", f"choose one with --port: {ports}"
    return f"no Moonlock is running at port {config.port}", f"one runs at port {ports}"
