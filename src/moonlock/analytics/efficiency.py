"""Where money went that need not have: caches that were written anew, large contexts, long-context prices.

The definitions are measured ones (on some 22,000 requests of 13 people); each figure stands beside what it is made of.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from moonlock.analytics.prices import Amounts, PriceTable
from moonlock.analytics.rates import Grouped, Rates, lasting, micro, newest, of_anthropic, rates, same, times
from moonlock.model.efficiency import Cause, Efficiency, Evidence, Facts, Instead, Paid, Rebuild, Share
from moonlock.model.events import LOST_MESSAGES, LOST_MODEL, LOST_SYSTEM, LOST_TOOLS, UNDERSTATED
from moonlock.model.instant import Instant
from moonlock.model.tokens import Tokens, Usage

SMALLEST = 20_000
"""A prompt up to this size is no loss when it is written anew."""
HALF = 0.5
"""More than this share of the prompt before was written, and less of it read: then its cache was lost."""
LARGE = 100_000
"""Tokens of context above which 58 % of all money was spent where it was measured."""

_SAID: tuple[tuple[int, Cause], ...] = (
    (LOST_MODEL, "model"),
    (LOST_SYSTEM, "system"),
    (LOST_TOOLS, "tools"),
    (LOST_MESSAGES, "messages"),
)
_Line = tuple[int, str]


class _Last(msgspec.Struct, gc=False):
    """The newest response of a line, and how long what it cached lives."""

    paid: Paid
    lives: Instant | None


class _Sums:
    """Some responses, by session."""

    def __init__(self) -> None:
        self._found: dict[int, Evidence] = {}

    def add(self, session: int, at: Instant, cost: int | None) -> None:
        """One more, in time order."""
        known = self._found.get(session)
        if known is None:
            self._found[session] = Evidence(session, 1, cost, at, at)
            return
        both = known.cost if cost is None else cost + (known.cost or 0)
        self._found[session] = Evidence(session, known.times + 1, both, known.first, at)

    def read(self) -> tuple[Evidence, ...]:
        """Dearest first."""
        return tuple(sorted(self._found.values(), key=dearest))


def dearest(one: Evidence) -> tuple[int, int, int]:
    """A key to sort by."""
    return -(one.cost or 0), -one.times, one.session


class _Fold:
    """Responses, one after the other."""

    def __init__(self, facts: Facts, table: PriceTable) -> None:
        self._rates: Rates = rates(table)
        self._compacted: dict[int, list[Instant]] = {}
        for session, at in facts.compactions:
            self._compacted.setdefault(session, []).append(at)
        self._last: dict[_Line, _Last] = {}
        self.mix, self.aside_mix = _Mix(table), _Mix(table)
        self.rebuilds: list[Rebuild] = []
        self.large, self.cliffs, self.aside = _Sums(), _Sums(), _Sums()
        self.first: list[tuple[int, Evidence]] = []
        self.hour_extra = 0

    def before(self, paid: Paid) -> None:
        """A response from before the time in question: the next one of its line is held against it."""
        line = paid.session, paid.agent_id
        known = self._last.get(line)
        self._last[line] = _Last(paid, lasting(paid.tokens, known.lives if known else None))

    def add(self, paid: Paid) -> None:
        """The next response."""
        line = paid.session, paid.agent_id
        last, found = self._last.get(line), self._rates(paid)
        if last is not None:
            if _is_rebuild(last.paid.tokens.prompt, paid.tokens):
                self.rebuilds.append(self._rebuild(last, paid, found[0] if found else None))
        elif not paid.agent_id:
            self.first.append((paid.tokens.prompt, Evidence(paid.session, 1, paid.cost, paid.at, paid.at)))
        self._last[line] = _Last(paid, lasting(paid.tokens, last.lives if last else None))
        self.mix.add(paid)
        if paid.agent_id:
            self.aside_mix.add(paid)
            self.aside.add(paid.session, paid.at, paid.cost)
        if paid.tokens.prompt > LARGE:
            self.large.add(paid.session, paid.at, paid.cost)
        if found is not None:
            paid_for, plain = found
            self.hour_extra += paid.tokens.cache_write_5m * max(0, paid_for[3] - paid_for[2])
            if paid_for is not plain:
                more = micro(times(paid.tokens, paid_for)) - micro(times(paid.tokens, plain))
                self.cliffs.add(paid.session, paid.at, more)

    def _rebuild(self, last: _Last, paid: Paid, amounts: Amounts | None) -> Rebuild:
        before = last.paid.tokens.prompt
        rewritten = min(paid.tokens.cache_creation, before - paid.tokens.cache_read)
        return Rebuild(
            paid.session,
            paid.agent_id,
            paid.at,
            paid.model,
            self._cause(last, paid),
            paid.at - last.paid.at,
            before,
            rewritten,
            None if amounts is None else _waste(paid.tokens, rewritten, amounts),
        )

    def _cause(self, last: _Last, paid: Paid) -> Cause:
        """What is sure comes first; time alone explains what nothing else does but the provider's own word."""
        if not paid.agent_id and any(last.paid.at < at <= paid.at for at in self._compacted.get(paid.session, ())):
            return "compaction"
        if not same(last.paid.model, paid.model):
            return "model"
        for mark, cause in _SAID:
            if paid.marks & mark:
                return cause
        lives = last.lives or lasting(paid.tokens, None)
        return "idle" if lives is not None and paid.at - last.paid.at > lives else "unknown"


