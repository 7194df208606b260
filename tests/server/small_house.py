"""A real small house to stand behind the server: a real hub, and sessions held in memory."""

from __future__ import annotations

import asyncio
from itertools import count

import msgspec

from moonlock.live.health import Condition
from moonlock.live.hub import Hub
from moonlock.live.picture import Picture
from moonlock.live.shapes import health_shape
from moonlock.model.health import Component
from moonlock.model.instant import Instant, iso
from moonlock.model.label import Relabel
from moonlock.model.shapes import HealthShape, SessionShape, StateShape, TokensShape, TotalsShape
from moonlock.model.wire import Frame, SessionTool, Snapshot, ToolData
from moonlock.store.errors import AmbiguousSession, NameTaken

NOW: Instant = 1_795_161_600_000
TOTALS = TotalsShape(tokens=TokensShape(), cost_usd=0.0, requests=0)


def session(number: int, **more: object) -> SessionShape:
    """A session of which only what matters to a test has to be said."""
    plain = SessionShape(
        id=f"{number:016x}",
        title=f"Session {number}",
        agent="claude-code",
        agent_session_id=f"{number:08d}-1111-4111-8111-111111111111",
        status="completed",
        state=StateShape(since=None, source="log", tool=None, certain=True),
        project="alpha",
        cwd="/w/alpha",
        branch="main",
        model="claude-opus-4-8",
        version="2.1.0",
        started_at=iso(NOW + number * 60_000),
        last_activity_at=iso(NOW + number * 60_000 + 30_000),
        tokens=TokensShape(total=number * 10),
        cost_usd=number / 100,
        requests=number,
    )
    return msgspec.structs.replace(plain, **more)


def tool(number: int, session_id: str = f"{1:016x}", name: str = "Bash") -> SessionTool:
    """A fact: frames of this kind are never merged, so each has a number of its own."""
    data = ToolData(
        id=str(number),
        tool=name,
        state="started",
        started_at=iso(NOW),
        duration_ms=None,
        outcome=None,
        subagent=None,
    )
    return SessionTool(seq=0, at=iso(NOW), sent_at="", session_id=session_id, data=data)


class SmallHouse:
    """What the server asks of the engine, without logs, store and threads."""

    def __init__(self, sessions: list[SessionShape] | None = None) -> None:
        self.known = sessions if sessions is not None else [session(number) for number in range(1, 4)]
        self.aside: list[SessionShape] = []
        self.condition = Condition()
        self.condition.put("store", Component("healthy", "open"))
        self.hub = Hub("epoch-1", lambda seconds, then: asyncio.get_running_loop().call_later(seconds, then))
        self.picture = Picture(self.hub, self.snapshot)
        self._numbers = count(1)

    def snapshot(self, now: Instant) -> Snapshot:
        return Snapshot(
            at=iso(now),
            seq=self.hub.seq,
            epoch=self.hub.epoch,
            version="0",
            simulation=False,
            timezone="UTC",
            today=TOTALS,
            block=None,
            sessions=self.known[:1],
            minutes=[],
            places=[],
            health=self.health(),
            progress=None,
        )

    def health(self) -> HealthShape:
        return health_shape(self.condition.read(), "0", 5, False)

    async def sessions(self) -> list[SessionShape]:
        return self.known

    async def session(self, prefix: str) -> SessionShape | None:
        found = [one for one in self.known if one.id.startswith(prefix) or one.agent_session_id.startswith(prefix)]
        if len(found) > 1:
            raise AmbiguousSession(prefix, tuple(one.id for one in found))
        return found[0] if found else None

    async def relabel(self, prefix: str, change: Relabel) -> SessionShape | None:
        """What is hidden stays aside until it comes back."""
        if change.hidden is False:
            self.known, self.aside = [*self.known, *self.aside], []
        found = await self.session(prefix)
        if found is None:
            return None
        if change.name and any(one.name == change.name for one in self.known if one is not found):
            raise NameTaken(change.name, found.id)
        words = {"name": change.name, "description": change.description}
        said: dict[str, object] = {field: word or None for field, word in words.items() if word is not None}
        said |= {} if change.tags is None else {"tags": list(change.tags)}
        new = msgspec.structs.replace(found, **said)
        self.known = [one for one in self.known if one is not found]
        (self.aside if change.hidden else self.known).append(new)
        return new

    def tell(self, number: int, session_id: str = f"{1:016x}", name: str = "Bash") -> None:
        """Publish so many facts, one after the other."""
        for _ in range(number):
            frames: list[Frame] = [tool(next(self._numbers), session_id, name)]
            self.hub.publish(frames)
