"""The sessions by hand that are open, as of now: gains are folded in at a constant cost, like all that is live."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from moonlock.analytics import timer
from moonlock.live.gathered import ran
from moonlock.live.hand_shapes import hand_shape
from moonlock.model.gain import UsageGain
from moonlock.model.instant import Instant
from moonlock.model.manual import Hand
from moonlock.model.session import Session
from moonlock.model.shapes import SessionForecastShape, SessionShape


class Hands:
    """Lives in the event loop's thread, beside the state. ``over`` are those that were asked for and may be kept."""

    def __init__(self) -> None:
        self._open: dict[str, Hand] = {}
        self._ran: dict[str, tuple[timer.Span, ...]] = {}
        self._touched: set[str] = set()
        self.over: dict[str, Hand] = {}
        self.forecasts: dict[str, SessionForecastShape] = {}
        """How those that are open may end, where that can be told."""
        self.ended: dict[str, Hand] = {}
        """Those that were ended until somebody takes them out: what they came to may be worth an alert."""

    def begin(self, known: Iterable[Hand], now: Instant) -> None:
        """Forget what was folded; the store knows better. What that changed counts as touched."""
        before = self._open
        self._open, self._ran, self.over = {}, {}, {}
        for hand in known:
            self.put(hand, now)
        self.forecasts = {uid: found for uid, found in self.forecasts.items() if uid in self._open}
        self._touched |= {uid for uid, hand in self._open.items() if uid in before and before[uid] != hand}

    def put(self, hand: Hand, now: Instant) -> None:
        """The session as the store knows it now."""
        self.over.pop(hand.uid, None)
        if hand.over:
            if self._open.pop(hand.uid, None) is not None:
                self.ended[hand.uid] = hand
            self._ran.pop(hand.uid, None)
            self.forecasts.pop(hand.uid, None)
        else:
            self._open[hand.uid] = hand
            self._ran[hand.uid] = ran(hand, now)

    def use(self, session: Session, used: UsageGain) -> None:
        """Somebody used something: those who follow gather it."""
        for uid, hand in self._open.items():
            if hand.plan.follow.fits(session) and timer.covers(self._ran[uid], used.at):
                self._open[uid] = msgspec.structs.replace(hand, usage=hand.usage + used.usage)
                self._touched.add(uid)
        for uid in [uid for uid, hand in self.over.items() if _ended(hand) > used.at]:
            del self.over[uid]  # late news: the store knows whether they are about this one

    def following(self, session: Session, at: Instant) -> list[Hand]:
        """Those whose timer ran at this moment, and that follow this session."""
        return [
            hand
            for uid, hand in self._open.items()
            if hand.plan.follow.fits(session) and timer.covers(self._ran[uid], at)
        ]

    def shape(self, hand: Hand, now: Instant) -> SessionShape:
        """A session by hand as every face shows it, with how it may end."""
        return msgspec.structs.replace(hand_shape(hand, now), forecast=self.forecasts.get(hand.uid))

    def foresee(self, uid: str, found: SessionForecastShape | None) -> Hand | None:
        """Keep how a session may end; the session, where that is news and it was not ended meanwhile."""
        if uid not in self._open or found == self.forecasts.get(uid):
            return None
        if found is None:
            del self.forecasts[uid]
        else:
            self.forecasts[uid] = found
        return self._open[uid]

    def touched(self) -> list[Hand]:
        """Those that gathered something since this was asked last."""
        found = [self._open[uid] for uid in sorted(self._touched) if uid in self._open]
        self._touched.clear()
        return found

    def open(self) -> list[Hand]:
        """All that are open, newest first."""
        return sorted(self._open.values(), key=lambda hand: (-hand.marks[0].at, hand.uid))

    def due(self, now: Instant) -> bool:
        """Whether the time of any has run out."""
        return any(
            timer.read(timer.fold(hand.marks), hand.plan.duration, now).state == "expired"
            for hand in self._open.values()
        )


def _ended(hand: Hand) -> Instant:
    return hand.marks[-1].at
