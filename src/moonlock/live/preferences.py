"""What agents' settings files say of contexts, of the user and of the projects of the sessions of now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path

from moonlock.live import clock
from moonlock.live.news import News
from moonlock.live.state import State
from moonlock.model.session import Session
from moonlock.model.wire import Frame
from moonlock.sources.base import Preferring, Source

BEAT = 5.0
"""Seconds between two looks at the files."""
Publish = Callable[[Iterable[Frame]], None]


class Preferences:
    """Lives in the event loop's thread; while it follows, files are looked at in another."""

    def __init__(self, sources: Sequence[Source], env: Mapping[str, str], home: Path) -> None:
        self._env = env
        self._read = {
            source.name: source.preferences(env, home) for source in sources if isinstance(source, Preferring)
        }

    def environment(self, agent: str, folder: str, model: str) -> Mapping[str, str]:
        """That which a session of this agent with this model in this folder is taken to have."""
        known = self._read.get(agent)
        return self._env if known is None else known.environment(folder, model)

    def of(self, session: Session, model: str) -> Mapping[str, str]:
        """That of a session."""
        return self.environment(session.key.agent, session.cwd, model)

    def look(self, folders: Collection[str]) -> bool:
        """Read what changed; whether anything did that counts."""
        return any([known.look(folders) for known in self._read.values()])

    async def follow(self, state: State, news: News, publish: Publish) -> None:
        """Look for ever, and tell listeners which contexts look different by it."""
        state.contexts.heed(self.of)
        while True:
            folders = {session.cwd for session in state.sessions.values() if session.cwd}
            if await asyncio.to_thread(self.look, folders):
                publish(news.measured(clock.now()))
            await asyncio.sleep(BEAT)
