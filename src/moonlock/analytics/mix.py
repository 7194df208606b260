"""Usage by model, and what the same tokens would cost at the price of another one."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from moonlock.analytics.cost import charged
from moonlock.analytics.prices import Amounts, PriceTable
from moonlock.analytics.rates import PRICED, micro, newest, of_anthropic, plain, same, thresholds, times
from moonlock.model.efficiency import Instead, Paid, Share
from moonlock.model.events import UNDERSTATED
from moonlock.model.instant import DAY
from moonlock.model.tokens import Tokens, Usage

ASIDE, LOOKS = 1, 2
"""Parts of the whole: what sub-agents used, and what only read and searched."""

_Group = tuple[str, int, int, int, int]
"""Model, day, marks, how many long-context thresholds of the whole table are passed: what a price depends on; and the
parts that it is of."""
_KINDS = 5
_NOTHING = [0] * (_KINDS + 5)


class Mix:
    """Responses, added up as far as neither a price nor a part tells them apart."""

    def __init__(self, table: PriceTable) -> None:
        self._charges, self._newest = charged(table), newest(table)
        self._steps = sorted(thresholds(table))
        self._found: dict[_Group, list[int]] = {}

    def add(self, paid: Paid, prompt: int) -> None:
        """One more response."""
        part = (ASIDE if paid.agent_id else 0) | (LOOKS if paid.looks else 0)
        group = paid.model, paid.at // DAY, paid.marks & PRICED, bisect_left(self._steps, prompt), part
        sums = self._found.get(group)
        if sums is None:
            sums = self._found[group] = _NOTHING.copy()
        tokens = paid.tokens
        sums[0] += tokens.input
        sums[1] += tokens.output
        sums[2] += tokens.cache_write_5m
        sums[3] += tokens.cache_write_1h
        sums[4] += tokens.cache_read
        sums[5] += 1
        if paid.cost is None:
            sums[7] += 1
            sums[8] += prompt + tokens.output
        else:
            sums[6] += paid.cost
        if paid.marks & UNDERSTATED:
            sums[9] += 1

    def whole(self) -> Usage:
        """All of it."""
        return _usage(self._found.values())

    def shares(self, part: int = 0) -> tuple[Share, ...]:
        """Of the responses of a part, by model, dearest first."""
        models = {group[0] for group in self._found if group[4] & part == part}
        found = [self._share(model, part) for model in models]
        return tuple(sorted(found, key=lambda one: (-one.usage.cost, -one.usage.tokens.total, one.model)))

    def hour_extra(self) -> int:
        """Micro-dollars by which five-minute cache writes would have cost more as one-hour writes."""
        femto = 0
        for group, sums in self._found.items():
            amounts = self._amounts(group, group[0])
            if amounts is not None:
                femto += sums[2] * max(0, amounts[3] - amounts[2])
        return micro(femto)

    def _share(self, model: str, part: int) -> Share:
        own = {group: sums for group, sums in self._found.items() if group[0] == model and group[4] & part == part}
        others = [name for name in self._newest if not same(name, model)] if of_anthropic(model) else []
        told = ((name, self._listed(own, name)) for name in others)
        instead = tuple(Instead(name, cost) for name, cost in told if cost is not None)
        return Share(model, _usage(own.values()), self._listed(own, model), instead)

    def _listed(self, own: dict[_Group, list[int]], at: str) -> int | None:
        """What tokens cost at the list price of a model, in micro-dollars; None where it has none."""
        femto = 0
        for group, sums in own.items():
            amounts = self._amounts(group, at)
            if amounts is None:
                return None
            femto += times(sums, amounts)
        return micro(femto)

    def _amounts(self, group: _Group, at: str) -> Amounts | None:
        _, day, marks, step, _ = group
        charge = self._charges(plain(at, marks), day * DAY, marks)
        if charge is None:
            return None
        return charge[2] if step > 0 and self._steps[step - 1] >= charge[1] else charge[0]


def _usage(each: Iterable[Sequence[int]]) -> Usage:
    sums = [sum(column) for column in zip(_NOTHING, *each, strict=True)]
    return Usage(Tokens(*sums[:_KINDS]), *sums[_KINDS:])
