"""A report as the noun that tables are drawn from, on what the logs say now."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from moonlock.cli.asked import Asked, log_environment
from moonlock.cli.days import Days
from moonlock.cli.fresh import fresh
from moonlock.config.settings import Config
from moonlock.live import clock
from moonlock.model.report import Report


def made(asked: Asked, config: Config, env: Mapping[str, str], home: Path) -> Report:
    """The report, after everything new was read."""
    days = Days(asked, config.timezone, env, clock.now())
    with fresh(config, log_environment(env, config.claude_config_dir), home) as store:
        rows = store.daily(days.segments, days.start, days.end)
        totals, reading = store.totals(days.start, days.end), store.reading()
    if asked.order == "desc":
        rows.reverse()
    return Report(
        name=asked.report,
        timezone=days.name,
        since=days.since,
        until=days.until,
        rows=tuple(rows),
        totals=msgspec.structs.replace(totals, key="total"),
        reading=reading,
    )
