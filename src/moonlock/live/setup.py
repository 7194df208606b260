"""What the house is told from outside, once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from pathlib import Path

import msgspec

from moonlock.live.health import PriceList
from moonlock.live.hub import WAIT_MS
from moonlock.model.instant import Instant


class Setup(msgspec.Struct, frozen=True):
    """Surroundings and choices of one run."""

    env: Mapping[str, str]
    home: Path
    zone: tzinfo
    timezone: str
    version: str
    simulation: bool = False
    prices: PriceList | None = None
    batch_interval: Instant = WAIT_MS
