"""What happened in a session by hand, in time order: its timer, its checkpoints, and what it gathered meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from moonlock.analytics import timer
from moonlock.analytics.timeline import Mark, Span, Sums
from moonlock.live.gathered import ran
from moonlock.model.chronicle import Told
from moonlock.model.instant import Instant
from moonlock.model.manual import Hand
from moonlock.store import Store
from moonlock.store.hands import number_of

Course = tuple[list[Span], list[Mark], Sums]


def hand_facts(store: Store, uid: str) -> list[Told]:
    """Everything that happened to it, in time order; what those did that it follows is told of them."""
    hand = store.hands().some((number_of(uid),))
    found = [Told(mark.at, "status", index, mark) for one in hand for index, mark in enumerate(one.marks)]
    reached = store.hands().checkpoints(number_of(uid))
    found += [Told(checkpoint.at, "checkpoint", checkpoint.number, checkpoint) for checkpoint in reached]
    return sorted(found, key=lambda told: told.order)


def hand_timeline(store: Store, uid: str, now: Instant) -> Course:
    """When its timer ran and stood, what was marked, and the sums of what it gathered and was posted to it."""
    (hand,) = store.hands().some((number_of(uid),))
    reached = store.hands().checkpoints(number_of(uid))
    marks = [Mark("status", mark.at, mark.kind) for mark in hand.marks]
    marks += [Mark("checkpoint", one.at, one.milestone.phase) for one in reached]
    billed = store.gathering().billed(hand.plan.follow, ran(hand, now))
    sums = Sums(billed, posted=store.hands().posted(number_of(uid)))
    return list(_spans(hand, now)), marks, sums


def _spans(hand: Hand, now: Instant) -> Iterator[Span]:
    running = ran(hand, now)
    for start, end in running:
        yield Span("timer", start, end, "running")
    for (_, end), (start, _) in pairwise(running):
        if end is not None:
            yield Span("timer", end, start, "paused")
    read = timer.read(timer.fold(hand.marks), hand.plan.duration, now)
    last = running[-1][1] if running else None
    if last is not None and (read.ended_at is None or read.ended_at > last):
        yield Span("timer", last, read.ended_at, "paused")
