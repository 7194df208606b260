"""``moonlock restore``: a backup becomes the store again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from moonlock.cli.errors import Trouble, print_out
from moonlock.cli.given import settings
from moonlock.cli.helping import examples

if TYPE_CHECKING:
    from moonlock.config.settings import Config
    from moonlock.model.backup import Restored

EXAMPLES = examples(
    ("moonlock restore daily-2026-11-19T030500123Z.db", "from the folder of backups"),
    ("moonlock restore /media/stick/moon.db", "from elsewhere"),
)


@click.command(epilog=EXAMPLES)
@click.argument("path", metavar="PATH", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON document (moonlock.restore/1).")
def restore(path: Path, as_json: bool) -> None:
    """Put a backup in the place of the store.

    The backup is checked first. The store of before is set aside, not deleted. What logs say that is newer than the
    backup is read again by the next command.
    """
    from moonlock.cli.fresh import trouble
    from moonlock.cli.through import neighbour
    from moonlock.live import backups, clock
    from moonlock.store import Store
    from moonlock.store.errors import StoreError, StoreLocked

    config = settings({})
    server = neighbour(config)
    if server is not None:
        raise Trouble("running", f"Moonlock at {server.run.url} uses the store", "`moonlock stop` it first")
    beside = backups.folder_of(config.db) / path.name
    meant = beside if not path.exists() and path.name == str(path) and beside.exists() else path
    try:
        done = Store.restore(config.db, meant.absolute(), clock.now())
    except StoreLocked as locked:
        raise Trouble("locked", str(locked), "wait until it has ended, or `moonlock stop` it") from locked
    except StoreError as failure:
        raise trouble(failure) from failure
    print_out(_document(done) if as_json else _text(config, done))


def _document(done: Restored) -> bytes:
    import msgspec

    from moonlock.model.portable_shapes import backup_shape

    told = {"schema": "moonlock.restore/1", "aside": done.aside or None}
    told["backup"] = msgspec.to_builtins(backup_shape(done.backup))
    return msgspec.json.format(msgspec.json.encode(told), indent=2)


def _text(config: Config, done: Restored) -> str:
    from moonlock.model.instant import iso
    from moonlock.model.words import many

    made = done.backup
    held = f"{many(made.requests, 'request')} of {many(made.sessions, 'session')}"
    lines = [f"Restored {held}, as of {iso(made.at)}, to {config.db}"]
    if done.aside:
        lines.append(f"The store of before is in {done.aside}")
    return "\n".join(lines)
