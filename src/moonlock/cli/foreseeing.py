"""``moonlock explain forecast`` and ``quota``: what stands behind what is expected, and behind each limit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from moonlock.cli.errors import Trouble
from moonlock.cli.fresh import fresh
from moonlock.config.settings import Config
from moonlock.config.zone import local_zone, zone_of
from moonlock.live import clock
from moonlock.live.outlook import Foreseen, foreseen
from moonlock.live.quota_outlook import Quoted, recalled
from moonlock.model.instant import Instant

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


def explained_quota(config: Config, env: Mapping[str, str], home: Path) -> tuple[Quoted, str, Instant]:
    """Every limit, the zone that its times are shown in, and the moment that they are told of."""
    name, now = config.timezone or local_zone(env), clock.now()
    with fresh(config, env, home) as store:
        return recalled(store, now, zone_of(name), config.limit), name, now
