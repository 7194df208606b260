"""What is known when a picture of now begins: read from the store at start, and again when late history came in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from types import MappingProxyType

import msgspec

from moonlock.analytics import blocks, burn, periods
from moonlock.analytics.anchor import AHEAD
from moonlock.live.contexts import Growths, recalled
from moonlock.live.gathered import whole
from moonlock.model.events import ObjectiveSet
from moonlock.model.instant import DAY, HOUR, MINUTE, Instant
from moonlock.model.manual import Hand
from moonlock.model.session import Session
from moonlock.model.tokens import Tokens, Usage
from moonlock.store import Store

PULSE = 15
"""Minutes of a session's pulse, the one that runs included."""
NO_CONTEXTS: Mapping[str, Growths] = MappingProxyType({})
MOST_SESSIONS = 5_000
"""Of one day: a bound on memory, not a figure that anybody reaches."""


class Known(msgspec.Struct, frozen=True):
    """The state of now as the store tells it."""

    at: Instant
    sessions: Mapping[str, Session]
    """By uid: those heard of in the last 24 hours, or else the last one alone."""
    objectives: Mapping[str, tuple[ObjectiveSet, ...]]
    day: tuple[Instant, Instant]
    today: Usage
    minutes: Mapping[Instant, Tokens]
    pulses: Mapping[str, Mapping[Instant, int]]
    """Tokens of the last minutes, by uid and minute."""
    window: blocks.Window
    pace: burn.Pace
    contexts: Mapping[str, Growths] = NO_CONTEXTS
    """How the contexts of these sessions grew, by uid."""
    hands: Sequence[Hand] = ()
    """The sessions by hand that are open."""
    next_at: Instant | None = None
    """The first moment that waits for its time."""


def recall(store: Store, now: Instant, zone: tzinfo) -> Known:
    """Ask the store; the cost is that of some days, not of the archive."""
    day = periods.day_bounds(now, zone)
    since, until = now - blocks.LOOK_BACK, now + AHEAD
    known, limits = store.marks(since), [*store.limits(since), *store.quotas().hits(since)]
    marks = [mark for mark in known if mark[0] <= until]
    waiting = [at for at in (*(mark[0] for mark in known), *(limit.at for limit in limits)) if at > until]
    pace = burn.EMPTY
    for at, usage in marks:
        pace = burn.add(pace, at, usage)
    found = store.sessions(now - DAY, MOST_SESSIONS) or store.sessions(None, 1)
    sessions = {session.uid: session for session in found}
    return Known(
        at=now,
        sessions=sessions,
        contexts=recalled(store, sessions, now),
        objectives={each.uid: tuple(store.objectives(each.uid)) for each in found},
        day=day,
        today=store.usage_between(*day),
        minutes=dict(store.minutes(now - HOUR, now + DAY)),
        pulses=_pulses(store, now),
        window=blocks.fold(marks, [limit for limit in limits if limit.at <= until]),
        pace=pace,
        hands=[whole(store, hand, now) for hand in store.hands().open()],
        next_at=min(waiting, default=None),
    )


def _pulses(store: Store, now: Instant) -> dict[str, dict[Instant, int]]:
    found: dict[str, dict[Instant, int]] = {}
    for uid, minute, tokens in store.pulses(now - now % MINUTE - (PULSE - 1) * MINUTE):
        found.setdefault(uid, {})[minute] = tokens
    return found
