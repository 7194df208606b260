"""Where Moonlock keeps what is its own: each file and folder by its name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from moonlock.config import folders


class Places(NamedTuple):
    """Files and folders of one user; nothing here has to exist."""

    config_file: Path
    data: Path
    store: Path
    token: Path
    runs: Path
    """One file for each running server, named by its port."""
    spool: Path
    """What status lines said while no server ran."""
    cache: Path
    logs: Path


def places(env: Mapping[str, str], home: Path) -> Places:
    """The places of this user; ``MOONLOCK_HOME`` puts all of them into one folder."""
    config, data, cache, logs = folders.folders(env, str(home))
    return Places(
        config_file=Path(folders.config_file(config)),
        data=Path(data),
        store=Path(folders.store(data)),
        token=Path(data, "token"),
        runs=Path(folders.runs(data)),
        spool=Path(folders.spool(data)),
        cache=Path(cache),
        logs=Path(logs),
    )


def with_store(known: Places, store: Path) -> Places:
    """The same places with another store."""
    return known._replace(store=store)
