"""Every setting with its default. What may be said of it is in ``values``, by whom in ``said``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from moonlock.config.places import Places
from moonlock.config.said import OLDER_NAMES, SETTINGS
from moonlock.model.channel import Webhook
from moonlock.model.manual import Budget
from moonlock.model.rule_change import RuleChange

__all__ = ["OLDER_NAMES", "SETTINGS", "Config"]

Auth = Literal["auto", "always", "off"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
LogLevel = Literal["debug", "info", "warning", "error"]
MICRO = 1_000_000


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """What is in force. All but the last two fields are settings; durations are milliseconds."""

    port: int = 3001
    """0 takes any free port."""
    host: str = "127.0.0.1"
    db: Path
    """The store; by default ``moonlock.db`` in the data folder."""
    auth: Auth = "auto"
    """``auto`` asks for the token everywhere but on loopback, ``always`` everywhere."""
    allowed_hosts: tuple[str, ...] = ()
    """Further names of this machine that a browser may use to reach it."""
    allowed_origins: tuple[str, ...] = ()
    """Pages served from elsewhere that may call, by exact origin."""
    timezone: str = ""
    """IANA name that days are cut by; empty is the machine's."""
    start_of_week: Weekday = "monday"
    """The day that names a week."""
    claude_config_dir: str = ""
    """Folders of Claude Code, comma between them; empty searches the usual places."""
    prices: str = ""
    """A price file that replaces the built-in table."""
    price_overrides: dict[str, dict[str, float]] = {}
    """Dollars per million tokens by model, in the words of price files: input, output, cacheRead, cacheWrite5m …"""
    open_browser: bool = True
    ws_path: str = "/ws"
    heartbeat_interval: int = 30_000
    batch_interval: int = 50
    """How long frames of one kind may wait to be merged when the server is busy."""
    batch_size: int = 256
    """At most so many frames in one WebSocket message."""
    log_level: LogLevel = "warning"
    limit_tokens: int | None = None
    """What a five-hour window may use; None is no limit."""
    limit_cost: float | None = None
    """The same in dollars."""
    alert_rules: dict[str, RuleChange] = {}
    """By rule, what is to be another than its default."""
    quiet_hours: str = ""
    """``22:00-07:00`` by the wall clock of the zone: then alerts are shown, but nobody is called."""
    alert_webhooks: tuple[Webhook, ...] = ()
    """Who is called when an alert fires."""
    statusline: str = ""
    """What `moonlock statusline` prints; empty is its own choice."""
    statusline_color: bool = False

    places: Places
    origins: dict[str, str]
    """Setting -> where its value came from, as a person would name it."""

    @property
    def limit(self) -> Budget:
        """What a five-hour window may spend."""
        cost = None if self.limit_cost is None else round(self.limit_cost * MICRO)
        return Budget(self.limit_tokens, cost)
