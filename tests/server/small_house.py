"""A real small house to stand behind the server: a real hub, and sessions held in memory."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from datetime import UTC
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import BinaryIO, TypeVar

import apsw
import msgspec
from store_batches import batch
from store_batches import session as seen

from moonlock.analytics.quota import Official
from moonlock.live import clock, explain_json, quota_json
from moonlock.live.alarms import Alarms
from moonlock.live.byhand import ByHand
from moonlock.live.channels import Channels
from moonlock.live.commands import Commands
from moonlock.live.explain import ALWAYS
from moonlock.live.explained import Explanation, Heard, Scope
from moonlock.live.explainer import Explainer, Told, Wanted
from moonlock.live.foresight import Foresight
from moonlock.live.hands import Hands
from moonlock.live.health import Condition
from moonlock.live.hub import Hub
from moonlock.live.picture import Picture
from moonlock.live.portable import lines_of
from moonlock.live.preferences import Preferences
from moonlock.live.presence import Presence
from moonlock.live.quota_outlook import Facts, Quoted
from moonlock.live.quotas import Quotas
from moonlock.live.readers import Readers
from moonlock.live.rulebook import Rulebook
from moonlock.live.samples import Samples
from moonlock.live.setup import Setup
from moonlock.live.shapes import health_shape
from moonlock.live.telemetry import TelemetryDoor
from moonlock.live.vault import Form, Vault
from moonlock.model.alert import Alert
from moonlock.model.backup import Backup
from moonlock.model.channel import Webhook
from moonlock.model.events import Committed
from moonlock.model.health import Component
from moonlock.model.instant import Instant, iso
from moonlock.model.label import Relabel
from moonlock.model.manual import Budget, Follow, Plan
from moonlock.model.portable import Imported
from moonlock.model.shapes import HealthShape, SessionShape, StateShape, TokensShape, TotalsShape
from moonlock.model.tokens import Usage
from moonlock.model.toolwork_shapes import ToolData
from moonlock.model.wire import Frame, SessionTool, Snapshot
from moonlock.store import Store
from moonlock.store.errors import AmbiguousSession, NameTaken
from moonlock.store.steps import migrate

T = TypeVar("T")
HOOKS = (Webhook(url="https://127.0.0.1:9/hook?key=s3cret", secret="s3cret"),)
"""Somebody who may not be called: the address is this machine's."""

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


HEAD = b'{"schema":"moonlock.export/1","version":"0","exportedAt":"2026-11-20T00:00:00.000Z","scope":"session"}\n'
EXPORT = HEAD + b'{"type":"end","counts":{},"sha256":"%s"}\n' % sha256(HEAD).hexdigest().encode()


class SmallVault(Vault):
    """What can be carried in and out of a house without a store: an empty export."""

    def __init__(self, house: SmallHouse) -> None:
        self._house = house

    @property
    def folder(self) -> Path:
        return Path(tempfile.gettempdir())

    async def export(self, into: BinaryIO, session: str | None = None, form: Form = "json") -> bool:
        if session is not None and await self._house.session(session) is None:
            return False
        into.write({"csv": b"at\r\n", "html": b"<!doctype html>"}.get(form, EXPORT))
        return True

    async def take_in(self, file: BinaryIO, scope: str | None = None) -> Imported:
        file.seek(0)
        return Imported({"lines": len(list(lines_of(file, scope)))})

    async def back_up(self, kind: str = "by-hand") -> Backup:
        return Backup(f"/backups/{kind}.db", NOW, 4096, 3, 1)


UNTOLD = Quoted((), {}, Facts(Official(), None), "tokens")


class SmallExplainer(Explainer):
    """There is nothing in any log, hence no window, and a total of nothing."""

    async def told(self, wanted: Wanted) -> Told | None:
        if wanted.of == "forecast":
            return Told("no_window")
        if wanted.of == "quota":
            return Told(document=quota_json.document(UNTOLD, wanted.zone, wanted.now, wanted.limit).encode())
        if wanted.of == "session":
            return Told("unknown_session")
        scope = Scope(wanted.of, wanted.key, *ALWAYS, Usage())
        nothing = Explanation(scope, Usage(), Usage(), 0, (), 0, (), (), (), Heard())
        return Told(document=explain_json.encoded(explain_json.document(nothing, wanted.zone, wanted.origin)))


class Present:
    """The state of now that goes with sessions by hand: nothing was used."""

    def __init__(self) -> None:
        self.hands = Hands()

    def today(self) -> TotalsShape:
        return TOTALS

    def block(self, now: Instant) -> None:
        return None


async def in_turn(work: Callable[[], T], then: Callable[[T], None]) -> T:
    """There is but one thread."""
    done = work()
    then(done)
    return done


def empty_store() -> Store:
    """A real one, which is gone with the test."""
    db = apsw.Connection(":memory:")
    migrate(db)
    return Store(db, ":memory:")


async def one_thread(work: Callable[[], T]) -> T:
    """The same, when nothing follows."""
    return work()


async def nothing_packed() -> None:
    """Nothing was ever put aside."""


class SmallHouse:
    """What the server asks of the engine, without logs, store and threads."""

    def __init__(self, sessions: list[SessionShape] | None = None) -> None:
        self.known = sessions if sessions is not None else [session(number) for number in range(1, 4)]
        self.aside: list[SessionShape] = []
        self.condition = Condition()
        self.condition.put("store", Component("healthy", "open"))
        self.hub = Hub("epoch-1", lambda seconds, then: asyncio.get_running_loop().call_later(seconds, then))
        self.picture = Picture(self.hub, self.snapshot)
        self.foresight = Foresight(Budget())
        self.store = empty_store()
        self.by_hand = ByHand(self.store, in_turn, Present(), self.hub.publish)
        self.alarms = Alarms(self.store, in_turn, self.hub.publish, UTC)
        self.vault = SmallVault(self)
        self.setup = Setup(
            env={}, home=Path(tempfile.gettempdir()), zone=UTC, timezone="UTC", version="0", webhooks=HOOKS
        )
        self.readers = Readers(lambda: self.store, nothing_packed)
        self.readers.explainer = SmallExplainer()
        self.rulebook = Rulebook(self.store, in_turn, {}, self.alarms.use)
        self.channels = Channels(self.store, one_thread, self.setup)
        self.preferences = Preferences((), self.setup.env, self.setup.home)
        self.samples = Samples(self.store, (), one_thread)
        self.telemetry = TelemetryDoor(self.store, (), one_thread)
        self.presence = Presence((), self.setup, lambda sessions: None, self.store, one_thread)
        self.quotas = Quotas(self.store, one_thread, self.hub.publish, self.foresight, lambda: None)
        self._numbers = count(1)

    def start_by_hand(self, *names: str) -> None:
        for name in names:
            Commands(self.store).start(Plan(name, follow=Follow("all")), clock.now())

    def commit(self, key: str) -> None:
        """An agent that everybody follows makes a commit."""
        now = clock.now()
        made = batch("a.jsonl", [Committed(int(key, 16), now, "abc")], seen("a", first_at=now, last_at=now))
        self.store.append([made])

    def alarm(self, name: str) -> None:
        """An alert with this id fires."""
        fired = Alert(
            id=name,
            rule="store-trouble",
            subject="store",
            session=None,
            severity="error",
            phase="firing",
            title="The store is degraded",
            measure="state",
            level=1.0,
            threshold=1.0,
            since=NOW,
            fired_at=NOW,
        )
        self.store.alerts().keep([fired])

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
