"""``moonlock backup``: a copy of the store, checked when it is made."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from moonlock.cli.errors import Trouble, print_out
from moonlock.cli.given import home, settings
from moonlock.cli.helping import examples

if TYPE_CHECKING:
    from moonlock.config.settings import Config
    from moonlock.model.portable_shapes import BackupShape

EXAMPLES = examples(
    ("moonlock backup", "into the folder of backups"),
    ("moonlock backup /media/stick/", "a file there, named with the time"),
    ("moonlock backup moon.db", "a file of this name"),
)


@click.command(epilog=EXAMPLES)
@click.argument("path", required=False, metavar="[PATH]", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON document (moonlock.backup/1).")
def backup(path: Path | None, as_json: bool) -> None:
    """Make a copy of everything that is remembered.

    The copy is made while the store is in use, and checked before it gets its name. Without PATH it goes into the
    folder of backups beside the store, where the newest ten of them stay. A running server makes one there every day.
    """
    config = settings({})
    made = _copied(config, path) if path is not None else _kept(config)
    if as_json:
        import msgspec

        told = {"schema": "moonlock.backup/1", **msgspec.to_builtins(made)}
        print_out(msgspec.json.format(msgspec.json.encode(told), indent=2))
        return
    from moonlock.model.words import many, size

    held = f"{many(made.requests, 'request')} of {many(made.sessions, 'session')}"
    print_out(f"Kept {held} in {made.path} ({size(made.bytes)})\n`moonlock restore` takes it back")


def _kept(config: Config) -> BackupShape:
    """A backup in the folder; made by the server where one runs."""
    import msgspec

    from moonlock.cli.fresh import fresh
    from moonlock.cli.through import neighbour
    from moonlock.live import backups, clock
    from moonlock.model.portable_shapes import BackupShape, backup_shape

    server = neighbour(config)
    if server is not None:
        return msgspec.json.decode(server.ask("POST", "/api/backup"), type=BackupShape)
    with fresh(config, os.environ, home()):
        return backup_shape(backups.back_up(config.db, clock.now()))


def _copied(config: Config, path: Path) -> BackupShape:
    """A backup where it was asked for. Nothing that is there already is written over."""
    from moonlock.cli.fresh import fresh
    from moonlock.live import backups, clock
    from moonlock.model.portable_shapes import backup_shape

    now = clock.now()
    target = path / backups.name_of(now) if path.is_dir() else path
    if target.exists():
        raise Trouble("exists", f"{target} is there already", "name another file")
    if not target.parent.is_dir():
        raise Trouble("no_folder", f"there is no folder {target.parent}", "make it first")
    with fresh(config, os.environ, home()) as store:
        return backup_shape(store.backup(target.absolute(), now))
