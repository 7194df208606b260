"""Sessions by hand while a server runs: commands go through the writer's thread, and what they change is told."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

from moonlock.analytics import jumps
from moonlock.live import clock
from moonlock.live.commands import Amended, Commands, Posted, Reached
from moonlock.live.hand_shapes import checkpoint_shape, entry_shape, hand_shape, suggested_shape
from moonlock.live.handbook import Handbook, Present, tokens_frame
from moonlock.live.suggesting import MAY_BE, Decided, Suggesting, suggestions
from moonlock.live.turns import InTurn
from moonlock.model.gain import Gain
from moonlock.model.hand_shapes import CheckpointShape, EntryShape, FinalShape
from moonlock.model.instant import Instant, iso
from moonlock.model.manual import Amend, Hand, Milestone, Plan, Posting, Suggestion
from moonlock.model.shapes import SessionShape
from moonlock.model.timer import Clocks
from moonlock.model.wire import (
    Frame,
    SessionCheckpoint,
    SessionComplete,
    SessionPaused,
    SessionResumed,
    SessionStart,
    SessionStatusChanged,
)
from moonlock.store import Store

T = TypeVar("T")
Told = SessionStart | SessionPaused | SessionResumed | SessionComplete | SessionStatusChanged
_FRAMES: dict[str | None, type[Told]] = {
    "pause": SessionPaused,
    "resume": SessionResumed,
    "complete": SessionComplete,
}


class ByHand(Handbook):
    """Everything that a person does with sessions by hand, for the faces. Lives in the event loop's thread."""

    def __init__(
        self, store: Store, in_turn: InTurn, present: Present, publish: Callable[[Iterable[Frame]], None]
    ) -> None:
        super().__init__(store, in_turn, present)
        self._commands, self._suggesting, self._publish = Commands(store), Suggesting(store), publish
        self._machine = clock.machine() or secrets.token_hex(8)
        self._anchor: Clocks | None = None

    async def start(self, plan: Plan, key: str = "") -> SessionShape:
        """A new session, which runs from now on."""
        now = await self._look()
        hand, _ = await self._in_turn(partial(self._commands.start, plan, now, key), partial(self._started, now))
        return hand_shape(hand, now)

    async def amend(self, said: str, change: Amend) -> SessionShape | None:
        """Change a session; None when no session by hand is called like that."""
        now = await self._look()
        done = await self._in_turn(partial(self._commands.amend, said, change, now), partial(self._amended, now))
        return None if done is None else self._present.hands.shape(done.hand, now)

    async def end(self, said: str) -> FinalShape | None:
        """Complete a session; its final report."""
        done = await self.amend(said, Amend(status="completed"))
        return None if done is None else await self.report(done.id)

    async def post(self, said: str, posting: Posting, key: str = "") -> EntryShape | None:
        """Add tokens to a session."""
        now = await self._look()
        work = partial(self._commands.post, said, posting, now, key)
        done = await self._in_turn(work, partial(self._posted, now))
        return None if done is None else entry_shape(done.entry)

    async def reach(self, said: str, milestone: Milestone, key: str = "") -> CheckpointShape | None:
        """Mark a checkpoint of a session."""
        now = await self._look()
        work = partial(self._commands.reach, said, milestone, now, key)
        done = await self._in_turn(work, partial(self._reached, now))
        return None if done is None else checkpoint_shape(done.checkpoint)

    async def accept(self, said: str, key: int) -> CheckpointShape | None:
        """Make a checkpoint of what was suggested."""
        now = await self._look()
        done = await self._in_turn(partial(self._suggesting.accept, said, key, now), partial(self._reached, now))
        return None if done is None else checkpoint_shape(done.checkpoint)

    async def dismiss(self, said: str, key: int) -> bool | None:
        """Suggest this no more."""
        now = await self._look()
        return await self._in_turn(partial(self._suggesting.dismiss, said, key, now), _nothing)

    def hear(self, gain: Gain) -> None:
        """Agents did something: tell what of it may be a phase of a session by hand that follows them."""
        happened = [fact for fact in gain.facts if isinstance(fact.event, MAY_BE)]
        known = {session.uid: session for session in gain.sessions} if happened else {}
        for fact in happened:
            session = known.get(fact.uid)
            follow = [] if session is None else self._present.hands.following(session, fact.event.at)
            self._publish(
                _suggested(hand, one) for hand in follow for one in suggestions(hand, [(fact.uid, fact.event)])
            )

    async def tick(self) -> None:
        """What time alone changes: clocks that jumped, and timers that ran out."""
        now = await self._look()
        if self._present.hands.due(now):
            await self._in_turn(partial(self._commands.expire, now), partial(self._expired, now))

    async def _look(self) -> Instant:
        """The time, once it is known whether the clock was set: a moment is told by the clock as it is then."""
        clocks = Clocks(*clock.clocks())
        after, found = (clocks, ()) if self._anchor is None else jumps.add(self._anchor, clocks)
        if found or self._anchor is None:
            await self._in_turn(partial(self._commands.look, clocks, self._machine), partial(self._jumped, clocks.wall))
        self._anchor = after
        return clocks.wall

    def _started(self, now: Instant, done: tuple[Hand, bool]) -> None:
        hand, fresh = done
        self._present.hands.put(hand, now)
        if fresh:
            self._tell(SessionStart, hand, now)

    def _amended(self, now: Instant, done: Amended | None) -> None:
        if done is not None:
            self._present.hands.put(done.hand, now)
            self._tell(_FRAMES.get(done.turn, SessionStatusChanged), done.hand, now)

    def _posted(self, now: Instant, done: Posted | None) -> None:
        if done is not None and done.fresh:
            self._present.hands.put(done.hand, now)
            self._publish([tokens_frame(self._present, done.hand, now)])

    def _reached(self, now: Instant, done: Reached | Decided | None) -> None:
        if done is not None and done.fresh:
            self._publish([_checkpoint(done.hand, checkpoint_shape(done.checkpoint))])

    def _jumped(self, now: Instant, hands: list[Hand]) -> None:
        for hand in hands:
            self._present.hands.put(hand, now)
            self._tell(SessionStatusChanged, hand, now)

    def _expired(self, now: Instant, hands: list[Hand]) -> None:
        for hand in hands:
            self._present.hands.put(hand, now)
            self._tell(SessionComplete, hand, now)

    def _tell(self, kind: type[Told], hand: Hand, now: Instant) -> None:
        data = self._present.hands.shape(hand, now)
        self._publish([kind(seq=0, at=iso(now), sent_at="", session_id=hand.uid, data=data)])


def _suggested(hand: Hand, suggestion: Suggestion) -> Frame:
    return _checkpoint(hand, suggested_shape(suggestion))


def _checkpoint(hand: Hand, data: CheckpointShape) -> Frame:
    return SessionCheckpoint(seq=0, at=data.at, sent_at="", session_id=hand.uid, data=data)


def _nothing(_: object) -> None:
    """When nobody is to be told."""
