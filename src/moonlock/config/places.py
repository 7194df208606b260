"""Where Moonlock keeps what is its own.

On Linux the XDG rules are applied here, to the environment and home folder that were passed in: tests and the quick
paths need that, and platformdirs costs more to import (12 ms warm) than a whole warm report may spend on start-up.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple


class Places(NamedTuple):
    """Files and folders of one user; nothing here has to exist."""

    config_file: Path
    data: Path
    store: Path
    token: Path
    runs: Path
    """One file for each running server, named by its port."""
    cache: Path
    logs: Path


def places(env: Mapping[str, str], home: Path) -> Places:
    """The places of this user; ``MOONLOCK_HOME`` puts all of them into one folder."""
    if own := env.get("MOONLOCK_HOME"):
        root = _absolute(own, home)
        return _below(root, root, root / "cache", root / "logs")
    if sys.platform not in ("win32", "darwin"):
        config = _xdg(env, "XDG_CONFIG_HOME", home / ".config")
        data = _xdg(env, "XDG_DATA_HOME", home / ".local" / "share")
        cache = _xdg(env, "XDG_CACHE_HOME", home / ".cache")
        state = _xdg(env, "XDG_STATE_HOME", home / ".local" / "state")
        return _below(config, data, cache, state / "log")
    from platformdirs import PlatformDirs

    dirs = PlatformDirs("moonlock", appauthor=False)
    return _below(dirs.user_config_path, dirs.user_data_path, dirs.user_cache_path, dirs.user_log_path)


def with_store(known: Places, store: Path) -> Places:
    """The same places with another store."""
    return known._replace(store=store)


def _below(config: Path, data: Path, cache: Path, logs: Path) -> Places:
    return Places(
        config_file=config / "config.yaml",
        data=data,
        store=data / "moonlock.db",
        token=data / "token",
        runs=data / "run",
        cache=cache,
        logs=logs,
    )


def _xdg(env: Mapping[str, str], name: str, default: Path) -> Path:
    """XDG says that a relative path is to be ignored."""
    said = env.get(name, "")
    return (Path(said) if said.startswith("/") else default) / "moonlock"


def _absolute(said: str, home: Path) -> Path:
    if said == "~" or said.startswith("~/"):
        return home / said[2:]
    return Path(said).absolute()
