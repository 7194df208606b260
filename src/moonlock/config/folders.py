"""The folders that Moonlock keeps its own things in, as plain text: what a warm report needs of ``places``.

On Linux the XDG rules are applied here, to the environment and home folder that were passed in: tests and the quick
paths need that, and platformdirs costs more to import (12 ms warm) than a whole warm report may spend on start-up.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

Folders = tuple[str, str, str, str]
"""For settings, data, cache and logs."""


def folders(env: Mapping[str, str], home: str) -> Folders:
    """The folders of this user; ``MOONLOCK_HOME`` puts all of them into one. Nothing has to exist."""
    if own := env.get("MOONLOCK_HOME"):
        root = absolute(own, home)
        return root, root, os.path.join(root, "cache"), os.path.join(root, "logs")
    if sys.platform not in ("win32", "darwin"):
        state = _xdg(env, "XDG_STATE_HOME", f"{home}/.local/state")
        return (
            _xdg(env, "XDG_CONFIG_HOME", f"{home}/.config"),
            _xdg(env, "XDG_DATA_HOME", f"{home}/.local/share"),
            _xdg(env, "XDG_CACHE_HOME", f"{home}/.cache"),
            f"{state}/log",
        )
    from platformdirs import PlatformDirs

    dirs = PlatformDirs("moonlock", appauthor=False)
    return dirs.user_config_dir, dirs.user_data_dir, dirs.user_cache_dir, dirs.user_log_dir


def home() -> str:
    """The user's home folder, which ``HOME`` decides where it is set; "" for a user without one."""
    found = os.path.expanduser("~")
    return "" if found == "~" else found


def config_file(config: str) -> str:
    """The settings file in its folder."""
    return os.path.join(config, "config.yaml")


def store(data: str) -> str:
    """The store in the folder for data."""
    return os.path.join(data, "moonlock.db")


def runs(data: str) -> str:
    """The folder that has one file for each running server, named by its port."""
    return os.path.join(data, "run")


def spool(data: str) -> str:
    """The file in which status lines leave what they could not tell a server."""
    return os.path.join(data, "statusline.jsonl")


def absolute(said: str, home: str) -> str:
    """A path as a person writes it: ``~`` is the home folder that was passed in."""
    if said == "~" or said.startswith("~/"):
        return os.path.join(home, said[2:])
    return os.path.join(os.getcwd(), said)


def _xdg(env: Mapping[str, str], name: str, default: str) -> str:
    """XDG says that a relative path is to be ignored."""
    said = env.get(name, "")
    return f"{said if said.startswith('/') else default}/moonlock"
