"""The price table: what a token costs, by model and by day, and how the many spellings of a model find their price.

Amounts are integers of femtodollars (10**-15 dollars), fine enough that every published price times every published
factor is exact; the decimals of the file become integers when a price is looked up, and no float is added after that.
"""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterable
from datetime import date
from functools import cache, cached_property
from hashlib import blake2b
from typing import Annotated

import msgspec

from moonlock.model.events import BATCH_TIER, FAST, GEO_US

MICRO = 10**9
"""Femtodollars in a micro-dollar. A price of one dollar for a million tokens is as many femtodollars for one token."""
NEVER = 1 << 62
"""A long-context threshold that nothing passes."""

Dollars = Annotated[float, msgspec.Meta(ge=0)]
Factor = Annotated[float, msgspec.Meta(gt=0)]
Amounts = tuple[int, int, int, int, int]
"""Femtodollars for one token of input, output, 5-minute write, 1-hour write, cache read."""
Charge = tuple[Amounts, int, Amounts]
"""The plain amounts, the prompt above which the others hold, and those others."""


class PriceError(ValueError):
    """A price file is wrong; the message names the entry, and ``entry`` is its name where it is the wrong thing."""

    def __init__(self, message: str, entry: str = "") -> None:
        super().__init__(message)
        self.entry = entry


