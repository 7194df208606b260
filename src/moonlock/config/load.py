"""The settings in force, from everything that was said."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from moonlock.config.places import places
from moonlock.config.said import said
from moonlock.config.settings import Config


def load(flags: Mapping[str, object], env: Mapping[str, str], home: Path) -> Config:
    """The settings in force; a flag that is None was not given, an empty variable neither."""
    known, own = said(flags, env, str(home)), places(env, home)
    store = Path(str(known.values.get("db", own.store)))
    own = own._replace(config_file=Path(known.config_file), store=store)
    return msgspec.convert(known.values | {"db": store, "places": own, "origins": known.origins}, Config)
