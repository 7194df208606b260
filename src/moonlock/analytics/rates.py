"""What tokens of one kind cost at one moment, and what the same tokens would cost at another model's price."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from moonlock.analytics.cost import charged
from moonlock.analytics.prices import MICRO, Amounts, PriceTable, spelling
from moonlock.model.efficiency import Paid
from moonlock.model.events import BATCH_TIER, FAST, GEO_US
from moonlock.model.instant import Instant
from moonlock.model.tokens import Tokens

Rates = Callable[[Paid], tuple[Amounts, Amounts] | None]
"""The amounts that a response paid, and the plain ones; None where nobody knows the price."""
PRICED = FAST | GEO_US | BATCH_TIER
"""The marks that change a price."""

_FAMILY = re.compile(r"claude-([a-z]+)-(\d+)(?:-(\d+))?")
_FAST_NAME = "-fast"


def rates(table: PriceTable) -> Rates:
    """The list prices of responses."""
    charges = charged(table)

    def found(paid: Paid) -> tuple[Amounts, Amounts] | None:
        charge = charges(plain(paid.model, paid.marks), paid.at, paid.marks)
        if charge is None:
            return None
        return (charge[0] if paid.tokens.prompt <= charge[1] else charge[2]), charge[0]

    return found


def plain(model: str, marks: int) -> str:
    """A model as the price table knows it: fast requests are one of their own in reports (rule C4)."""
    return model.removesuffix(_FAST_NAME) if marks & FAST else model


def same(one: str, other: str) -> bool:
    """Whether two names are spellings of one model, so that they share a cache."""
    return one == other or spelling(one) == spelling(other)


def times(kinds: Sequence[int], amounts: Amounts) -> int:
    """Femtodollars of the kinds of tokens, which come first, in the order of their prices."""
    return sum(count * amount for count, amount in zip(kinds, amounts, strict=False))


def counts(tokens: Tokens) -> tuple[int, int, int, int, int]:
    """The kinds of tokens, in the order of their prices."""
    return tokens.input, tokens.output, tokens.cache_write_5m, tokens.cache_write_1h, tokens.cache_read


def micro(femto: int) -> int:
    """Micro-dollars, rounded half up."""
    return (femto + MICRO // 2) // MICRO


def newest(table: PriceTable) -> tuple[str, ...]:
    """The newest listed model of each of Anthropic's families."""
    found: dict[str, tuple[tuple[int, int], str]] = {}
    for name in table.models:
        if family := _FAMILY.fullmatch(name):
            release = int(family[2]), int(family[3] or 0)
            found[family[1]] = max(found.get(family[1], ((0, 0), "")), (release, name))
    return tuple(name for _, name in sorted(found.values(), key=lambda one: one[1]))


def thresholds(table: PriceTable) -> frozenset[int]:
    """The prompts above which some price of the table is another one."""
    prices = (price for entry in table.models.values() for price in (entry, *entry.periods))
    return frozenset(price.long_context.above for price in prices if price.long_context is not None)


def of_anthropic(model: str) -> bool:
    """Whether tokens of the model can be compared with Claude's: other tokenizers count otherwise."""
    name = spelling(model)
    return name.startswith("claude-") or "anthropic-claude-" in name


def lasting(tokens: Tokens, before: Instant | None) -> Instant | None:
    """How long what was cached by a request lives, in milliseconds; that of before where it wrote nothing."""
    if not tokens.cache_creation:
        return before
    return 12 * FIVE_MINUTES if tokens.cache_write_1h >= tokens.cache_write_5m else FIVE_MINUTES


FIVE_MINUTES: Instant = 300_000
