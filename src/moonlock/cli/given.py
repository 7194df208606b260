"""What every command begins with: the settings in force, from the real environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from moonlock.cli.asked import home_folder
from moonlock.cli.errors import Trouble
from moonlock.config.errors import ConfigError
from moonlock.config.load import load
from moonlock.config.said import config_file
from moonlock.config.settings import Config


def home() -> Path:
    """The home folder."""
    return Path(home_folder())


def settings_file() -> str:
    """Where the settings file is or would be; what stands in it does not matter."""
    try:
        return config_file(os.environ, home_folder())
    except ConfigError as wrong:
        raise Trouble(wrong.code, wrong.message, wrong.hint) from wrong


def settings(flags: Mapping[str, object]) -> Config:
    """The settings of this user, with the flags of this command."""
    try:
        return load(flags, os.environ, home())
    except ConfigError as wrong:
        raise Trouble(wrong.code, wrong.message, wrong.hint) from wrong
