"""``moonlock import`` and ``moonlock session import``: what was exported comes in, all of it or nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from moonlock.cli.errors import Trouble, print_out
from moonlock.cli.given import settings

if TYPE_CHECKING:
    from moonlock.config.settings import Config
    from moonlock.model.portable_shapes import ImportShape

FROM = click.argument("path", metavar="PATH", type=click.Path(path_type=Path))
AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document (moonlock.import/1).")


@click.command("import")
@FROM
@AS_JSON
def import_(path: Path, as_json: bool) -> None:
    """Take in what `moonlock export` or `moonlock session export` wrote.

    All of it or, when anything in the file is wrong, nothing. What is known here already is merged and never counted
    twice, so the same file may come again. Costs are made with the prices in force here.
    """
    _import(path, None, as_json=as_json)


@click.command("import")
@FROM
@AS_JSON
def session_import(path: Path, as_json: bool) -> None:
    """Take in a session that `moonlock session export` wrote."""
    _import(path, "session", as_json=as_json)


def _import(path: Path, scope: str | None, *, as_json: bool) -> None:
    config = settings({})
    if not path.is_file():
        raise Trouble("no_file", f"there is no file {path}", "name one that `moonlock export` wrote", 1)
    with path.open("rb") as file:
        done = _through_server(config, file, scope) or _directly(config, file, scope)
    print_out(_document(done) if as_json else _text(done))


def _through_server(config: Config, file: BinaryIO, scope: str | None) -> ImportShape | None:
    import msgspec

    from moonlock.cli.through import neighbour
    from moonlock.model.portable_shapes import ImportShape

    server = neighbour(config)
    if server is None:
        return None
    route = "/api/sessions/import" if scope else "/api/import"
    return msgspec.json.decode(server.ask("POST", route, file, "application/x-ndjson"), type=ImportShape)


def _directly(config: Config, file: BinaryIO, scope: str | None) -> ImportShape:
    from moonlock.analytics.cost import price_of
    from moonlock.cli.catching import writable
    from moonlock.cli.fresh import trouble
    from moonlock.cli.prices import prices
    from moonlock.live import clock
    from moonlock.live.portable import take_in
    from moonlock.model.portable_shapes import import_shape
    from moonlock.store.errors import StoreError, UnfitImport

    table = prices(config)
    try:
        store = writable(config, table)
        try:
            if store.price_digest() != table.digest:
                store.reprice(price_of(table), table.digest)
            return import_shape(take_in(store, file, clock.now(), scope))
        finally:
            store.close()
    except UnfitImport as wrong:
        raise Trouble("unfit_import", str(wrong), wrong.hint) from wrong
    except StoreError as failure:
        raise trouble(failure) from failure


def _document(done: ImportShape) -> bytes:
    import msgspec

    told = {"schema": "moonlock.import/1", **msgspec.to_builtins(done)}
    return msgspec.json.format(msgspec.json.encode(told), indent=2)


def _text(done: ImportShape) -> str:
    from moonlock.model.words import many

    new = done.new
    parts = [
        many(new.requests, "request"),
        many(new.sessions, "session"),
        many(new.tools, "tool call"),
        many(new.events, "event"),
    ]
    parts += [many(new.hands, "session") + " by hand"] if new.hands else []
    parts += [many(new.postings, "posting")] if new.postings else []
    parts += [many(new.checkpoints, "checkpoint")] if new.checkpoints else []
    lines = [f"Read {many(sum(done.read.values()), 'line')}; new: {', '.join(parts)}"]
    if new.labels:
        lines.append(f"Names, tags and descriptions of {many(new.labels, 'session')} were newer than here")
    lines += [f"The name {name} was left out: another session has it" for name in done.names_left_out]
    return "\n".join(lines)