class _Mix:
    """Usage by model, and its tokens by all that a price depends on."""

    def __init__(self, table: PriceTable) -> None:
        self._grouped, self._newest = Grouped(table), newest(table)
        self._usage: dict[str, Usage] = {}

    def add(self, paid: Paid) -> None:
        self._grouped.add(paid)
        known = self._usage.get(paid.model)
        self._usage[paid.model] = _usage(paid) if known is None else known + _usage(paid)

    def read(self) -> tuple[Share, ...]:
        """Dearest first."""
        found = [self._share(model, usage) for model, usage in self._usage.items()]
        return tuple(sorted(found, key=lambda one: (-one.usage.cost, -one.usage.tokens.total, one.model)))

    def _share(self, model: str, usage: Usage) -> Share:
        others = [name for name in self._newest if not same(name, model)] if of_anthropic(model) else []
        told = ((name, self._grouped.listed(model, name)) for name in others)
        instead = tuple(Instead(name, cost) for name, cost in told if cost is not None)
        return Share(model, usage, self._grouped.listed(model, model), instead)

    def whole(self) -> Usage:
        return sum(self._usage.values(), Usage())


def read(before: Iterable[Paid], paid: Iterable[Paid], facts: Facts, table: PriceTable) -> Efficiency:
    """The parts, of responses in time order; ``before`` has the last ones of their lines before these."""
    fold = _Fold(facts, table)
    for one in before:
        fold.before(one)
    sessions = set()
    for one in paid:
        sessions.add(one.session)
        fold.add(one)
    return Efficiency(
        usage=fold.mix.whole(),
        sessions=len(sessions),
        prompts=facts.prompts,
        commits=facts.commits,
        rebuilds=tuple(fold.rebuilds),
        large=fold.large.read(),
        cliffs=fold.cliffs.read(),
        aside=fold.aside.read(),
        first=tuple(fold.first),
        mix=fold.mix.read(),
        aside_mix=fold.aside_mix.read(),
        tools=facts.tools,
        hour_extra=micro(fold.hour_extra),
    )


def by_session(rebuilds: Iterable[Rebuild]) -> tuple[Evidence, ...]:
    """The same, added up; dearest first."""
    found = _Sums()
    for one in rebuilds:
        found.add(one.session, one.at, one.waste)
    return found.read()


def _is_rebuild(before: int, tokens: Tokens) -> bool:
    return before > SMALLEST and tokens.cache_creation > HALF * before and tokens.cache_read < HALF * before


def _waste(tokens: Tokens, rewritten: int, amounts: Amounts) -> int:
    """What writing cost more than reading; where both lifetimes were written, in their proportion."""
    written = tokens.cache_write_5m * amounts[2] + tokens.cache_write_1h * amounts[3]
    return max(0, micro(rewritten * written // tokens.cache_creation - rewritten * amounts[4]))


def _usage(paid: Paid) -> Usage:
    low = 1 if paid.marks & UNDERSTATED else 0
    if paid.cost is None:
        return Usage(paid.tokens, 1, 0, 1, paid.tokens.total, low)
    return Usage(paid.tokens, 1, paid.cost, 0, 0, low)
