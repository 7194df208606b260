"""The price table in force: the built-in one or the user's own file, with the user's own rates before it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from moonlock.cli.errors import Trouble, warn
from moonlock.config.settings import Config
from moonlock.model.health import Finding

if TYPE_CHECKING:
    from moonlock.analytics.prices import PriceError, PriceTable
    from moonlock.live.health import PriceList

SHAPE = 'it is JSON: {"models": {"claude-opus-5-5": {"input": 5, "output": 25}}}, in dollars for a million tokens'
NEWLINE = b"\n"
_BYTE = re.compile(r"\(byte (\d+)\)")
_FIELD = re.compile(r"(?:\.|unknown field `)(\w+)")
"""How the decoder names a field: at the end of a path, or as one that it does not know."""


class Priced(NamedTuple):
    """The table in force, and why the file that was named is not."""

    table: PriceTable
    wrong: Finding | None = None


def prices(config: Config) -> PriceTable:
    """The table in force; a file that cannot be used is told on stderr."""
    found = priced(config)
    if found.wrong is not None:
        warn(found.wrong.message, found.wrong.hint)
    return found.table


def priced(config: Config) -> Priced:
    """The table in force. The built-in one stands in for a file that cannot be used, as a whole: a table of which one
    half is somebody's and the other ours has prices that nobody meant."""
    from moonlock.analytics.prices import PriceError, PriceTable, builtin

    table, wrong = _of_file(config)
    table = table or builtin()
    if not config.price_overrides:
        return Priced(table, wrong)
    try:
        own = PriceTable.parse(msgspec.json.encode({"models": config.price_overrides}))
    except PriceError as bad:
        raise Trouble("prices", f"{bad} (from {config.origins['price_overrides']})", SHAPE) from bad
    return Priced(table.merged_with(own), wrong)


def price_list(config: Config, table: PriceTable) -> PriceList:
    """What health says of the table."""
    from moonlock.live.health import BUILT_IN, PriceList

    wrong = priced(config).wrong
    origin = BUILT_IN if wrong or not config.prices else config.prices
    return PriceList(len(table.models), origin, table.made, len(config.price_overrides), wrong)


def _of_file(config: Config) -> tuple[PriceTable | None, Finding | None]:
    """The user's own file; or what is wrong with it, and where."""
    from moonlock.analytics.prices import PriceError, PriceTable

    if not config.prices:
        return None, None
    instead = f"(from {config.origins['prices']}); the built-in table is used"
    data = b""
    try:
        data = Path(config.prices).read_bytes()
        return PriceTable.parse(data), None
    except PriceError as bad:
        return None, Finding("prices", f"{config.prices}, {_place(data, bad)}: {bad} {instead}", SHAPE)
    except OSError as failure:
        said = f"cannot read the price file {config.prices}: {failure.strerror} {instead}"
        return None, Finding("prices", said, "name a file that exists, or leave the setting out")


def _place(data: bytes, bad: PriceError) -> str:
    """Line and column of what is wrong, both from 1."""
    before = data[: _offset(data, bad)]
    return f"line {before.count(NEWLINE) + 1}, column {len(before) - before.rfind(NEWLINE)}"


def _offset(data: bytes, bad: PriceError) -> int:
    """Where the decoder stopped; else where the entry stands that it refused, or the field that it names."""
    try:
        data.decode()
    except UnicodeDecodeError as unreadable:
        return unreadable.start
    said = str(bad.__cause__)
    stopped = _BYTE.search(said)
    if stopped and not bad.entry:
        return int(stopped[1])
    if "truncated" in said:
        return len(data)
    named = [bad.entry] if bad.entry else []
    at = 0
    for key in named + _FIELD.findall(said)[-1:]:
        found = re.compile(re.escape(json.dumps(key, ensure_ascii=False)).encode() + rb"\s*:").search(data, at)
        at = found.start() if found else at
    return at
