"""Sessions by hand with what they gathered, and what is to be said of one when it is over: asked of the store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median_low

import msgspec

from moonlock.analytics import timer
from moonlock.model.instant import Instant
from moonlock.model.manual import Checkpoint, Entry, Final, Hand, Own, Stretch
from moonlock.store import Store
from moonlock.store.hands import number_of

COMPARED = 20
"""So many of one's own sessions before this one stand beside it."""
_FIRST, _NEVER = -(1 << 62), 1 << 62


def whole(store: Store, hand: Hand, now: Instant) -> Hand:
    """The session with all that it has gathered."""
    return msgspec.structs.replace(hand, usage=store.gathering().usage(hand.plan.follow, ran(hand, now)))


def ran(hand: Hand, now: Instant) -> tuple[timer.Span, ...]:
    """When its timer ran. One that has run out ends there, noticed or not; one that runs has no end yet."""
    course = timer.fold(hand.marks)
    return timer.spans(course, timer.read(course, hand.plan.duration, now).ended_at)


def entries(store: Store, uid: str, now: Instant) -> list[Entry]:
    """Every count of tokens of the session by hand with this uid, oldest first."""
    hand = store.hands().some((number_of(uid),))[0]
    return store.gathering().entries(hand.plan.follow, ran(hand, now), number_of(uid), limit=-1)


def final(store: Store, hand: Hand, now: Instant) -> Final:
    """What it took, phase by phase, beside one's own sessions before it."""
    known = whole(store, hand, now)
    fired = tuple(store.alerts().of_session(hand.uid))
    return Final(known, tuple(_stretches(store, known, now)), _past(store, known, now), fired)


def _stretches(store: Store, hand: Hand, now: Instant) -> Iterable[Stretch]:
    """Without a gap and without an overlap, so that they add up to the session."""
    course = timer.fold(hand.marks)
    whole_time = timer.read(course, hand.plan.duration, now)
    number, spans = number_of(hand.uid), ran(hand, now)
    reached: list[Checkpoint | None] = [*store.hands().checkpoints(number), None]
    posted, began, elapsed = store.hands().posted(number), hand.marks[0].at, 0
    since = _FIRST
    for checkpoint in reached:
        until = _NEVER if checkpoint is None else max(since, checkpoint.at)
        upto = whole_time.elapsed if checkpoint is None else checkpoint.elapsed
        ended = (whole_time.ended_at or now) if checkpoint is None else checkpoint.at
        yield Stretch(
            phase=None if checkpoint is None else checkpoint.milestone.phase,
            started_at=began,
            ended_at=ended,
            elapsed=upto - elapsed,
            usage=store.gathering().usage(hand.plan.follow, _within(spans, since, until)),
            posted=sum(tokens for at, tokens in posted if since <= at < until),
        )
        since, elapsed, began = until, upto, ended


def _within(spans: Sequence[timer.Span], since: Instant, until: Instant) -> list[timer.Span]:
    cut = [(max(start, since), until if end is None else min(end, until)) for start, end in spans]
    return [(start, end) for start, end in cut if start < end]


def _past(store: Store, hand: Hand, now: Instant) -> Own | None:
    """Medians of the newest sessions that began before this one and are over."""
    known = store.hands().page((hand.marks[0].at, number_of(hand.uid)), COMPARED)
    before = [whole(store, one, now) for one in known if one.over]
    if not before:
        return None
    times = [timer.read(timer.fold(one.marks), one.plan.duration, now).elapsed for one in before]
    return Own(
        sessions=len(before),
        elapsed=median_low(times),
        tokens=median_low(one.tokens for one in before),
        cost=median_low(one.usage.cost for one in before),
    )
