"""The price table in force: the built-in one or the user's own file, with the user's own rates before it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from moonlock.cli.errors import Trouble
from moonlock.config.settings import Config

if TYPE_CHECKING:
    from moonlock.analytics.prices import PriceTable
    from moonlock.live.health import PriceList

SHAPE = 'it is JSON: {"models": {"claude-opus-5-5": {"input": 5, "output": 25}}}, in dollars for a million tokens'


def prices(config: Config) -> PriceTable:
    """The table; a file that cannot be read is refused, because guessed money is worse than none."""
    from moonlock.analytics.prices import PriceError, PriceTable, builtin

    try:
        table = PriceTable.parse(Path(config.prices).read_bytes()) if config.prices else builtin()
        if not config.price_overrides:
            return table
        own = msgspec.json.encode({"models": config.price_overrides})
        return table.merged_with(PriceTable.parse(own))
    except PriceError as wrong:
        origin = config.origins["prices"]
        raise Trouble("prices", f"{wrong} (from {origin})", SHAPE) from wrong
    except OSError as failure:
        origin = config.origins["prices"]
        message = f"cannot read the price file {config.prices}: {failure.strerror} (from {origin})"
        raise Trouble("prices", message, "name a file that exists, or leave the setting out") from failure


def price_list(config: Config, table: PriceTable) -> PriceList:
    """What health says of the table."""
    from moonlock.live.health import PriceList

    origin = config.prices or "the built-in table"
    return PriceList(len(table.models), origin, table.made, len(config.price_overrides))
