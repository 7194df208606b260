"""What the house works with, as it leaves it in JSON: what is read, what is charged, what is set."""

from __future__ import annotations

from msgspec import field

from moonlock.model.shape import Shape
from moonlock.model.shapes import ComponentShape, PlaceShape


class SourceList(Shape, frozen=True, rename="camel", kw_only=True):
    """What is read, and how that goes."""

    places: list[PlaceShape]
    health: ComponentShape | None


class RatesShape(Shape, frozen=True, rename="camel", kw_only=True):
    """Dollars for a million tokens."""

    input: float
    output: float
    cache_write_5m: float = field(name="cacheWrite5m")
    cache_write_1h: float = field(name="cacheWrite1h")
    cache_read: float


class LongContextShape(RatesShape, frozen=True, rename="camel", kw_only=True):
    """Rates of a whole request whose prompt is larger than ``above``."""

    above: int


class PriceShape(RatesShape, frozen=True, rename="camel", kw_only=True):
    model: str
    since: str | None
    """The day from which on it holds; null when it always did."""
    own: bool
    """From the setting price_overrides."""
    batch: float | None
    geo_us: float | None
    fast: float | None
    long_context: LongContextShape | None


class PriceTableShape(Shape, frozen=True, rename="camel", kw_only=True):
    """What is charged; a later price of a model is a row of its own."""

    origin: str
    made: str | None
    web_search_per_1000: float
    prices: list[PriceShape]


class SettingShape(Shape, frozen=True, rename="camel", kw_only=True):
    name: str
    value: object
    origin: str
    """``default``, or who said so: a file, a variable of the environment, a flag."""
    fixed: bool
    """Said by a flag or the environment, against which a file says nothing."""


class SettingList(Shape, frozen=True, rename="camel", kw_only=True):
    settings: list[SettingShape]
