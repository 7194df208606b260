"""A report as the nouns that tables are drawn from, on what the logs say now."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from moonlock.cli.asked import Asked
from moonlock.cli.asking import found
from moonlock.cli.days import Days
from moonlock.cli.fresh import fresh, whole
from moonlock.config.settings import Config
from moonlock.live import clock
from moonlock.model.report import Reading, Report
from moonlock.store.reports import noun

if TYPE_CHECKING:
    from moonlock.store.pricing import Price


def made(asked: Asked, config: Config, env: Mapping[str, str], home: Path) -> Report:
    """The report, after everything new was read."""
    days = Days(asked, config.timezone, env, clock.now())
    read = whole if asked.report in ("session", "tool", "skill") else fresh
    with read(config, env, home) as store:
        rows, totals, reading, extra = found(store, asked, days, config.start_of_week, _price(asked.cost, config))
    return Report(
        name=asked.report,
        timezone=days.name,
        since=days.since,
        until=days.until,
        rows=tuple(map(noun, rows)),
        totals=noun(("total", *totals[1:])),
        reading=Reading(*reading),
        extra=extra,
    )


def _price(mode: str, config: Config) -> Price | None:
    """Prices for another cost than the one that every request has in the store."""
    if mode == "auto":
        return None
    from moonlock.analytics.cost import pricing
    from moonlock.cli.prices import priced

    return pricing(mode, priced(config).table)