class Rates(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Dollars for a million tokens. A cache price that is left out is the price of input."""

    input: Dollars
    output: Dollars
    cache_write_5m: Dollars | None = msgspec.field(name="cacheWrite5m", default=None)
    cache_write_1h: Dollars | None = msgspec.field(name="cacheWrite1h", default=None)
    cache_read: Dollars | None = msgspec.field(name="cacheRead", default=None)

    def amounts(self, factor: int, scale: int) -> Amounts:
        """The rates times ``factor / scale``, in femtodollars for one token."""
        short = self.input if self.cache_write_5m is None else self.cache_write_5m
        long = self.input if self.cache_write_1h is None else self.cache_write_1h
        read = self.input if self.cache_read is None else self.cache_read
        rates = (self.input, self.output, short, long, read)
        first, second, third, fourth, fifth = ((round(rate * MICRO) * factor + scale // 2) // scale for rate in rates)
        return first, second, third, fourth, fifth


class LongContext(Rates, frozen=True, kw_only=True):
    """The rates of a whole request whose prompt is larger than ``above`` (rule C3)."""

    above: Annotated[int, msgspec.Meta(gt=0)]


class Price(Rates, frozen=True, kw_only=True):
    """Rates and what changes them; a factor that is left out is 1 (rules C4, C6)."""

    batch: Factor | None = None
    geo_us: Factor | None = msgspec.field(name="geoUs", default=None)
    fast: Factor | None = None
    long_context: LongContext | None = msgspec.field(name="longContext", default=None)

    def factors(self, marks: int) -> list[tuple[str, float]]:
        """What multiplies the rates of a request with these marks, by its name in the file."""
        all_of_them = ((FAST, "fast", self.fast), (GEO_US, "geoUs", self.geo_us), (BATCH_TIER, "batch", self.batch))
        return [(name, times) for mark, name, times in all_of_them if marks & mark and times is not None]

    def charge(self, marks: int) -> Charge:
        """What a request with these marks pays for its tokens."""
        factor = scale = 1
        for _, times in self.factors(marks):
            factor, scale = factor * round(times * 10**6), scale * 10**6
        plain, long = self.amounts(factor, scale), self.long_context
        return (plain, NEVER, plain) if long is None else (plain, long.above, long.amounts(factor, scale))


class Period(Price, frozen=True, kw_only=True):
    """The price from a day (UTC) on; nothing is taken over from the time before."""

    since: date = msgspec.field(name="from")


class Entry(Price, frozen=True, kw_only=True):
    """One model: its price, and the later ones."""

    periods: tuple[Period, ...] = ()

    def on(self, day: int) -> Price:
        """The price on a day, counted from 1970-01-01."""
        ordinal = day + date(1970, 1, 1).toordinal()
        begun = [period for period in self.periods if period.since.toordinal() <= ordinal]
        return max(begun, key=lambda period: period.since, default=self)


class _Document(msgspec.Struct):
    models: dict[str, msgspec.Raw]
    web_search: Dollars = msgspec.field(name="webSearchPer1000", default=10.0)
    made: str = ""
    sources: dict[str, str] = {}


class PriceTable(msgspec.Struct, frozen=True, dict=True):
    """Prices by model name; ``made`` and ``sources`` say how fresh they are and where they come from."""

    models: dict[str, Entry]
    web_search: float = 10.0
    """Dollars for a thousand web searches (rule C5)."""
    made: str = ""
    sources: dict[str, str] = {}
    own: frozenset[str] = frozenset()
    """The models whose prices are the user's own, from the settings."""

    @classmethod
    def parse(cls, data: bytes) -> PriceTable:
        """A price file, checked; raises PriceError."""
        try:
            document = msgspec.json.decode(data, type=_Document)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise PriceError(f"the price file cannot be read: {error}") from error
        models = {name: _entry(name, raw) for name, raw in document.models.items()}
        return cls(models, document.web_search, document.made, document.sources)

    @cached_property
    def digest(self) -> str:
        """Changes when a price changes, and only then."""
        content = msgspec.json.encode((sorted(self.models.items()), self.web_search))
        return blake2b(content, digest_size=8).hexdigest()

    @cached_property
    def _spellings(self) -> dict[str, str]:
        return {spelling(name): name for name in _plainest_last(self.models)}

    def listed(self, model: str) -> str | None:
        """Under which name a model is listed: its own, else its plain spelling, else None (rule C7)."""
        return model if model in self.models else self._spellings.get(spelling(model))

    def find(self, model: str) -> Entry | None:
        """The entry of a model, None when it is not listed."""
        name = self.listed(model)
        return None if name is None else self.models[name]

    def merged_with(self, overrides: PriceTable) -> PriceTable:
        """This table, with the user's own models before it; an override replaces every spelling of its model."""
        replaced = {spelling(name) for name in overrides.models}
        kept = {name: entry for name, entry in self.models.items() if spelling(name) not in replaced}
        own = frozenset(overrides.models)
        return PriceTable({**kept, **overrides.models}, self.web_search, self.made, self.sources, own)


@cache
def builtin() -> PriceTable:
    """The table that is shipped (made by scripts/update_prices.py)."""
    data = pkgutil.get_data("moonlock.analytics", "prices.json")  # importlib.resources takes 8 ms longer to import
    assert data is not None, "prices.json is part of the package"
    return PriceTable.parse(data)


_VERTEX_DATE = re.compile(r"@.*$")
_DATE = re.compile(r"-(?:\d{8}|\d{4}-\d\d-\d\d)$")
_BEDROCK = re.compile(r"^(?:(?P<region>[a-z-]+)\.)?anthropic\.(?P<model>.+?)(?:-v\d+(?::\d+)?)?$")


def spelling(model: str) -> str:
    """A model's name without vendor, date, ``[1m]`` and capitals; a Bedrock region stays, for it has its own price.

    ``anthropic/claude-sonnet-4.5``, ``claude-sonnet-4-5@20250929`` and ``global.anthropic.claude-sonnet-4-5-v1:0`` are
    all ``claude-sonnet-4-5``; ``us.anthropic.claude-sonnet-4-5-20250929-v1:0`` is ``us-anthropic-claude-sonnet-4-5``.
    """
    name = model.strip().lower().removesuffix("[1m]").rpartition("/")[2]
    bedrock = _BEDROCK.match(name)
    region = ""
    if bedrock is not None:
        name = bedrock["model"]
        region = "" if bedrock["region"] in (None, "global") else f"{bedrock['region']}-anthropic-"
    return region + _DATE.sub("", _VERTEX_DATE.sub("", name)).replace(".", "-")


def _plainest_last(names: Iterable[str]) -> list[str]:
    return sorted(names, key=lambda name: (-len(name), name))


def _entry(name: str, raw: msgspec.Raw) -> Entry:
    try:
        return msgspec.json.decode(raw, type=Entry)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PriceError(f"the price of {name!r} is wrong: {error}", name) from error
