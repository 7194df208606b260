"""What every command begins with: the settings in force, from the real environment."""

from __future__ import annotations

import os
from collections.abc import Mapping

from moonlock.cli.asked import home
from moonlock.cli.errors import Trouble
from moonlock.config.errors import ConfigError
from moonlock.config.load import load
from moonlock.config.settings import Config

__all__ = ["home", "settings"]


def settings(flags: Mapping[str, object]) -> Config:
    """The settings of this user, with the flags of this command."""
    try:
        return load(flags, os.environ, home())
    except ConfigError as wrong:
        raise Trouble(wrong.code, wrong.message, wrong.hint) from wrong
