"""Settings as they may be shown: no secret is among them, whoever looks."""

from __future__ import annotations

import msgspec

from moonlock.config.alerting import shown_webhooks
from moonlock.config.settings import Config


def shown(config: Config, name: str) -> object:
    """The value in force, as JSON has it."""
    if name == "alert_webhooks":
        return shown_webhooks(config.alert_webhooks)
    value: object = getattr(config, name)
    if name == "alert_rules":
        return msgspec.to_builtins(value)
    if isinstance(value, tuple):
        return list(value)
    return value if isinstance(value, bool | int | str | dict) else str(value)


def is_fixed(config: Config, name: str) -> bool:
    """Whether a flag or the environment said it: then the settings file has no say."""
    origin = config.origins[name]
    return origin not in ("default", str(config.places.config_file))
