"""What a person does with a session by hand: checked against what it does now, and on the disk before it is answered.

Everything here is for the thread that writes the store. The server tells listeners afterwards (``live/byhand.py``); the
command line calls it directly where no server runs.
"""

from __future__ import annotations

import msgspec
from msgspec import UNSET

from moonlock.analytics import jumps, timer
from moonlock.live.gathered import whole
from moonlock.model.instant import MINUTE, Instant
from moonlock.model.manual import Amend, Budget, Checkpoint, Entry, Follow, Hand, Milestone, Plan, Posting
from moonlock.model.timer import Anchor, Clocks, Mark, MarkKind, Timer, TimerState
from moonlock.store import Store
from moonlock.store.errors import OutOfTime, UnknownName, WrongTurn
from moonlock.store.hands import number_of

_TURNS: dict[tuple[TimerState, str], MarkKind] = {
    ("running", "paused"): "pause",
    ("running", "completed"): "complete",
    ("paused", "running"): "resume",
    ("paused", "completed"): "complete",
}
_encode = msgspec.json.Encoder().encode


class Amended(msgspec.Struct, frozen=True):
    """A session by hand after a change, and what that was to its timer."""

    hand: Hand
    turn: MarkKind | None = None


class Reached(msgspec.Struct, frozen=True):
    """A checkpoint of a session; ``fresh`` unless the same was asked before."""

    hand: Hand
    checkpoint: Checkpoint
    fresh: bool


class Posted(msgspec.Struct, frozen=True):
    """A count of tokens of a session; ``fresh`` unless the same was asked before."""

    hand: Hand
    entry: Entry
    fresh: bool


