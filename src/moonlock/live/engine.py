"""The line of data, from a changed file to everyone who is listening. A newcomer begins here: ``Engine.changed``."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import TypeVar

import msgspec

from moonlock.live import clock, log
from moonlock.live.alarms import Alarms
from moonlock.live.archive import Archive
from moonlock.live.byhand import ByHand
from moonlock.live.catchup import Searched
from moonlock.live.channels import Channels
from moonlock.live.foresight import Foresight
from moonlock.live.glimpses import Glimpses
from moonlock.live.hand_foresight import HandForesight
from moonlock.live.health import Condition, Examined, Unpriced, examine, hub_health, sources_health
from moonlock.live.healthnews import HealthNews
from moonlock.live.hub import Hub
from moonlock.live.keeping import Works, kept_going
from moonlock.live.known import Known, recall
from moonlock.live.news import News
from moonlock.live.picture import Picture
from moonlock.live.preferences import Preferences
from moonlock.live.presence import Presence
from moonlock.live.progress import RENEWED, Progress
from moonlock.live.quotas import Quotas, planned
from moonlock.live.readers import Readers
from moonlock.live.recent import MOST
from moonlock.live.rulebook import Rulebook
from moonlock.live.samples import Samples
from moonlock.live.setup import Setup
from moonlock.live.shapes import health_shape, place_shape
from moonlock.live.state import Around, State
from moonlock.live.telemetry import TelemetryDoor
from moonlock.live.vault import Vault
from moonlock.live.vigil import Surroundings, Vigil
from moonlock.live.watch import Watcher
from moonlock.live.writer import Heard, Writer
from moonlock.model.health import Component, Finding, Health
from moonlock.model.instant import HOUR, SECOND, Instant
from moonlock.model.label import Relabel
from moonlock.model.shapes import HealthShape, ProgressShape, SessionShape
from moonlock.model.wire import Snapshot
from moonlock.sources.base import Source
from moonlock.store import Store

T = TypeVar("T")


class Engine:
    """Follows the logs while it is ``running``. Lives in the event loop; files and store are the writer thread's."""

    def __init__(self, store: Store, sources: Sequence[Source], setup: Setup) -> None:
        self._store, self.setup, self._writer = store, setup, Writer(store, sources)
        roots = [str(root) for source in sources for root in source.roots(setup.env, setup.home)]
        self._watcher = Watcher(roots, lambda path: any(one.claims(path) for one in sources), wait=setup.batch_interval)
        self._loop = asyncio.get_running_loop()
        self._thread = ThreadPoolExecutor(1, "moonlock-writer")
        self._turn, self._look, self._began = asyncio.Lock(), asyncio.Event(), clock.monotonic()
        self._places: Sequence[Searched] = ()
        self._troubles: list[Finding] = []
        self._archive = Archive(store, setup.env)
        self._examined = Examined(Component("healthy", "looking for what is new"))
        self._unpriced, self._unwell = Unpriced(), False
        self.condition, self.caught_up = Condition(), asyncio.Event()
        self.readers = Readers(partial(Store.read, store.path), partial(self._ask, store.unpack))
        self.hub = Hub(secrets.token_hex(8), self._loop.call_later, wait=setup.batch_interval)
        self.picture, self.foresight = Picture(self.hub, self.snapshot), Foresight(setup.limit)
        self.vault = Vault(store, setup.version, self._ask, self._anew)
        self._progress, self._health_news = Progress(self.hub.publish), HealthNews(self.hub.publish)
        self.quotas = Quotas(store, self._ask, self.hub.publish, self.foresight, partial(planned, sources, setup))
        self.alarms = Alarms(store, self._in_turn, partial(self.quotas.warn, self.hub.publish), setup.zone)
        self.rulebook = Rulebook(store, self._in_turn, setup.alert_rules, self.alarms.use)
        self.preferences = Preferences(() if setup.simulation else sources, setup.env, setup.home)
        self.channels = Channels(store, self._ask, setup)
        self.channels.listen(self.alarms)
        self.samples = Samples(store, sources, self._ask, setup.spool)
        self.telemetry = TelemetryDoor(store, sources, self._ask)
        self.samples.listen(self.quotas.hear)
        self.presence = Presence(sources, setup, self._archive.learn, store, self._ask)

    async def changed(self, paths: Iterable[str]) -> None:
        """Files changed: read on, remember, fold in, tell everyone."""
        await self._in_turn(partial(self._writer.read_on, paths), self._tell)

    def _tell(self, heard: Heard | None) -> None:
        if heard is None:
            return
        now = clock.now()
        for gain in heard.gains:
            self._state.apply(gain)
            self._archive.learn(gain.sessions)
            if gain.regrouped:
                self._archive.forget()
            self._publish(self._news.of(gain, now))
            self.by_hand.hear(gain)
            self.quotas.learn(gain)
            self._unwell |= self._unpriced.grows(gain)
        self._troubles += heard.troubles
        self._unwell |= heard.hurt

    async def _in_turn(self, work: Callable[[], T], then: Callable[[T], None]) -> T:
        """Work in the writer thread; what follows from it here comes in the same order."""
        async with self._turn:
            done = await self._loop.run_in_executor(self._thread, work)
            then(done)
        return done

    async def _ask(self, work: Callable[[], T]) -> T:
        return await self._in_turn(work, lambda _: None)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Serve from what is remembered at once; history that is new is read meanwhile."""
        known = await self._loop.run_in_executor(self._thread, self._recall)
        self._state = State(known, self.setup.env, self.presence.witnesses)
        self._news = News(self._state, clock.now())
        self.samples.listen(self._state.contexts.hear)
        around = lambda: self.foresight.forecast, lambda: self._places, self._condition_now, self.quotas.windows
        vigil = Vigil(self.alarms, self._state, self.setup.env, Surroundings(*around))
        self._publish = partial(vigil.heard, self.hub.publish)
        self.by_hand = ByHand(self._store, self._in_turn, self._state, self._publish)
        for begin in (self._examine, self.presence.begin, self._remind):
            await begin()  # before the first question is answered: a store that was damaged says so at once
        beside = self._state, self._store, self._ask, self._publish, self.caught_up
        ahead, budgets, left = (partial(each.follow, *beside) for each in (self.foresight, HandForesight(), Glimpses()))
        works: Works = {"following": self._follow, "history": self._history, "time": self._tick, "forecast": ahead}
        works = {**works, "budgets": budgets, "alerts": partial(vigil.follow, self._store, self._ask, self.caught_up)}
        works = {**works, "telemetry": partial(self.telemetry.follow, self.condition), "glimpses": left}
        works = {**works, "channels": partial(self.channels.follow, self.caught_up), "samples": self.samples.follow}
        works = {**works, "quota": partial(self.quotas.follow, self._state, self.condition, self.caught_up)}
        works = {**works, "status": partial(self.presence.follow, self._state, self._news, self._publish)}
        works = {**works, "settings": partial(self.preferences.follow, self._state, self._news, self._publish)}
        await self.rulebook.begin()
        try:
            async with kept_going(works, self._failed):
                yield
        finally:
            self._watcher.close()
            self.readers.close()
            await self._loop.run_in_executor(self._thread, self._writer.stop)
            self._thread.shutdown()

    def hello(self) -> bytes:
        """Where a listener begins, or begins again."""
        return self.picture.hello(clock.now())

    def snapshot(self, now: Instant) -> Snapshot:
        around = Around(
            seq=self.hub.seq,
            epoch=self.hub.epoch,
            version=self.setup.version,
            simulation=self.setup.simulation,
            timezone=self.setup.timezone,
            places=[place_shape(place) for place in self._places],
            health=self.health(),
            progress=self._progress.now,
            recent=self.hub.recent.newest(),
            forecast=self.foresight.forecast,
            quota=self.quotas.shape(now),
            alerts=self.alarms.shapes(now),
        )
        return self._state.snapshot(now, around)

    def health(self) -> HealthShape:
        """How well every part does; what the server adds to ``condition`` is in it."""
        uptime = clock.monotonic() - self._began
        return health_shape(self._condition_now(), self.setup.version, uptime, self.setup.simulation)

    async def sessions(self) -> list[SessionShape]:
        """All sessions that are known, in no order."""
        now = clock.now()
        await self._archive.fill(now, self._ask, age=2 * HOUR)  # it is filled anew after one
        return self._archive.sessions(self._state.sessions.values(), partial(self._state.shape, now=now))

    async def session(self, prefix: str) -> SessionShape | None:
        """The one session whose uid, or the agent's own id, begins like that; AmbiguousSession when more do."""
        return await self._archive.one(prefix, self._state, self._ask)

    async def relabel(self, prefix: str, change: Relabel) -> SessionShape | None:
        """Keep what a person says of a session; None when there is none like that, NameTaken for another's name.

        A session that is hidden by it, or comes back, changes every sum: then listeners begin again.
        """
        now = clock.now()
        done = await self._ask(partial(self._store.relabel, prefix, change, now))
        if done is None:
            return None
        uid = done.session.uid
        self._archive.forget(uid) if done.turned else self._archive.learn([done.session])
        await self._in_turn(self._recall, partial(self._begin_again, uid) if done.turned else self._tell_again)
        return self._state.shape(done.session, now)

    async def _anew(self) -> None:
        """History came in from another store: every sum may be another one."""
        self._archive.forget()
        await self._in_turn(self._recall, partial(self._begin_again, ""))

    def _begin_again(self, uid: str, known: Known) -> None:
        self._state.begin(known)
        self._news.begin(clock.now())
        self.hub.begin_again(secrets.token_hex(8), without=uid)

    async def _follow(self) -> None:
        await self._watcher.open()
        self._look.set()
        async for changed in self._watcher.changes():
            if changed.sweep:
                self._look.set()
            if changed.paths:
                await self.changed(changed.paths)

    async def _history(self) -> None:
        while True:
            await self._look.wait()
            self._look.clear()
            await self._catch_up()
            self.condition.well()  # whatever was missed is kept now

    async def _catch_up(self) -> None:
        """Read what came while nobody watched: a little is news, much is history, which only changes the picture."""
        began = clock.monotonic()
        backlog = await self._ask(partial(self._writer.look_around, self.setup.env, self.setup.home))
        self._places, self._troubles = backlog.places, list(backlog.troubles)
        done = ProgressShape(files=len(backlog.jobs), files_done=0, bytes=backlog.bytes, bytes_done=0)
        renewed, quiet = clock.monotonic(), backlog.much
        self._progress.tell(done if quiet else self._progress.now)
        while (heard := await self._in_turn(partial(self._writer.go_on, quiet), self._tell)) is not None:
            files, size = done.files_done + heard.files, done.bytes_done + heard.bytes
            done = msgspec.structs.replace(done, files_done=files, bytes_done=size)
            if quiet:
                self._progress.tell(done)
            if quiet and clock.monotonic() - renewed >= RENEWED:
                await self._renew()
                renewed = clock.monotonic()
        await self._ask(self._store.settle)  # else the next new line would wait for the indexes, and every question
        if quiet:
            self._archive.forget()
            await self._renew()
            await self._remind()
        self._progress.tell(None)
        await self._examine()
        log.caught_up(done.files_done, done.bytes_done, clock.monotonic() - began, first=not self.caught_up.is_set())
        self.caught_up.set()
        await self._archive.fill(clock.now(), self._ask)

    async def _renew(self) -> None:
        """Begin the state again from the store, which knows better what came late."""
        await self._in_turn(self._recall, self._tell_again)

    async def _remind(self) -> None:
        """What happened last before anybody listened; of history that came late, the same."""
        live = [session.uid for session in self._state.live(clock.now())]
        self.hub.remind(self._news.past(await self._ask(partial(self._store.lately, live, clock.now() - HOUR, MOST))))

    async def _examine(self) -> None:
        self._unwell = False
        self._examined = await self._ask(partial(examine, self._store))

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(1 - clock.now() % SECOND / SECOND)
            self.hub.publish(self._news.tick(clock.now()))
            await self.by_hand.tick()
            if self._state.stale:
                await self._renew()
            if self._unwell:
                await self._examine()
            self._tell_health()

    def _recall(self) -> Known:
        return recall(self._store, clock.now(), self.setup.zone)

    def _tell_again(self, known: Known) -> None:
        self.hub.publish(self._news.again(known, clock.now()))

    def _tell_health(self) -> None:
        self._health_news.tell(self._condition_now(), self.health)

    def _condition_now(self) -> Health:
        self.condition.examined(self._examined, self.setup.prices)
        self.condition.put("watcher", self._watcher.health())
        self.condition.put("hub", hub_health(self.hub.listeners, self.hub.seq))
        self.condition.put("sources", sources_health(self._places, self._troubles, self._examined.wounds))
        self.condition.put("status", self.presence.health(clock.now()))
        return self.condition.read()

    def _failed(self, work: str, error: Exception) -> None:
        """Nothing is lost: what was not kept is found again by the next look."""
        self.condition.failed(work, error)
        self._look.set()
        self._tell_health()
