"""``moonlock explain forecast``: the windows behind what is expected of the one that is open."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from moonlock.cli.errors import Trouble
from moonlock.cli.fresh import fresh
from moonlock.config.settings import Config
from moonlock.config.zone import local_zone, zone_of
from moonlock.live import clock
from moonlock.live.outlook import Foreseen, foreseen

NONE_OPEN = "no five-hour window is open"
OPENED = "the next request opens one; `moonlock usage blocks` shows those that are over"


def explained_forecast(config: Config, env: Mapping[str, str], home: Path) -> tuple[Foreseen, str]:
    """The forecast with its windows, and the zone that its times are shown in."""
    name = config.timezone or local_zone(env)
    with fresh(config, env, home) as store:
        found = foreseen(store, clock.now(), zone_of(name), config.limit)
    if found is None:
        raise Trouble("no_window", NONE_OPEN, OPENED, 1)
    return found, name