class Commands:
    """Each is one transaction. ``None`` where no session is called like that."""

    def __init__(self, store: Store) -> None:
        self._store, self._known, self._work = store, store.hands(), store.handwork()

    def start(self, plan: Plan, now: Instant, key: str = "") -> tuple[Hand, bool]:
        """A new session, and whether it is new: the same key and plan give the same session."""
        said = _encode(plan).decode()
        with self._work.durably():
            made = self._work.once("start", key, said)
            fresh = made is None
            if made is None:
                made = self._work.add(self._resolved(plan), now)
                self._work.remember("start", key, said, made)
        return whole(self._store, self._known.some((made,))[0], now), fresh

    def amend(self, said: str, change: Amend, now: Instant) -> Amended | None:
        """Change what was said of a session, or what its timer does; ``WrongTurn`` where that does not fit."""
        with self._work.durably():
            hand = self._known.find(said)
            if hand is None:
                return None
            turn = self._turn(hand, change, now)
            if (change.duration, change.token_budget, change.cost_budget) != (None, UNSET, UNSET):
                self._replan(hand, change, now)
            if turn is not None:
                self._work.mark(number_of(hand.uid), Mark(turn, now))
            hidden = hand.hidden if change.hidden is None else change.hidden
            self._work.describe(_described(hand, change), now if hidden else 0)
        return Amended(self._again(hand, now), turn)

    def post(self, said: str, posting: Posting, now: Instant, key: str = "") -> Posted | None:
        """Add tokens that a program counted by itself."""
        asked = _encode(posting).decode()
        with self._work.durably():
            hand = self._known.find(said)
            if hand is None:
                return None
            number, scope = number_of(hand.uid), f"tokens {hand.uid}"
            made = self._work.once(scope, key, asked)
            fresh = made is None
            if made is None:
                self._open(hand, now)
                at = now if posting.at is None else posting.at
                if not min(mark.at for mark in hand.marks) <= at <= now + MINUTE:
                    raise OutOfTime("The moment is not within the session.")
                made = self._work.post(number, posting, at)
                self._work.remember(scope, key, asked, made)
        at, kept = self._known.posting(made)
        entry = Entry(at, "api", made, kept.tokens, kept.model, kept.operation)
        return Posted(self._again(hand, now), entry, fresh)

    def reach(self, said: str, milestone: Milestone, now: Instant, key: str = "") -> Reached | None:
        """Mark a checkpoint."""
        asked = _encode(milestone).decode()
        with self._work.durably():
            hand = self._known.find(said)
            if hand is None:
                return None
            number, scope = number_of(hand.uid), f"checkpoint {hand.uid}"
            made = self._work.once(scope, key, asked)
            fresh = made is None
            if made is None:
                elapsed = self._open(hand, now)
                made = self._work.reach(number, milestone, now, elapsed)
                self._work.remember(scope, key, asked, made)
        checkpoint = next(one for one in self._known.checkpoints(number) if one.number == made)
        return Reached(self._again(hand, now), checkpoint, fresh)

    def look(self, clocks: Clocks, machine: str) -> list[Hand]:
        """See whether the clock was set, or the machine slept: every session that is open remembers it.

        Clocks of one run of the machine can be compared whoever looked at them, so nothing is missed between two
        servers. What happened before the machine was started again, nobody can tell.
        """
        kept = self._work.anchor()
        known = msgspec.json.decode(kept, type=Anchor) if kept else None
        same = known is not None and known.machine == machine != ""
        after, found = jumps.add(known.clocks, clocks) if known is not None and same else (clocks, ())
        if same and not found:
            return []
        with self._work.durably():
            self._work.keep_anchor(_encode(Anchor(machine, after)).decode())
            touched = self._known.open() if found else []
            for hand in touched:
                for jump in found:
                    self._work.mark(number_of(hand.uid), Mark(jump.kind, jump.at, jump.by))
        return [self._again(hand, clocks.wall) for hand in touched]

    def expire(self, now: Instant) -> list[Hand]:
        """End the sessions whose time has run out, as of the moment when it did."""
        due = [hand for hand in self._known.open() if timer_of(hand, now).state == "expired"]
        if not due:
            return []
        with self._work.durably():
            for hand in due:
                ended = timer_of(hand, now).ended_at
                self._work.mark(number_of(hand.uid), Mark("expire", now if ended is None else ended))
        return [self._again(hand, now) for hand in due]

    def _again(self, hand: Hand, now: Instant) -> Hand:
        return whole(self._store, self._known.some((number_of(hand.uid),))[0], now)

    def _open(self, hand: Hand, now: Instant) -> int:
        """How long it has run; ``WrongTurn`` when it is over."""
        found = timer_of(hand, now)
        if found.state in ("completed", "expired"):
            raise WrongTurn(found.state)
        return found.elapsed

    def _turn(self, hand: Hand, change: Amend, now: Instant) -> MarkKind | None:
        state = timer_of(hand, now).state
        if change.hidden and not hand.over:
            return "complete" if state != "expired" else None
        if change.status is None:
            return None
        turn = _TURNS.get((state, change.status))
        if turn is None:
            raise WrongTurn(state)
        return turn

    def _replan(self, hand: Hand, change: Amend, now: Instant) -> None:
        """A plan can be changed while there is time left to plan."""
        elapsed = self._open(hand, now)
        if change.duration is not None and change.duration <= elapsed:
            raise OutOfTime("The session has run longer than that already.")

    def _resolved(self, plan: Plan) -> Plan:
        """The plan with what it follows under the name that lasts."""
        if plan.follow.kind == "session":
            found = self._store.session(plan.follow.of)
            if found is None:
                raise UnknownName("session", plan.follow.of, tuple(self._store.session_names()))
            follow = Follow("session", found.uid)
            return msgspec.structs.replace(plan, follow=follow, project=plan.project or found.project)
        if plan.follow.kind != "project":
            return plan
        project = self._store.gathering().project(plan.follow.of)
        if project is None:
            raise UnknownName("project", plan.follow.of, tuple(self._store.project_names()))
        name, root = project
        return msgspec.structs.replace(plan, follow=Follow("project", root or name), project=plan.project or name)


def timer_of(hand: Hand, now: Instant) -> Timer:
    """The timer of a session by hand at ``now``."""
    return timer.read(timer.fold(hand.marks), hand.plan.duration, now)


def _described(hand: Hand, change: Amend) -> Hand:
    plan = hand.plan
    return msgspec.structs.replace(
        hand,
        plan=msgspec.structs.replace(
            plan,
            name=plan.name if change.name is None else change.name,
            duration=plan.duration if change.duration is None else change.duration,
            budget=Budget(
                tokens=plan.budget.tokens if change.token_budget is UNSET else change.token_budget,
                cost=plan.budget.cost if change.cost_budget is UNSET else change.cost_budget,
            ),
        ),
        description=hand.description if change.description is None else change.description,
        tags=hand.tags if change.tags is None else change.tags,
    )
