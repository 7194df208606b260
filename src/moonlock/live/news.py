"""What listeners do not know yet: compares what is with what they were told, and says the difference in frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from moonlock.analytics import presence, sessions
from moonlock.live import shapes
from moonlock.live.contextnews import ContextNews
from moonlock.live.handbook import tokens_frame
from moonlock.live.known import Known
from moonlock.live.recent import FactFrame
from moonlock.live.state import State
from moonlock.model.events import AgentError, LimitHit, ObjectiveSet, ToolCall
from moonlock.model.gain import Fact, Gain
from moonlock.model.instant import HOUR, MINUTE, SECOND, Instant, iso
from moonlock.model.session import Session
from moonlock.model.shapes import MinuteShape, SessionShape
from moonlock.model.wire import (
    Frame,
    ObjectiveData,
    SessionComplete,
    SessionError,
    SessionObjective,
    SessionStart,
    SessionStatusChanged,
    SessionTokens,
    SessionTool,
    TodayData,
    TodayUpdate,
    TokensData,
)

DECAY = 10 * SECOND
"""A burn rate that only fades is told so often."""
Mark = tuple[object, ...]


class Told(msgspec.Struct, frozen=True):
    """A live session as listeners know it."""

    session: Session
    mark: Mark


class News:
    """Lives beside the State and outlives its reloads."""

    def __init__(self, state: State, now: Instant) -> None:
        self._state = state
        self.begin(now)

    def begin(self, now: Instant) -> None:
        """Listeners know the whole picture of now: nothing else was told."""
        live = self._state.live(now)
        self._told = {session.uid: Told(session, self._mark(session, now)) for session in live}
        self._contexts = ContextNews(self._state.shape(session, now) for session in live)
        self._last = self._state.last
        self._know_today(now)

    def of(self, gain: Gain, now: Instant) -> list[Frame]:
        """What a gain that was folded in means to listeners."""
        used = _minutes_used(gain)
        live = [session for session in gain.sessions if self._state.witnesses.is_live(session, now)]
        frames: list[Frame] = []
        before = {session.uid: self._told.get(session.uid) for session in live}
        for session in live:
            self._told[session.uid] = Told(session, self._mark(session, now))
            if before[session.uid] is None:
                frames.append(self._start(session, now))
        for fact in gain.facts:
            frames += self._fact(fact)
        if used:
            self._know_today(now)
        for session in live:
            frames += self._grown(session, now, used.pop(session.uid, None), before[session.uid])
        late = sorted({at for minutes in used.values() for at in minutes if at > now - HOUR})
        if used:
            frames.append(self._today_update(now, [self._state.minute(at) for at in late]))
        return [*frames, *self._by_hand(now)]

    def past(self, facts: Iterable[Fact]) -> list[FactFrame]:
        """Facts of before, as the frames that would have told them; only of sessions that are live."""
        return [frame for fact in facts for frame in self._fact(fact)]

    def again(self, known: Known, now: Instant) -> list[Frame]:
        """Begin the state again from the store; what that changed."""
        minutes = dict(self._state.minutes)
        self._state.begin(known)
        frames = list(self._sessions_again(now))
        changed = [at for at, tokens in known.minutes.items() if minutes.get(at) != tokens and at > now - HOUR]
        data = self._today_data(now)
        if changed or data != self._today:
            frames.append(self._today_update(now, [self._state.minute(at) for at in sorted(changed)]))
        return [*frames, *self._by_hand(now)]

    def tick(self, now: Instant) -> list[Frame]:
        """What time alone changed; with nothing to say it costs a look at each live session."""
        self._state.pass_time(now)
        frames: list[Frame] = []
        for uid, told in list(self._told.items()):
            frames += self._looked(self._state.sessions.get(uid, told.session), told, now)
        data = self._today_data(now)
        turned = (data.today, data.block and data.block.id) != (
            self._today.today,
            self._today.block and self._today.block.id,
        )
        if turned or (data != self._today and now - self._today_at >= DECAY):
            frames.append(self._today_update(now, []))
        return frames

    def turned(self, told: Iterable[Session], now: Instant) -> list[Frame]:
        """What others than the logs said of these sessions."""
        frames: list[Frame] = []
        for session in told:
            known = self._told.get(session.uid)
            if known is not None:
                frames += self._looked(session, known, now)
            elif self._state.witnesses.is_live(session, now):
                self._told[session.uid] = Told(session, self._mark(session, now))
                frames.append(self._start(session, now))
        return frames

    def measured(self, now: Instant) -> list[Frame]:
        """Contexts of live sessions that are measured otherwise than listeners know."""
        live = self._state.live(now)
        return [frame for session in live for frame in self._contexts.of(self._state.shape(session, now), now)]

    def _by_hand(self, now: Instant) -> list[Frame]:
        """Sessions by hand that gathered something."""
        return [tokens_frame(self._state, hand, now) for hand in self._state.hands.touched()]

    def _sessions_again(self, now: Instant) -> Iterator[Frame]:
        live = {session.uid: session for session in self._state.live(now)}
        for uid, told in list(self._told.items()):
            if uid not in live:
                yield self._complete(self._state.sessions.get(uid, told.session), now)
        for uid, session in live.items():
            before = self._told.get(uid)
            self._told[uid] = Told(session, self._mark(session, now))
            if before is None:
                yield self._start(session, now)
            elif before.session != session:
                self._know_today(now)
                shape, at = self._state.shape(session, now), sessions.last_activity(session)
                yield self._tokens(shape, None, at)
                yield from self._contexts.of(shape, at)
        last = self._state.last
        if last is not None and not live and last != self._last:
            yield self._status(self._state.shape(last, now), now)
        self._last = last

    def _fact(self, fact: Fact) -> Iterator[FactFrame]:
        uid, event = fact.uid, fact.event
        if uid not in self._told:
            return
        if isinstance(event, ToolCall):
            ended = event.at + (event.duration or 0)
            data = shapes.tool_data(event, shapes.folders(self._told[uid].session))
            yield SessionTool(seq=0, at=iso(ended), sent_at="", session_id=uid, data=data)
        elif isinstance(event, AgentError | LimitHit):
            yield SessionError(seq=0, at=iso(event.at), sent_at="", session_id=uid, data=shapes.error_data(event))
        elif isinstance(event, ObjectiveSet):
            yield SessionObjective(seq=0, at=iso(event.at), sent_at="", session_id=uid, data=self._aim(uid, event))

    def _grown(
        self, session: Session, now: Instant, used: dict[Instant, Instant] | None, before: Told | None
    ) -> Iterator[Frame]:
        """Totals, a frame for each minute that they touch; or the session alone when only its description changed."""
        turned = before is not None and before.mark != self._told[session.uid].mark
        if used is None and not turned:
            return
        shape = self._state.shape(session, now)
        if used is not None:
            recent = {minute: at for minute, at in used.items() if minute > now - HOUR}
            for minute, at in sorted(recent.items()):
                yield self._tokens(shape, minute, at)
            if not recent:
                yield self._tokens(shape, None, max(used.values()))
        if turned:
            yield self._status(shape, sessions.last_activity(session))
        yield from self._contexts.of(shape, sessions.last_activity(session))

    def _start(self, session: Session, now: Instant) -> Frame:
        shape, at = self._state.shape(session, now), sessions.last_activity(session)
        self._contexts.know(shape)
        return SessionStart(seq=0, at=iso(at), sent_at="", session_id=session.uid, data=shape)

    def _complete(self, session: Session, now: Instant) -> Frame:
        del self._told[session.uid]
        self._contexts.forget(session.uid)
        self._last = self._state.last
        shape = self._state.shape(session, now)
        return SessionComplete(seq=0, at=iso(now), sent_at="", session_id=session.uid, data=shape)

    def _status(self, shape: SessionShape, at: Instant) -> Frame:
        return SessionStatusChanged(seq=0, at=iso(at), sent_at="", session_id=shape.id, data=shape)

    def _tokens(self, shape: SessionShape, minute: Instant | None, at: Instant) -> Frame:
        data = TokensData(
            session=shape,
            today=self._today.today,
            block=self._today.block,
            minute=None if minute is None else self._state.minute(minute),
        )
        return SessionTokens(seq=0, at=iso(at), sent_at="", session_id=shape.id, data=data)

    def _know_today(self, now: Instant) -> None:
        self._today, self._today_at = self._today_data(now), now

    def _today_update(self, now: Instant, minutes: list[MinuteShape]) -> Frame:
        self._know_today(now)
        data = msgspec.structs.replace(self._today, minutes=minutes)
        return TodayUpdate(seq=0, at=iso(now), sent_at="", data=data)

    def _today_data(self, now: Instant) -> TodayData:
        return TodayData(today=self._state.today(), block=self._state.block(now))

    def _aim(self, uid: str, event: ObjectiveSet) -> ObjectiveData:
        return ObjectiveData(
            id=event.objective,
            title=event.title,
            state=event.state,
            source=event.source,
            objectives=self._state.aims(uid),
        )

    def _looked(self, session: Session, told: Told, now: Instant) -> Iterator[Frame]:
        """What is new of a session without any line."""
        if not self._state.witnesses.is_live(session, now):
            yield self._complete(session, now)
        elif (mark := self._mark(session, now)) != told.mark:
            self._told[session.uid] = Told(session, mark)
            yield self._status(self._state.shape(session, now), now)

    def _mark(self, session: Session, now: Instant) -> Mark:
        """What makes a session look different without any tokens."""
        witness = self._state.witnesses.of(session)
        status = presence.status(session, now, witness)
        said = (session.label, session.title, session.project, session.branch, session.cwd)
        about = status.tool, shapes.target_of(session, status.tool)
        told = status.status, *about, status.certain, status.source, status.waiting_for
        helpers = [(each.agent_id, each.title, each.kind, each.parent) for each in session.agents]
        doing = [presence.subagent_status(session, each, now, witness).status for each in session.agents]
        return *told, *said, session.model, session.version, helpers, doing


def _minutes_used(gain: Gain) -> dict[str, dict[Instant, Instant]]:
    """By session the minutes that a gain touches, each with the newest moment in it."""
    found: dict[str, dict[Instant, Instant]] = {}
    for used in gain.usage:
        minutes = found.setdefault(used.uid, {})
        minute = used.at - used.at % MINUTE
        minutes[minute] = max(minutes.get(minute, 0), used.at)
    return found
