"""A rule tried against what is remembered: the past as the rule would have seen it, as far as what is kept tells.

What has to be read is read at once, in the thread that may; the rest is arithmetic, for another one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby

import msgspec

from moonlock.analytics import anomaly, caching, context, timer
from moonlock.analytics.anchor import LOOK_BACK
from moonlock.analytics.forecast import OWN
from moonlock.analytics.limit_rules import limits
from moonlock.analytics.lost import LOST
from moonlock.analytics.preview import fired
from moonlock.analytics.rules import Picture, Planned, Seen, Window
from moonlock.analytics.sessions import Status
from moonlock.live.gathered import ran
from moonlock.model.alert import Rule
from moonlock.model.instant import DAY, MINUTE, Instant
from moonlock.model.limits import QuotaWindow
from moonlock.model.manual import Entry, Hand
from moonlock.model.outlook import Spent
from moonlock.model.session import Tail
from moonlock.store import Store
from moonlock.store.hands import number_of
from moonlock.store.rehearsing import Prompted

MOST_DAYS, SHOWN = 90, 100
_ALL, _PAGE = 1 << 40, 50
_RUNNING, _STOPPED = Status("running", None), Status("error", None)
Pictures = Iterable[Picture]
UNKNOWN: Mapping[str, str] = {
    **dict.fromkeys(("overrun", "time-to-limit", "quota-pace"), "What was forecast at earlier moments is not kept."),
    "waiting": "Logs do not tell for how long a session waited for a person.",
    **dict.fromkeys(("source-silent", "store-trouble"), "How Moonlock's own parts did is not kept."),
}
"""Rules that nothing tells of, and why."""


class Span(msgspec.Struct, frozen=True):
    """What is looked at: everything since then. ``env`` is that of the agents, which says how large a context is."""

    since: Instant
    now: Instant
    env: Mapping[str, str]


def past(store: Store, rule: str, span: Span) -> list[Pictures]:
    """What the rule would have seen; each of these is apart from the others."""
    return [*_PASTS[rule](store, span)]


def firings(rule: Rule, seen: Iterable[Pictures], span: Span) -> list[Instant]:
    """When it would have fired, oldest first."""
    return sorted(at for pictures in seen for at in fired(rule, pictures) if span.since <= at <= span.now)


def _budgets(store: Store, span: Span) -> Iterator[Pictures]:
    for hand in _hands(store, span.since - 2 * DAY):  # one that began before may still have run
        if hand.plan.budget.tokens or hand.plan.budget.cost:
            number, spans = number_of(hand.uid), ran(hand, span.now)
            yield _spending(hand, store.gathering().entries(hand.plan.follow, spans, number, None, _ALL), span)


def _limits(store: Store, span: Span) -> Iterator[Pictures]:
    for (name, reset), rises in store.quotas().risen(span.since).items():
        windows = [
            (one.at, QuotaWindow(name=name, length=0, source="official", used=one.used, resets_at=reset))
            for one in rises
        ]
        yield [*(Picture(at, limits=limits([window])) for at, window in windows), Picture(reset)]


def _hands(store: Store, since: Instant) -> Iterator[Hand]:
    before: tuple[Instant, int] | None = None
    while page := store.hands().page(before, _PAGE):
        yield from (hand for hand in page if hand.marks[0].at >= since)
        last = page[-1]
        before = last.marks[0].at, number_of(last.uid)
        if last.marks[0].at < since:
            return


def _spending(hand: Hand, entries: Sequence[Entry], span: Span) -> Iterator[Picture]:
    budget, tokens, cost = hand.plan.budget, 0, 0
    there: Sequence[Planned] = ()
    for entry in entries:
        tokens, cost = tokens + entry.tokens, cost + (entry.cost or 0)
        shares = (_share(tokens, budget.tokens), _share(cost, budget.cost))
        there = (Planned(hand.uid, hand.plan.name, True, *shares),)
        yield Picture(entry.at, hands=there)
    ended = timer.read(timer.fold(hand.marks), hand.plan.duration, span.now).ended_at
    yield Picture(span.now, hands=there) if ended is None else Picture(max(ended, hand.posted_at))


def _share(used: int, bound: int | None) -> float | None:
    return used / bound if bound else None


def _requests(store: Store, span: Span) -> Iterator[Pictures]:
    """From a day before: what is lost is told from the request before it."""
    found = groupby(store.rehearsing().prompts(span.since - DAY), key=lambda one: one.uid)
    return (_prompting([*of], span) for _, of in found)


def _prompting(requests: Sequence[Prompted], span: Span) -> Iterator[Picture]:
    cache, largest, before = caching.EMPTY, 0, requests[0].at
    there: Sequence[Seen] = ()
    for one in requests:
        if one.at - before > LOST:
            yield Picture(before + LOST)
        prompt, before = one.tokens.prompt, one.at
        largest, cache = max(largest, prompt), caching.add(cache, one.at, one.tokens)
        full = context.read(_tail(one, largest), one.version, span.env)
        there = (Seen(one.uid, "", _RUNNING, full, cache),)
        yield Picture(one.at, sessions=there)
    yield Picture(before + LOST) if before + LOST < span.now else Picture(span.now, sessions=there)


def _tail(one: Prompted, largest: int) -> Tail:
    return Tail(one.at, context=one.tokens.prompt, context_at=one.at, model=one.model, largest_prompt=largest)


def _stops(store: Store, span: Span) -> Iterator[Pictures]:
    known = store.rehearsing()
    turns = known.turns(span.since)
    for one in known.prompts(span.since):
        if one.uid in turns:
            turns[one.uid].append((one.at, False))
    return (_stopping(uid, sorted(each), span) for uid, each in turns.items())


def _stopping(uid: str, turns: Sequence[tuple[Instant, bool]], span: Span) -> Iterator[Picture]:
    before = turns[0][0]
    for at, stopped in turns:
        if at - before > LOST:
            yield Picture(before + LOST)
        before = at
        yield Picture(at, sessions=(Seen(uid, "", _STOPPED if stopped else _RUNNING),))
    yield Picture(min(before + LOST, span.now))


def _pace(store: Store, span: Span) -> Iterator[Pictures]:
    known_since = max(0, store.windows_ago(OWN + 1, span.since) - LOOK_BACK)  # the habit is learned from these
    return iter([_racing(store.spent(known_since, span.now))])


def _racing(spent: Sequence[Spent]) -> Iterator[Picture]:
    priced = 2 * sum(each.cost > 0 for each in spent) >= sum(each.tokens > 0 for each in spent)
    habit, raised = anomaly.EMPTY, None
    for each in spent:
        habit = anomaly.add(habit, each.at - each.at % MINUTE, each.cost if priced else each.tokens)
        if habit.raised_at != raised and habit.raised_at is not None:
            raised = habit.raised_at
            yield Picture(raised, window=Window(True, pace="high"))
            yield Picture(raised + anomaly.COOLDOWN, window=Window(True, pace="usual"))


_PASTS: Mapping[str, Callable[[Store, Span], Iterable[Pictures]]] = {
    "budget-80": _budgets,
    "budget-95": _budgets,
    "quota-80": _limits,
    "quota-95": _limits,
    "anomaly": _pace,
    "context-high": _requests,
    "cache-lost": _requests,
    "session-error": _stops,
}
