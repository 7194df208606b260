"""Checkpoints that suggest themselves: what those did who are followed while a timer ran, until a person decides.

For the thread that writes the store. Nothing of a suggestion is kept but the decision: it is made again from the same
events whenever somebody looks, so what is read late counts like what was seen live.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from moonlock.analytics import timer
from moonlock.live.gathered import ran, whole
from moonlock.model.events import Committed, Compaction, Event, ObjectiveSet, PullRequestOpened
from moonlock.model.instant import Instant
from moonlock.model.manual import LONGEST_PHASE, Checkpoint, CheckpointSource, Hand, Milestone, Suggestion
from moonlock.store import Store
from moonlock.store.errors import AcceptedAlready, UnknownSuggestion
from moonlock.store.hands import number_of

MOST = 500
"""Suggestions of one session that are told: the newest."""
MAY_BE = (Committed, PullRequestOpened, Compaction, ObjectiveSet)
"""The events that may be one."""
_KINDS = ("commit", "pull-request", "compaction", "objective")
_PLAN = "plan:"
"""Begins the identity of an objective that is an accepted plan."""


class Decided(msgspec.Struct, frozen=True):
    """A session by hand, and the checkpoint that a suggestion became; ``fresh`` unless it was one before."""

    hand: Hand
    checkpoint: Checkpoint
    fresh: bool


class Suggesting:
    """Each is one transaction. ``None`` where no session by hand is called like that."""

    def __init__(self, store: Store) -> None:
        self._store, self._known, self._work = store, store.hands(), store.handwork()

    def open(self, hand: Hand, now: Instant) -> list[Suggestion]:
        """Those that wait for a decision, in the order in which they came up."""
        decided = self._work.decisions.of(number_of(hand.uid))
        return [one for one in self._all(hand, now) if one.key not in decided][-MOST:]

    def accept(self, said: str, key: int, now: Instant) -> Decided | None:
        """Make a checkpoint of it, where it happened; also of one that was dismissed, and in a session that is over."""
        with self._work.durably():
            hand = self._known.find(said)
            if hand is None:
                return None
            number = number_of(hand.uid)
            made = self._work.decisions.of(number).get(key)
            fresh = made is None
            if made is None:
                wanted = self._one(hand, key, now)
                made = self._work.reach(number, Milestone(wanted.phase), wanted.at, wanted.elapsed)
                self._work.decisions.keep(number, wanted, now, made)
        checkpoint = next(one for one in self._known.checkpoints(number) if one.number == made)
        return Decided(whole(self._store, self._known.some((number,))[0], now), checkpoint, fresh)

    def dismiss(self, said: str, key: int, now: Instant) -> bool | None:
        """Never suggest it again; ``AcceptedAlready`` where it became a checkpoint. Whether that is news."""
        with self._work.durably():
            hand = self._known.find(said)
            if hand is None:
                return None
            number = number_of(hand.uid)
            decided = self._work.decisions.of(number)
            if decided.get(key) is not None:
                raise AcceptedAlready("The suggestion was accepted: it is a checkpoint.")
            if key in decided:
                return False
            self._work.decisions.keep(number, self._one(hand, key, now), now, None)
        return True

    def _one(self, hand: Hand, key: int, now: Instant) -> Suggestion:
        found = next((one for one in self._all(hand, now) if one.key == key), None)
        if found is None:
            raise UnknownSuggestion("Nothing that was suggested has this id.")
        return found

    def _all(self, hand: Hand, now: Instant) -> Iterator[Suggestion]:
        found = self._store.gathering().happened(hand.plan.follow, ran(hand, now), _KINDS)
        return suggestions(hand, found)


def suggestions(hand: Hand, happened: Iterable[tuple[str, Event]]) -> Iterator[Suggestion]:
    """What of it may be a phase of the session; the same plan or pull request is one, however often it is told."""
    known: set[tuple[str, str]] = set()
    for uid, event in happened:
        found = _meant(event)
        if found is None:
            continue
        source, phase, same = found
        if same and (uid, same) in known:
            continue
        known.add((uid, same))
        elapsed = timer.elapsed_by(hand.marks, hand.plan.duration, event.at)
        yield Suggestion(event.key, event.at, elapsed, source, phase[:LONGEST_PHASE].strip(), uid)


def _meant(event: Event) -> tuple[CheckpointSource, str, str] | None:
    """Where it comes from, how the phase is called, and what makes another one the same; None when it is none."""
    if isinstance(event, Committed):
        return "commit", f"commit {event.sha[:10]}".rstrip(), ""
    if isinstance(event, PullRequestOpened):
        return "pull-request", f"pull request {event.repository}#{event.number}", f"{event.repository}#{event.number}"
    if isinstance(event, Compaction) and event.trigger != "micro":
        return "compaction", "context compacted", ""
    if isinstance(event, ObjectiveSet) and event.objective.startswith(_PLAN) and event.title:
        return "plan", event.title, event.objective
    return None
