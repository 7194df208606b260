"""The commands. What a command needs is imported when it runs, so that ``--help`` stays quick."""

from __future__ import annotations

from pathlib import Path

import click

from moonlock import __version__


@click.group(invoke_without_command=True)
@click.version_option(__version__)
@click.pass_context
def moonlock(context: click.Context) -> None:
    """Watch AI coding sessions; without a command, start the dashboard."""
    if context.invoked_subcommand is None:
        context.invoke(start)


@moonlock.command()
@click.option("--port", default=3001, show_default=True, type=click.IntRange(0, 65535))
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--no-browser", is_flag=True, help="Do not open the page.")
@click.option("--simulation", is_flag=True, help="Show generated sessions; nothing real is read or kept.")
@click.option("--db", type=click.Path(path_type=Path, dir_okay=False), help="The file to remember in.")
def start(port: int, host: str, no_browser: bool, simulation: bool, db: Path | None) -> None:
    """Serve the page and the API on this machine."""
    from moonlock.cli.start import CannotStart, Wish, run

    try:
        run(Wish(port, host, not no_browser, simulation, db))
    except CannotStart as trouble:
        click.echo(f"error: {trouble}\nhint: {trouble.hint}", err=True)
        raise SystemExit(2) from trouble
