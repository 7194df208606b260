"""Hears what agents say by themselves of their sessions, beside their logs: hooks at once, registries each second."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

from moonlock.live import clock
from moonlock.live.news import News
from moonlock.live.setup import Setup
from moonlock.live.state import State
from moonlock.live.turns import Ask
from moonlock.live.witnesses import Witnesses
from moonlock.model.health import Component, Finding
from moonlock.model.instant import DAY, HOUR, MINUTE, SECOND, Instant
from moonlock.model.presence import Remembered
from moonlock.model.session import Session
from moonlock.model.wire import Frame
from moonlock.model.words import many
from moonlock.sources.base import Registrar, Roster, Source
from moonlock.store import Store
from moonlock.store.errors import StoreError

BEAT = 1.0
"""Seconds between two looks at a registry: an end of a process is told so late at most."""
KEEP = 5 * SECOND
"""So long what was heard waits to be kept: hooks come many at a time. A stop keeps it at once."""
NO_HOOKS = Finding(
    "no-hooks",
    "No hook was called so far, so a permission prompt looks like a tool that runs.",
    "`moonlock connect claude-code` lets Claude Code call them.",
)
NO_REGISTRY = Finding(
    "no-registry",
    "No agent keeps a list of its running sessions here, so a closed session looks idle for an hour.",
    "Newer versions of Claude Code keep one by themselves.",
)
ODD_HOOKS = Finding(
    "odd-hooks",
    "Something was sent to /api/hooks that is no hook; it was left out.",
    "Look at the hooks in the agent's settings, or connect it anew: `moonlock connect claude-code`.",
)
NOT_LISTENING = Finding(
    "hooks-unheard", "Hooks are heard by a running Moonlock only, and none runs.", "Start it: `moonlock start`."
)
Publish = Callable[[Iterable[Frame]], None]


class Presence:
    """Lives in the event loop's thread; files are looked at in another. ``witnesses`` is what was heard."""

    def __init__(
        self,
        sources: Sequence[Source],
        setup: Setup,
        learn: Callable[[Iterable[Session]], None],
        store: Store,
        ask: Ask,
    ) -> None:
        self._store, self._ask = store, ask
        self.witnesses = Witnesses()
        self._rosters: dict[str, Roster] = {
            source.name: source.registry(setup.env, setup.home) for source in sources if isinstance(source, Registrar)
        }
        self._learn = learn
        self._last: Callable[[], Session | None] = lambda: None
        self._tell: Callable[[str, Collection[str]], None] = lambda agent, natives: None
        self._hooked_at: Instant | None = None
        self._rolled_at: Instant | None = None
        self._running, self._odd = 0, False

    async def begin(self) -> None:
        """Go on with what is remembered; who of the registered still lives is looked at as soon as it is followed."""
        self._hooked_at = self.witnesses.recall(await self._ask(self._store.witnesses().all))

    def hear(self, agent: str, body: bytes) -> None:
        """A hook was called: its caller is waiting, so it is read once the answer is on its way."""
        asyncio.get_running_loop().call_soon(self._take, agent, body, clock.now())

    async def follow(self, state: State, news: News, publish: Publish) -> None:
        """Look at the registries for ever, and tell listeners what is new, from there or from hooks."""

        def tell(agent: str, natives: Collection[str]) -> None:
            found = [each for each in state.sessions.values() if each.key.native_id in natives]
            turned = [each for each in found if each.key.agent == agent]
            self._learn(turned)
            publish(news.turned(turned, clock.now()))

        self._tell, self._last = tell, lambda: state.last
        kept_at = clock.monotonic()
        try:
            while True:
                await self._look()
                if clock.monotonic() - kept_at >= KEEP:
                    kept_at = clock.monotonic()
                    await self._keep()
                await asyncio.sleep(BEAT)
        finally:
            await self._keep()

    async def _look(self) -> None:
        for agent, roster in self._rosters.items():
            roll = await asyncio.to_thread(roster.look)
            now = clock.now()
            if changed := self.witnesses.enroll(agent, roll, now):
                self._tell(agent, changed)
            self._rolled_at, self._running = (now if roll.found else None), len(roll.alive)

    async def _keep(self) -> None:
        """In one transaction for all; what cannot be kept waits for the next time."""
        told = self.witnesses.unkept(clock.now())
        if told:
            try:
                await self._ask(partial(self._store.witnesses().keep, told))
            except (StoreError, asyncio.CancelledError):  # a stop comes in between: the last word is its own
                self.witnesses.again(told)
                raise

    def health(self, now: Instant) -> Component:
        """When each of those who tell a status spoke last, and what would make it better."""
        last = self._last()
        heard = None if last is None else last.last_at
        registry = "none" if self._rolled_at is None else f"{many(self._running, 'session')} running"
        hooks, log = (ago(at, now) for at in (self._hooked_at, heard))
        lacking = [
            *([NO_REGISTRY] if self._rolled_at is None else []),
            *([NO_HOOKS] if self._hooked_at is None else []),
            *([ODD_HOOKS] if self._odd else []),
        ]
        said = f"registry: {registry}, looked at {ago(self._rolled_at, now)}; hooks: {hooks}; logs: {log}"
        return Component("healthy", said, tuple(lacking))

    def _take(self, agent: str, body: bytes, now: Instant) -> None:
        roster = self._rosters.get(agent)
        seen = None if roster is None else roster.hook(body, now)
        if seen is None:
            self._odd = True
            return
        self._hooked_at = now
        if self.witnesses.take(agent, seen, now):
            self._tell(agent, (seen.session,))


def looked(
    sources: Sequence[Source], env: Mapping[str, str], home: Path, told: Iterable[Remembered], now: Instant
) -> Component:
    """What can be told of it when no Moonlock runs: who is registered now, and what is remembered of hooks."""
    rolls = [source.registry(env, home).look() for source in sources if isinstance(source, Registrar)]
    found = any(roll.found for roll in rolls)
    running = many(sum(len(roll.alive) for roll in rolls), "session")
    said = f"registry: {running} running" if found else "registry: none"
    hooked_at = Witnesses().recall(told)
    lacking = (*(() if found else (NO_REGISTRY,)), *(() if hooked_at else (NO_HOOKS,)), NOT_LISTENING)
    return Component("healthy", f"{said}; hooks: {ago(hooked_at, now)}", lacking)


def ago(at: Instant | None, now: Instant) -> str:
    """How long ago that was, in one word."""
    if at is None:
        return "never"
    passed = max(0, now - at)
    for unit, name in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if passed >= unit:
            return f"{passed // unit} {name} ago"
    return f"{passed // SECOND} s ago"
