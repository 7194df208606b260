"""Where money went that need not have: caches that were written anew, large contexts, long-context prices.

The definitions are measured ones (on some 22,000 requests of 13 people); each figure stands beside what it is made of.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from moonlock.analytics.mix import ASIDE, LOOKS, Mix
from moonlock.analytics.prices import NEVER, Amounts, PriceTable
from moonlock.analytics.rates import Rates, counts, lasting, micro, rates, same, thresholds, times
from moonlock.model.efficiency import Cause, Efficiency, Evidence, Facts, Looked, Paid, Rebuild
from moonlock.model.events import LOST_MESSAGES, LOST_MODEL, LOST_SYSTEM, LOST_TOOLS
from moonlock.model.instant import Instant
from moonlock.model.tokens import Tokens

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
    prompt: int
    lives: Instant | None


class _Sum(msgspec.Struct, gc=False):
    times: int
    cost: int | None
    first: Instant
    last: Instant


class _Sums:
    """Some responses, by session."""

    def __init__(self) -> None:
        self._found: dict[int, _Sum] = {}

    def add(self, session: int, at: Instant, cost: int | None) -> None:
        """One more, in time order."""
        known = self._found.get(session)
        if known is None:
            self._found[session] = _Sum(1, cost, at, at)
            return
        known.times += 1
        known.last = at
        if cost is not None:
            known.cost = cost + (known.cost or 0)

    def read(self) -> tuple[Evidence, ...]:
        """Dearest first."""
        each = (Evidence(session, one.times, one.cost, one.first, one.last) for session, one in self._found.items())
        return tuple(sorted(each, key=dearest))


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
        self._cliff = min(thresholds(table), default=NEVER)
        self.mix = Mix(table)
        self.rebuilds: list[Rebuild] = []
        self.large, self.cliffs, self.aside = _Sums(), _Sums(), _Sums()
        self.looks: dict[str, _Sums] = {}
        self.first: list[tuple[int, Evidence]] = []

    def before(self, paid: Paid) -> None:
        """A response from before the time in question: the next one of its line is held against it."""
        line = paid.session, paid.agent_id
        known = self._last.get(line)
        self._last[line] = _Last(paid, paid.tokens.prompt, lasting(paid.tokens, known.lives if known else None))

    def add(self, paid: Paid) -> None:
        """The next response."""
        line = paid.session, paid.agent_id
        last, prompt = self._last.get(line), paid.tokens.prompt
        if last is not None:
            if last.prompt > SMALLEST and _is_rebuild(last.prompt, paid.tokens):
                self.rebuilds.append(self._rebuild(last, paid))
        elif not paid.agent_id:
            self.first.append((prompt, Evidence(paid.session, 1, paid.cost, paid.at, paid.at)))
        self._last[line] = _Last(paid, prompt, lasting(paid.tokens, last.lives if last else None))
        self.mix.add(paid, prompt)
        self._part(paid, prompt)

    def looked(self) -> tuple[Looked, ...]:
        """What only read and searched, dearest model first."""
        return tuple(Looked(share, self.looks[share.model].read()) for share in self.mix.shares(LOOKS))

    def _part(self, paid: Paid, prompt: int) -> None:
        if paid.agent_id:
            self.aside.add(paid.session, paid.at, paid.cost)
        if paid.looks:
            self.looks.setdefault(paid.model, _Sums()).add(paid.session, paid.at, paid.cost)
        if prompt > LARGE:
            self.large.add(paid.session, paid.at, paid.cost)
        if prompt > self._cliff and (found := self._rates(paid)) is not None and found[0] is not found[1]:
            kinds = counts(paid.tokens)
            self.cliffs.add(paid.session, paid.at, micro(times(kinds, found[0])) - micro(times(kinds, found[1])))

    def _rebuild(self, last: _Last, paid: Paid) -> Rebuild:
        found, before = self._rates(paid), last.prompt
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
            None if found is None else _waste(paid.tokens, rewritten, found[0]),
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
        mix=fold.mix.shares(),
        aside_mix=fold.mix.shares(ASIDE),
        looked=fold.looked(),
        tools=facts.tools,
        changed=facts.changed,
        repeats=facts.repeats,
        hour_extra=fold.mix.hour_extra(),
    )


def by_session(rebuilds: Iterable[Rebuild]) -> tuple[Evidence, ...]:
    """The same, added up; dearest first."""
    found = _Sums()
    for one in rebuilds:
        found.add(one.session, one.at, one.waste)
    return found.read()


def _is_rebuild(before: int, tokens: Tokens) -> bool:
    return tokens.cache_read < HALF * before and tokens.cache_creation > HALF * before


def _waste(tokens: Tokens, rewritten: int, amounts: Amounts) -> int:
    """What writing cost more than reading; where both lifetimes were written, in their proportion."""
    written = tokens.cache_write_5m * amounts[2] + tokens.cache_write_1h * amounts[3]
    return max(0, micro(rewritten * written // tokens.cache_creation - rewritten * amounts[4]))
