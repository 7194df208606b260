"""The limits of the plan while a server runs: what the provider says is folded, kept, compared, and told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import Protocol, TypeVar

import msgspec

from moonlock.analytics import blocks, quota
from moonlock.analytics.anchor import AHEAD
from moonlock.live import clock
from moonlock.live.foresight import Foresight
from moonlock.live.health import Condition
from moonlock.live.quota_outlook import FIVE, Facts, Looked, gather, quoted, remembered, told
from moonlock.live.quota_shapes import is_open, quota_shape, timeless, warnings
from moonlock.live.setup import Setup
from moonlock.live.state import State
from moonlock.model.events import LimitHit
from moonlock.model.gain import Gain
from moonlock.model.health import Component, Finding
from moonlock.model.instant import HOUR, MINUTE, SECOND, Instant, iso
from moonlock.model.limits import Plan, Quota, QuotaSample, QuotaWindow
from moonlock.model.quota_shapes import QuotaShape
from moonlock.model.statusline import StatusSample
from moonlock.model.wire import Frame, QuotaUpdate
from moonlock.sources.base import Source, Subscriber
from moonlock.store import Store
from moonlock.store.errors import StoreError

T = TypeVar("T")
Publish = Callable[[Iterable[Frame]], None]
PAUSE = SECOND
"""At least between two looks, however much is said."""
REREAD = 5 * MINUTE
"""So often the plan is read again."""
MOST_WAITING, MOST_KNOWN = 512, 2_000
HINT = "`moonlock connect claude-code` lets Claude Code tell its limits; they come with the first answer of a session."
UNTOLD = "What is shown of limits is estimated from your own history, or what you configured."
ACCOUNTS = "More than one account is told of at once; what is shown is of the one that was heard of last."
NOTHING = QuotaShape(windows=[], plan=None)
Mark = tuple[object, ...]


class Ask(Protocol):
    """Has something done in the writer's thread, in turn with new lines."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]: ...


