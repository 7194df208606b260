"""A report, from the question to its rows; loads no more than the quick path may."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, tzinfo
from pathlib import Path

import msgspec

from moonlock.cli.asked import Asked, log_environment
from moonlock.cli.days import Span, span, zone_of
from moonlock.cli.fresh import fresh
from moonlock.config.settings import Config
from moonlock.config.zone import local_zone
from moonlock.live import clock
from moonlock.model.instant import DAY, Instant
from moonlock.model.report import Report
from moonlock.sources import ALL

BEFORE_ALL = 1_577_836_800_000
"""2020: no agent wrote a log before; what claims to be older has the offset of that year's beginning."""


def made(asked: Asked, config: Config, env: Mapping[str, str], home: Path) -> Report:
    """The report on what the logs say now."""
    now = clock.now()
    name = config.timezone or local_zone(env)
    zone = zone_of(name)
    days = span(asked, zone, now)
    with fresh(config, log_environment(env, config.claude_config_dir), home) as store:
        rows = store.daily(_segments(zone, days, now), days.start, days.end)
        totals = store.totals(days.start, days.end)
        reading = store.reading()
    if asked.order == "desc":
        rows.reverse()
    return Report(
        name=asked.report,
        timezone="UTC" if zone is UTC else name,
        since=str(days.since) if days.since else None,
        until=str(days.until) if days.until else None,
        rows=tuple(rows),
        totals=msgspec.structs.replace(totals, key="total"),
        reading=reading,
    )


def roots(config: Config, env: Mapping[str, str], home: Path) -> tuple[str, ...]:
    """The folders that are searched for logs."""
    said = log_environment(env, config.claude_config_dir)
    return tuple(str(root) for source in ALL for root in source.roots(said, home))


def _segments(zone: tzinfo, days: Span, now: Instant) -> tuple[tuple[Instant, int], ...]:
    """The zone's offsets over the days in question."""
    if zone is UTC:
        return ((0, 0),)
    from moonlock.analytics.periods import segments

    return segments(zone, days.start or BEFORE_ALL, days.end or now + DAY)
