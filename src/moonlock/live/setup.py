"""What the house is told from outside, once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from pathlib import Path

import msgspec

from moonlock.analytics.prices import PriceTable, builtin
from moonlock.live.health import PriceList
from moonlock.live.rush import WAIT_MS
from moonlock.model.channel import Webhook
from moonlock.model.instant import Instant
from moonlock.model.manual import Budget
from moonlock.model.quiet import Hours
from moonlock.model.rule_change import RuleChange


class Setup(msgspec.Struct, frozen=True):
    """Surroundings and choices of one run."""

    env: Mapping[str, str]
    home: Path
    zone: tzinfo
    timezone: str
    version: str
    simulation: bool = False
    prices: PriceList | None = None
    table: PriceTable = msgspec.field(default_factory=builtin)
    """What is charged."""
    week_start: int = 0
    """0 for weeks that begin on Monday, up to 6 for Sunday."""
    batch_interval: Instant = WAIT_MS
    limit: Budget = Budget()
    """What a five-hour window may spend."""
    alert_rules: Mapping[str, RuleChange] = {}
    """What the settings say of rules."""
    quiet_hours: Hours | None = None
    webhooks: tuple[Webhook, ...] = ()
    spool: Path | None = None
    """Where status lines leave what they could not tell a server."""