class Quotas:
    """Lives in the event loop's thread. ``looks`` lets tests count work."""

    def __init__(
        self, store: Store, ask: Ask, publish: Publish, foresight: Foresight, plan: Callable[[], Plan | None]
    ) -> None:
        self._store, self._ask, self._publish, self._foresight, self._plan = store, ask, publish, foresight, plan
        self._told = quota.EMPTY
        self._unkept: list[QuotaSample] = []
        self._last: dict[tuple[str, str, Instant], float] = {}
        self._awake = asyncio.Event()
        self._quota = Quota()
        self._shape = NOTHING
        self._heard_at: Instant | None = None
        self._anchored: Instant | None = None
        self._facts, self._asked = Facts(quota.Official(), None), (0, 0)
        self.looks = 0

    def hear(self, sample: StatusSample) -> None:
        """What a status line said."""
        session = sample.key.native_id
        self.take(
            QuotaSample(limit.name, limit.length, limit.used, limit.resets_at, sample.at, session)
            for limit in sample.limits
        )

    def learn(self, gain: Gain) -> None:
        """What the logs said: a limit that was hit is used up. The logs keep it."""
        hits = (quota.of_hit(fact.event) for fact in gain.facts if isinstance(fact.event, LimitHit))
        for sample in hits:
            if sample is not None and sample.at <= clock.now() + AHEAD:
                self._fold(sample)

    def take(self, samples: Iterable[QuotaSample]) -> None:
        """Fold in what is said officially, and keep it. What a session only repeats is no news, nor any younger."""
        latest = clock.now() + AHEAD
        for said in samples:
            sample = quota.fit(said)
            if sample is None or sample.at > latest:
                continue
            key = sample.session, sample.name, sample.resets_at
            self._heard_at = max(self._heard_at or 0, sample.at)
            if self._last.get(key) == sample.used:
                continue
            self._remember(key, sample.used)
            if len(self._unkept) < MOST_WAITING:
                self._unkept.append(sample)
            self._fold(sample)

    def windows(self, now: Instant) -> list[QuotaWindow]:
        """Those that are open, as they were looked at last."""
        return [window for window in self._quota.windows if is_open(window, now)]

    def answer(self, now: Instant) -> QuotaShape:
        """What ``GET /api/quota`` says."""
        return quota_shape(self._quota, now)

    def shape(self, now: Instant) -> QuotaShape | None:
        """For the snapshot; None while nothing is known."""
        found = self.answer(now)
        return None if found == NOTHING else found

    def warn(self, publish: Publish, frames: Iterable[Frame]) -> None:
        """Tell frames about alerts, and of those of a limit what it is about."""
        publish([*warnings([*frames], quota_shape(self._quota, clock.now()))])

    async def follow(self, state: State, condition: Condition, ready: asyncio.Event) -> None:
        """Go on for ever. The store is asked in turn with new lines; the rest is done aside."""
        await self._begin()
        looked: Mark | None = None
        read_at: Instant | None = None
        while True:
            now = clock.now()
            if read_at is None or not 0 <= now - read_at < REREAD:
                self._quota = msgspec.structs.replace(self._quota, plan=await asyncio.to_thread(self._plan))
                read_at = now
            await self._keep()
            if self._told.newest > now + AHEAD:  # by a clock that was set back since
                self._told, self._heard_at = quota.EMPTY, None
                self._last.clear()
                await self._begin()
            official = quota.read(self._told, now)
            self._anchor(state, official, now)
            mark = self._mark(official, state, now)
            before, looked = looked, mark if ready.is_set() else looked
            if looked != before:
                await self._look(official, state)
                self._tell()
            elif not ready.is_set():
                self._quota = Quota(official.windows, self._quota.plan, official.accounts)
                self._tell()
            condition.put("quota", quota_health(official, self._heard_at, used=bool(self._facts.hours)))
            if looked != before:
                await asyncio.sleep(PAUSE / SECOND)
            await self._until_something()

    async def _begin(self) -> None:
        """Go on with what is remembered."""
        now = clock.now()
        await self._ask(partial(self._store.quotas().forget, now))
        for sample in await self._ask(partial(told, self._store, now)):
            self._remember((sample.session, sample.name, sample.resets_at), sample.used)
            self._heard_at = max(self._heard_at or 0, sample.at)
        for sample in await self._ask(partial(remembered, self._store, now)):
            self._told = quota.add(self._told, sample)

    async def _keep(self) -> None:
        unkept, self._unkept = self._unkept, []
        if unkept:
            try:
                await self._ask(partial(self._store.quotas().keep, unkept))
            except StoreError:
                self._unkept = [*unkept, *self._unkept][:MOST_WAITING]
                raise

    def _anchor(self, state: State, official: quota.Official, now: Instant) -> None:
        """The open window of five hours ends when the provider says so.

        Once for each end: should a later word in the logs disagree, the store knows which was the latest.
        """
        reset = next((one.resets_at for one in official.windows if one.name == FIVE), None)
        if reset is not None and reset != self._anchored:
            self._anchored = reset
            state.window = blocks.hit(state.window, LimitHit(0, now, "session", reset))

    def _mark(self, official: quota.Official, state: State, now: Instant) -> Mark:
        """What a look follows from."""
        ahead = self._foresight
        block = blocks.read(state.window, now)
        forecast = None if ahead.forecast is None else (ahead.forecast.overrun_probability, ahead.forecast.limit_at)
        return official.accounts, official.windows, block, now // MINUTE, id(ahead.memory), forecast

    async def _look(self, official: quota.Official, state: State) -> None:
        now = clock.now()
        block, mark = blocks.read(state.window, now), (state.begun, now // HOUR)
        hours = self._facts.hours if mark == self._asked else {}
        facts = await self._ask(partial(gather, self._store, official, block, now, hours))
        self._facts, self._asked = facts, mark
        beside = Looked(self._foresight.memory, self._foresight.limit, self._foresight.forecast)
        found = await asyncio.to_thread(quoted, facts, beside, now)
        self._quota = Quota(found.windows, self._quota.plan, official.accounts)
        self.looks += 1

    def _tell(self) -> None:
        """What is new; that time went by is not."""
        now = clock.now()
        shape = quota_shape(self._quota, now)
        if timeless(shape) != timeless(self._shape):
            self._shape = shape
            self._publish([QuotaUpdate(seq=0, at=iso(now), sent_at="", data=shape)])

    async def _until_something(self) -> None:
        """Till somebody says something, or a second is over."""
        try:
            async with asyncio.timeout(1):
                await self._awake.wait()
        except TimeoutError:
            return
        self._awake.clear()

    def _remember(self, key: tuple[str, str, Instant], used: float) -> None:
        self._last.pop(key, None)
        self._last[key] = used
        while len(self._last) > MOST_KNOWN:
            del self._last[next(iter(self._last))]

    def _fold(self, sample: QuotaSample) -> None:
        self._told = quota.add(self._told, sample)
        self._awake.set()


def planned(sources: Sequence[Source], setup: Setup) -> Plan | None:
    """What the user of these agents pays for."""
    subscribers = (source for source in sources if isinstance(source, Subscriber))
    return next((plan for one in subscribers if (plan := one.plan(setup.env, setup.home)) is not None), None)


def quota_health(official: quota.Official, heard_at: Instant | None, *, used: bool) -> Component:
    """When the provider's own word came last. That it never did is no trouble: estimates say that they are.

    ``used`` is whether there is anything that an estimate could be made of.
    """
    newest = max((one.as_of or 0 for one in official.windows), default=None)
    findings = [] if official.accounts <= 1 else [Finding("quota-accounts", ACCOUNTS)]
    if newest is not None:
        return Component("healthy", f"official, of {iso(newest)}", tuple(findings))
    if heard_at is None and not used:
        return Component("healthy", "nothing known yet")
    last = "" if heard_at is None else f"; last heard {iso(heard_at)}"
    return Component("healthy", f"nothing official now{last}", (Finding("quota-estimated", UNTOLD, HINT),))
