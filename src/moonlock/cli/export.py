"""``moonlock export`` and ``moonlock session export``: what is remembered, as text that can be carried anywhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

import click

from moonlock.cli.errors import Trouble, hush
from moonlock.cli.given import home, settings
from moonlock.cli.helping import examples

if TYPE_CHECKING:
    from moonlock.live.portable import Origin
    from moonlock.store import Store

EXAMPLES = examples(
    ("moonlock export history.jsonl", "everything, into a file"),
    ("moonlock export | gzip > history.jsonl.gz", "and packed"),
)
TO = click.argument("path", required=False, metavar="[PATH]", type=click.Path(path_type=Path))


@click.command(epilog=EXAMPLES)
@TO
def export(path: Path | None) -> None:
    """Write everything that is remembered as JSON Lines (moonlock.export/1).

    `moonlock import` takes it in, on this machine or another. It holds numbers, times, names, titles and paths as the
    store has them; no prompt and no answer. Without PATH, or with -, it goes to stdout.
    """
    from moonlock.live.portable import export as written

    _written(path, lambda store, into: written(store, into, _origin()))


@click.command("export")
@click.argument("said", metavar="X")
@TO
@click.option(
    "--format",
    "form",
    type=click.Choice(["json", "csv", "html"]),
    default="json",
    show_default=True,
    help="json: JSON Lines that can be imported; csv: its requests, for spreadsheets; html: its report as a page.",
)
def session_export(said: str, path: Path | None, form: Literal["json", "csv", "html"]) -> None:
    """Write all that is remembered of a session, one of an agent or one by hand.

    Without PATH, or with -, it goes to stdout.
    """
    from moonlock.cli.called import hand_called, session_called
    from moonlock.live import clock
    from moonlock.live.paper import page
    from moonlock.live.portable import export as written
    from moonlock.live.portable import table

    def write(store: Store, into: BinaryIO) -> object:
        uid = (hand_called(store, said) or session_called(store, said)).uid
        if form == "html":
            return page(store, into, uid, clock.now())
        return table(store, into, uid, clock.now()) if form == "csv" else written(store, into, _origin(), uid)

    _written(path, write)


def _origin() -> Origin:
    from moonlock import __version__
    from moonlock.live import clock
    from moonlock.live.portable import Origin

    return Origin(__version__, clock.now())


def _written(path: Path | None, write: Callable[[Store, BinaryIO], object]) -> None:
    """Into a file that gets its name once it is whole and on the disk, or to stdout."""
    from moonlock.cli.fresh import whole

    config = settings({})
    if path is None or str(path) == "-":
        if sys.stdout.isatty() and path is None:
            raise Trouble("usage", "this would fill the terminal", "give a PATH, or - if that is meant")
        with whole(config, os.environ, home()) as store:
            try:
                write(store, sys.stdout.buffer)
                sys.stdout.flush()
            except BrokenPipeError:
                hush()
        return
    if path.exists():
        raise Trouble("exists", f"{path} is there already", "name another file")
    draft = path.with_name(f"{path.name}.unfinished")
    with whole(config, os.environ, home()) as store:
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                write(store, file)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    sys.stderr.write(f"Written to {path}\n")
