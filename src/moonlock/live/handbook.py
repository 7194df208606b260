"""What is known of sessions by hand, for the faces: lists, checkpoints, tokens, the final report."""

from __future__ import annotations

from collections.abc import Callable, Container
from functools import partial
from typing import Protocol, TypeVar

import msgspec

from moonlock.live import clock
from moonlock.live.gathered import final, ran, whole
from moonlock.live.hand_shapes import checkpoint_shape, final_shape, hand_shape, open_shape, suggested_shape
from moonlock.live.hands import Hands
from moonlock.live.suggesting import Suggesting
from moonlock.live.turns import InTurn
from moonlock.model.hand_shapes import BySource, CheckpointList, CheckpointShape, FinalShape, SuggestionShape
from moonlock.model.instant import Instant, iso
from moonlock.model.manual import Entry, Final, Follow, Hand
from moonlock.model.shapes import BlockShape, SessionShape, TotalsShape
from moonlock.model.wire import SessionTokens, TokensData
from moonlock.store import Store
from moonlock.store.gathering import After
from moonlock.store.hands import number_of

T = TypeVar("T")
PAGE = 20
"""Sessions that are asked for at once, so that no new line waits for the whole past."""
_ALWAYS = ((-(1 << 62), None),)


class Present(Protocol):
    """What of the state of now goes with a session by hand."""

    @property
    def hands(self) -> Hands: ...

    def today(self) -> TotalsShape: ...

    def block(self, now: Instant) -> BlockShape | None: ...


class Ledger(msgspec.Struct, frozen=True):
    """Every count of tokens of a session, from one on, and what all of them make."""

    by_source: BySource
    entries: list[Entry]
    more: bool


class Suggested(msgspec.Struct, frozen=True):
    """What is suggested, from one on; ``last`` is where that goes on, if it does."""

    suggestions: list[SuggestionShape]
    last: After | None


class Handbook:
    """Asks the store in the writer's thread. Lives in the event loop's."""

    def __init__(self, store: Store, in_turn: InTurn, present: Present) -> None:
        self._store, self._in_turn, self._present = store, in_turn, present

    async def find(self, said: str) -> SessionShape | None:
        """The session by hand that is called so, unless it was deleted; AmbiguousSession when more are."""
        now = clock.now()
        hand = await self._ask(partial(self._found, said, now))
        return None if hand is None else self._present.hands.shape(hand, now)

    async def deleted(self, said: str) -> SessionShape | None:
        """The same among those that were deleted."""
        now = clock.now()
        hand = await self._ask(partial(self._store.hands().find, said))
        return hand_shape(hand, now) if hand is not None and hand.hidden else None

    async def report(self, said: str) -> FinalShape | None:
        """The final report of a session, or what there is of it so far."""
        now = clock.now()
        found = await self._ask(partial(self._final, said, now))
        return None if found is None else final_shape(found, now)

    async def all(self) -> list[SessionShape]:
        """All of them, newest first."""
        now, hands = clock.now(), self._present.hands
        found = {hand.uid: hand for hand in hands.open()}
        before: tuple[Instant, int] | None = None
        while page := await self._ask(partial(self._page, before, found.keys() | hands.over.keys(), now)):
            for hand in page:
                if hand.uid not in found:
                    found[hand.uid] = hands.over.setdefault(hand.uid, hand)
            before = page[-1].marks[0].at, number_of(page[-1].uid)
        return [hands.shape(hand, now) for hand in found.values()]

    async def checkpoints(self, said: str) -> CheckpointList | None:
        """Those of a session by hand and those that are suggested, in the order in which they were reached."""
        return await self._ask(partial(self._checkpoints, said, clock.now()))

    async def suggestions(self, after: After | None, limit: int) -> Suggested:
        """What is suggested to the sessions that are open, newest first, from one on."""
        return await self._ask(partial(self._suggested, after, limit, clock.now()))

    async def tokens(self, said: str, after: After | None, limit: int) -> Ledger | None:
        """What a session adds up: of one by hand what it gathered and what was posted, of another its requests."""
        return await self._ask(partial(self._ledger, said, after, limit, clock.now()))

    async def _ask(self, work: Callable[[], T]) -> T:
        return await self._in_turn(work, _nothing)

    def _found(self, said: str, now: Instant) -> Hand | None:
        hand = self._store.hands().find(said)
        return None if hand is None or hand.hidden else whole(self._store, hand, now)

    def _final(self, said: str, now: Instant) -> Final | None:
        hand = self._store.hands().find(said)
        return None if hand is None else final(self._store, hand, now)

    def _page(self, before: tuple[Instant, int] | None, known: Container[str], now: Instant) -> list[Hand]:
        """Those that are known need no sums."""
        page = self._store.hands().page(before, PAGE)
        return [hand if hand.uid in known else whole(self._store, hand, now) for hand in page]

    def _checkpoints(self, said: str, now: Instant) -> CheckpointList | None:
        hand = self._store.hands().find(said)
        return None if hand is None else CheckpointList(checkpoints=reached(self._store, hand, now))

    def _suggested(self, after: After | None, limit: int, now: Instant) -> Suggested:
        waiting = Suggesting(self._store)
        found = [(hand, one) for hand in self._store.hands().open() for one in waiting.open(hand, now)]
        placed = sorted(
            (((one.at, hand.uid, one.key), hand, one) for hand, one in found), key=lambda row: row[0], reverse=True
        )
        rest = [row for row in placed if after is None or row[0] < after]
        last = rest[limit - 1][0] if len(rest) > limit else None
        return Suggested([open_shape(hand, one) for _, hand, one in rest[:limit]], last)

    def _ledger(self, said: str, after: After | None, limit: int, now: Instant) -> Ledger | None:
        hand = self._store.hands().find(said)
        gathering = self._store.gathering()
        if hand is not None:
            known, spans = whole(self._store, hand, now), ran(hand, now)
            entries = gathering.entries(hand.plan.follow, spans, number_of(hand.uid), after, limit + 1)
            by_source = BySource(log=known.usage.tokens.total, api=known.posted)
            return Ledger(by_source, entries[:limit], len(entries) > limit)
        session = self._store.session(said)
        if session is None:
            return None
        entries = gathering.entries(Follow("session", session.uid), _ALWAYS, number_of(session.uid), after, limit + 1)
        return Ledger(BySource(log=session.usage.tokens.total, api=0), entries[:limit], len(entries) > limit)


def reached(store: Store, hand: Hand, now: Instant) -> list[CheckpointShape]:
    """The checkpoints of a session and those that are suggested, in the order in which they were reached."""
    found = [checkpoint_shape(one) for one in store.hands().checkpoints(number_of(hand.uid))]
    found += [suggested_shape(one) for one in Suggesting(store).open(hand, now)]
    return sorted(found, key=lambda one: one.elapsed_ms)


def tokens_frame(present: Present, hand: Hand, now: Instant) -> SessionTokens:
    """What a session by hand gathered, with the figures that moved with it."""
    session = present.hands.shape(hand, now)
    data = TokensData(session=session, today=present.today(), block=present.block(now), minute=None)
    return SessionTokens(seq=0, at=iso(now), sent_at="", session_id=hand.uid, data=data)


def _nothing(_: object) -> None:
    """When nobody is to be told."""
