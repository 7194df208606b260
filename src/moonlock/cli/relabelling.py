"""Keeping what a person says of a session: through the running server, which has the store, else in the store."""

from __future__ import annotations

import msgspec

from moonlock.cli.fresh import trouble
from moonlock.cli.through import neighbour
from moonlock.config.settings import Config
from moonlock.live import clock
from moonlock.model.label import Relabel
from moonlock.store import Store
from moonlock.store.errors import StoreError


def relabelled(config: Config, uid: str, change: Relabel) -> None:
    """Keep the change of this session."""
    server = neighbour(config)
    if server is None:
        _write(config, uid, change)
        return
    said = {name: value for name in Relabel.__struct_fields__ if (value := getattr(change, name)) is not None}
    server.ask("PATCH", f"/api/sessions/{uid}", msgspec.json.encode(said))


def _write(config: Config, uid: str, change: Relabel) -> None:
    from moonlock.cli.catching import writable
    from moonlock.cli.prices import prices

    try:
        store = writable(config, prices(config))
        try:
            if store.relabel(uid, change, clock.now()) is None:
                _amend(store, uid, change)
        finally:
            store.close()
    except StoreError as failure:
        raise trouble(failure) from failure


def _amend(store: Store, uid: str, change: Relabel) -> None:
    """The same of a session by hand."""
    from moonlock.live.commands import Commands
    from moonlock.model.manual import Amend

    said = Amend(name=change.name, description=change.description, tags=change.tags, hidden=change.hidden)
    Commands(store).amend(uid, said, clock.now())
