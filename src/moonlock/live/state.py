"""The state of now: gains are folded in at a constant cost, and every face reads its picture out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace

from moonlock.analytics import blocks, burn, sessions
from moonlock.analytics.anchor import AHEAD
from moonlock.live import shapes
from moonlock.live.caches import Caches
from moonlock.live.contexts import Contexts
from moonlock.live.hands import Hands
from moonlock.live.known import PULSE, Known
from moonlock.live.recent import FactFrame
from moonlock.live.witnesses import Witnesses
from moonlock.model.aims import agent_aim
from moonlock.model.alert_shapes import AlertShape
from moonlock.model.events import LimitHit, ObjectiveSet
from moonlock.model.gain import Gain, UsageGain
from moonlock.model.instant import DAY, HOUR, MINUTE, Instant, iso
from moonlock.model.quota_shapes import QuotaShape
from moonlock.model.session import Session
from moonlock.model.shapes import (
    BlockShape,
    ForecastShape,
    HealthShape,
    MinuteShape,
    ObjectivesShape,
    PlaceShape,
    ProgressShape,
    SessionShape,
    TotalsShape,
)
from moonlock.model.tokens import Tokens, Usage
from moonlock.model.wire import Snapshot

_NOTHING, _UNUSED = Tokens(), Usage()


class Around(msgspec.Struct, frozen=True):
    """What a snapshot says beside the state itself."""

    seq: int
    epoch: str
    version: str
    simulation: bool
    timezone: str
    places: Sequence[PlaceShape]
    health: HealthShape
    progress: ProgressShape | None
    recent: Sequence[FactFrame] = ()
    forecast: ForecastShape | None = None
    quota: QuotaShape | None = None
    alerts: Sequence[AlertShape] = ()


class State:
    """Lives in the event loop's thread. ``stale`` when only the store can place what came: then ``begin`` again."""

    def __init__(self, known: Known, env: Mapping[str, str], witnesses: Witnesses | None = None) -> None:
        self._env, self.witnesses = env, witnesses or Witnesses()
        self.hands, self.caches, self.contexts = Hands(), Caches(), Contexts(env)
        self.begun = 0
        """How often the store was asked."""
        self.begin(known)

    def begin(self, known: Known) -> None:
        """Forget what was folded; the store knows better."""
        self.begun += 1
        self.sessions = dict(known.sessions)
        self._objectives = {uid: {each.objective: each for each in kept} for uid, kept in known.objectives.items()}
        self._day, self._today = known.day, known.today
        self.minutes = dict(known.minutes)
        self.window, self.pace = known.window, known.pace
        self._pulses = {uid: dict(pulse) for uid, pulse in known.pulses.items()}
        self._known_at = self._now = known.at
        self._next_at = known.next_at
        self._incomplete = False
        self.hands.begin(known.hands, known.at)
        self.caches.begin(known.sessions.values())
        self.witnesses.begin(known.sessions.values())
        self.contexts.begin(known.contexts)

    @property
    def stale(self) -> bool:
        return self.window.stale or self._incomplete

    def apply(self, gain: Gain) -> None:
        """Fold in what an append brought."""
        self._incomplete |= gain.moved or gain.regrouped
        for session in gain.sessions:
            if session.uid not in self.sessions and (session.first_at or 0) < self._known_at:
                self._incomplete = True  # an old session goes on: its objectives are in the store alone
            self.sessions[session.uid] = session
            self.witnesses.meet(session)
        for used in gain.usage:
            self._use(used)
        self.contexts.apply(gain)
        for fact in gain.facts:
            if isinstance(fact.event, LimitHit):
                if not self._waits(fact.event.at):
                    self.window = blocks.hit(self.window, fact.event)
            elif isinstance(fact.event, ObjectiveSet):
                self._aim(fact.uid, fact.event)

    def pass_time(self, now: Instant) -> None:
        """What time alone changes: the day ends, old minutes and sessions are forgotten."""
        self._now = now
        if not self._day[0] <= now < self._day[1]:  # before it, when the clock was set back
            self._today, self._incomplete = _UNUSED, True
        if self._next_at is not None and self._next_at <= now + AHEAD:
            self._incomplete = True
        hour_ago = now - HOUR
        for at in [at for at in self.minutes if at < hour_ago - MINUTE]:
            del self.minutes[at]
        last = self.last
        for session in [each for each in self.sessions.values() if sessions.last_activity(each) < now - DAY]:
            if session is not last:
                self._forget(session.uid)

    def live(self, now: Instant) -> list[Session]:
        """The sessions on the screen of now, newest activity first."""
        found = [session for session in self.sessions.values() if self.witnesses.is_live(session, now)]
        return sorted(found, key=_newest)

    @property
    def last(self) -> Session | None:
        """The session that was heard of last."""
        return min(self.sessions.values(), key=_newest, default=None)

    def aims(self, uid: str) -> ObjectivesShape | None:
        """How far the session is with what it set out to do."""
        return shapes.objectives_shape(self._aims(uid))

    def shape(self, session: Session, now: Instant) -> SessionShape:
        aims = self._aims(session.uid)
        windows = {"": self.contexts.of(session), **self.contexts.helpers(session)}
        setting = shapes.Setting(
            now, self._env, aims, self._pulse(session.uid, now), windows, self.witnesses.of(session)
        )
        return shapes.session_shape(session, setting)

    def today(self) -> TotalsShape:
        return shapes.totals(self._today)

    def block(self, now: Instant) -> BlockShape | None:
        """The window that is open, with the rate of now."""
        block = blocks.read(self.window, now)
        return shapes.block_shape(block, burn.read(self.pace, now), now) if block is not None else None

    def minute(self, at: Instant) -> MinuteShape:
        return shapes.minute(at, self.minutes.get(at, _NOTHING))

    def snapshot(self, now: Instant, around: Around) -> Snapshot:
        """Everything one screen shows. When nothing is live, the last session is shown alone."""
        last = self.last
        shown = self.live(now) or ([last] if last is not None else [])
        since = now - HOUR
        return Snapshot(
            at=iso(now),
            seq=around.seq,
            epoch=around.epoch,
            version=around.version,
            simulation=around.simulation,
            timezone=around.timezone,
            today=self.today(),
            block=self.block(now),
            sessions=[
                *(self.shape(session, now) for session in shown),
                *(self.hands.shape(hand, now) for hand in self.hands.open()),
            ],
            minutes=[self.minute(at) for at in self._minutes_until(now + AHEAD) if at > since],
            places=list(around.places),
            health=around.health,
            progress=around.progress,
            recent=list(around.recent),
            forecast=around.forecast,
            quota=around.quota,
            alerts=list(around.alerts),
        )

    def _use(self, used: UsageGain) -> None:
        at, tokens = used.at, used.usage.tokens
        self.caches.use(used)
        if used.uid in self.sessions:
            self.hands.use(self.sessions[used.uid], used)
        if self._day[0] <= at < self._day[1]:
            self._today += used.usage
        if not self._waits(at):
            self.window = blocks.add(self.window, at, used.usage)
            self.pace = burn.add(self.pace, at, used.usage)
        minute = at - at % MINUTE
        self.minutes[minute] = self.minutes.get(minute, _NOTHING) + tokens
        pulse = self._pulses.setdefault(used.uid, {})
        pulse[minute] = pulse.get(minute, 0) + tokens.total

    def _waits(self, at: Instant) -> bool:
        """Whether this claims to happen later; then the store is asked again when its time comes."""
        if at <= self._now + AHEAD:
            return False
        self._next_at = min(at, self._next_at or at)
        return True

    def _minutes_until(self, end: Instant) -> list[Instant]:
        return sorted(at for at, tokens in self.minutes.items() if at <= end and tokens.total)

    def _aim(self, uid: str, aim: ObjectiveSet) -> None:
        known = self._objectives.setdefault(uid, {})
        before = known.get(aim.objective)
        if before is None or before.at <= aim.at:
            known[aim.objective] = aim

    def _aims(self, uid: str) -> tuple[ObjectiveSet, ...]:
        """What a sub-agent was called for is over when it is, whoever says so."""
        kept = self._objectives.get(uid, {}).values()
        agents = self.sessions[uid].agents if uid in self.sessions else ()
        ended = {agent_aim(agent.call): agent.state for agent in agents if agent.state in ("completed", "deleted")}
        return tuple(replace(aim, state=ended.get(aim.objective, aim.state)) for aim in kept)

    def _pulse(self, uid: str, now: Instant) -> list[int]:
        pulse = self._pulses.get(uid)
        if not pulse:
            return [0] * PULSE
        current = now - now % MINUTE
        span = range(current - (PULSE - 1) * MINUTE, current + 1, MINUTE)
        if len(pulse) > 2 * PULSE:
            self._pulses[uid] = pulse = {at: pulse[at] for at in span if at in pulse}
        return [pulse.get(at, 0) for at in span]

    def _forget(self, uid: str) -> None:
        del self.sessions[uid]
        self._objectives.pop(uid, None)
        self._pulses.pop(uid, None)
        self.caches.forget(uid)
        self.contexts.forget(uid)


def _newest(session: Session) -> tuple[Instant, str]:
    """A copy ends when its original did: which of them comes first must not change with a restart."""
    return -sessions.last_activity(session), session.uid
